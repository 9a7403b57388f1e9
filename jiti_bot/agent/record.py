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
        ends = self._ends()
        last = ends[-1] if ends else {}
        priced = [end["usd"] for end in ends if end.get("usd") is not None]
        return {
            "key": self.key,
            "outcome": last.get("outcome", "unfinished"),
            "turns": sum(end.get("turns", 0) for end in ends)
            or sum(event.get("event") == "turn" for event in self.events),
            "usd": sum(priced) if ends and len(priced) == len(ends) else None,
            "model": begin.get("model", ""),
            "at": begin.get("at", ""),
        }

    def _ends(self) -> list[Event]:
        """How each conversation ended: the one about this stub alone, and the one about several."""
        ends: list[Event] = []
        begun = True
        for event in self.events:
            if event.get("event") in {"begin", "together"}:
                begun = True
            elif event.get("event") == "end":
                ends[len(ends) if begun else -1 :] = [event]
                begun = False
        return ends


def records(store: Path) -> tuple[Path, ...]:
    """The transcripts in a store, by name."""
    return tuple(sorted((store / ".cache" / "transcripts").glob("*.jsonl")))


def read(path: Path) -> Record:
    """Read one transcript. Raises `StoreError` where it cannot be read."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise StoreError(
            f"the transcript cannot be read: {error.strerror}.", remedy="Correct its permissions.", where=str(path)
        ) from error
    events = tuple(event for event in map(_event, lines) if event)
    return Record(str(events[0].get("key", path.stem)) if events else path.stem, events)


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
