"""Read a case: a Markdown file that tells a repository and what happens to it. README.md has the form."""

import re
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"### (?P<what>[A-Z][a-z ]+?):? `(?P<name>[^`]+)`(?: \((?P<tool>\w+)\))?\s*$")
_FENCE = re.compile(r"(?P<marks>`{3,})(?P<info>[^`]*)$")
_ARGUMENT = re.compile(r"(?P<name>[a-z_]+): (?P<value>.+)$")
_ENTRY = re.compile(r"(?P<name>\w+)\[(?P<key>[^\]]+)\]$")
_NEEDS = re.compile(r"Needs Python 3\.(?P<minor>\d+)\.")


@dataclass(frozen=True, slots=True)
class File:
    """A file to write, or with None to delete. ``form``: ``crlf`` for Windows line ends, an encoding, or empty."""

    path: str
    text: str | None
    form: str = ""

    def data(self) -> bytes:
        """What to write."""
        text = self.text or ""
        return text.replace("\n", "\r\n").encode() if self.form == "crlf" else text.encode(self.form or "utf-8")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says when it is asked about ``key`` the next time."""

    key: str
    tool: str
    arguments: dict[str, object]


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, all that it must print, and its exit code."""

    line: str
    shown: str
    code: int
    at: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What a committed file must hold below its header; None: there is none."""

    path: str
    text: str | None


Step = File | Answer | Command | Stored


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its steps in the order in which they stand."""

    name: str
    title: str
    steps: tuple[Step, ...]
    needs: tuple[int, int]


def read(path: Path, root: Path) -> Case:
    """Read one case. Raises ValueError, with the line, for what has no meaning."""
    lines = path.read_text("utf-8").splitlines()
    name = path.relative_to(root).with_suffix("").as_posix()
    if not lines or not lines[0].startswith("# "):
        raise ValueError(f"{path}:1: a case begins with `# What it shows`")
    needs = next((int(found["minor"]) for line in lines if (found := _NEEDS.search(line))), 0)
    return Case(name, lines[0][2:], tuple(_Reader(path, lines).read()), (3, needs))


class _Reader:
    """Goes through the lines; a heading says what the next blocks are."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.number = 0
        self.steps: list[Step] = []
        self.heading: re.Match[str] | None = None
        self.answer: Answer | None = None

    def read(self) -> list[Step]:
        while self.number < len(self.lines):
            line = self.lines[self.number]
            self.number += 1
            if line.startswith("#"):
                self._begin(line)
            elif fence := _FENCE.match(line):
                self._block(fence["info"].strip(), self._text(fence["marks"]))
            elif self.answer is not None and (found := _ARGUMENT.match(line)):
                value = found["value"]
                self.answer.arguments[found["name"]] = int(value) if value.isdigit() else value
        return self.steps

    def _text(self, marks: str) -> str:
        start = self.number
        while self.number < len(self.lines) and self.lines[self.number] != marks:
            self.number += 1
        if self.number == len(self.lines):
            raise ValueError(f"{self.path}:{start}: this block has no end")
        self.number += 1
        return "".join(f"{line}\n" for line in self.lines[start : self.number - 1])

    def _begin(self, line: str) -> None:
        self.heading = self.answer = None
        if not line.startswith("### "):
            return
        self.heading = found = _HEADING.match(line)
        if found is None:
            raise ValueError(f"{self.path}:{self.number}: {line!r} is none of the headings in README.md")
        match found["what"]:
            case "File" | "Stored as":
                pass
            case "No file":
                self.steps.append(File(found["name"], None))
            case "Not stored":
                self.steps.append(Stored(found["name"], None))
            case "Reply for":
                self.answer = Answer(found["name"], found["tool"] or "submit", {})
                self.steps.append(self.answer)
            case other:
                raise ValueError(f"{self.path}:{self.number}: {other!r} is none of the headings in README.md")

    def _block(self, info: str, text: str) -> None:
        if info == "console":
            self.steps += self._commands(text)
        elif self.answer is not None:
            self._argument(info.rsplit(maxsplit=1)[-1], text)
        elif self.heading is not None and self.heading["what"] in {"File", "Stored as"}:
            name = self.heading["name"]
            is_file = self.heading["what"] == "File"
            self.steps.append(File(name, text, self.heading["tool"] or "") if is_file else Stored(name, text))
            self.heading = None
        else:
            raise ValueError(f"{self.path}:{self.number}: this block belongs to nothing")

    def _argument(self, name: str, text: str) -> None:
        assert self.answer is not None
        entry = _ENTRY.match(name)
        if entry is None:
            self.answer.arguments[name] = text
            return
        entries = self.answer.arguments.setdefault(entry["name"], {})
        assert isinstance(entries, dict)
        entries[entry["key"]] = text

    def _commands(self, text: str) -> list[Command]:
        commands = []
        for part in re.split(r"(?m)^\$ ", text)[1:]:
            line, _, shown = part.partition("\n")
            ended = re.search(r"(?m)^\[exit (\d+)\]\n\Z", shown)
            if ended:
                shown = shown[: ended.start()]
            commands.append(Command(line, shown, int(ended[1]) if ended else 0, self.number))
        return commands
