"""What a model says in one turn, before it is put on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Thinking:
    """A thinking block; its signature is made when it is served."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text block."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool. ``raw`` replaces the JSON of ``input`` on the wire, to serve malformed or cut input."""

    name: str
    input: Mapping[str, object] = field(default_factory=dict)
    raw: str | None = None


Block = Thinking | Text | ToolUse


@dataclass(frozen=True, slots=True)
class Reply:
    """One assistant turn. ``stop`` is the stop reason; None means ``tool_use`` after a call, else ``end_turn``.

    ``refusal`` is the category of a refusal's ``stop_details``.
    """

    blocks: tuple[Block, ...]
    stop: str | None = None
    refusal: str | None = None

    @property
    def stop_reason(self) -> str:
        """The stop reason as it is sent."""
        if self.stop is not None:
            return self.stop
        return "tool_use" if any(isinstance(block, ToolUse) for block in self.blocks) else "end_turn"
