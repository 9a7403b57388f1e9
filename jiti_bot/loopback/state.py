"""What a conversation is about and how far it has come, read from the request alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Json = Mapping[str, object]

_NAMED = re.compile(r"`((?:[\w/-]+\.py::)?[A-Za-z_][\w.]*)`")
_VERDICTS = ("PASSED", "FAILED")


class NoReplyError(LookupError):
    """Nothing is stored for what a request asks."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state of a conversation.

    ``key`` is the first name in backticks in the first user message. ``states`` are names for where the conversation
    stands, the most particular first: ``start``; ``after FAILED 2``, ``after FAILED``; ``after read_file 1``,
    ``after read_file``; ``after reminder 1``, ``after reminder``.
    """

    key: str
    states: tuple[str, ...]
    messages: tuple[Json, ...]


def read(messages: Sequence[Json]) -> Conversation:
    """The conversation that ``messages`` tell."""
    first = _text(messages[0].get("content", "")) if messages else ""
    named = _NAMED.search(first)
    return Conversation(named.group(1) if named else "", _states(messages), tuple(messages))


def blocks(content: object) -> list[dict[str, object]]:
    """Message content as a list of blocks: a string is shorthand for one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [dict(block) for block in content if isinstance(block, Mapping)] if isinstance(content, Sequence) else []


def _text(content: object) -> str:
    return "\n".join(str(block.get("text", "")) for block in blocks(content) if block.get("type") == "text")


def _states(messages: Sequence[Json]) -> tuple[str, ...]:
    names = {
        str(block["id"]): str(block["name"])
        for message in messages
        if message.get("role") == "assistant"
        for block in blocks(message.get("content", ""))
        if block.get("type") == "tool_use"
    }
    counts: dict[str, int] = {}
    state: tuple[str, ...] = ("start",)
    for message in messages[1:]:
        if message.get("role") != "user":
            continue
        labels = _labels(message, names)
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
        decisive = [label for label in labels if label in _VERDICTS] or labels or ["reminder"]
        if not labels:
            counts["reminder"] = counts.get("reminder", 0) + 1
        number = sum(counts.get(verdict, 0) for verdict in _VERDICTS)
        label = decisive[-1]
        state = (f"after {label} {number if label in _VERDICTS else counts[label]}", f"after {label}")
    return state


def _labels(message: Json, names: Mapping[str, str]) -> list[str]:
    """What each tool result of a user message stands for: its verdict, or the tool that it answers."""
    found = []
    for block in blocks(message.get("content", "")):
        if block.get("type") != "tool_result":
            continue
        said = result_text(block)
        verdict = next((word for word in _VERDICTS if said.startswith(word)), None)
        found.append(verdict or names.get(str(block.get("tool_use_id")), "tool"))
    return found


def result_text(block: Json) -> str:
    """The text of a tool result."""
    content = block.get("content", "")
    return content if isinstance(content, str) else _text(content)
