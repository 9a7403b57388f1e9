"""A model that can be told how to behave: the words of the loopback server, with or without its socket."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from jiti_bot.loopback import Conversation, Reply, Text, ToolUse
from jiti_bot.loopback.cache import PromptCache
from jiti_bot.loopback.state import read
from jiti_bot.loopback.wire import serve

RIGHT, SLOW, WRONG, MUTE, MEDDLED, LEANS = range(6)
MOODS = ("right", "right the second time", "wrong", "says nothing of use", "while a person edits", "leans on another")


@dataclass(slots=True)
class Script:
    """What the model answers. ``log`` is a file that gets a line for each turn: the key and the state.

    ``answers`` are right bodies by key, ``leaning`` ones that call another stub; ``moods`` how it behaves, by key.
    ``turn`` is called at each turn with its number, ``meddle`` where a person edits meanwhile.
    """

    log: Path
    answers: Mapping[str, str] = field(default_factory=dict)
    leaning: Mapping[str, str] = field(default_factory=dict)
    moods: Mapping[str, int] = field(default_factory=dict)
    turn: Callable[[int], None] = lambda _number: None
    meddle: Callable[[str], None] = lambda _key: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, conversation: Conversation) -> Reply:
        """The next turn."""
        key, state = conversation.key, conversation.states[0]
        with self._lock:
            with self.log.open("a") as file:
                file.write(f"{key} {state}\n")
            self.turn(len(self.log.read_text().splitlines()))
        mood = self.moods.get(key, RIGHT)
        if mood == MUTE:
            return Reply((Text("I would rather not."),))
        if mood == MEDDLED and state == "start":
            self.meddle(key)
        body = self.answers.get(key, "return 0")
        if mood == LEANS:
            body = self.leaning.get(key, body)
        if mood == WRONG or (mood == SLOW and state == "start"):
            body = "return x - 1000"
        return Reply((ToolUse("submit", {"body": body, "helpers": "", "tests": "", "quality": 9}),))

    def asked(self) -> list[str]:
        """The keys of the conversations that were begun, in their order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.partition(" ")[0] for line in lines if line.endswith(" start")]


class Client:
    """What `anthropic.Anthropic` is to `jiti_bot.agent.client`: the same events, without a socket in between."""

    def __init__(self) -> None:
        self.messages = self
        self._cache = PromptCache(lambda: 0.0)

    def create(self, **body: Any) -> "Stream":
        """Answer a request."""
        served = serve(answer(read(body["messages"])), body, self._cache.use(body, 512))
        return Stream(served.events())

    def close(self) -> None:
        """There is nothing to close."""


class Stream:
    """A streamed reply."""

    response = SimpleNamespace(headers={})

    def __init__(self, events: Iterator[tuple[str, dict[str, object]]]) -> None:
        self._events = events

    def __iter__(self) -> Iterator["Event"]:
        return (Event({"type": name, **data}) for name, data in self._events)

    def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as the SDK hands it on."""

    data: dict[str, object]

    def to_dict(self) -> dict[str, object]:
        """Its JSON."""
        return self.data

    def __enter__(self) -> Self:
        return self


#: Who answers in this process.
current: Script | None = None


def answer(conversation: Conversation) -> Reply:
    """The next turn of whoever answers now."""
    assert current is not None, "somebody has said how the model behaves"
    return current(conversation)
