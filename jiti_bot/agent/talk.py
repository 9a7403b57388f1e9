"""A conversation as it grows. It is append-only: the service refuses thinking blocks whose past was edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from jiti_bot.agent import ask
from jiti_bot.agent.brief import Brief
from jiti_bot.agent.outcome import Spent, Usage
from jiti_bot.agent.tools import Answer
from jiti_bot.agent.turn import Reply, Request, ToolCall


@dataclass(slots=True)
class Talk:
    """What was said so far, and what it cost. ``usd`` is None as soon as one turn's price is unknown."""

    brief: Brief
    messages: list[Mapping[str, object]] = field(default_factory=list)
    turns: int = 0
    usage: Usage = field(default_factory=Usage)
    usd: Decimal | None = Decimal(0)
    open: Reply | None = None  # a reply whose calls wait for their answers
    _known: int | None = None  # input tokens that the service counted, plus the reply to them
    _since: int = 0  # messages counted in it

    def __post_init__(self) -> None:
        if not self.messages:
            self.say(self.brief.first)

    @property
    def spent(self) -> Spent:
        """What it came to."""
        return Spent(self.turns, self.usage, self.usd)

    def request(self) -> Request:
        """The next request."""
        return Request(self.brief.system, tuple(self.messages), self.brief.definitions(), self.brief.limits.max_tokens)

    def at_most(self) -> int:
        """An upper bound of the next request's input tokens."""
        if self._known is None:
            return ask.bound(self.brief.system, self.messages, self.brief.definitions())
        return self._known + ask.bound(self.messages[self._since :])

    def hear(self, paid: ask.Paid) -> None:
        """Add the model's reply. Its blocks go back as they came, save those that the service would not take."""
        reply = paid.reply
        content = [block for block in reply.content if _sendable(block)]
        if content:
            self.messages.append({"role": "assistant", "content": content})
        self.turns += 1
        self.usage += paid.usage
        self.usd = None if self.usd is None or paid.usd is None else self.usd + paid.usd
        # A server that does not count its input leaves us to bound the whole conversation again.
        self._known = reply.usage.input + reply.usage.output if reply.usage.input else None
        self._since = len(self.messages)
        self.open = reply if reply.calls else None

    def answer(self, answers: Sequence[tuple[ToolCall, Answer]]) -> None:
        """Answer all calls of the last reply, together."""
        results = []
        for call, answer in answers:
            result = {"type": "tool_result", "tool_use_id": call.id, "content": answer.text}
            results.append({**result, "is_error": True} if answer.is_error else result)
        self.messages.append({"role": "user", "content": results})
        self.open = None

    def say(self, text: str) -> None:
        """Say something to the model."""
        self.messages.append({"role": "user", "content": [{"type": "text", "text": text}]})


def _sendable(block: Mapping[str, object]) -> bool:
    """Neither an empty text nor a thinking block that was cut before its signature."""
    if block.get("type") == "text":
        return bool(str(block.get("text", "")).strip())
    return block.get("type") != "thinking" or bool(block.get("signature"))
