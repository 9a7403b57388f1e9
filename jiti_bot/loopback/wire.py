"""A reply as the service sends it: one JSON message, or the events of a stream."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jiti_bot.loopback import signing
from jiti_bot.loopback.cache import Usage, tokens
from jiti_bot.loopback.replies import Reply, Text, Thinking, ToolUse
from jiti_bot.loopback.state import Json

CHUNK = 24  # characters of a delta: small, so that a reader meets every way of being cut


@dataclass(frozen=True, slots=True)
class Served:
    """A reply made ready for one request. ``raws`` are the inputs of its blocks as JSON text, empty where no call."""

    message: dict[str, object]
    blocks: tuple[dict[str, object], ...]
    raws: tuple[str, ...]
    stop: dict[str, object]
    usage: dict[str, object]

    def whole(self) -> dict[str, object]:
        """The answer to a request that does not stream."""
        return {**self.message, "content": list(self.blocks), **self.stop, "usage": self.usage}

    def events(self) -> Iterator[tuple[str, dict[str, object]]]:
        """The events of a stream: name and data."""
        start = {**self.usage, "output_tokens": 1}
        start.pop("output_tokens_details")
        empty: dict[str, object] = {"content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
        yield "message_start", {"message": {**self.message, **empty, "usage": start}}
        yield "ping", {}
        for index, (block, raw) in enumerate(zip(self.blocks, self.raws, strict=True)):
            yield from _block_events(index, block, raw)
        final = {name: value for name, value in self.usage.items() if name not in {"cache_creation", "service_tier"}}
        yield "message_delta", {"delta": self.stop, "usage": final}
        yield "message_stop", {}


def serve(reply: Reply, body: Json, usage: Usage) -> Served:
    """Make a reply ready: ids, signatures, and the number of its tokens. A reply over ``max_tokens`` is cut."""
    thinking = body.get("thinking")
    shown = isinstance(thinking, Mapping) and thinking.get("display") == "summarized"
    messages = body["messages"]
    assert isinstance(messages, list)
    blocks: list[dict[str, object]] = []
    raws: list[str] = []
    thought = 0
    for block in reply.blocks:
        raw = ""
        match block:
            case Thinking(text):
                said = text if shown else ""
                thought += tokens(text)
                signature = signing.sign(said, body, len(messages))
                blocks.append({"type": "thinking", "thinking": said, "signature": signature})
            case Text(text):
                blocks.append({"type": "text", "text": text})
            case ToolUse(name, given, raw_input):
                raw = json.dumps(given, ensure_ascii=False) if raw_input is None else raw_input
                call = {"type": "tool_use", "id": f"toolu_01{secrets.token_hex(11)}", "name": name}
                blocks.append({**call, "input": dict(given), "caller": {"type": "direct"}})
        raws.append(raw)
    output = thought + sum(tokens(str(block.get("text", ""))) for block in blocks) + sum(map(tokens, raws)) + 5
    refusal = reply.refusal and {"type": "refusal", "category": reply.refusal, "explanation": None}
    stop = {"stop_reason": reply.stop_reason, "stop_sequence": None, "stop_details": refusal}
    message: dict[str, object] = {
        "id": f"msg_01{secrets.token_hex(11)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
    }
    return Served(message, tuple(blocks), tuple(raws), stop, usage.json(output, thought))


def sse(name: str, data: Mapping[str, object]) -> bytes:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps({'type': name, **data}, ensure_ascii=False)}\n\n".encode()


def _block_events(index: int, block: dict[str, object], raw: str) -> Iterator[tuple[str, dict[str, object]]]:
    kind = block["type"]
    if kind == "thinking":
        yield _start(index, {**block, "thinking": "", "signature": ""})
        for piece in _pieces(str(block["thinking"])):
            yield _delta(index, {"type": "thinking_delta", "thinking": piece})
        yield _delta(index, {"type": "signature_delta", "signature": block["signature"]})
    elif kind == "text":
        yield _start(index, {**block, "text": ""})
        for piece in _pieces(str(block["text"])):
            yield _delta(index, {"type": "text_delta", "text": piece})
    else:
        yield _start(index, {**block, "input": {}})
        yield _delta(index, {"type": "input_json_delta", "partial_json": ""})
        for piece in _pieces(raw):
            yield _delta(index, {"type": "input_json_delta", "partial_json": piece})
    yield "content_block_stop", {"index": index}


def _start(index: int, block: dict[str, object]) -> tuple[str, dict[str, object]]:
    return "content_block_start", {"index": index, "content_block": block}


def _delta(index: int, delta: dict[str, object]) -> tuple[str, dict[str, object]]:
    return "content_block_delta", {"index": index, "delta": delta}


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), CHUNK):
        yield text[start : start + CHUNK]
