"""Stored sessions: one Markdown file a stub, which reads as the conversation it is.

::

    # app.text.slugify

    ## start

    > Fold accents first, then replace what is left.      <- thinking

    I will look at the callers.                           <- text

    ### read_file                                         <- a tool call, its arguments as `name: value`
    path: src/app/text.py

    ## after read_file

    ### submit
    quality: 8

    ```python body
    return "-".join(text.lower().split())
    ```

    ## after FAILED 1

    ...

The title is the key that the first user message names. A state is ``start``, ``after TOOL``, ``after FAILED``,
``after PASSED`` or ``after reminder``, with a number for one occasion of several; FAILED and PASSED are numbered
together, by submission. A value is JSON where it parses as JSON, else the text as it stands; a fenced block gives the
argument that its info string names last (``python body``; ``python bodies[app.a.f]`` for one entry of an object).
A line ``stop: REASON`` right under a state sets the stop reason.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.errors import ConfigurationError
from jiti_bot.loopback.replies import Block, Reply, Text, Thinking, ToolUse
from jiti_bot.loopback.state import Conversation, NoReplyError

_FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})\s*(?P<info>.*)$")
_ENTRY = re.compile(r"(?P<name>\w+)\[(?P<key>[^\]]+)\]$")
_ARGUMENT = re.compile(r"(?P<name>\w+):\s*(?P<value>.*)$")
_STATE = re.compile(r"start|after \S+( \d+)?$")
_FORM = "Write it as those in examples/semver/replies are."


@dataclass(frozen=True, slots=True)
class Sessions:
    """Replies by key and state."""

    replies: dict[str, dict[str, Reply]]

    @classmethod
    def read(cls, folder: Path) -> "Sessions":
        """Read every ``*.md`` file of a folder; ``README.md`` is documentation.

        Raises `ConfigurationError`: there are none, or one cannot be understood; with its file and line.
        """
        found: dict[str, dict[str, Reply]] = {}
        for path in sorted(folder.glob("*.md")):
            if path.name == "README.md":
                continue
            key, replies = parse(path.read_text("utf-8"), str(path))
            if key in found:
                raise ConfigurationError(
                    f"there are two sessions for {key}.", remedy="Keep one of these files.", where=f"{path}:1"
                )
            found[key] = replies
        if not found:
            raise ConfigurationError("this folder holds no stored session.", remedy=_FORM, where=str(folder))
        return cls(found)

    def __call__(self, conversation: Conversation) -> Reply:
        """The stored reply.

        Raises `NoReplyError`: none is stored; the message names what there is.
        """
        session = self.replies.get(conversation.key)
        if session is None:
            asked = f"`{conversation.key}`" if conversation.key else "a message that names no stub in backticks"
            raise NoReplyError(f"no stored session for {asked}. There are sessions for: {', '.join(self.replies)}.")
        for state in conversation.states:
            if state in session:
                return session[state]
        here = conversation.states[0]
        raise NoReplyError(f"the session of `{conversation.key}` has no reply `{here}`. It has: {', '.join(session)}.")


def parse(text: str, name: str) -> tuple[str, dict[str, Reply]]:
    """Read one session; ``name`` is for messages."""
    return _Reader(name).read(text)


class _Reader:
    """Goes through the lines of one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        self.key = ""
        self.replies: dict[str, Reply] = {}
        self.state: str | None = None
        self.stop: str | None = None
        self.blocks: list[Block] = []
        self.prose: list[str] = []
        self.quoted: list[str] = []
        self.tool: tuple[str, dict[str, object]] | None = None

    def read(self, text: str) -> tuple[str, dict[str, Reply]]:
        lines = text.splitlines()
        while self.number < len(lines):
            line = lines[self.number]
            self.number += 1
            fence = _FENCE.match(line)
            if fence and self.tool is not None:
                self._fenced(fence, lines)
            else:
                self._line(line)
        self._end_reply()
        if not self.key:
            raise self._error("a session begins with `# KEY`")
        if not self.replies:
            raise self._error("a session needs at least `## start`")
        return self.key, self.replies

    def _error(self, message: str) -> ConfigurationError:
        return ConfigurationError(f"{message}.", remedy=_FORM, where=f"{self.name}:{self.number or 1}")

    def _line(self, line: str) -> None:
        if line.startswith("### "):
            self._end_prose()
            self._end_tool()
            self.tool = (line[4:].strip().strip("`"), {})
        elif line.startswith("## "):
            self._end_reply()
            self._begin_reply(line[3:].strip())
        elif line.startswith("# ") and not self.key:
            self.key = line[2:].strip().strip("`")
        elif self.tool is not None:
            self._argument(line)
        elif self.state is None:
            return  # prose between the title and the first state is for readers
        elif line.startswith("stop: ") and not self.blocks and not any(self.prose) and not self.quoted:
            self.stop = line[6:].strip()
        elif line.startswith(">"):
            self._end_text()
            self.quoted.append(line[1:].removeprefix(" "))
        else:
            self._end_quote()
            self.prose.append(line)

    def _begin_reply(self, state: str) -> None:
        if not _STATE.match(state):
            raise self._error(f"`{state}` is no state: write `start`, `after FAILED 1`, `after read_file`")
        if state in self.replies:
            raise self._error(f"`{state}` stands here twice")
        self.state = state

    def _argument(self, line: str) -> None:
        if not line.strip():
            return
        found = _ARGUMENT.match(line)
        if found is None or self.tool is None:
            raise self._error("an argument of a tool is written `name: value` or as a fenced block")
        value = found["value"]
        try:
            self.tool[1][found["name"]] = json.loads(value)
        except ValueError:
            self.tool[1][found["name"]] = value

    def _fenced(self, fence: re.Match[str], lines: list[str]) -> None:
        words = fence["info"].split()
        begun = self.number
        body: list[str] = []
        while self.number < len(lines) and lines[self.number].rstrip() != fence["marks"]:
            body.append(lines[self.number])
            self.number += 1
        if self.number == len(lines) or not words or self.tool is None:
            self.number = begun
            raise self._error("a fenced block names its argument (```python body) and ends with the same marks")
        self.number += 1
        value = "\n".join(body) + "\n" if body else ""
        entry = _ENTRY.match(words[-1])
        if entry is None:
            self.tool[1][words[-1]] = value
            return
        entries = self.tool[1].setdefault(entry["name"], {})
        assert isinstance(entries, dict)
        entries[entry["key"]] = value

    def _end_quote(self) -> None:
        if self.quoted:
            self.blocks.append(Thinking("\n".join(self.quoted).strip()))
            self.quoted = []

    def _end_text(self) -> None:
        text = "\n".join(self.prose).strip()
        if text:
            self.blocks.append(Text(text))
        self.prose = []

    def _end_prose(self) -> None:
        self._end_quote()
        self._end_text()

    def _end_tool(self) -> None:
        if self.tool is not None:
            self.blocks.append(ToolUse(*self.tool))
            self.tool = None

    def _end_reply(self) -> None:
        self._end_prose()
        self._end_tool()
        if self.state is not None:
            if not self.blocks:
                raise self._error(f"`{self.state}` says nothing")
            self.replies[self.state] = Reply(tuple(self.blocks), self.stop)
        self.blocks, self.state, self.stop = [], None, None
