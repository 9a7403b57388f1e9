"""Fold a committed unit into its host source: pure text to text, everything else byte for byte as it was.

The result is what merging would write: the stub's placeholder replaced by the body, its own signature and docstring
kept, ``@jiti`` and the imports it alone needed removed, helpers above the outermost statement that holds the stub,
imports among the host's. `Folded.origin` leads from a merged line back to the line of the unit's file or of the host.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import BOM, Anatomy, Decorator, Definition, Import
from jiti_bot.graduation.dissect import dissect
from jiti_bot.graduation.edits import Edit, Folded, Origin, Row, Source, apply
from jiti_bot.graduation.imports import add_imports, drop_imports

__all__ = ["Folded", "Origin", "Part", "Place", "Prepared", "Source", "fold", "fold_all", "prepare"]

HEADER = re.compile(r"# jiti \d")
NOTHING: Mapping[int, str | None] = MappingProxyType({})


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
class Part:
    """One unit to be folded: its place, its text, and where that is from.

    ``skip`` are lines of its helpers, ``known`` names of its imports that its host has already. ``beside`` keeps what
    it brings in the stub's own branch, ``hints`` keeps the comments of the placeholder.
    """

    place: Place
    text: str
    where: str = ""
    skip: frozenset[int] = frozenset()
    known: frozenset[str] = frozenset()
    beside: bool = False
    hints: bool = False


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
    return fold_all(host, [Part(place, unit_text, where)])


def fold_all(
    host: Prepared,
    parts: Sequence[Part],
    also: Mapping[int, str | None] = NOTHING,
    waste: Sequence[Decorator] = (),
    keep: frozenset[str] = frozenset(),
) -> Folded:
    """Fold several units into their host.

    ``also`` are decorators by their first line: what they become, None to take them away. ``waste`` are statements,
    described as decorators are, that nobody needs any more; ``keep`` are names whose imports stay.

    Raises as `fold` does.
    """
    anatomy = host.anatomy
    opened = [_opened(anatomy, part) for part in parts]
    gone = [*_gone(anatomy, opened, also), *waste]
    edits = [_replace_body(anatomy, one, body, at.unit, at.part) for at in opened for one, body in at.pairs]
    edits += [Edit(one.first, one.last + 1, _respelled(anatomy, one, also.get(one.first))) for one in gone]
    edits += [edit for at in opened for edit in _helpers(anatomy, at)]
    edits += [edit for at in opened for one, body in at.pairs for edit in _comments(anatomy, one, body, at.unit)]
    new = [(at.unit, one, _with_comments(at.unit, one), at.part.known) for at in opened for one in _lifted(at)]
    added = add_imports(anatomy, new)
    code = "".join("".join(at.unit.lines[_header_length(at.unit) :]) for at in opened)
    code += "".join(f"\n{text.removeprefix('@')}\n" for text in also.values() if text)
    edits += [*added, *drop_imports(anatomy, gone, code, added, keep)]
    spec = _spec_lines(one for at in opened for one, _ in at.pairs)
    return apply(anatomy.lines, edits, spec, BOM if anatomy.bom else "")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A part with what it is about: the stub, the unit's definition, and the functions whose bodies change places."""

    part: Part
    unit: Anatomy
    stub: Definition
    target: Definition
    pairs: list[tuple[Definition, Definition]]


def _opened(host: Anatomy, part: Part) -> _Opened:
    place = part.place
    unit = dissect(part.text, part.where)
    stub = host.find(place.name, place.owners, place.line)
    target = unit.find(place.name, place.owners)
    if stub is None or target is None:
        missing = "the source file" if stub is None else "the committed file"
        dotted = ".".join((*place.owners, place.name))
        raise StoreError(f"{missing} does not define {dotted}.", remedy="Generate the stub anew.", where=part.where)
    pairs = _members(host, stub, unit, target, place.methods) if stub.is_class else [(stub, target)]
    return _Opened(part, unit, stub, target, pairs)


