"""Which unit may be worked on next: dependency order, discovered waits, what a failure takes with it, and knots.

A knot is what waits in a circle: none of it could ever go first. `Schedule.bind` makes one of it.

A value-like state machine with no threads in it; the pipeline's main thread is its only owner.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType


def in_order(needs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Keys with what they need before them; members of a cycle stay in the given order.

    Kahn's algorithm (`graphlib`); an edge that closes a cycle is dropped until the rest can be sorted.
    """
    edges = {key: set(others & needs.keys()) - {key} for key, others in needs.items()}
    while True:
        try:
            return tuple(TopologicalSorter(edges).static_order())
        except CycleError as error:
            # graphlib gives the cycle as [a, b, ..., a] where each element needs the next one or is needed by it.
            cycle = error.args[1]
            for first, second in itertools.pairwise(cycle):
                edges[first].discard(second)
                edges[second].discard(first)


class Schedule:
    """Keys to work on, each handed out once what it needs has ended well.

    ``needs`` maps every pending key to the keys it needs; keys that are not pending count as done. ``after`` maps keys
    to others that had better come first, but whose failure it may survive.
    """

    def __init__(
        self, needs: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]] = MappingProxyType({})
    ) -> None:
        order = in_order({key: needs[key] | after.get(key, frozenset()) for key in needs})
        self._place = place = {key: index for index, key in enumerate(order)}
        # Edges inside a cycle point forward in the order: dropping them lets one member go first.
        self._needs = {
            key: {other for other in needs[key] if other in place and place[other] < place[key]} for key in order
        }
        self._after = {
            key: {other for other in after.get(key, ()) if other in place and place[other] < place[key]}
            for key in order
        }
        self._waiting = list(order)
        self._running: set[str] = set()
        self._failed: set[str] = set()
        self._good: set[str] = set()
        self._waited: dict[str, set[str]] = {}
        self._bound: dict[str, tuple[str, ...]] = {}

    @property
    def over(self) -> bool:
        """Whether every key has ended."""
        return not self._waiting and not self._running

    def ready(self) -> tuple[str, ...]:
        """Keys that may start now, in dependency order."""
        still_open = self.open
        return tuple(key for key in self._waiting if not self._ahead(key) & still_open)

    @property
    def open(self) -> set[str]:
        """Keys that have not ended."""
        return {key for one in (*self._waiting, *self._running) for key in self.members(one)}

    def members(self, key: str) -> tuple[str, ...]:
        """What is worked on as ``key``: itself, or all that was bound with it."""
        return self._bound.get(key, (key,))

    def start(self, key: str) -> None:
        """``key`` is being worked on."""
        self._waiting.remove(key)
        self._running.add(key)

    def finish(self, key: str, *, good: bool) -> None:
        """``key`` has ended, with all that was bound with it."""
        self._running.discard(key)
        (self._good if good else self._failed).update(self.members(key))

    def knows(self, key: str) -> bool:
        """Whether ``key`` is or was part of the run."""
        return key in self._needs

    def add(self, key: str, needs: Iterable[str]) -> None:
        """Take up a unit that turned out to be needed."""
        self._needs[key] = {other for other in needs if other != key and not self._reaches(other, key)}
        self._place[key] = len(self._place)
        self._waiting.append(key)

    def postpone(self, key: str, until: Iterable[str]) -> bool:
        """``key`` met other units that are missing: run it again after them.

        Those that have ended well since it was judged count as found. False when running again cannot help: one of them
        failed or is no part of the run, it waited for the same ones before, or they need it. One that had only better
        come after it no longer does.
        """
        wanted = set(until) - {*self.members(key)}
        before = self._waited.setdefault(key, set())
        if not self._reachable(wanted) or wanted <= before or any(self._needed(other, key) for other in wanted):
            return False
        before |= wanted
        self._wait(key, wanted)
        return True

    def knot(self, key: str, until: Iterable[str]) -> tuple[str, ...]:
        """``key`` and all that waits for it while it waits for ``until``, in order; empty if nothing does."""
        wanted = set(until) - {*self.members(key)}
        if not self._reachable(wanted):
            return ()
        ahead = set().union(*(_reached(other, self._following) for other in wanted)) if wanted else set()
        found = {other for other in ahead if self._needed(other, key)} - self._good - self._failed
        return tuple(sorted({*found, *self.members(key)}, key=self._place.__getitem__)) if found else ()

    def bind(self, key: str, until: Iterable[str], knot: tuple[str, ...]) -> str:
        """Make one of what `knot` found: its first key stands for all from now on, and is returned."""
        first = knot[0]
        self._needs[key] |= set(until)
        wanted = {other for member in knot for other in self._needs[member]}
        self._running.discard(key)
        self._waiting = [other for other in self._waiting if other not in knot]
        for member in knot:
            self._bound.pop(member, None)
            self._after.pop(member, None)
        self._bound[first] = knot
        self._waited[first] = set()
        self._wait(first, wanted - {*knot})
        return first

    def obstacle(self, key: str) -> str | None:
        """The failed unit that ``key`` needs, if there is one."""
        return next(iter(sorted(self._needs_of(key) & self._failed)), None)

    def _wait(self, key: str, wanted: set[str]) -> None:
        """Let ``key`` wait for ``wanted``, which does not need it but may stand behind it."""
        for other in wanted:
            if self._reaches(other, key):
                self._hurry(other)
        self._needs[key] |= wanted
        self._running.discard(key)
        self._waiting.append(key)

    def _reachable(self, wanted: set[str]) -> bool:
        """Whether all of it may still come, or is there."""
        return wanted <= self.open | self._good

    def _needs_of(self, key: str) -> set[str]:
        every = self.members(key)
        return set().union(*(self._needs[one] for one in every)) - {*every}

    def _ahead(self, key: str) -> set[str]:
        every = self.members(key)
        return self._needs_of(key).union(*(self._after.get(one, ()) for one in every)) - {*every}

    def _hurry(self, start: str) -> None:
        """Let ``start`` and what it needs wait for nothing that they do not need."""
        for key in _reached(start, self._following):
            self._after.pop(key, None)

    def _following(self, key: str) -> Iterable[str]:
        return self._needs.get(key, ())

    def _needed(self, start: str, goal: str) -> bool:
        return goal in _reached(start, self._following)

    def _reaches(self, start: str, goal: str) -> bool:
        return goal in _reached(start, lambda key: (*self._needs.get(key, ()), *self._after.get(key, ())))


def _reached(start: str, following: Callable[[str], Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    stack = [start]
    while stack:
        key = stack.pop()
        if key not in seen:
            seen.add(key)
            stack.extend(following(key))
    return seen
