"""Every unit of a project with where it stands: the spec joined with what is committed for it."""

from dataclasses import dataclass

from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry, read
from jiti_bot.store.state import State, judge
from jiti_bot.trees import Tree


@dataclass(frozen=True, slots=True)
class Unit:
    """A spec, its state, and the committed file that the state was judged by (None where there is none)."""

    spec: Spec
    state: State
    committed: Entry | Broken | None


def survey(tree: Tree, index: Index) -> tuple[Unit, ...]:
    """The units of the files that ``index`` judges, by file and line."""
    units = []
    for spec in index.specs():
        committed = read(tree, spec)
        units.append(Unit(spec, judge(spec.digests, committed), committed))
    return tuple(units)
