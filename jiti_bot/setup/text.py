"""Text with one piece inserted: line ends as the file has them, everything else as it was. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jiti_bot.errors import ConfigurationError

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Text:
    """A configuration file's text, without its byte order mark; ``newline`` is how its lines end."""

    body: str
    newline: str = "\n"
    mark: str = ""

    def encoded(self, body: str) -> bytes:
        """``body`` as the file's bytes."""
        return (self.mark + body).encode()


def read(data: bytes, path: str) -> Text:
    """A file's text. Raises `ConfigurationError` for what is not UTF-8."""
    try:
        body = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError("This is not UTF-8.", remedy="Save it as UTF-8.", where=f"{path}:{line}") from None
    mark = BOM if body.startswith(BOM) else ""
    first = body.find("\n")
    return Text(body[len(mark) :], "\r\n" if first > 0 and body[first - 1] == "\r" else "\n", mark)


def insert(text: str, at: int, lines: Iterable[str], newline: str) -> str:
    """``text`` with whole lines inserted at ``at``, which is the end of a line (before its line end) or 0."""
    block = newline.join(lines)
    if at == 0:
        return block + newline + text
    # The last line of a file may lack its end: the new last line then lacks it, too.
    return text[:at] + newline + block + text[at:]


def append(text: str, lines: Iterable[str], newline: str) -> str:
    """``text`` with lines at its end, after a blank one."""
    if not text.strip():
        return text + newline.join((*lines, ""))
    gap = "" if text.endswith(("\n\n", "\n\r\n")) else newline
    return text + ("" if text.endswith("\n") else newline) + gap + newline.join((*lines, ""))


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it starts, where it ends (before its line end), and what it holds."""

    start: int
    end: int
    content: str

    @property
    def is_code(self) -> bool:
        """Whether it is neither blank nor a comment."""
        bare = self.content.strip()
        return bool(bare) and not bare.startswith(("#", ";"))

    @property
    def indent(self) -> str:
        """The blanks that it begins with."""
        return self.content[: len(self.content) - len(self.content.lstrip())]


def lines(text: str) -> Iterator[Line]:
    """The lines of a text."""
    for found in re.finditer(r"[^\n]*(?:\n|$)", text):
        if found[0]:
            content = found[0].removesuffix("\n").removesuffix("\r")
            yield Line(found.start(), found.start() + len(content), content)


def with_lines(text: Text, wanted: Iterable[str]) -> str:
    """A list of lines (attributes, patterns) with those of ``wanted`` at its end that it lacks."""
    present = {" ".join(line.content.split()) for line in lines(text.body)}
    lacking = [line for line in wanted if " ".join(line.split()) not in present]
    return append(text.body, lacking, text.newline) if lacking else text.body
