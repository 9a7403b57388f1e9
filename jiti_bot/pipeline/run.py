"""Several units at once, each as soon as what it needs is there. Results come out as they end."""

import queue
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from jiti_bot.errors import InterruptedRunError, JitiError
from jiti_bot.planning.plan import Plan, Step
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.planning.schedule import Schedule
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.validation.model import Accepted, Flag

MAX_TOGETHER = 8  # stubs in one conversation
_SLICE = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Pause:
    """A unit that cannot be judged before the units ``keys`` exist. ``resume`` is handed back when they do.

    ``result`` is what to say if they never will, ``others`` that for the units that were worked on with it. ``drafts``
    is what was submitted for each, by key; ``noted`` is for the reviewer of the first.
    """

    keys: tuple[str, ...]
    resume: object
    result: Result
    others: tuple[Result, ...] = ()
    drafts: Mapping[str, Accepted] = field(default_factory=dict)
    noted: tuple[Flag, ...] = ()

    @property
    def results(self) -> tuple[Result, ...]:
        """What to say of each."""
        return (self.result, *self.others)


Ended = Result | tuple[Result, ...] | Pause | BaseException


class Implement(Protocol):
    """Works on one unit; called from several threads. Raises `JitiError` for what fails for every unit alike."""

    def __call__(self, step: Step, resume: object | None, /) -> Result | Pause:
        """Do it, or go on with what was paused."""
        ...


class ImplementTogether(Protocol):
    """Works on several units whose tests need each other, as `Implement` does on one."""

    def __call__(
        self, steps: tuple[Step, ...], paused: tuple[Pause, ...], resume: object | None, /
    ) -> tuple[Result, ...] | Pause:
        """Do it, or go on with it; ``paused`` is what became of them alone."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended the whole run."""

    error: BaseException


class Claims(Protocol):
    """Who works on which unit, where several processes do."""

    def take(self, spec: Spec, /) -> bool:
        """Whether the unit is this run's; False while another process works on it."""
        ...

    def release(self, key: str, /) -> None:
        """Let others have it."""
        ...


class Alone:
    """Nobody else is at work."""

    def take(self, _spec: Spec, /) -> bool:
        """Everything is this run's."""
        return True

    def release(self, _key: str, /) -> None:
        """Nobody waits for it."""


def run(
    plan: Plan,
    implement: Implement,
    jobs: int,
    stop: threading.Event,
    spare: Mapping[str, Step] = MappingProxyType({}),
    claims: Claims | None = None,
    together: ImplementTogether | None = None,
) -> Iterator[Result | Failure]:
    """Work on ``plan`` with at most ``jobs`` units at once; yield each unit's `Result` when it ends.

    ``spare`` are pending units, by key, that nobody asked for: one is taken up when another turns out to need it.
    A `Failure` is yielded once, when a unit met what would fail for all others too; what is under way still ends and
    the rest is skipped. Setting ``stop`` does the same without a failure. The threads are daemons: a caller that is
    interrupted may leave at once. What another process has claimed comes last, when that is done with it.

    Units that wait for each other are worked on ``together``; without that, they fail.
    """
    return _Run(plan, implement, jobs, stop, spare, claims or Alone(), together).results()


