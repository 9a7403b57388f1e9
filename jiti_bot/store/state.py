"""The state of a unit: a pure function of what is asked and what is committed."""

from __future__ import annotations

from jiti_bot.light import StrEnum
from jiti_bot.source.digest import INTERFACE
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from jiti_bot.source.model import Digests

DEPENDENCIES = "dependencies"  # the stale part that no digest of the spec tells


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
    """A unit's condition; ``stale_parts`` are the parts of its spec that changed, ``reason`` says it in words.

    ``methods`` are those of a class, by name in it, that are new or whose interface changed, where that is all that
    did: the others stay. None where the unit has to be taken as a whole. ``dependencies`` are the stubs used by the
    committed code, as ``file::unit``, whose interface changed: with them `DEPENDENCIES` is a stale part.
    """

    condition: Condition
    stale_parts: tuple[str, ...] = ()
    reason: str = ""
    methods: tuple[str, ...] | None = None
    dependencies: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """The parts that changed, in words: of dependencies also which."""
        return _said(self.stale_parts, (), self.dependencies)

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


def judge(
    asked: Digests | None,
    committed: Entry | Broken | None,
    interfaces: Sequence[tuple[str, str]] = (),
    dependencies: tuple[str, ...] = (),
) -> State:
    """The state of a unit. ``asked`` are the digests of its spec, None where the stub is gone.

    An edited unit runs as it is. If only gates, context, uses or decorators changed since, it stays edited and carries
    the changed parts: it has to be validated again. If its interface changed, a person has to decide. In a class, whose
    ``interfaces`` are those of itself and its stub methods by name, an edit stands in the way of its own method alone.
    ``dependencies`` are those of the committed file's that changed: what stands there is validated again.
    """
    if isinstance(committed, Broken):
        return State(Condition.MALFORMED, reason=committed.finding.message)
    if committed is None:
        if asked is None:
            raise ValueError("there is neither a stub nor a committed file")
        return State(Condition.MISSING, reason="never generated")
    if asked is None:
        return State(Condition.ORPHAN, reason="its stub is gone")
    changed = committed.header.digests.changed(asked) + ((DEPENDENCIES,) if dependencies else ())
    if any(part in INTERFACE for part in changed) and interfaces and committed.header.parts:
        return _class(committed, changed, dict(interfaces), dependencies)
    since = f"changed since: {', '.join(_said(changed, (), dependencies))}" if changed else ""
    words = "; ".join(filter(None, ("edited by hand" if committed.is_edited else "", since)))
    if not committed.is_edited:
        condition = Condition.STALE if changed else Condition.CURRENT
    else:
        condition = Condition.CONFLICT if any(part in INTERFACE for part in changed) else Condition.EDITED
    return State(condition, changed, words, dependencies=dependencies)


def _said(changed: tuple[str, ...], methods: Sequence[str], dependencies: Sequence[str]) -> tuple[str, ...]:
    """The changed parts; the methods they are about stand behind them, and which dependencies behind that word."""
    own = [part for part in changed if part != DEPENDENCIES]
    if own and methods:
        own[-1] += f" ({', '.join(methods)})"
    return (*own, f"{DEPENDENCIES} ({', '.join(dependencies)})") if dependencies else tuple(own)


def _class(committed: Entry, changed: tuple[str, ...], asked: dict[str, str], dependencies: tuple[str, ...]) -> State:
    """The state of a class whose interface changed, or that of some of its methods."""
    known = {part.name: part.interface for part in committed.header.parts}
    new = [name for name in asked if known.get(name) != asked[name]]
    gone = [name for name in known if name not in asked]
    whole = "" in new
    named = () if whole else (*new, *(f"{name} is gone" for name in gone))
    words = f"changed since: {', '.join(_said(changed, named, dependencies))}"
    edited = committed.edited
    # A method that a person added to the file would be lost as well.
    if any(whole or name in new or (name and name not in asked) for name in edited):
        return State(Condition.CONFLICT, changed, f"edited by hand; {words}", dependencies=dependencies)
    condition = Condition.EDITED if edited else Condition.STALE
    words = f"edited by hand; {words}" if edited else words
    return State(condition, changed, words, None if whole else tuple(new), dependencies)
