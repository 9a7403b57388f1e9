"""The agent's own tests: taken over into the user's suite as gates, some or all of a file. Pure."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.graduation.dissect import dissect
from jiti_bot.graduation.edits import Edit, Row, Source, apply
from jiti_bot.graduation.imports import add_imports
from jiti_bot.source.bindings import Imported, scope_of
from jiti_bot.source.model import Stub
from jiti_bot.source.parse import syntax_tree

_MARK = "from jiti import jiti"


@dataclass(frozen=True, slots=True)
class Taken:
    """What becomes of a file of the agent's tests: the user's new one, and what is left of it, empty for nothing."""

    kept: str
    left: str


def tests_in(text: str) -> tuple[str, ...]:
    """The names of the tests in a file: functions and classes, as pytest finds them. Raises SyntaxError."""
    return tuple(name for node in syntax_tree(text).body if (name := _test(node)))


def take(text: str, stub: Stub, module: str, names: Sequence[str]) -> Taken:
    """Make gates of ``stub`` of the tests ``names``; ``module`` is the name by which tests import the stub's file.

    Raises SyntaxError for text that does not parse.
    """
    every = tests_in(text)
    others = [name for name in every if name not in names]
    kept = _without(text, others) if others else text
    return Taken(_gated(kept, stub, module), _without(text, names) if others else "")


def _test(node: ast.stmt) -> str:
    """The name of a test, empty for anything else."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
        return node.name
    return node.name if isinstance(node, ast.ClassDef) and node.name.startswith("Test") else ""


def _without(text: str, names: Sequence[str]) -> str:
    """``text`` without these tests, and without imports and helpers that nothing else uses."""
    while True:
        tree = syntax_tree(text)
        gone = [node for node in tree.body if _test(node) in names]
        gone = gone or [node for node in tree.body if _is_unused(node, tree)]
        if not gone:
            return text.strip("\n") + "\n"
        lines = list(split_lines(text))
        for node in reversed(gone):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
            while first > 1 and lines[first - 2].startswith("#"):
                first -= 1
            del lines[first - 1 : node.end_lineno]
            is_gap = 1 < first <= len(lines) and not lines[first - 2].strip() and not lines[first - 1].strip()
            if is_gap and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                del lines[first - 1]
        text = re.sub(r"\n{4,}", "\n\n\n", "".join(lines))


def _is_unused(node: ast.stmt, tree: ast.Module) -> bool:
    """Whether a statement binds names for others, and nobody reads one."""
    is_binding = isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign)
    bound = set(scope_of([node]).names)
    if not is_binding or not bound or _test(node) or getattr(node, "decorator_list", ()) or "pytestmark" in bound:
        return False
    read = {one.id for other in tree.body if other is not node for one in ast.walk(other) if isinstance(one, ast.Name)}
    read |= {one.arg for other in tree.body for one in ast.walk(other) if isinstance(one, ast.arg)}
    return not bound & read


def _gated(text: str, stub: Stub, module: str) -> str:
    anatomy = dissect(text)
    root, *rest = (*stub.owners, stub.name)
    name = _bound(text, root)
    wanted = [_MARK] if name else [_MARK, f"from {module} import {root}"]
    target = ".".join((name or root, *rest))
    edits = [
        Edit(one.first, one.first, (Row(f"@jiti.required_for({target}){anatomy.newline}", Source.UNIT, 1),))
        for one in anatomy.definitions
        if not one.owners and one.name.startswith("Test" if one.is_class else "test")
    ]
    units = [dissect(f"{line}\n") for line in wanted]
    edits += add_imports(anatomy, [(unit, unit.imports[0], (1,), frozenset()) for unit in units])
    return apply(anatomy.lines, edits, ()).text


def _bound(text: str, root: str) -> str:
    """The name under which a test file has imported the stub, or its class; empty if it has not."""
    for name, bindings in scope_of(syntax_tree(text).body).names.items():
        if any(isinstance(one, Imported) and one.attribute == root for one in bindings):
            return name
    return ""
