"""Give names that a unit binds for itself other ones, wherever it means them. Pure; a door to libcst."""

import re
import symtable
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.graduation.quoted import quoted
from jiti_bot.source.parse import syntax_tree

if TYPE_CHECKING:
    import libcst as cst
    from libcst.metadata import CodeRange

Place = tuple[int, int, str, str]  # line from 1, column in characters, what stands there, what comes instead


def rename(text: str, names: Mapping[str, str], where: str = "") -> str:
    """``text`` with the module-level ``names`` spelled anew, old to new; the same names of other scopes stay.

    Raises `StoreError` where what a name means cannot be followed.
    """
    if not names:
        return text
    lines = list(split_lines(text))
    places = {(line, column, old, names[old]) for line, column, old in quoted(syntax_tree(text), lines, names)}
    for line, column, old, new in sorted(places.union(_places(text, names, where)), reverse=True):
        row = lines[line - 1]
        if row[column : column + len(old)] == old:
            lines[line - 1] = f"{row[:column]}{new}{row[column + len(old) :]}"
    renamed = "".join(lines)
    left = sorted(set(names) & _module_names(renamed))
    if left:
        raise StoreError(
            f"the helper {left[0]} cannot be renamed, and its module means something else by that name.",
            remedy=f"Give {left[0]} another name in the committed file.",
            where=where,
        )
    return renamed


def _refuse_shown(place: "CodeRange", shown: "Sequence[CodeRange]", old: str, where: str) -> None:
    """Raise `StoreError` for a name that a text spells as well: ``f"{name=}"``."""
    if _is_in(place, shown):
        raise StoreError(
            f"this text tells the name {old}, which means something else in the module.",
            remedy=f"Write `{old}={{{old}!r}}` there, or give {old} another name.",
            where=f"{where}:{place.start.line}",
        )


def _is_in(place: "CodeRange", around: "Iterable[CodeRange]") -> bool:
    at = (place.start.line, place.start.column)
    return any((one.start.line, one.start.column) <= at < (one.end.line, one.end.column) for one in around)


def _places(text: str, names: Mapping[str, str], where: str) -> Iterator[Place]:
    import libcst as cst
    from libcst.metadata import Assignment, ImportAssignment, MetadataWrapper, PositionProvider, ScopeProvider

    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    exact = wrapper.resolve(PositionProvider)
    scope = wrapper.resolve(ScopeProvider)[wrapper.module]
    assert scope is not None, "a module has a scope"
    # `case Point(x=a)` names an attribute of what is matched, which libcst takes for a name of the module.
    keys = {node.key for node in exact if isinstance(node, cst.MatchKeywordElement)}
    shown = [exact[node.expression] for node in exact if isinstance(node, cst.FormattedStringExpression) and node.equal]
    literal = [exact[node] for node in exact if isinstance(node, cst.Subscript) and _is_literal(node)]
    for old, new in names.items():
        for assigned in scope[old]:
            if isinstance(assigned, ImportAssignment):
                yield from _imported(assigned.node, old, new, exact)
            elif isinstance(assigned, Assignment):
                node = assigned.node
                name = node.name if isinstance(node, cst.FunctionDef | cst.ClassDef) else node
                start = exact[name].start
                yield start.line, start.column, old, new
            for access in assigned.references:
                is_text = not isinstance(access.node, cst.Name | cst.Attribute)
                if access.node in keys or (is_text and _is_in(exact[access.node], literal)):
                    continue
                _refuse_shown(exact[access.node], shown, old, where)
                yield from _read(access.node, old, new, exact, text)


def _is_literal(node: "cst.Subscript") -> bool:
    """Whether this is ``Literal[...]``, whose texts name nothing."""
    last = getattr(node.value, "attr", node.value)
    return getattr(last, "value", "") == "Literal"


def _imported(node: "cst.CSTNode", old: str, new: str, exact: "Mapping[cst.CSTNode, CodeRange]") -> Iterator[Place]:
    import libcst as cst

    if not isinstance(node, cst.Import | cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
        return
    for alias in node.names:
        bound = alias.asname.name if alias.asname else alias.name
        if not isinstance(bound, cst.Name) or bound.value != old:
            continue  # `import a.b` binds `a`, which no other name can stand for
        start = exact[bound].start
        yield start.line, start.column, old, new if alias.asname else f"{old} as {new}"


def _read(
    node: "cst.CSTNode", old: str, new: str, exact: "Mapping[cst.CSTNode, CodeRange]", text: str
) -> Iterator[Place]:
    import libcst as cst

    place = exact[node]
    if isinstance(node, cst.Name | cst.Attribute):
        yield place.start.line, place.start.column, old, new
        return
    lines = split_lines(text)
    for number in range(place.start.line, place.end.line + 1):  # a quoted annotation
        first = place.start.column if number == place.start.line else 0
        last = place.end.column if number == place.end.line else None
        for found in re.finditer(rf"(?<![\w.]){re.escape(old)}\b", lines[number - 1][first:last]):
            yield number, first + found.start(), old, new


def _module_names(text: str) -> set[str]:
    """Names that some scope of ``text`` takes from the module."""
    return _global(symtable.symtable(text, "<unit>", "exec"), top=True)


def _global(table: symtable.SymbolTable, *, top: bool = False) -> set[str]:
    found = {symbol.get_name() for symbol in table.get_symbols() if top or symbol.is_global()}
    return found.union(*(_global(child) for child in table.get_children()))
