"""Where units stand, asked again and again while others may edit: what is as it was is not indexed anew.

Before anything is stored the project is looked at as it is at that moment. With a thousand stubs that takes longer than
all else about storing one. So the index is kept with what it was made from, and asked of the disk whether that is still
the same, which it is after most of a run's own writes: those are committed code, and few stubs rest on it.
"""

import threading
from collections.abc import Iterator, Mapping

from jiti_bot.sound import Witness, in_turn, says_so_still
from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from jiti_bot.store.survey import Standing, survey
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace


class Latest(Mapping[str, Standing]):
    """Every unit at one moment, by key. Where one stands is found out when it is first asked, and then kept."""

    def __init__(self, specs: Mapping[str, Spec], index: Index, tree: Tree, lock: threading.RLock) -> None:
        self._specs = specs
        self._index = index
        self._tree = tree
        self._lock = lock
        self._standings: dict[str, Standing] = {}

    def __getitem__(self, key: str) -> Standing:
        """Where a unit stands. Raises KeyError."""
        spec = self._specs[key]
        with self._lock:
            if key not in self._standings:
                (self._standings[key],) = survey(self._tree, (spec,), self._index.interface)
            return self._standings[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def find_out(self) -> None:
        """Find out where each of them stands, at once."""
        with self._lock:
            found = survey(self._tree, self._specs.values(), self._index.interface)
            self._standings = {one.spec.key: one for one in found}

    def spec(self, key: str) -> Spec | None:
        """What is asked of a unit; None where its stub is gone."""
        return self._specs.get(key)

    def dependencies(self, spec: Spec, code: str) -> tuple[tuple[str, str], ...]:
        """The stubs that ``code`` uses; see `jiti_bot.source.index.Index.dependencies`."""
        with self._lock:
            return self._index.dependencies(spec, code)


class Looking:
    """Looks at a project whenever it is called, from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.RLock()
        self._seen: tuple[Witness, Index, dict[str, Spec]] | None = None

    def __call__(self) -> Latest:
        """The units as they are now."""
        with self._lock:
            if self._seen is None or not self._is_as_it_was(self._seen[0]):
                witness = Witness(self._workspace.root, self._workspace.git, learns=False)
                index = self._workspace.index(witness)
                self._seen = (witness, index, {spec.key: spec for spec in index.specs()})
            _, index, specs = self._seen
            return Latest(specs, index, self._workspace.work_tree(), self._lock)

    def _is_as_it_was(self, witness: Witness) -> bool:
        if "doubt" in witness.said:
            return False
        with self._workspace.work_tree() as tree:
            tree.seek()
            return says_so_still(tree, in_turn(witness.said))


def look(workspace: Workspace) -> Latest:
    """Where every unit stands at this moment, whatever is written afterwards."""
    latest = Looking(workspace)()
    latest.find_out()
    return latest
