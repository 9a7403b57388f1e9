"""One turn of a conversation: what is asked and what comes back. The rest of the room knows the model by this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from jiti_bot.agent.outcome import Usage
from jiti_bot.errors import JitiError, ServiceError

Listen = Callable[[str, bool], None]  # a piece of text, and whether it is thinking


@dataclass(frozen=True, slots=True)
class Request:
    """What the model is asked. ``messages`` and ``tools`` are those of the Messages API, without cache marks."""

    system: tuple[str, ...]
    messages: tuple[Mapping[str, object], ...]
    tools: tuple[Mapping[str, object], ...]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model makes. ``input`` is None where ``raw`` is no JSON object."""

    id: str
    name: str
    input: Mapping[str, object] | None
    raw: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered. ``content`` are its blocks, to be sent back as they are; ``detail`` explains a stop."""

    content: tuple[Mapping[str, object], ...]
    calls: tuple[ToolCall, ...]
    stop: str
    usage: Usage
    request_id: str = ""
    detail: str = ""

    def text(self, kind: str = "text") -> str:
        """Its words: of ``text`` or of ``thinking`` blocks."""
        return "\n\n".join(str(block.get(kind, "")) for block in self.content if block.get("type") == kind).strip()


class Model(Protocol):
    """A model that can be asked. `Model.turn` raises `TransientError` where asking again may help."""

    @property
    def name(self) -> str:
        """The model's id, with its provider where that is another than Anthropic: ``bedrock/...``."""
        ...

    @property
    def address(self) -> str:
        """Who answers: another server's model of the same id is another model."""
        ...

    def turn(self, request: Request, listen: Listen) -> Reply:
        """Ask, and hear the answer as it comes."""
        ...


class TransientError(Exception):
    """The service failed in a way that may pass.

    ``after`` is the wait in seconds that the service asks for; ``lost`` is what a reply that broke off has cost;
    ``final`` is what to say if it does not pass.
    """

    def __init__(self, final: JitiError, *, after: float | None = None, lost: Usage | None = None) -> None:
        super().__init__(final.message)
        self.final = final
        self.after = after
        self.lost = lost


class RequestRefusedError(ServiceError):
    """The service refuses this one request, so another stub's may still go through."""


class AccountLimitError(JitiError):
    """The account may not spend any more, whatever this run may: no stub gets further."""

    code = "budget"
