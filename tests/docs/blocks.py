"""The code blocks of the README and of docs/, in order, and what each is to the test that runs it.

A block is a file of the page's project if it says so: ``python title="src/app/text.py"`` in its fence, or
``<!-- file: src/app/text.py -->`` above it. One with a file's path whose text that file holds already is an excerpt;
``append`` after the title adds to it. A file below ``.jiti/`` is what has to be committed there in the end.

``<!-- not run: why -->`` above a block says that its commands are not run, only looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.repo import ROOT

PAGES = (ROOT / "README.md", ROOT / "examples" / "semver" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>.+?) -->", re.DOTALL)
_FILE = re.compile(r"<!-- file: (?P<path>\S+) -->")
_TITLE = re.compile(r'\btitle="(?P<path>[^"]+)"')
_SHELL = ("console", "bash", "sh")


@dataclass(frozen=True, slots=True)
class Block:
    """One code block. ``language`` is empty for one that is indented; ``line`` is 1-based."""

    page: str
    line: int
    language: str
    text: str
    path: str = ""
    append: bool = False
    not_run: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether it runs benchmarks, which take minutes, and nothing else."""
        lines = [command.line for command in commands(self)] if self.language in _SHELL else []
        return bool(lines) and all(re.search(r"\bbenchmarks[/.]", line) for line in lines)

    @property
    def is_shell(self) -> bool:
        """Whether it holds commands: also what is indented does, here."""
        return self.language in {*_SHELL, ""}

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, what the page shows below it (None: nothing), and its exit code."""

    line: str
    shown: str | None
    code: int


def name_of(page: Path) -> str:
    """A page as people name it."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page."""
    said = ""
    for token in MarkdownIt("commonmark").parse(page.read_text("utf-8")):
        if token.type in {"fence", "code_block"}:
            yield _block(name_of(page), token, said)
            said = ""
        elif token.type == "html_block":
            said += token.content
        elif token.type == "inline":
            said = ""


def _block(page: str, token: Token, said: str) -> Block:
    language, _, rest = token.info.strip().partition(" ")
    language = language or ("text" if token.type == "fence" else "")
    path = _TITLE.search(rest) or _FILE.search(said)
    why = _NOT_RUN.search(said)
    line = (token.map or [0])[0] + 1
    return Block(
        page, line, language, token.content, path["path"] if path else "", "append" in rest, why["why"] if why else ""
    )


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block: what follows ``$``, or every line where none has one. It may end with ``[exit 1]``."""
    if not re.search(r"(?m)^\$ ", block.text):
        yield from (Command(line, None, 0) for line in block.text.splitlines() if line.strip())
        return
    for part in re.split(r"(?m)^\$ ", block.text)[1:]:
        line, _, shown = part.partition("\n")
        ended = re.search(r"(?m)^\[exit (\d+)\]\n\Z", shown)
        told = shown[: ended.start()] if ended else shown
        yield Command(line, told or None, int(ended[1]) if ended else 0)


def inline(page: Path) -> Iterator[str]:
    """Commands of ours that stand in a sentence or a table, such as `jiti merge --all`."""
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        for child in token.children or ():
            if child.type == "code_inline" and child.content.startswith("jiti "):
                yield child.content
