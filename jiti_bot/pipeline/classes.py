"""What of a committed class stays when some of it is written anew."""

from jiti_bot.source.digest import INTERFACE
from jiti_bot.source.members import REST, interfaces, member_name
from jiti_bot.source.model import Stub
from jiti_bot.source.revise import revise
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.store.state import State
from jiti_bot.validation.model import Base


def base_of(stub: Stub, committed: Entry | Broken | None, state: State, *, everything: bool = False) -> Base | None:
    """What a submission for a class builds on; None for another unit, or one whose header does not know its methods.

    Where the stubs of some methods changed, the others are locked. ``everything`` opens them all, also those that a
    person wrote: somebody asked for that.
    """
    if not isinstance(committed, Entry) or not committed.header.parts or not stub.members:
        return None
    units = {member_name(stub, member.unit): member.unit for member in stub.members}
    asked, was = dict(interfaces(stub)), {part.name: part.interface for part in committed.header.parts}
    there = {units[name] for name, _ in committed.parts if name in units}
    same = {units[name] for name in units if asked[name] == was.get(name)}
    kept = frozenset(there & same)
    if everything:
        return Base(lasting(stub, committed), kept, missing=frozenset(units.values()) - there)
    edited = frozenset(units.get(name, name) for name in committed.edited if name in units or name == REST)
    partial = state.methods is not None and any(part in INTERFACE for part in state.stale_parts)
    locked = kept if partial and len(kept) < len(units) else kept & edited
    return Base(lasting(stub, committed), kept, locked, edited, frozenset(units.values()) - there)


def lasting(stub: Stub, committed: Entry) -> str:
    """The committed code without the methods whose stubs are gone, in the stub's order; else as it is."""
    known = [name for name, _ in interfaces(stub) if name != REST]
    there = [name for name, _ in committed.parts if name != REST]
    if not committed.header.parts or there == [name for name in known if name in there]:
        return committed.code
    return revise(stub, committed.code, {}, prune=REST not in committed.edited)
