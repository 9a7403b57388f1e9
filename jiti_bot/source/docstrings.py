"""Docstrings: cleaned for people, canonical for digests, and the examples inside them.

The standard library's `doctest` is not used: importing it loads pdb and unittest, far too much for a hook.
"""

from __future__ import annotations

from jiti_bot.light import re
from jiti_bot.values import dataclass

_SKIP = r"#\s*doctest:.*\+SKIP\b"
_BLANK_MARK = "<BLANKLINE>"


@dataclass(frozen=True, slots=True)
class Example:
    """One ``>>>`` example: its code, the output it wants and its line in the docstring (0-based)."""

    source: str
    want: str
    line: int
    end: int
    indent: str

    @property
    def skipped(self) -> bool:
        """Whether doctest is told to skip it."""
        return "doctest" in self.source and re.search(_SKIP, self.source) is not None

    @property
    def wants_error(self) -> bool:
        """Whether the wanted output is a traceback."""
        return self.want.startswith(("Traceback (most recent call last):", "Traceback (innermost last):"))


def clean(doc: str) -> str:
    """The text as `inspect.cleandoc` gives it, the same on every Python."""
    first, *others = doc.expandtabs().split("\n")
    margins = [len(line) - len(line.lstrip(" ")) for line in others if line.strip()]
    margin = min(margins, default=0)
    lines = [first.lstrip(), *(line[margin:] for line in others)]
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines)


def stripped(doc: str) -> str:
    """The cleaned text without the trailing blanks that formatters remove."""
    return "\n".join(line.rstrip() for line in clean(doc).split("\n")).strip()


def examples(doc: str) -> tuple[Example, ...]:
    """The ``>>>`` examples of a cleaned docstring, in order."""
    lines = doc.split("\n")
    found: list[Example] = []
    at = 0
    while at < len(lines):
        if not _is_prompt(lines[at]):
            at += 1
            continue
        example = _example(lines, at, lines[at].partition(">")[0])
        found.append(example)
        at = example.end
    return tuple(found)


def _is_prompt(line: str) -> bool:
    text = line.lstrip(" ")
    return text == ">>>" or text.startswith(">>> ")


def _example(lines: list[str], start: int, indent: str) -> Example:
    source = [lines[start][len(indent) + 4 :]]
    at = start + 1
    continued = f"{indent}..."
    while at < len(lines) and (lines[at] == continued or lines[at].startswith(f"{continued} ")):
        source.append(lines[at][len(indent) + 4 :])
        at += 1
    want: list[str] = []
    while at < len(lines) and lines[at].strip() and not _is_prompt(lines[at]):
        line = lines[at].removeprefix(indent).rstrip()
        want.append("" if line == _BLANK_MARK else line)
        at += 1
    return Example("\n".join(source), "\n".join(want), start, at, indent)