def _gone(host: Anatomy, opened: Sequence[_Opened], also: Mapping[int, str | None]) -> list[Decorator]:
    """The decorators that change: jiti's on the stubs, and those of ``also``."""
    stubs = {id(one): one for at in opened for one in (at.stub, *(one for one, _ in at.pairs))}
    ours = {one.first: one for stub in stubs.values() for one in stub.decorators if one.ours}
    every = {one.first: one for stub in host.definitions for one in stub.decorators}
    return list({**ours, **{line: every[line] for line in also if line in every}}.values())


def _respelled(host: Anatomy, one: Decorator, text: str | None) -> tuple[Row, ...]:
    if text is None:
        return ()
    line = host.lines[one.first - 1]
    margin = line[: len(line) - len(line.lstrip())]
    return (Row(f"{margin}{text}{host.newline}", Source.HOST, one.first),)


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
            raise StoreError(
                f"the source file does not define {'.'.join((*inside, body.name))}.", remedy="Generate the stub anew."
            )
        earlier = sum(one is not body and one.name == body.name for one, body in ((p[1], body) for p in pairs))
        pairs.append((found[min(earlier, len(found) - 1)], body))
    return pairs


def _replace_body(host: Anatomy, stub: Definition, body: Definition, unit: Anatomy, part: Part) -> Edit:
    line, column = stub.cut
    rows: list[Row] = []
    if column:
        kept = host.lines[line - 1][:column].rstrip()
        rows.append(Row(kept + host.newline, Source.HOST, line))
        if stub.moved:
            rows.append(Row(stub.indent + stub.moved + host.newline, Source.HOST, line))
    own = _indented(unit, body, stub.indent, host)
    if not own and not stub.documented:
        own = [Row(f"{stub.indent}pass{host.newline}", Source.UNIT, body.keyword)]
    rows += [*(_hints(host, stub) if part.hints else ()), *own]
    last = min(stub.last, len(host.lines))
    ended = not host.lines or last < len(host.lines) or host.lines[-1].endswith(("\n", "\r"))
    if rows and not ended and line > len(host.lines):
        rows[0] = Row(host.newline + rows[0].text, rows[0].source, rows[0].line)
    if rows and not ended:
        rows[-1] = Row(rows[-1].text.rstrip("\r\n"), rows[-1].source, rows[-1].line)
    return Edit(line, last + 1, tuple(rows))


def _comments(host: Anatomy, stub: Definition, body: Definition, unit: Anatomy) -> list[Edit]:
    """The comments that stand directly above a unit's definition, above that of the host, unless they are there."""
    first = body.first
    while first > 1 + _header_length(unit) and unit.lines[first - 2].lstrip().startswith("#"):
        first -= 1
    line = host.lines[stub.first - 1]
    margin = line[: len(line) - len(line.lstrip())]
    rows = [
        Row(margin + unit.lines[n - 1].strip() + host.newline, Source.UNIT, n)
        for n in range(first, body.first)
        if unit.lines[n - 1].strip() not in {host.lines[m - 1].strip() for m in range(stub.attached, stub.first)}
    ]
    return [Edit(stub.first, stub.first, tuple(rows))] if rows else []


def _indented(unit: Anatomy, body: Definition, indent: str, host: Anatomy) -> list[Row]:
    """A body's lines under another indentation; lines that begin inside a string stay as they are."""
    line, column = body.cut
    rows = []
    if column:  # on the header's line, or behind the docstring
        text = unit.lines[line - 1][column:].rstrip("\r\n").lstrip(" \t:;")
        rows += [Row(indent + text + host.newline, Source.UNIT, line)] if text else []
        line += 1
    for number in range(line, _end(unit, body) + 1):
        text = unit.lines[number - 1].rstrip("\r\n")
        if number not in unit.strings:
            text = _reindent(text, body.indent, unit.indent, indent, host.indent)
        rows.append(Row(text + host.newline, Source.UNIT, number))
    while rows and not rows[-1].text.strip():
        rows.pop()
    return rows


