"""Reads transcripts back. A line that was cut when the machine stopped is left out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jiti_bot.errors import StoreError

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One stub's transcript: its events as they were written."""

    key: str
    events: tuple[Event, ...]

    def summary(self) -> dict[str, object]:
        """How it ended, in a few facts."""
        begin = self.events[0] if self.events else {}
        end = next((event for event in reversed(self.events) if event.get("event") == "end"), {})
        return {
            "key": self.key,
            "outcome": end.get("outcome", "unfinished"),
            "turns": end.get("turns", sum(event.get("event") == "turn" for event in self.events)),
            "usd": end.get("usd"),
            "model": begin.get("model", ""),
            "at": begin.get("at", ""),
        }


def records(store: Path) -> tuple[Path, ...]:
    """The transcripts in a store, by name."""
    return tuple(sorted((store / ".cache" / "transcripts").glob("*.jsonl")))


def read(path: Path) -> Record:
    """Read one transcript. Raises `StoreError` where it cannot be read."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise StoreError(f"the transcript cannot be read: {error.strerror}.", where=str(path)) from error
    events = tuple(event for event in map(_event, lines) if event)
    return Record(str(events[0].get("key", path.stem)) if events else path.stem, events)


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
