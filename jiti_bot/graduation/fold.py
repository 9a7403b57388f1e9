"""Fold a committed unit into its host source: pure text to text, everything else byte for byte as it was.

The result is what merging would write: the stub's placeholder replaced by the body, its own signature and docstring
kept, ``@jiti`` and the imports it alone needed removed, helpers above the outermost statement that holds the stub,
imports among the host's. `Folded.origin` leads from a merged line back to the line of the unit's file or of the host.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import BOM, Anatomy, Definition, Import
from jiti_bot.graduation.dissect import dissect
from jiti_bot.graduation.edits import Edit, Folded, Origin, Row, Source, apply
from jiti_bot.graduation.imports import add_imports, drop_imports

__all__ = ["Folded", "Origin", "Place", "Prepared", "Source", "fold", "prepare"]

HEADER = re.compile(r"# jiti \d")


@dataclass(frozen=True, slots=True)
class Place:
    """Which definition of a host to fold into: its name, its classes, and a line inside where names repeat.

    ``methods`` are the lines of a class stub's methods: others of their names, such as a written getter, are none.
    """

    name: str
    owners: tuple[str, ...] = ()
    line: int | None = None
    methods: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A host, dissected once and folded into many times."""

    text: str
    anatomy: Anatomy


def prepare(host_text: str, where: str = "") -> Prepared:
    """Dissect a host.

    Raises:
        StoreError: it does not parse.

    """
    return Prepared(host_text, dissect(host_text, where))


def fold(host: Prepared, place: Place, unit_text: str, where: str = "") -> Folded:
    """Fold the unit written in ``unit_text`` into its host.

    Raises:
        StoreError: the unit does not parse, or one of the two does not hold the definition.

    """
    unit = dissect(unit_text, where)
    stub = host.anatomy.find(place.name, place.owners, place.line)
    target = unit.find(place.name, place.owners)
    if stub is None or target is None:
        missing = "the source file" if stub is None else "the committed file"
        dotted = ".".join((*place.owners, place.name))
        raise StoreError(f"{missing} does not define {dotted}.", remedy="Generate the stub anew.", where=where)
    pairs = _members(host.anatomy, stub, unit, target, place.methods) if stub.is_class else [(stub, target)]
    edits = [_replace_body(host.anatomy, one, unit, body) for one, body in pairs]
    edits += [
        Edit(decorator.first, decorator.last + 1, ())
        for one in {id(stub): stub, **{id(one): one for one, _ in pairs}}.values()
        for decorator in one.decorators
        if decorator.ours
    ]
    edits += _helpers(host.anatomy, stub, unit, target)
    new = [(one, _with_comments(unit, one)) for one in _unit_imports(unit, target)]
    added = add_imports(host.anatomy, unit, new)
    ours = [one for stub in (stub, *(one for one, _ in pairs)) for one in stub.decorators if one.ours]
    code = "".join(unit.lines[_header_length(unit) :])
    edits += [*added, *drop_imports(host.anatomy, ours, code, added)]
    spec = _spec_lines(one for one, _ in pairs)
    return apply(host.anatomy.lines, edits, spec, BOM if host.anatomy.bom else "")


def _members(
    host: Anatomy, stub: Definition, unit: Anatomy, target: Definition, methods: tuple[int, ...]
) -> list[tuple[Definition, Definition]]:
    """The stub methods of a class stub with their bodies, by name and by the accessor's decorator-free order."""
    inside = (*target.owners, target.name)
    pairs = []
    for body in unit.definitions:
        if body.owners != inside or not target.first <= body.first <= target.last:
            continue
        found = [
            one
            for one in host.definitions
            if one.owners == inside and one.name == body.name and stub.first <= one.first <= stub.last
            if not methods or one.keyword in methods
        ]
        if not found:
            raise StoreError(f"the source file does not define {'.'.join((*inside, body.name))}.")
        earlier = sum(one is not body and one.name == body.name for one, body in ((p[1], body) for p in pairs))
        pairs.append((found[min(earlier, len(found) - 1)], body))
    return pairs