def _reindent(text: str, base: str, step: str, new_base: str, new_step: str) -> str:
    stripped = text.lstrip(" \t")
    if not stripped or (base, step) == (new_base, new_step):
        return text if stripped else ""  # also what stands further out: comments, lines in brackets
    margin = text[: len(text) - len(stripped)]
    extra = margin.removeprefix(base) if margin.startswith(base) else ""
    depth, rest = 0, extra
    while step != new_step and rest.startswith(step):
        depth, rest = depth + 1, rest[len(step) :]
    return new_base + new_step * depth + rest + stripped


def _hints(host: Anatomy, stub: Definition) -> list[Row]:
    """The comments on lines of their own in a placeholder body."""
    numbers = range(stub.cut[0] + bool(stub.cut[1]), stub.last + 1)
    return [
        Row(stub.indent + host.lines[n - 1].strip() + host.newline, Source.HOST, n)
        for n in numbers
        if host.lines[n - 1].lstrip().startswith("#") and n not in host.strings
    ]


def _helpers(host: Anatomy, at: _Opened) -> list[Edit]:
    """Everything of the unit that is neither import nor target, above the statement that holds the stub.

    In a branch of its own its imports stay there, too: what they load may exist nowhere else.
    """
    beside = at.part.beside and at.stub.is_conditional
    lifted = () if beside else _lifted(at)
    taken = {n for one in lifted for n in _with_comments(at.unit, one)} | at.part.skip
    if beside:
        taken |= {n for one in at.unit.imports if _is_known(host, at, one) for n in _with_comments(at.unit, one)}
    line = at.stub.near if beside else at.stub.attached
    margin = host.lines[line - 1][: len(host.lines[line - 1]) - len(host.lines[line - 1].lstrip())]
    numbers = [n for n in _helper_lines(at.unit, at.target) if n not in taken]
    rows = _trimmed([Row(_shifted(at.unit, n, margin, host), Source.UNIT, n) for n in numbers])
    if not rows:
        return []
    blank = Row(host.newline, Source.UNIT, rows[-1].line)
    return [Edit(line, line, (*rows, blank) if margin else (*rows, blank, blank))]


def _shifted(unit: Anatomy, number: int, margin: str, host: Anatomy) -> str:
    text = unit.lines[number - 1].rstrip("\r\n")
    if margin and number not in unit.strings:
        text = _reindent(text, "", unit.indent, margin, host.indent)
    return text + host.newline


def _is_known(host: Anatomy, at: _Opened, one: Import) -> bool:
    present = {alias for other in host.imports for alias in other.aliases}
    return all(alias in present or alias.bound in at.part.known for alias in one.aliases)


def _helper_lines(unit: Anatomy, target: Definition) -> list[int]:
    first, last = _header_length(unit) + 1, _end(unit, target)
    return [n for n in range(first, len(unit.lines) + 1) if not target.attached <= n <= last]


def _end(unit: Anatomy, body: Definition) -> int:
    """The last line of a definition, with the indented comments below it that are about no other."""
    lines, end = unit.lines, body.last
    while end < len(lines) and re.match(r"[ \t]*(?:[\r\n]|$)|[ \t]+#", lines[end]):
        end += 1
    is_glued = end < len(lines) and lines[end][0] in " \t"  # to the next method of the class
    while end > body.last and bool(lines[end - 1].strip()) is is_glued:
        end -= 1
    return end


def _lifted(at: _Opened) -> list[Import]:
    """The unit's imports that go among those of the host."""
    if at.part.beside and at.stub.is_conditional:
        return []
    lines = set(_helper_lines(at.unit, at.target))
    return [one for one in at.unit.imports if one.only and one.first in lines]


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
