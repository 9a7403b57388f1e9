"""Fold a committed unit into its host source: pure text to text, everything else byte for byte as it was.

The result is what merging would write: the stub's placeholder replaced by the body, its own signature and docstring
kept, ``@jiti`` and the imports it alone needed removed, helpers above the outermost statement that holds the stub,
imports among the host's. `Folded.origin` leads from a merged line back to the line of the unit's file or of the host.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import BOM, Alias, Anatomy, Definition, Import
from jiti_bot.graduation.dissect import dissect

HEADER = re.compile(r"# jiti \d")


class Source(StrEnum):
    """Which text a merged line came from."""

    HOST = "host"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Origin:
    """A line of one of the two texts; ``spec`` marks the stub's own decorators, header and docstring."""

    source: Source
    line: int
    spec: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Which definition of a host to fold into: its name, its classes, and a line inside where names repeat."""

    name: str
    owners: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A host, dissected once and folded into many times."""

    text: str
    anatomy: Anatomy


@dataclass(frozen=True, slots=True)
class Folded:
    """The merged text and where its lines came from.

    ``starts`` are the first merged lines of runs, ``origins`` the origin of each run's first line.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[Origin, ...]

    def origin(self, line: int) -> Origin:
        """Where a merged line came from."""
        index = max(bisect_right(self.starts, line) - 1, 0)
        first = self.origins[index]
        return Origin(first.source, first.line + line - self.starts[index], first.spec)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the result with its end."""

    text: str
    source: Source
    line: int


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace host lines ``first`` up to, not with, ``stop``."""

    first: int
    stop: int
    rows: tuple[_Row, ...]


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
        raise StoreError(f"{missing} does not define {dotted}", remedy="Generate the stub anew.", where=where)
    pairs = _members(host.anatomy, stub, unit, target) if stub.is_class else [(stub, target)]
    edits = [_replace_body(host.anatomy, one, unit, body) for one, body in pairs]
    edits += [
        _Edit(decorator.first, decorator.last + 1, ())
        for one in {id(stub): stub, **{id(one): one for one, _ in pairs}}.values()
        for decorator in one.decorators
        if decorator.ours
    ]
    brought = _imports_and_helpers(host, stub, unit, target)
    edits += brought
    code = "".join(unit.lines[_header_length(unit) :])
    edits += _unused_imports(host, [stub, *(one for one, _ in pairs)], code, brought=bool(brought))
    return _apply(host.anatomy, edits, _spec_lines(one for one, _ in pairs))


def _members(host: Anatomy, stub: Definition, unit: Anatomy, target: Definition) -> list[tuple[Definition, Definition]]:
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
        ]
        if not found:
            raise StoreError(f"the source file does not define {'.'.join((*inside, body.name))}")
        earlier = sum(one is not body and one.name == body.name for one, body in ((p[1], body) for p in pairs))
        pairs.append((found[min(earlier, len(found) - 1)], body))
    return pairs


def _replace_body(host: Anatomy, stub: Definition, unit: Anatomy, body: Definition) -> _Edit:
    line, column = stub.cut
    rows: list[_Row] = []
    if column:
        kept = host.lines[line - 1][:column].rstrip()
        rows.append(_Row(kept + host.newline, Source.HOST, line))
        if stub.moved:
            rows.append(_Row(stub.indent + stub.moved + host.newline, Source.HOST, line))
    rows += _indented(unit, body, stub.indent, host)
    last = min(stub.last, len(host.lines))
    ended = not host.lines or last < len(host.lines) or host.lines[-1].endswith(("\n", "\r"))
    if rows and not ended:
        rows[-1] = _Row(rows[-1].text.rstrip("\r\n"), rows[-1].source, rows[-1].line)
    return _Edit(line, last + 1, tuple(rows))


def _indented(unit: Anatomy, body: Definition, indent: str, host: Anatomy) -> list[_Row]:
    """A body's lines under another indentation; lines that begin inside a string stay as they are."""
    line, column = body.cut
    if column:
        text = unit.lines[line - 1][column:].strip().lstrip(":").strip()
        return [_Row(indent + text + host.newline, Source.UNIT, line)] if text else []
    numbers = range(line, body.last + 1)
    rows = []
    for number in numbers:
        text = unit.lines[number - 1].rstrip("\r\n")
        if number not in unit.strings:
            text = _reindent(text, body.indent, unit.indent, indent, host.indent)
        rows.append(_Row(text + host.newline, Source.UNIT, number))
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


def _imports_and_helpers(host: Prepared, stub: Definition, unit: Anatomy, target: Definition) -> list[_Edit]:
    anatomy = host.anatomy
    present = {alias for one in anatomy.imports for alias in one.aliases}
    helper_lines = [n for n in range(1, len(unit.lines) + 1) if not target.attached <= n <= target.last]
    helper_lines = helper_lines[_header_length(unit) :]
    imports = [one for one in unit.imports if one.only and one.first in set(helper_lines)]
    taken = {n for one in imports for n in _with_comments(unit, one)}
    added = [row for one in imports for row in _import_rows(unit, one, present, anatomy.newline)]
    helpers = [
        _Row(unit.lines[n - 1].rstrip("\r\n") + anatomy.newline, Source.UNIT, n) for n in helper_lines if n not in taken
    ]
    edits = []
    if added:
        edits.append(_import_edit(anatomy, added))
    helpers = _trimmed(helpers)
    if helpers:
        blank = _Row(anatomy.newline, Source.UNIT, helpers[-1].line)
        edits.append(_Edit(stub.attached, stub.attached, (*helpers, blank, blank)))
    return edits


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


