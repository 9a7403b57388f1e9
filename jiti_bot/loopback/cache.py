"""Tokens and the prompt cache, counted as the service counts them.

A cache entry is a prefix of the request (tools, then system, then messages, block by block) that ended in a
breakpoint. A later request reads the longest entry found at one of its breakpoints or at most 20 blocks before it, and
writes what lies between that and its last breakpoint; prefixes below the model's minimum are never kept. What follows
the last breakpoint is plain input. The number of tokens in a text is an estimate: a quarter of its bytes.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jiti_bot.loopback.state import Json, blocks

LOOKBACK = 20
_SECONDS = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True, slots=True)
class Usage:
    """Input tokens of one request, by price."""

    plain: int
    written_5m: int
    written_1h: int
    read: int

    def json(self, output: int, thinking: int) -> dict[str, object]:
        """As the ``usage`` of a message."""
        return {
            "input_tokens": self.plain,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
            "output_tokens": output,
            "output_tokens_details": {"thinking_tokens": thinking},
            "service_tier": "standard",
        }


@dataclass(frozen=True, slots=True)
class _Block:
    tokens: int  # of the prefix that ends here
    digest: str  # of the prefix that ends here
    ttl: str | None


@dataclass(slots=True)
class PromptCache:
    """The cache of one server; safe to use from several threads."""

    clock: Callable[[], float]
    _expiry: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, body: Json, minimum: int) -> Usage:
        """Count a request and keep its prefixes."""
        prefix = _prefixes(body)
        total = prefix[-1].tokens if prefix else 0
        now = self.clock()
        with self._lock:
            marks = [index for index, block in enumerate(prefix) if block.ttl and block.tokens >= minimum]
            read = self._longest(prefix, marks, now)
            written = {"5m": 0, "1h": 0}
            at = read
            for index in marks:
                block = prefix[index]
                ttl = block.ttl or "5m"
                self._expiry[block.digest] = (now + _SECONDS[ttl], ttl)
                written[ttl] += max(0, block.tokens - at)
                at = max(at, block.tokens)
        return Usage(total - at, written["5m"], written["1h"], read)

    def _longest(self, prefix: list[_Block], marks: list[int], now: float) -> int:
        for mark in reversed(marks):
            for index in range(mark, max(-1, mark - LOOKBACK), -1):
                expiry, ttl = self._expiry.get(prefix[index].digest, (0.0, "5m"))
                if expiry > now:
                    self._expiry[prefix[index].digest] = (now + _SECONDS[ttl], ttl)  # reading renews it
                    return prefix[index].tokens
        return 0


def count(body: Json) -> int:
    """Input tokens of a request."""
    prefix = _prefixes(body)
    return prefix[-1].tokens if prefix else 0


def tokens(text: str) -> int:
    """Tokens in a text."""
    return (len(text.encode()) + 3) // 4


def _prefixes(body: Json) -> list[_Block]:
    """The blocks of a request in the order in which they are cached."""
    found: list[_Block] = []
    digest = hashlib.sha256(str(body.get("model")).encode())
    total = 0
    parts = list(_parts(body))
    whole = _ttl(body)
    for index, (label, block) in enumerate(parts):
        plain = json.dumps({name: value for name, value in block.items() if name != "cache_control"}, sort_keys=True)
        digest.update(f"{label}\0{plain}\0".encode())
        total += tokens(str(block["text"]) if block.get("type") == "text" else plain) + 3
        ttl = _ttl(block) or (whole if index == len(parts) - 1 else None)
        found.append(_Block(total, digest.hexdigest(), ttl))
    return found


def _parts(body: Json) -> list[tuple[str, dict[str, object]]]:
    tools = body.get("tools")
    parts = [("tool", dict(tool)) for tool in tools if isinstance(tool, Mapping)] if isinstance(tools, list) else []
    parts += [("system", block) for block in blocks(body.get("system") or [])]
    choice = json.dumps([body.get("tool_choice"), body.get("thinking")], sort_keys=True)  # these end message caching
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else []:
        parts += [(f"{choice}{message.get('role')}", block) for block in blocks(message.get("content", ""))]
    return parts


def _ttl(block: Json) -> str | None:
    control = block.get("cache_control")
    return str(control.get("ttl") or "5m") if isinstance(control, Mapping) else None
