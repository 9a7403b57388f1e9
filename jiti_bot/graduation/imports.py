"""Imports of a merged view: those a unit brings, put where they belong; those nobody needs any more, taken out. Pure.

An import goes to the section of its package or, the standard library's, to the standard library's section, sorted as
isort does by default: plain imports before ``from`` imports, by module name. Where a host has no such section, it goes
below the imports above the first definition; one of the standard library's, to the run that opens the module.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from jiti_bot.graduation.anatomy import Alias, Anatomy, Decorator, Import
from jiti_bot.graduation.edits import Edit, Row, Source
from jiti_bot.source.parse import syntax_tree

FUTURE = "__future__"
# Where a module is imported from is no use of a name that is spelled like it.
_IMPORTING = re.compile(r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import|import)[ \t][^;\n]*$", re.MULTILINE)
BLANKS = " \t\r\n"  # a form feed is there on purpose


def add_imports(host: Anatomy, new: Iterable[tuple[Anatomy, Import, Iterable[int], frozenset[str]]]) -> list[Edit]:
    """Edits that bring the imports of units into their host.

    Each comes with its unit, its lines there, comments included, and the names that the host binds to the same.
    """
    present = {alias for one in host.imports for alias in one.aliases}
    groups: dict[tuple[int, bool], list[tuple[tuple[bool, str], list[Row]]]] = {}
    for unit, one, lines, known in new:
        rows = _rows(unit, one, lines, present | {alias for alias in one.aliases if alias.bound in known}, host.newline)
        present.update(one.aliases)
        if rows:
            groups.setdefault(_position(host, one), []).append((_order(one), rows))
    edits = []
    for (position, joins), found in sorted(groups.items()):
        rows = [row for _, part in sorted(found, key=lambda pair: pair[0]) for row in part]
        edits.append(Edit(position, position, tuple(rows if joins else _set_off(host, position, rows))))
    return edits


def drop_imports(
    host: Anatomy, gone: Sequence[Decorator], unit_text: str, added: Iterable[Edit], keep: frozenset[str] = frozenset()
) -> list[Edit]:
    """Edits that remove the imports which only the decorators in ``gone`` needed.

    Judged cautiously: any other mention of a name keeps its import, of one of jiti's only a mention in code. ``added``
    are the edits that put imports in, which decide what blank lines are left over; ``keep`` are names that stay.
    """
    put = {edit.first: edit for edit in added}
    names = {name for decorator in gone for name in decorator.names} - keep
    lines = {n for decorator in gone for n in range(decorator.first, decorator.last + 1)}
    edits: list[Edit] = []
    for one in host.imports:
        if not one.only or not any(alias.bound in names for alias in one.aliases):
            continue
        rest = "".join(
            line for n, line in enumerate(host.lines, 1) if n not in lines and not one.first <= n <= one.last
        )
        mentioned = set(re.findall(r"\w+", _IMPORTING.sub("", f"{rest}\n{unit_text}")))
        ours = _in_code(rest) | _in_code(unit_text) if any(alias.is_ours for alias in one.aliases) else set()
        kept = [
            alias
            for alias in one.aliases
            if alias.bound not in names or alias.bound in (ours if alias.is_ours else mentioned)
        ]
        if len(kept) < len(one.aliases):
            taken = {n for edit in edits if not edit.rows for n in range(edit.first, edit.stop)}
            edits.append(_without(host, one, kept, put, taken))
    return edits


def _in_code(text: str) -> set[str]:
    """Names that ``text`` mentions as code, in annotations that are quoted, or as a string of their own."""
    try:
        return set(names_in(syntax_tree(text)))
    except SyntaxError:
        return set(re.findall(r"\w+", text))


def names_in(tree: ast.AST, without: Collection[ast.AST] = ()) -> dict[str, int]:
    """The names that code mentions, quoted annotations and strings of a lone name included: each with its first line.

    What stands in the nodes ``without`` does not count.
    """
    found: dict[str, int] = {}
    pending = [tree]
    while pending:
        node = pending.pop()
        if any(node is one for one in without):
            continue
        for name, line in _mentions(node):
            found[name] = min(line, found.get(name, line))
        pending += ast.iter_child_nodes(node)
    return found


def _mentions(node: ast.AST) -> Iterator[tuple[str, int]]:
    match node:
        case ast.Name(id=name):
            yield name, node.lineno
        case ast.Constant(value=str() as said) if said.isidentifier():
            yield said, node.lineno
        case ast.arg(annotation=ast.expr() as quoted) | ast.AnnAssign(annotation=quoted):
            yield from ((name, quoted.lineno) for name in _quoted(quoted))
        case ast.FunctionDef(returns=ast.expr() as quoted) | ast.AsyncFunctionDef(returns=ast.expr() as quoted):
            yield from ((name, quoted.lineno) for name in _quoted(quoted))
        case ast.Global(names=names):
            yield from ((name, node.lineno) for name in names)


def _quoted(annotation: ast.expr) -> set[str]:
    strings = (node.value for node in ast.walk(annotation) if isinstance(node, ast.Constant))
    return {word for said in strings if isinstance(said, str) for word in re.findall(r"\w+", said)}


def _rows(unit: Anatomy, one: Import, lines: Iterable[int], present: set[Alias], newline: str) -> list[Row]:
    missing = [alias for alias in one.aliases if alias not in present]
    if len(missing) < len(one.aliases):
        return [Row(f"{alias}{newline}", Source.UNIT, one.first) for alias in missing]
    return [Row(unit.lines[n - 1].rstrip("\r\n") + newline, Source.UNIT, n) for n in lines]


def _position(host: Anatomy, new: Import) -> tuple[int, bool]:
    """The host's line before which an import goes, and whether it joins a section that stands there.

    One from elsewhere than the standard library may need what the host does between its imports (``sys.path``, the
    environment) and goes below that.
    """
    standard = _is_standard(new)
    end = host.imports_after
    if not standard:
        defined = min((one.attached for one in host.definitions), default=len(host.lines) + 1)
        end = max([end, *(one.last for one in host.imports if one.last < defined)])
    run = [one for one in host.imports if one.last <= end and _root(one) != FUTURE]
    section = [one for one in run if _root(one) == _root(new)]
    section = section or [one for one in run if standard and _is_standard(one)]
    if section:
        before = [one for one in section if _order(one) <= _order(new)]
        return (before[-1].last + 1 if before else section[0].first), True
    if standard and run:
        return run[0].first, False
    return end + 1, False


def _order(one: Import) -> tuple[bool, str]:
    first = one.aliases[0]
    return first.module is not None, (first.name if first.module is None else first.module).lower()


def _root(one: Import) -> str:
    first = one.aliases[0]
    return (first.name if first.module is None else first.module).split(".")[0]


def _is_standard(one: Import) -> bool:
    return _root(one) in sys.stdlib_module_names and _root(one) != FUTURE


def _set_off(host: Anatomy, position: int, rows: list[Row]) -> list[Row]:
    """Rows with the blank lines that they need around them."""
    blank = Row(host.newline, Source.UNIT, rows[-1].line)
    above = next((one for one in host.imports if one.last == position - 1), None)
    below = next((one for one in host.imports if one.first == position), None)
    result = list(rows)
    if below is not None:
        result.append(blank)  # a section of its own, above those there are
    if below is None:
        if position > 1 and above is None:
            result.insert(0, blank)
        following = host.lines[position - 1] if position <= len(host.lines) else ""
        if following.strip():
            result += [blank] if above else [blank, blank]
    if position > 1 and position > len(host.lines) and not host.lines[-1].endswith(("\n", "\r")):
        result[0] = Row(host.newline + result[0].text, result[0].source, result[0].line)
    return result


def _without(host: Anatomy, one: Import, kept: list[Alias], put: Mapping[int, Edit], taken: Collection[int]) -> Edit:
    if not kept:
        return Edit(one.first, one.last + 1 + _spare_blanks(host, one, put, taken), ())
    modules = {alias.module for alias in kept}
    if len(modules) > 1 or None in modules:
        text = "; ".join(str(alias) for alias in kept)
    else:
        text = f"{kept[0]}" + "".join(f", {str(alias).split(' import ')[1]}" for alias in kept[1:])
    comment = re.search(r"\s+#.*", host.lines[one.last - 1]) if one.first == one.last else None
    end = (comment.group().rstrip("\r\n") if comment else "") + host.newline
    return Edit(one.first, one.last + 1, (Row(text + end, Source.HOST, one.first),))


def _spare_blanks(host: Anatomy, one: Import, put: Mapping[int, Edit], taken: Collection[int]) -> int:
    """How many blank lines below a removed import go with it, so that no gap is left; lines ``taken`` went before."""
    following = 0
    for line in host.lines[one.last :]:
        if line.strip(BLANKS):
            break
        following += 1
    if one.last + 1 in put or not following:
        return 0
    first = one.first
    while first not in put and first - 1 in taken:
        first -= 1
    if first in put:
        return int(not put[first].rows[-1].text.strip())
    if first == 1:
        return following
    return int(not host.lines[first - 2].strip(BLANKS))
