"""Look for what could go wrong here: git, Python, tools, sandbox, key, hook, workflow, wheels.

Reads only, and shows no secret. A worker is started in the sandbox to see what it keeps out. --build also builds a
wheel in a scratch folder and looks for the committed code in it. --online also asks the model service and GitHub, by
requests that cost nothing; without it no service is asked.

Exit code 0 if nothing has to be done; notes are choices and do not count.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Self

from jiti_bot.commands.terminal import Screen, cells, pad, printable, screen
from jiti_bot.doctor.diagnosis import Diagnosis, Group, Level
from jiti_bot.doctor.examine import Wanted, examine
from jiti_bot.errors import EXIT_CODES, OK

# glyph, glyph in ASCII, colour
_LOOK = {
    Level.OK: ("✓", "=", "green"),
    Level.NOTE: ("·", "-", "grey"),
    Level.WARNING: ("!", "!", "yellow"),
    Level.PROBLEM: ("✗", "x", "red"),
}
_NARROWEST = 24  # columns for words, however narrow the terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--build", action="store_true", help="build a wheel in a scratch folder and look inside")
    parser.add_argument(
        "--online", action="store_true", help="ask the model service and GitHub whether they let you in"
    )
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look and print."""
    where = screen(sys.stdout, os.environ)
    with _Progress(shown=bool(where.width) and sys.stderr.isatty() and not arguments.json) as progress:
        groups = examine(arguments.directory, os.environ, Wanted(arguments.build, arguments.online), progress.tell)
    print(_json(groups) if arguments.json else "\n".join(render(groups, where)))
    return OK if all(one.is_well for one in _all(groups)) else EXIT_CODES["findings"][0]


def render(groups: Sequence[Group], where: Screen) -> list[str]:
    """The lines to print."""
    width = max(cells(one.about) for one in _all(groups))
    lines = [line for group in groups for line in _group(group, width, where)]
    return [*lines, _summary(groups, where)]


def _group(group: Group, width: int, where: Screen) -> Iterator[str]:
    if not where.width:
        yield from (_plain(one, width) for one in group.diagnoses)
        return
    yield where.paint(group.name, "bold")
    for one in group.diagnoses:
        yield from _row(one, width, where)
    yield ""


def _plain(one: Diagnosis, width: int) -> str:
    """One line for each, columns apart by two blanks or more."""
    end = "" if one.what.endswith((".", "!", "?")) else "."
    said = f"{one.what}{end} {one.remedy}" if one.remedy else one.what
    return f"{one.level:7}  {pad(one.about, width)}  {printable(said)}".rstrip()


def _row(one: Diagnosis, width: int, where: Screen) -> Iterator[str]:
    glyph, plain, colour = _LOOK[one.level]
    indent = 2 + 2 + width + 2
    room = max(where.width - indent, _NARROWEST)
    first, *rest = _wrapped(printable(one.what), room)
    about = pad(one.about, width)
    yield f"  {where.paint(glyph if where.glyphs else plain, colour)} {where.paint(about, 'bold')}  {first}"
    yield from (" " * indent + line for line in rest)
    arrow = "→ " if where.glyphs else "> "
    for number, line in enumerate(_wrapped(printable(one.remedy), room - 2) if one.remedy else ()):
        colour = "dim" if one.is_well else "cyan"
        yield " " * indent + where.paint(f"{arrow if not number else '  '}{line}", colour)


def _wrapped(text: str, room: int) -> list[str]:
    """``text`` in lines of ``room`` cells; a command in backquotes, or a path, is not broken."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cells(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _summary(groups: Sequence[Group], where: Screen) -> str:
    counts = Counter(one.level for one in _all(groups))
    if not counts[Level.PROBLEM] and not counts[Level.WARNING]:
        return where.paint("All is well.", "bold", "green")
    told = [
        where.paint(f"{counts[level]} {level}{'' if counts[level] == 1 else 's'}", _LOOK[level][2])
        for level in (Level.PROBLEM, Level.WARNING)
        if counts[level]
    ]
    return f"{' and '.join(told)}, each with its next step above."


def _json(groups: Sequence[Group]) -> str:
    import json

    counts = Counter(one.level for one in _all(groups))
    listed = [
        {"group": group.name, "about": one.about, "level": str(one.level), "what": one.what, "remedy": one.remedy}
        for group in groups
        for one in group.diagnoses
    ]
    well = not counts[Level.PROBLEM] and not counts[Level.WARNING]
    return json.dumps({"ok": well, "diagnoses": listed, "summary": {str(one): counts[one] for one in Level}}, indent=2)


def _all(groups: Sequence[Group]) -> list[Diagnosis]:
    return [one for group in groups for one in group.diagnoses]


class _Progress:
    """A line on a terminal that says what takes a while, and is gone afterwards."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def tell(self, what: str) -> None:
        """Show it."""
        self._write(f"{what} ...")

    def _write(self, text: str) -> None:
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
