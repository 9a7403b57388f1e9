"""Puts a streamed reply together from its events. Values in, value out; knows nothing of the SDK."""

import json
from collections.abc import Mapping
from typing import Any

from jiti_bot.agent.outcome import Usage
from jiti_bot.agent.turn import Listen, Reply, ToolCall


class Collector:
    """Takes the events of one reply, as JSON. Blocks are kept as they come, so that they can be sent back unchanged."""

    def __init__(self, listen: Listen) -> None:
        self.whole = False
        self._listen = listen
        self._message: dict[str, Any] | None = None
        self._usage: dict[str, Any] = {}
        self._blocks: list[dict[str, Any]] = []
        self._json: dict[int, str] = {}
        self._stop: dict[str, Any] = {}
        self._heard = 0  # bytes of the reply so far

    @property
    def begun(self) -> bool:
        """Whether the reply has started."""
        return self._message is not None

    def add(self, event: Mapping[str, Any]) -> bool:
        """Take one event; True when the reply is whole."""
        match event["type"]:
            case "message_start":
                self._message = dict(event["message"])
                self._usage.update(self._message.get("usage") or {})
            case "content_block_start":
                self._blocks.append(dict(event["content_block"]))
            case "content_block_delta":
                self._delta(event["index"], event["delta"])
            case "message_delta":
                self._stop.update(event["delta"])
                self._usage.update({k: v for k, v in (event.get("usage") or {}).items() if v is not None})
            case "message_stop":
                self.whole = self.begun
        return self.whole

    def lost(self) -> Usage | None:
        """What a reply that broke off has cost at most; None if it never began."""
        if not self.begun:
            return None
        seen = self._read_usage()
        return Usage(seen.plain, seen.written, seen.written_1h, seen.read, max(seen.output, self._heard))

    def reply(self, request_id: str) -> Reply:
        """The whole reply."""
        calls = []
        for index, block in enumerate(self._blocks):
            if block.get("type") != "tool_use":
                continue
            raw = self._json.get(index, "")
            value = _object(raw) if raw else dict(block.get("input") or {})
            block["input"] = {} if value is None else value
            calls.append(ToolCall(str(block["id"]), str(block["name"]), value, raw))
        details = self._stop.get("stop_details") or {}
        detail = details.get("explanation") or details.get("category") or ""
        stop = str(self._stop.get("stop_reason") or "end_turn")
        return Reply(tuple(self._blocks), tuple(calls), stop, self._read_usage(), request_id, str(detail))

    def _delta(self, index: int, delta: Mapping[str, Any]) -> None:
        block = self._blocks[index]
        match delta["type"]:
            case "text_delta":
                block["text"] = block.get("text", "") + delta["text"]
                self._hear(delta["text"], thinking=False)
            case "thinking_delta":
                block["thinking"] = block.get("thinking", "") + delta["thinking"]
                self._hear(delta["thinking"], thinking=True)
            case "signature_delta":
                block["signature"] = delta["signature"]
            case "input_json_delta":
                self._json[index] = self._json.get(index, "") + delta["partial_json"]
                self._heard += len(delta["partial_json"].encode())

    def _hear(self, text: str, *, thinking: bool) -> None:
        self._heard += len(text.encode())
        if text:
            self._listen(text, thinking)

    def _read_usage(self) -> Usage:
        usage = self._usage
        written = int(usage.get("cache_creation_input_tokens") or 0)
        hour = int((usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0)
        return Usage(
            int(usage.get("input_tokens") or 0),
            max(0, written - hour),
            hour,
            int(usage.get("cache_read_input_tokens") or 0),
            int(usage.get("output_tokens") or 0),
        )


def _object(raw: str) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
