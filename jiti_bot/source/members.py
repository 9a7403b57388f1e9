"""The methods of a committed class, each with its own lines and digest: so that one can change and the others stay."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.comments import numbered
from jiti_bot.source.digest import EMPTY, INTERFACE, combined, digest
from jiti_bot.source.docstring_form import docstring_form
from jiti_bot.source.model import Kind, Stub
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

REST = ""  # the name of what is no method: helpers, and in an interface the class itself
_ROLES = {1: "deleter", 2: "setter"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A method in a committed class. ``name`` is that in the class (``v.setter``), lines are 1-based, comments its own.

    Comments above a method belong to it; those below its last statement do if they are indented as far as that.
    """

    name: str
    first: int
    last: int


def member_name(stub: Stub, unit: str) -> str:
    """The name of a class stub's method inside of the class: ``parse``, ``v.setter``."""
    return unit.removeprefix(f"{stub.unit}.")


def interfaces(stub: Stub) -> tuple[tuple[str, str], ...]:
    """For the class itself (`REST`) and each stub method by name one digest over what a person asks for there."""
    if stub.kind is not Kind.CLASS:
        return ()
    own = digest(stub.name, docstring_form(stub.docstring or ""), list(stub.hints))
    every = [(REST, own)]
    for member in stub.members:
        asked = combined((part, getattr(member.digests, part)) for part in INTERFACE)
        every.append((member_name(stub, member.unit), asked))
    return tuple(every)


def find_class(tree: ast.Module, name: str) -> ast.ClassDef | None:
    """The class of that name in a committed file, at its top or inside of its owners."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    while classes:
        for node in classes:
            if node.name == name:
                return node
        classes = [inner for node in classes for inner in node.body if isinstance(inner, ast.ClassDef)]
    return None


def pieces(lines: Sequence[str], target: ast.ClassDef, known: Collection[str]) -> tuple[Piece, ...]:
    """The methods of a committed class, in order. ``lines`` are the file's, which ``target`` counts in.

    ``known`` are the names that they may have: a lone ``def v`` is the setter where only that is among them.
    """
    return tuple(piece for piece, _ in _pieces(lines, target, known))


def digests(text: str, tree: ast.Module, name: str, known: Collection[str]) -> dict[str, str]:
    """One digest for each method of the committed class ``name`` and for all the rest: syntax and comments.

    Empty where the file holds no such class. ``known`` as in `pieces`.
    """
    target = find_class(tree, name)
    if target is None:
        return {}
    said = list(numbered(text, tree))
    found: dict[str, str] = {}
    taken: set[int] = set()
    nodes: set[ast.stmt] = set()
    for piece, node in _pieces(text.split("\n"), target, known):
        own = range(piece.first, piece.last + 1)
        found[piece.name] = digest([node], [says for line, says in said if line in own])
        taken.update(own)
        nodes.add(node)
    scenery = [node for node in target.body if node not in nodes]
    above = [node for node in tree.body if target not in ast.walk(node)]
    left = [says for line, says in said if line not in taken]
    found[REST] = digest(above, scenery, left) if above or scenery or left else EMPTY
    return found


def _pieces(
    lines: Sequence[str], target: ast.ClassDef, known: Collection[str]
) -> Iterator[tuple[Piece, ast.FunctionDef | ast.AsyncFunctionDef]]:
    names: set[str] = set()
    for index, node in enumerate(target.body):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        name = node.name
        accessor = f"{name}.{_ROLES.get(len(node.args.posonlyargs + node.args.args), '')}"
        if name in names or (name not in known and accessor in known):
            name = accessor
        names.add(name)
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        top = _end(lines, target.body[index - 1]) if index else target.lineno
        while first - 1 > top and _is_comment(lines[first - 2]):
            first -= 1
        yield Piece(name, first, _end(lines, node)), node


def _end(lines: Sequence[str], node: ast.stmt) -> int:
    """The last line of a statement, with the comments below it that are indented deeper than it."""
    last = end = node.end_lineno or node.lineno
    for number in range(end + 1, len(lines) + 1):
        line = lines[number - 1]
        if not line.strip():
            continue
        if not _is_comment(line) or len(line) - len(line.lstrip()) <= node.col_offset:
            break
        last = number
    return last


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