def _import_rows(unit: Anatomy, one: Import, present: set[Alias], newline: str) -> list[_Row]:
    missing = [alias for alias in one.aliases if alias not in present]
    if len(missing) < len(one.aliases):
        return [_Row(f"{alias}{newline}", Source.UNIT, one.first) for alias in missing]
    return [_Row(unit.lines[n - 1].rstrip("\r\n") + newline, Source.UNIT, n) for n in _with_comments(unit, one)]


def _import_edit(host: Anatomy, added: list[_Row]) -> _Edit:
    after = host.imports_after
    opens = any(one.last == after for one in host.imports)
    blank = _Row(host.newline, Source.UNIT, added[0].line)
    rows = list(added)
    if after and not opens:
        rows.insert(0, blank)
    following = host.lines[after] if after < len(host.lines) else ""
    if following.strip():
        rows += [blank] if opens else [blank, blank]
    if after and not host.lines[after - 1].endswith(("\n", "\r")):
        rows[0] = _Row(host.newline + rows[0].text, rows[0].source, rows[0].line)
    return _Edit(after + 1, after + 1, tuple(rows))


def _trimmed(rows: list[_Row]) -> list[_Row]:
    """Without blank lines at either end and with at most two in a row."""
    result: list[_Row] = []
    blanks: list[_Row] = []
    for row in rows:
        if not row.text.strip():
            blanks.append(row)
            continue
        result += blanks[:2] if result else []
        blanks = []
        result.append(row)
    return result


def _unused_imports(host: Prepared, stubs: Sequence[Definition], unit_text: str, *, brought: bool) -> list[_Edit]:
    """Imports that only the removed decorators needed, judged cautiously: any other mention of the name keeps them.

    ``brought`` says that other imports or helpers are put in, so that blank lines around stay as they are.
    """
    anatomy = host.anatomy
    ours = [decorator for stub in stubs for decorator in stub.decorators if decorator.ours]
    names = {name for decorator in ours for name in decorator.names}
    gone = {n for decorator in ours for n in range(decorator.first, decorator.last + 1)}
    edits = []
    for one in anatomy.imports:
        if not one.only or not any(alias.bound in names for alias in one.aliases):
            continue
        rest = "".join(
            line for n, line in enumerate(anatomy.lines, 1) if n not in gone and not one.first <= n <= one.last
        )
        mentioned = set(re.findall(r"\w+", rest + unit_text))
        kept = [alias for alias in one.aliases if alias.bound not in names or alias.bound in mentioned]
        if len(kept) < len(one.aliases):
            edits.append(_without(anatomy, one, kept, tidy=not brought))
    return edits


def _without(host: Anatomy, one: Import, kept: list[Alias], *, tidy: bool) -> _Edit:
    if not kept:
        stop = one.last + 1
        blank = [not line.strip() for line in host.lines[one.last :]]
        following = blank.index(False) if False in blank else len(blank)
        if one.first == 1:
            stop += following
        elif tidy and following and not host.lines[one.first - 2].strip():
            stop += 1
        return _Edit(one.first, stop, ())
    modules = {alias.module for alias in kept}
    if len(modules) > 1 or None in modules:
        text = "; ".join(str(alias) for alias in kept)
    else:
        text = f"{kept[0]}" + "".join(f", {str(alias).split(' import ')[1]}" for alias in kept[1:])
    comment = re.search(r"\s+#.*", host.lines[one.last - 1]) if one.first == one.last else None
    end = (comment.group().rstrip("\r\n") if comment else "") + host.newline
    return _Edit(one.first, one.last + 1, (_Row(text + end, Source.HOST, one.first),))


def _spec_lines(stubs: Iterable[Definition]) -> list[tuple[int, int]]:
    """Host lines of the stubs' own decorators, headers and docstrings."""
    return [(stub.first, stub.cut[0] if stub.cut[1] else stub.cut[0] - 1) for stub in stubs]


def _apply(host: Anatomy, edits: list[_Edit], spec: list[tuple[int, int]]) -> Folded:
    texts: list[str] = [BOM] if host.bom else []
    starts: list[int] = []
    origins: list[Origin] = []
    number = 1

    def put(rows: Iterable[_Row]) -> None:
        nonlocal number
        for row in rows:
            is_spec = row.source is Source.HOST and any(a <= row.line <= b for a, b in spec)
            last = origins[-1] if origins else None
            run = (
                last is not None
                and (last.source, last.spec) == (row.source, is_spec)
                and last.line + number - starts[-1] == row.line
            )
            if not run:
                starts.append(number)
                origins.append(Origin(row.source, row.line, is_spec))
            texts.append(row.text)
            number += 1

    position = 1
    for edit in sorted(edits, key=lambda one: (one.first, one.stop)):
        put(_Row(host.lines[n - 1], Source.HOST, n) for n in range(position, edit.first))
        put(edit.rows)
        position = max(position, edit.stop)
    put(_Row(host.lines[n - 1], Source.HOST, n) for n in range(position, len(host.lines) + 1))
    return Folded("".join(texts), tuple(starts), tuple(origins))
