"""Several units at once, each as soon as what it needs is there. Results come out as they end."""

import queue
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from jiti_bot.errors import InterruptedRunError, JitiError
from jiti_bot.planning.plan import Plan, Step
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.planning.schedule import Schedule
from jiti_bot.source.model import Spec

_SLICE = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Pause:
    """A unit that cannot be judged before the units ``keys`` exist. ``resume`` is handed back when they do."""

    keys: tuple[str, ...]
    resume: object
    result: Result  # what to say if they never will


class Implement(Protocol):
    """Works on one unit; called from several threads. Raises `JitiError` for what fails for every unit alike."""

    def __call__(self, step: Step, resume: object | None, /) -> Result | Pause:
        """Do it, or go on with what was paused."""
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
) -> Iterator[Result | Failure]:
    """Work on ``plan`` with at most ``jobs`` units at once; yield each unit's `Result` when it ends.

    ``spare`` are pending units, by key, that nobody asked for: one is taken up when another turns out to need it.
    A `Failure` is yielded once, when a unit met what would fail for all others too; what is under way still ends and
    the rest is skipped. Setting ``stop`` does the same without a failure. The threads are daemons: a caller that is
    interrupted may leave at once. What another process has claimed comes last, when that is done with it.
    """
    return _Run(plan, implement, jobs, stop, spare, claims or Alone()).results()


class _Run:
    def __init__(
        self,
        plan: Plan,
        implement: Implement,
        jobs: int,
        stop: threading.Event,
        spare: Mapping[str, Step],
        claims: Claims,
    ) -> None:
        self._steps = {step.spec.key: step for step in plan.pending}
        self._schedule = Schedule(
            {key: step.needs for key, step in self._steps.items()},
            {key: step.after for key, step in self._steps.items()},
        )
        self._implement = implement
        self._jobs = jobs
        self._stop = stop
        self._spare = spare
        self._ended: queue.Queue[tuple[str, Result | Pause | BaseException]] = queue.Queue()
        self._resume: dict[str, object] = {}
        self._paused: dict[str, Pause] = {}
        self._running = 0
        self._claims = claims
        self._elsewhere: set[str] = set()  # what others were seen to work on

    def results(self) -> Iterator[Result | Failure]:
        failed = False
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
                    yield self._finish(ended)
                case Pause():
                    yield from self._postpone(key, ended)
                case InterruptedRunError():
                    self._stop.set()
                    yield self._finish(_skipped(self._steps[key], "the run was stopped"))
                case _:
                    self._stop.set()
                    yield self._finish(_skipped(self._steps[key], _sentence(ended), _code(ended)))
                    if not failed:
                        failed = True
                        yield Failure(ended)

    def _start(self) -> Iterator[Result]:
        """Start what may start. What a failed unit takes with it ends here, which may free or end others."""
        moved = True
        while moved:
            moved = False
            self._elsewhere.clear()
            for key in self._schedule.ready():
                obstacle = self._schedule.obstacle(key)
                if not self._stop.is_set() and not obstacle and self._running >= self._jobs:
                    return
                if not self._stop.is_set() and not obstacle and not self._claims.take(self._steps[key].spec):
                    self._elsewhere.add(key)
                    continue
                self._schedule.start(key)
                moved = True
                if self._stop.is_set():
                    yield self._finish(_skipped(self._steps[key], "the run was stopped before its turn"))
                elif obstacle:
                    yield self._finish(self._blocked(key, obstacle))
                else:
                    self._running += 1
                    threading.Thread(target=self._work, args=(key,), name=f"jiti {key}", daemon=True).start()

    def _work(self, key: str) -> None:
        try:
            ended: Result | Pause | BaseException = self._implement(self._steps[key], self._resume.pop(key, None))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            ended = error
        self._ended.put((key, ended))

    def _wait(self) -> tuple[str, Result | Pause | BaseException] | None:
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
            for key in self._resume:
                self._claims.release(key)

    def _finish(self, result: Result) -> Result:
        self._claims.release(result.key)
        self._schedule.finish(result.key, good=result.good)
        return result

    def _postpone(self, key: str, pause: Pause) -> Iterator[Result]:
        for other in pause.keys:
            self._take_up(other)
        if self._schedule.postpone(key, pause.keys):
            self._resume[key] = pause.resume
            self._paused[key] = pause
            return
        yield self._finish(pause.result)

    def _take_up(self, key: str) -> None:
        """Make a spare unit, and the spare ones that it needs, part of the run."""
        if key not in self._spare or self._schedule.knows(key):
            return
        step = self._spare[key]
        for other in step.needs:
            self._take_up(other)
        self._steps[key] = step
        self._schedule.add(key, step.needs)

    def _blocked(self, key: str, obstacle: str) -> Result:
        """A unit whose need failed. What it has cost so far is kept in its result."""
        reason = f"needs {obstacle}, which has no implementation"
        if key in self._paused:
            before = self._paused[key].result
            return replace(before, outcome=Outcome.FAILED, reason=reason, code="incomplete")
        return Result(key, Outcome.FAILED, self._steps[key].spec.path, reason=reason, code="incomplete")


def _skipped(step: Step, reason: str, code: str = "") -> Result:
    return Result(step.spec.key, Outcome.SKIPPED, step.spec.path, reason=reason, code=code)


def _sentence(error: BaseException) -> str:
    return error.message if isinstance(error, JitiError) else f"{type(error).__name__}: {error}"


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, JitiError) else "internal"
