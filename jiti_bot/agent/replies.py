"""Replies that were paid for, kept until the work on their stub has ended: the same question is not paid for twice.

Who goes on where a run was ended, or where another run let a stub go, asks the same again, hears what was answered,
and does what that calls for. So it comes to where the work was, and pays from there.
"""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from jiti_bot.agent.outcome import Usage
from jiti_bot.agent.transcript import path_of
from jiti_bot.agent.turn import Listen, Model, Reply, Request, ToolCall
from jiti_bot.source.digest import text_digest

_UNUSUAL = frozenset({"max_tokens", "refusal", "model_context_window_exceeded"})  # another time it may end otherwise


class Replies:
    """What was answered about one stub, or about several ``together``: a line for each reply, which git ignores.

    A disk that is full costs the memory, not the work; a reply with one of ``secrets`` in it is not kept. A file that
    git tracks, by its posix path relative to ``root``, is none of ours: nobody here has heard what it says.
    """

    def __init__(
        self,
        store: Path,
        key: str,
        *,
        secrets: Sequence[str] = (),
        together: bool = False,
        root: Path | None = None,
        tracked: Collection[str] = (),
    ) -> None:
        name = path_of(store, key).name
        self._path = store / ".cache" / "replies" / (f"together.{name}" if together else name)
        self._secrets = tuple(secrets)
        self._is_ours = root is None or self._path.relative_to(root).as_posix() not in tracked

    def find(self, question: str) -> Reply | None:
        """What was answered to the question with this digest."""
        for line in self._lines() if self._is_ours else ():
            if line.get("question") == question:
                return _reply(line)
        return None

    def keep(self, question: str, reply: Reply, *, first: bool) -> None:
        """Keep a reply; a ``first`` one that was not known takes the place of all: something else is asked now."""
        line = json.dumps({"question": question, **asdict(reply), "usage": {}}, ensure_ascii=False)
        if not self._is_ours or any(json.dumps(secret, ensure_ascii=False)[1:-1] in line for secret in self._secrets):
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            flags |= os.O_TRUNC if first else 0
            with os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")

    def forget(self) -> None:
        """The work has ended."""
        if self._is_ours:
            with suppress(OSError):
                self._path.unlink()

    def doubt(self) -> None:
        """What the last reply led to is no end: it is asked for again, or everybody who goes on would end there."""
        if not self._is_ours:
            return
        with suppress(OSError):
            lines = self._path.read_bytes().splitlines(keepends=True)
            os.truncate(self._path, sum(map(len, lines[:-1])))

    def _lines(self) -> list[dict[str, object]]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return []
        found = []
        for line in text.split("\n"):  # JSON may hold what else ends a line
            with suppress(ValueError):  # cut when the machine stopped
                value = json.loads(line)
                found += [value] if isinstance(value, dict) else []
        return found


class Remembering:
    """A model whose replies are kept: what was asked before costs nothing, and is heard at once."""

    def __init__(self, model: Model, replies: Replies) -> None:
        self._model = model
        self._replies = replies

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def address(self) -> str:
        """The model's."""
        return self._model.address

    def turn(self, request: Request, listen: Listen) -> Reply:
        """Ask, if it was not asked before. See `jiti_bot.agent.turn.Model`."""
        question = _digest((self.address, self.name), request)
        known = self._replies.find(question)
        if known is not None:
            return known
        reply = self._model.turn(request, listen)
        if reply.stop not in _UNUSUAL:
            self._replies.keep(question, reply, first=len(request.messages) == 1)
        return reply


def _digest(model: tuple[str, str], request: Request) -> str:
    """What is asked, apart from how long the answer may be: that is what the money suffices for."""
    return text_digest(json.dumps([model, request.system, request.messages, request.tools], sort_keys=True))


def _reply(line: Mapping[str, object]) -> Reply | None:
    """A reply without its price; None for a line that is none."""
    content, calls = line.get("content"), line.get("calls")
    if not isinstance(content, list) or not isinstance(calls, list):
        return None
    try:
        called = tuple(ToolCall(**call) for call in calls)
    except TypeError:
        return None
    return Reply(tuple(content), called, str(line.get("stop", "")), Usage(), str(line.get("request_id", "")))
