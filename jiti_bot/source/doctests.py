"""The examples in a stub's docstring, and whether they can run by themselves."""

from __future__ import annotations

import builtins

from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.digest import digest
from jiti_bot.source.docstrings import Example, clean, examples
from jiti_bot.source.module import Doctest
from jiti_bot.source.parse import running, syntax_tree
from jiti_bot.source.placeholder import docstring_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jiti_bot.source.bindings import Definition, Scope

# What every module has, and what the interactive prompt leaves behind.
_ALWAYS = frozenset({*dir(builtins), "__name__", "__file__", "__doc__", "_"})


def doctest_of(node: Definition, unit: str, stub: str, scope: Scope) -> Doctest | None:
    """The examples of one docstring, None where it has none to run. ``scope`` are the host module's names."""
    literal = docstring_node(node)
    if literal is None or not isinstance(literal.value, str) or ">>>" not in literal.value:
        return None
    found = [example for example in examples(clean(literal.value)) if not example.skipped]
    if not any(example.source.strip() for example in found):
        return None
    forms = [[example.source, example.want] for example in found]
    return Doctest(unit, stub, literal.lineno, digest(forms), _run_by_themselves(found, scope))


def broken_examples(node: Definition, unit: str, file: str) -> Iterator[Finding]:
    """Examples that do not parse and do not want to fail."""
    literal = docstring_node(node)
    if literal is None or not isinstance(literal.value, str) or ">>>" not in literal.value:
        return
    for example in examples(clean(literal.value)):
        if not example.skipped and not example.wants_error and _tree(example) is None:
            source = example.source.split("\n")[0]
            yield finding(
                "doctest-syntax", file, literal.lineno, level="warning", unit=unit, source=source, running=running()
            )


def _run_by_themselves(found: Iterable[Example], scope: Scope) -> bool:
    """Whether all names are bound by the examples, the host module, or Python itself."""
    bound: set[str] = set()
    for example in found:
        tree = _tree(example)
        if tree is None:
            if not example.wants_error:
                return False
            continue
        bound |= _bound(tree)
        if scope.stars:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name) or node.id in bound or node.id in scope.names:
                continue
            if node.id not in _ALWAYS:
                return False
    return True


def _bound(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.arg(arg=name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.partition(".")[0])
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                names.add(name)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                names.add(name)
    return names


def _tree(example: Example) -> ast.Module | None:
    try:
        return syntax_tree(example.source)
    except SyntaxError:
        return None
