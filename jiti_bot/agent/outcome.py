"""How the work on one stub ends, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from jiti_bot.source.model import Spec
from jiti_bot.validation.model import Accepted, Check


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens by price. ``written_1h`` are cache writes kept for an hour, ``written`` those kept for five minutes."""

    plain: int = 0
    written: int = 0
    written_1h: int = 0
    read: int = 0
    output: int = 0

    @property
    def input(self) -> int:
        """All input tokens."""
        return self.plain + self.written + self.written_1h + self.read

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.plain + other.plain,
            self.written + other.written,
            self.written_1h + other.written_1h,
            self.read + other.read,
            self.output + other.output,
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """What a conversation cost. ``usd`` is None where the model's price is unknown."""

    turns: int
    usage: Usage
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A test or example that the model says contradicts the interface."""

    test: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a dispute: what the model is told, and the spec by which it is judged from now on."""

    said: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class Done:
    """An implementation that was accepted. ``note`` says why it is not better, if the work ended early.

    ``texts`` are those of several stubs that were written together, by key; ``accepted`` then stands for all of them.
    """

    accepted: Accepted
    spent: Spent
    quality: int
    attempts: int
    disputes: tuple[Dispute, ...] = ()
    note: str = ""
    texts: Mapping[str, Accepted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """The committed body needs no change, says the model; the caller still validates it."""

    reason: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Nothing was accepted. ``code`` is a name in `jiti_bot.errors.EXIT_CODES`; ``checks`` are of the last refusal."""

    reason: str
    code: str
    spent: Spent
    attempts: int = 0
    last_report: str = ""
    disputes: tuple[Dispute, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Postponed:
    """A submission cannot be judged before the stubs in ``keys`` exist. Pass it back to `work` to go on from there.

    ``drafts`` is what was submitted, by key, ``attempts`` how often something was judged before.
    """

    keys: tuple[str, ...]
    spent: Spent
    resume: object  # the conversation; nobody else's business
    drafts: Mapping[str, Accepted] = field(default_factory=dict)
    attempts: int = 0


Outcome = Done | Kept | GaveUp | Postponed
