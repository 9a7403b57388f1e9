"""The classes around a stub as they stand in its host, other methods' bodies elided: for who has to write a body."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import Function, statements
from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.placeholder import docstring_node
from jiti_bot.source.spelled import dedented, first_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.source.parse import Parsed

# What tells which attributes an instance has is worth reading in full.
_WHOLE = frozenset({"__init__", "__new__", "__post_init__"})


def context_text(parsed: Parsed, stub: Stub) -> str:
    """The outermost class around ``stub`` (for a class stub, the class); empty for a function."""
    names = (*stub.owners, stub.name) if stub.kind is Kind.CLASS else stub.owners
    if not names:
        return ""
    line = stub.line
    for node, _branch in statements(parsed.tree.body):
        if isinstance(node, ast.ClassDef) and node.name == names[0] and _holds(node, line):
            return _elided(parsed, node)
    return ""


def _holds(node: ast.ClassDef, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _elided(parsed: Parsed, node: ast.ClassDef) -> str:
    first = first_line(node)
    skipped = dict(_bodies(node))
    kept: list[str] = []
    number = first
    while number <= (node.end_lineno or node.lineno):
        line = parsed.lines[number - 1]
        end = skipped.get(number)
        if end is not None:
            line = f"{line[: len(line) - len(line.lstrip())]}..."
        kept.append(line)
        number = (end or number) + 1
    width = parsed.column(node.lineno, node.col_offset)
    return dedented("\n".join((kept[0][width:], *kept[1:])), width)


def _bodies(node: ast.ClassDef) -> list[tuple[int, int]]:
    """First and last lines of what is left out: the methods' statements below their docstrings."""
    found: list[tuple[int, int]] = []
    for statement, _branch in statements(node.body):
        if isinstance(statement, ast.ClassDef):
            found += _bodies(statement)
        if not isinstance(statement, Function) or statement.name in _WHOLE:
            continue
        rest = statement.body[1:] if docstring_node(statement) is not None else statement.body
        if rest and first_line(rest[0]) > (
            statement.body[0].lineno if rest is not statement.body else statement.lineno
        ):
            found.append((first_line(rest[0]), rest[-1].end_lineno or rest[-1].lineno))
    return found