def _replace_body(host: Anatomy, stub: Definition, unit: Anatomy, body: Definition) -> Edit:
    line, column = stub.cut
    rows: list[Row] = []
    if column:
        kept = host.lines[line - 1][:column].rstrip()
        rows.append(Row(kept + host.newline, Source.HOST, line))
        if stub.moved:
            rows.append(Row(stub.indent + stub.moved + host.newline, Source.HOST, line))
    rows += _indented(unit, body, stub.indent, host)
    last = min(stub.last, len(host.lines))
    ended = not host.lines or last < len(host.lines) or host.lines[-1].endswith(("\n", "\r"))
    if rows and not ended:
        rows[-1] = Row(rows[-1].text.rstrip("\r\n"), rows[-1].source, rows[-1].line)
    return Edit(line, last + 1, tuple(rows))


def _indented(unit: Anatomy, body: Definition, indent: str, host: Anatomy) -> list[Row]:
    """A body's lines under another indentation; lines that begin inside a string stay as they are."""
    line, column = body.cut
    if column:
        text = unit.lines[line - 1][column:].strip().lstrip(":").strip()
        return [Row(indent + text + host.newline, Source.UNIT, line)] if text else []
    numbers = range(line, body.last + 1)
    rows = []
    for number in numbers:
        text = unit.lines[number - 1].rstrip("\r\n")
        if number not in unit.strings:
            text = _reindent(text, body.indent, unit.indent, indent, host.indent)
        rows.append(Row(text + host.newline, Source.UNIT, number))
    while rows and not rows[-1].text.strip():
        rows.pop()
    return rows


def _reindent(text: str, base: str, step: str, new_base: str, new_step: str) -> str:
    stripped = text.lstrip(" \t")
    if not stripped:
        return ""
    margin = text[: len(text) - len(stripped)]
    extra = margin.removeprefix(base) if margin.startswith(base) else ""
    depth, rest = 0, extra
    while step != new_step and rest.startswith(step):
        depth, rest = depth + 1, rest[len(step) :]
    return new_base + new_step * depth + rest + stripped


def _helpers(host: Anatomy, stub: Definition, unit: Anatomy, target: Definition) -> list[Edit]:
    """Everything of the unit that is neither import nor target, above the statement that holds the stub."""
    taken = {n for one in _unit_imports(unit, target) for n in _with_comments(unit, one)}
    rows = _trimmed(
        [
            Row(unit.lines[n - 1].rstrip("\r\n") + host.newline, Source.UNIT, n)
            for n in _helper_lines(unit, target)
            if n not in taken
        ]
    )
    if not rows:
        return []
    blank = Row(host.newline, Source.UNIT, rows[-1].line)
    return [Edit(stub.attached, stub.attached, (*rows, blank, blank))]


def _helper_lines(unit: Anatomy, target: Definition) -> list[int]:
    first = _header_length(unit) + 1
    return [n for n in range(first, len(unit.lines) + 1) if not target.attached <= n <= target.last]


def _unit_imports(unit: Anatomy, target: Definition) -> list[Import]:
    lines = set(_helper_lines(unit, target))
    return [one for one in unit.imports if one.only and one.first in lines]


def _header_length(unit: Anatomy) -> int:
    if not unit.lines or not HEADER.match(unit.lines[0]):
        return 0
    return next((n for n, line in enumerate(unit.lines) if not line.startswith("#")), len(unit.lines))


def _with_comments(unit: Anatomy, one: Import) -> Iterable[int]:
    """An import's lines, and the comments glued above it: they go where it goes."""
    first = one.first
    while first > 1 + _header_length(unit) and unit.lines[first - 2].startswith("#"):
        first -= 1
    return range(first, one.last + 1)


def _trimmed(rows: list[Row]) -> list[Row]:
    """Without blank lines at either end and with at most two in a row."""
    result: list[Row] = []
    blanks: list[Row] = []
    for row in rows:
        if not row.text.strip():
            blanks.append(row)
            continue
        result += blanks[:2] if result else []
        blanks = []
        result.append(row)
    return result


def _spec_lines(stubs: Iterable[Definition]) -> list[tuple[int, int]]:
    """Host lines of the stubs' own decorators, headers and docstrings."""
    return [(stub.first, stub.cut[0] if stub.cut[1] else stub.cut[0] - 1) for stub in stubs]