class _Run:
    def __init__(
        self,
        plan: Plan,
        implement: Implement,
        jobs: int,
        stop: threading.Event,
        spare: Mapping[str, Step],
        claims: Claims,
        together: ImplementTogether | None,
    ) -> None:
        self._steps = {step.spec.key: step for step in plan.pending}
        self._schedule = Schedule(
            {key: step.needs for key, step in self._steps.items()},
            {key: step.after for key, step in self._steps.items()},
        )
        self._implement = implement
        self._together = together
        self._jobs = jobs
        self._stop = stop
        self._spare = spare
        self._ended: queue.Queue[tuple[str, Ended]] = queue.Queue()
        self._resume: dict[str, object] = {}
        self._paused: dict[str, Pause] = {}
        self._running = 0
        self._claims = claims
        self._failed = False
        self._elsewhere: set[str] = set()  # what others were seen to work on

    def results(self) -> Iterator[Result | Failure]:
        while not self._schedule.over:
            yield from self._start()
            if self._schedule.over:
                return
            found = self._wait()
            if found is None:
                self._let_go()
                continue
            key, ended = found
            self._running -= 1
            match ended:
                case Result():
                    yield from self._finish(key, ended)
                case tuple():
                    yield from self._finish(key, *ended)
                case Pause():
                    yield from self._postpone(key, ended)
                case InterruptedRunError():
                    self._stop.set()
                    yield from self._skip(key, "the run was stopped")
                case _:
                    yield from self._fail(key, ended)

    def _fail(self, key: str, error: BaseException) -> Iterator[Result | Failure]:
        """End the run: what is under way still ends."""
        self._stop.set()
        yield from self._skip(key, _sentence(error), _code(error))
        if not self._failed:
            self._failed = True
            yield Failure(error)

    def _start(self) -> Iterator[Result | Failure]:
        """Start what may start. What a failed unit takes with it ends here, which may free or end others."""
        moved = True
        while moved:
            moved = False
            self._elsewhere.clear()
            for key in self._schedule.ready():
                obstacle = self._schedule.obstacle(key)
                may_start = not self._stop.is_set() and not obstacle
                if may_start and self._running >= self._jobs:
                    return
                try:
                    ours = not may_start or self._take(key)
                except JitiError as error:  # others are at work: what they have paid for is still to be stored
                    self._schedule.start(key)
                    moved = True
                    yield from self._fail(key, error)
                    continue
                if not ours:
                    self._elsewhere.add(key)
                    continue
                self._schedule.start(key)
                moved = True
                if self._stop.is_set():
                    yield from self._skip(key, "the run was stopped before its turn")
                elif obstacle:
                    yield from self._block(key, obstacle)
                else:
                    self._running += 1
                    threading.Thread(target=self._work, args=(key,), name=f"jiti {key}", daemon=True).start()

    def _work(self, key: str) -> None:
        members, resume = self._schedule.members(key), self._resume.pop(key, None)
        try:
            ended: Ended
            if len(members) == 1:
                ended = self._implement(self._steps[key], resume)
            else:
                assert self._together is not None, "nothing was bound without it"
                paused = tuple(self._paused[one] for one in members if one in self._paused)
                ended = self._together(tuple(self._steps[one] for one in members), paused, resume)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            ended = error
        self._ended.put((key, ended))

    def _wait(self) -> tuple[str, Ended] | None:
        """The next unit that ends; None when it is time to see whether another process has ended one.

        In slices, so that Ctrl-C is heard on every platform.
        """
        while True:
            try:
                return self._ended.get(timeout=_SLICE)
            except queue.Empty:
                if self._elsewhere:
                    return None

    def _let_go(self) -> None:
        """Where nothing is left but to wait for others, give back what waits here: they may be waiting for that."""
        if not self._running:
            for key in {*self._resume, *self._elsewhere}:
                for one in self._schedule.members(key):
                    self._claims.release(one)

    def _take(self, key: str) -> bool:
        """Claim all that is worked on as ``key``; False while others have some of it. Raises `StoreError`."""
        return all(self._claims.take(self._steps[one].spec) for one in self._schedule.members(key))

    def _finish(self, key: str, *results: Result) -> Iterator[Result]:
        for one in results:
            self._claims.release(one.key)
        self._schedule.finish(key, good=all(one.good for one in results))
        yield from results

    def _skip(self, key: str, reason: str, code: str = "") -> Iterator[Result]:
        members = self._schedule.members(key)
        yield from self._finish(key, *(_skipped(self._steps[one], reason, code) for one in members))

    def _postpone(self, key: str, pause: Pause) -> Iterator[Result]:
        for other in pause.keys:
            self._take_up(other)
        if self._schedule.postpone(key, pause.keys):
            self._resume[key] = pause.resume
            self._paused[key] = pause
            return
        knot, until = self._knot(key, pause.keys) if self._together else ((), set())
        if not knot:
            yield from self._finish(key, *pause.results)
        elif len(knot) > MAX_TOGETHER:
            many = _too_many(knot)
            yield from self._finish(key, *(replace(one, reason=many) for one in pause.results))
        else:
            self._paused[key] = pause
            for one in knot:
                self._resume.pop(one, None)
            self._schedule.bind(key, until, knot)

    def _knot(self, key: str, until: Iterable[str]) -> tuple[tuple[str, ...], set[str]]:
        """What waits for each other, and for what else: a gate that judges more units than these needs them too."""
        wanted = set(until)
        while True:
            knot = self._schedule.knot(key, wanted)
            gates = _gates(self._steps[one] for one in knot)
            kin = {one for one in self._schedule.open if not gates.isdisjoint(_gates([self._steps[one]]))}
            if kin <= wanted.union(knot):
                return knot, wanted
            wanted |= kin

    def _take_up(self, key: str) -> None:
        """Make a spare unit, and the spare ones that it needs, part of the run."""
        if key not in self._spare or self._schedule.knows(key):
            return
        step = self._spare[key]
        for other in step.needs:
            self._take_up(other)
        self._steps[key] = step
        self._schedule.add(key, step.needs)

    def _block(self, key: str, obstacle: str) -> Iterator[Result]:
        """End what needs a unit that failed. What it has cost so far is kept in its results."""
        known = {one.key: one for pause in self._paused.values() for one in pause.results}
        reason = f"needs {obstacle}, which has no implementation"
        results = []
        for one in self._schedule.members(key):
            before = known.get(one) or Result(one, Outcome.FAILED, self._steps[one].spec.path)
            failed = replace(before, outcome=Outcome.FAILED, reason=reason, code="incomplete")
            results.append(before if before.good else failed)  # another run may have done some of them
        yield from self._finish(key, *results)


def _gates(steps: Iterable[Step]) -> set[tuple[str, str]]:
    """The tests that judge units, docstring examples aside: those are always of one."""
    gates = (gate for step in steps for gate in step.spec.gates)
    return {(gate.file, gate.name) for gate in gates if gate.kind is not GateKind.DOCTEST}


def _too_many(knot: tuple[str, ...]) -> str:
    return (
        f"the tests of {len(knot)} stubs need each other, and at most {MAX_TOGETHER} are written together: "
        f"{', '.join(knot)}\n"
        "Put `@jiti` on the class that holds them, write one of them yourself, or let each have tests of its own."
    )


def _skipped(step: Step, reason: str, code: str = "") -> Result:
    return Result(step.spec.key, Outcome.SKIPPED, step.spec.path, reason=reason, code=code)


def _sentence(error: BaseException) -> str:
    return error.message if isinstance(error, JitiError) else f"{type(error).__name__}: {error}"


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, JitiError) else "internal"
