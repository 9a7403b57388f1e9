"""What a person or another agent hands in, taken apart: body, helpers, tests. Pure."""

import ast
import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from jiti_bot.errors import UsageError
from jiti_bot.source.compose import reindented
from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import syntax_tree

_FIELDS = ("body", "bodies", "helpers", "tests")


@dataclass(frozen=True, slots=True)
class Submission:
    """The parts of `jiti_bot.validation.model.Candidate`. For a class stub, ``body`` has a text for each unit."""

    body: str | Mapping[str, str]
    helpers: str = ""
    tests: str = ""


def read(text: str, stub: Stub, where: str) -> Submission:
    """Take ``text`` apart; ``where`` names it in messages. Three forms are understood.

    A JSON object with ``body`` (for a class stub ``bodies``, by unit) and perhaps ``helpers`` and ``tests``; Python
    that defines the stub, alone or in its class, what stands around it being helpers and ``test_*`` functions the
    tests; or the statements of the body alone.

    Raises:
        UsageError: it is none of these.

    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    if not text.strip():
        raise UsageError("there is nothing in it.", remedy="Write the body of the stub.", where=where)
    if text.lstrip().startswith("{"):
        found = _json(text, where)
        if found is not None:
            return found
    try:
        tree = syntax_tree(text)
    except SyntaxError as error:
        return _statements(text, error, where)
    return _definition(tree, text, stub) or Submission(text)


def _json(text: str, where: str) -> Submission | None:
    """A JSON object; None for something else in braces."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    for name, part in value.items():
        if name not in _FIELDS:
            raise UsageError(
                f"{name!r} is no part of a submission.", remedy=f"Its parts are {', '.join(_FIELDS)}.", where=where
            )
        texts = part.values() if name == "bodies" and isinstance(part, dict) else [part]
        if not all(isinstance(text, str) for text in texts):
            kind = "an object of strings, by unit" if name == "bodies" else "a string"
            raise UsageError(f"{name!r} is not {kind}.", remedy="Correct the value.", where=where)
    body = value.get("body") or value.get("bodies")
    if not body or (isinstance(body, str) and not body.strip()):
        raise UsageError("it has no `body`.", remedy="Give the statements of the function as a string.", where=where)
    return Submission(body, value.get("helpers", ""), value.get("tests", ""))


def _statements(text: str, error: SyntaxError, where: str) -> Submission:
    """Text that is no module may still be a body: with ``return``, or indented as it stood."""
    inside = textwrap.indent(textwrap.dedent(text), "    ")
    try:
        syntax_tree(f"async def _():\n{inside}")
    except SyntaxError:
        line = f"{where}:{error.lineno}" if error.lineno else where
        raise UsageError(f"it does not parse: {error.msg}.", remedy="Correct the line.", where=line) from error
    return Submission(text)


def _definition(tree: ast.Module, text: str, stub: Stub) -> Submission | None:
    """The parts of a module that defines the stub; None if it does not."""
    lines = text.split("\n")
    target = _find(tree.body, (*stub.owners, stub.name)) or _find(tree.body, (stub.name,))
    if target is None or (stub.kind is Kind.CLASS) is not isinstance(target, ast.ClassDef):
        return None
    outermost = next(node for node in tree.body if node.lineno <= target.lineno <= (node.end_lineno or node.lineno))
    tests = [node for node in tree.body if _is_test(node) and node is not outermost]
    rest = [node for node in tree.body if node is not outermost and node not in tests]
    return Submission(
        _members(target, lines, stub) if isinstance(target, ast.ClassDef) else _body(target, lines),
        "\n".join(_source(node, lines) for node in rest),
        "\n\n\n".join(_source(node, lines) for node in tests),
    )


def _members(target: ast.ClassDef, lines: list[str], stub: Stub) -> Mapping[str, str]:
    """The bodies of a class stub's members, by unit. Definitions of one name are told apart by their accessor role."""
    found = {}
    for node in target.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            roles = [one.attr for one in node.decorator_list if isinstance(one, ast.Attribute)]
            role = next((f".{name}" for name in roles if name in {"setter", "deleter"}), "")
            found[f"{stub.unit}.{node.name}{role}"] = _body(node, lines)
    return found


def _find(body: list[ast.stmt], names: tuple[str, ...]) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    first, *rest = names
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name == first:
            return _find(node.body, tuple(rest)) if rest else node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == first and not rest:
            return node
    return None


def _body(target: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> str:
    """The statements below the header, comments above the first one included; dedented."""
    first = target.body[0]
    if first.lineno == target.lineno:  # all on one line
        return _piece(lines, first.lineno, first.col_offset, target.end_lineno or first.lineno)
    start = _first_line(first)
    previous = _end_of_header(target)
    while start > previous + 1 and (lines[start - 2].lstrip().startswith("#") or not lines[start - 2].strip()):
        start -= 1
    return reindented("\n".join(lines[start - 1 : target.end_lineno]), 0)


def _end_of_header(target: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The last line that surely belongs to the header."""
    args = target.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, *args.defaults, *args.kw_defaults, target.returns]
    ends = [node.end_lineno or 0 for node in (*every, args.vararg, args.kwarg) if node is not None]
    return max([target.lineno, *ends])


def _source(node: ast.stmt, lines: list[str]) -> str:
    return _piece(lines, _first_line(node), 0, node.end_lineno or node.lineno)


def _piece(lines: list[str], start: int, column: int, end: int) -> str:
    first, *rest = lines[start - 1 : end]
    return "\n".join((first.encode()[column:].decode(), *rest))


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
