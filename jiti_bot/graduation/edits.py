"""Changes to a text by whole lines, and where the lines of the result came from. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


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
class Row:
    """One line of the result with its end."""

    text: str
    source: Source
    line: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace host lines ``first`` up to, not with, ``stop``."""

    first: int
    stop: int
    rows: tuple[Row, ...]


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


def apply(lines: Sequence[str], edits: Iterable[Edit], spec: Sequence[tuple[int, int]], head: str = "") -> Folded:
    """The text with all edits made. ``spec`` are runs of host lines to be marked, ``head`` stands before the text."""
    texts = [head]
    starts: list[int] = []
    origins: list[Origin] = []
    for number, row in enumerate(_rows(lines, edits), 1):
        is_spec = row.source is Source.HOST and any(first <= row.line <= last for first, last in spec)
        last = origins[-1] if origins else None
        if last != Origin(row.source, row.line - number + starts[-1] if starts else 0, is_spec):
            starts.append(number)
            origins.append(Origin(row.source, row.line, is_spec))
        texts.append(row.text)
    return Folded("".join(texts), tuple(starts), tuple(origins))


def _rows(lines: Sequence[str], edits: Iterable[Edit]) -> Iterable[Row]:
    position = 1
    for edit in sorted(edits, key=lambda one: (one.first, one.stop)):
        yield from (Row(lines[n - 1], Source.HOST, n) for n in range(position, edit.first))
        yield from edit.rows
        position = max(position, edit.stop)
    yield from (Row(lines[n - 1], Source.HOST, n) for n in range(position, len(lines) + 1))
