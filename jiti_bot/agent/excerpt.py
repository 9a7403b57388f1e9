"""A part of a source file that fits: whole if it can be, else what is asked for and what stands around it. Pure."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from jiti_bot.source.parse import syntax_tree

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SHORT = 20  # lines of a statement that is shown whole
_REST = "\n# ... and so on"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some lines; what has the lowest ``rank`` is shown first, of that what is nearest to what was asked for."""

    text: str
    rank: int
    line: int


def excerpt(text: str, units: tuple[str, ...], most: int) -> tuple[str, bool]:
    """At most ``most`` characters of a module, and whether that is all of it.

    A module that is too long is cut to the definitions that hold ``units`` (qualified names), whole if they fit, to its
    top-level imports and assignments, and to the heads of its other definitions, the nearest first.
    """
    if len(text) <= most:
        return text, True
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError):
        return _cut(text, most), False
    lines = text.splitlines()
    wanted = frozenset(tuple(unit.split(".")) for unit in units)
    pieces = [piece for node in tree.body for piece in _pieces(node, lines, wanted, most // 2)]
    shown = _chosen(pieces, most)
    if len(shown) < len(pieces):
        shown = _chosen(pieces, most - len(_REST))
    told = "\n".join(piece.text for piece in sorted(shown, key=lambda one: one.line))
    return told + ("" if len(shown) == len(pieces) else _REST), False


def _chosen(pieces: Sequence[_Piece], room: int) -> list[_Piece]:
    """The pieces that fit, the most wanted first."""
    places = [piece.line for piece in pieces if piece.rank == 0][:50] or [0]
    chosen: list[_Piece] = []
    for piece in sorted(pieces, key=lambda one: (one.rank, min(abs(one.line - place) for place in places))):
        if len(piece.text) <= room:
            chosen.append(piece)
            room -= len(piece.text) + 1
        elif piece.rank == 0 and not chosen:
            chosen.append(_Piece(_cut(piece.text, room), 0, piece.line))
            room = 0
    return chosen


def head(text: str, unit: str, most: int) -> str:
    """The ``def`` or ``class`` line of ``unit`` with its docstring; '' where there is no such definition."""
    try:
        body: list[ast.stmt] = syntax_tree(text).body
    except (SyntaxError, ValueError, RecursionError):
        return ""
    node = None
    for name in unit.split("."):
        node = next((one for one in body if isinstance(one, _DEFINITIONS) and one.name == name), None)
        if node is None:
            return ""
        body = node.body
    assert node is not None
    lines = text.splitlines()
    last = body[0].end_lineno if ast.get_docstring(node, clean=False) is not None else body[0].lineno - 1
    shown = lines[_first(node) - 1 : max(last or 0, _first(node))]
    return _cut("\n".join([*shown, f"{' ' * (node.col_offset + 4)}..."]), most)


def _pieces(node: ast.stmt, lines: list[str], wanted: frozenset[tuple[str, ...]], most: int) -> list[_Piece]:
    first = _first(node)
    whole = "\n".join(lines[first - 1 : node.end_lineno])
    if not isinstance(node, _DEFINITIONS):
        return [_Piece(whole, 1, first)] if whole.count("\n") < _SHORT else []
    inner = frozenset(unit[1:] for unit in wanted if unit[0] == node.name)
    if inner and (len(whole) <= most or not isinstance(node, ast.ClassDef) or () in inner):
        return [_Piece(whole, 0, first)]
    above = "\n".join(lines[first - 1 : max(node.body[0].lineno - 1, first)])
    if not inner:
        return [_Piece(f"{above}\n{' ' * (node.col_offset + 4)}...", 2, first)]
    inside = [piece for one in node.body for piece in _pieces(one, lines, inner, most)]
    return [_Piece(above, 0, first), *inside]


def _first(node: ast.stmt) -> int:
    return min((one.lineno for one in getattr(node, "decorator_list", [])), default=node.lineno)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(0, most)].rsplit("\n", 1)[0] + _REST
