"""The state of a unit: a pure function of what is asked and what is committed."""

from enum import StrEnum

from jiti_bot.source.model import Digests
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.values import dataclass

# What a person asked for in words or types: if one of these changed, an edit made before cannot be kept unseen.
INTERFACE = ("signature", "docstring", "hints")


class Condition(StrEnum):
    """Where a unit stands, from its stub to its committed code."""

    MISSING = "missing"
    CURRENT = "current"
    STALE = "stale"
    EDITED = "edited"
    CONFLICT = "conflict"
    ORPHAN = "orphan"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class State:
    """A unit's condition; ``stale_parts`` are the parts of its spec that changed, ``reason`` says it in words."""

    condition: Condition
    stale_parts: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether the machine has something to do: generate it, or validate it again."""
        if self.condition is Condition.EDITED:
            return bool(self.stale_parts)
        return self.condition in {Condition.MISSING, Condition.STALE}

    @property
    def needs_person(self) -> bool:
        """Whether nobody but a person can decide what happens to it."""
        return self.condition in {Condition.CONFLICT, Condition.MALFORMED, Condition.ORPHAN}


def judge(asked: Digests | None, committed: Entry | Broken | None) -> State:
    """The state of a unit. ``asked`` are the digests of its spec, None where the stub is gone.

    An edited unit runs as it is. If only gates, context, uses or decorators changed since, it stays edited and carries
    the changed parts: it has to be validated again. If its interface changed, a person has to decide.
    """
    if isinstance(committed, Broken):
        return State(Condition.MALFORMED, reason=committed.finding.message)
    if committed is None:
        if asked is None:
            raise ValueError("there is neither a stub nor a committed file")
        return State(Condition.MISSING, reason="never generated")
    if asked is None:
        return State(Condition.ORPHAN, reason="its stub is gone")
    changed = committed.header.digests.changed(asked)
    words = f"changed since: {', '.join(changed)}" if changed else ""
    if not committed.is_edited:
        return State(Condition.STALE, changed, words) if changed else State(Condition.CURRENT)
    if any(part in INTERFACE for part in changed):
        return State(Condition.CONFLICT, changed, f"edited by hand; {words}")
    return State(Condition.EDITED, changed, f"edited by hand; {words}" if changed else "edited by hand")
