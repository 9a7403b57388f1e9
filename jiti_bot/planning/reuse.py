"""Implementations that exist already: left behind by a move, or known to git. Pure: what is found is handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jiti_bot import layout
from jiti_bot.source.digest import EMPTY, INTERFACE
from jiti_bot.source.model import Digests, Kind, Spec
from jiti_bot.source.renamed import known_as
from jiti_bot.store.entry import Entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Stray


@dataclass(frozen=True, slots=True)
class Former:
    """An implementation that a stub may take over.

    ``words`` say where it is from, ``entry`` is the file as it was found there, ``code`` what would stand for the stub,
    ``tests`` the agent's own. ``gone`` are the files that it leaves behind, with what they held.
    """

    words: str
    entry: Entry
    code: str
    tests: str = ""
    gone: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Whose a file in a store is, by its place alone: the source file, relative to the project, and the unit."""

    file: str
    unit: str


@dataclass(frozen=True, slots=True)
class Moves:
    """Which missing stub takes over which file, by key; and sentences, by key, on what could not be decided."""

    taken: Mapping[str, Stray]
    open: Mapping[str, str]


def fits(asked: Digests, held: Digests) -> bool:
    """Whether what was written for ``held`` answers what is ``asked``: the rest is for validation to find out."""
    return not set(INTERFACE) & set(asked.changed(held))


def place_of(path: str, spec: Spec) -> Place | None:
    """Whose the file ``path`` is in the store of ``spec``, were it of the same kind; None for another store's."""
    inside = path.removeprefix(f"{spec.store}/")
    if inside == path:
        return None
    if spec.stub.kind is Kind.TEST:
        if not inside.startswith(f"{layout.TESTS}/"):
            return None
        inside = inside.removeprefix(f"{layout.TESTS}/")
    folder, _, name = inside.rpartition("/")
    parent = spec.store.rpartition("/")[0]
    return Place(f"{parent}/{folder}.py" if parent else f"{folder}.py", name.removesuffix(".py"))


def moves(missing: Sequence[Spec], strays: Iterable[Stray]) -> Moves:
    """What stubs without an implementation take over from stubs that are gone.

    The nearest comes first: the same name elsewhere, then another name in the same file, then both. Of several that are
    as near, one asked for the very same gates and surroundings wins; several that hold the same code are as good as
    one. Else none is taken, and a sentence says so. Without a docstring a name is all that tells what is meant: such a
    stub is not taken for one that had another.
    """
    lost = [
        stray for stray in strays if stray.state.condition is Condition.ORPHAN and isinstance(stray.committed, Entry)
    ]
    if not missing or not lost:
        return Moves({}, {})
    taken: dict[str, Stray] = {}
    undecided: dict[str, str] = {}
    for rank in (_same_name, _same_file, _elsewhere):
        for spec in missing:
            if spec.key in taken or spec.key in undecided:
                continue
            used = {stray.path for stray in taken.values()}
            near = [stray for stray in lost if stray.path not in used and rank(spec, stray)]
            found = _best(spec, near)
            if found is not None:
                taken[spec.key] = found
            elif near:
                names = " and ".join(stray.path for stray in near[:3])
                undecided[spec.key] = f"{names} fit it equally well, so none was taken over"
    return Moves(taken, undecided)


def _best(spec: Spec, near: Sequence[Stray]) -> Stray | None:
    """The one to take, None where that is open."""
    exact = [stray for stray in near if _entry(stray).header.digests == spec.digests]
    left = exact or near
    return left[0] if left and len({_entry(stray).body for stray in left}) == 1 else None


def _same_name(spec: Spec, stray: Stray) -> bool:
    place = place_of(stray.path, spec)
    return place is not None and place.unit == spec.stub.unit and fits(spec.digests, _entry(stray).header.digests)


def _same_file(spec: Spec, stray: Stray) -> bool:
    place = place_of(stray.path, spec)
    return place is not None and place.file == spec.stub.file and _renamed(spec, place, stray)


def _elsewhere(spec: Spec, stray: Stray) -> bool:
    place = place_of(stray.path, spec)
    return place is not None and _renamed(spec, place, stray)


def _renamed(spec: Spec, place: Place, stray: Stray) -> bool:
    held = _entry(stray).header.digests
    if EMPTY in {held.docstring, spec.digests.docstring} or place.unit == spec.stub.unit:
        return False
    return known_as(spec.stub, place.unit, held)


def _entry(stray: Stray) -> Entry:
    assert isinstance(stray.committed, Entry), "only what can be read is taken over"
    return stray.committed
