"""Text for people: colour and glyphs where a terminal shows them, plain words everywhere else.

Standard library only: these commands work in an install without extras.
"""

import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

_USUAL = 80  # columns, where a terminal does not tell
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "grey": 90}


@dataclass(frozen=True, slots=True)
class Screen:
    """What the reader's end can show. ``width`` is in columns; 0 where lines need no end."""

    colour: bool = False
    glyphs: bool = False
    width: int = 0

    def paint(self, text: str, *styles: str) -> str:
        """``text`` in a colour, ``bold`` or ``dim``."""
        if not self.colour or not text:
            return text
        codes = [{"bold": 1, "dim": 2}.get(style) or _COLOURS[style] for style in styles]
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m"


def screen(stream: TextIO, env: Mapping[str, str]) -> Screen:
    """What ``stream`` can show. Honours NO_COLOR (https://no-color.org), FORCE_COLOR and TERM=dumb."""
    terminal = stream.isatty()
    forced = bool(env.get("FORCE_COLOR"))
    colour = (terminal or forced) and not env.get("NO_COLOR") and (forced or env.get("TERM") != "dumb")
    encoding = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
    return Screen(colour, terminal and encoding == "utf8", _width(stream, env) if terminal else 0)


def printable(text: str) -> str:
    """``text`` without characters that would steer a terminal: names and comments are other people's words."""
    return "".join(char if char.isprintable() or char == " " else _escaped(char) for char in text)


def columns(rows: Iterable[Sequence[str]], gap: str = "  ") -> list[str]:
    """Rows as lines, each column as wide as its widest cell. Colours must be put on afterwards."""
    table = [list(row) for row in rows]
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    return [
        gap.join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def pad(text: str, width: int) -> str:
    """``text`` with blanks up to ``width`` cells."""
    return text + " " * max(0, width - cells(text))


def cells(text: str) -> int:
    """How many columns a terminal needs for ``text``."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def cut(text: str, width: int) -> str:
    """``text`` shortened to ``width`` cells, with an ellipsis where something is left out."""
    if width <= 0 or cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _width(stream: TextIO, env: Mapping[str, str]) -> int:
    try:
        return int(env["COLUMNS"])
    except (KeyError, ValueError):
        pass
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    except (OSError, ValueError):
        return _USUAL
