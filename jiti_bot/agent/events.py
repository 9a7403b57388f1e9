"""What happens while a stub is worked on, for whoever watches. ``key`` is the stub's."""

from dataclasses import dataclass
from decimal import Decimal

from jiti_bot.agent.outcome import Outcome, Usage
from jiti_bot.validation.model import Check


@dataclass(frozen=True, slots=True)
class Joined:
    """The stubs ``others`` are written in one conversation with this one, and told under its key."""

    key: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The model is asked; ``turn`` counts from 1."""

    key: str
    turn: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece of what the model thinks or says, as it arrives."""

    key: str
    text: str
    thinking: bool


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model used a tool; ``summary`` is its input in a few words."""

    key: str
    tool: str
    summary: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A submission was judged. ``report`` is empty when it was accepted."""

    key: str
    attempt: int
    ok: bool
    checks: tuple[Check, ...]
    report: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """A turn was paid for; ``usd`` is None where the price is unknown."""

    key: str
    usage: Usage
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The service asked for patience."""

    key: str
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The work ended; ``outcome`` is None when an error ended it."""

    key: str
    outcome: Outcome | None


Event = Joined | TurnStarted | Heard | ToolCalled | Checked | Paid | Waiting | Finished
