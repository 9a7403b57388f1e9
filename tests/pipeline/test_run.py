"""The run: order, several at once, pauses, failures and stops. The work itself is a table here."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from jiti_bot.errors import CredentialsError, InterruptedRunError, StoreError
from jiti_bot.pipeline.run import MAX_TOGETHER, Alone, Failure, Pause, run
from jiti_bot.planning.plan import Plan, Step, make
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source.model import Gate, GateKind, Spec
from jiti_bot.store.state import Condition, State
from jiti_bot.validation.model import Accepted
from tests.planning.units import spec

MISSING = State(Condition.MISSING)
Work = Callable[[Step, object | None], Result | Pause]


def plan(**uses: tuple[str, ...]) -> Plan:
    return make([(spec(unit, uses=used), MISSING) for unit, used in uses.items()])


def done(step: Step, outcome: Outcome = Outcome.GENERATED, **over: object) -> Result:
    return Result(step.spec.key, outcome, step.spec.path, **over)  # ty: ignore[invalid-argument-type] a table of fields


def outcomes(plan: Plan, work: Work, jobs: int = 2) -> dict[str, tuple[str, str]]:
    found = {}
    for one in run(plan, work, jobs, threading.Event()):
        assert isinstance(one, Result)
        found[one.key.removeprefix("app.")] = (one.outcome.value, one.reason)
    return found


def test_nothing_to_do() -> None:
    assert list(run(make([]), lambda step, resume: done(step), 2, threading.Event())) == []


def test_each_starts_when_what_it_needs_has_ended() -> None:
    ended: list[str] = []

    def work(step: Step, resume: object | None) -> Result:
        assert step.needs <= set(ended)
        ended.append(step.spec.key)
        return done(step)

    outcomes(plan(a=("b", "c"), b=("d",), c=("d",), d=()), work, jobs=4)
    assert ended[0] == "app.d"
    assert ended[-1] == "app.a"


def test_as_many_at_once_as_there_are_jobs() -> None:
    # Each waits for the other: with fewer than two threads this would never end.
    together = threading.Barrier(2, timeout=30)

    def work(step: Step, resume: object | None) -> Result:
        together.wait()
        return done(step)

    assert len(outcomes(plan(a=(), b=()), work, jobs=2)) == 2


def test_a_failure_takes_only_those_along_that_need_it() -> None:
    def work(step: Step, resume: object | None) -> Result:
        if step.spec.stub.unit == "b":
            return done(step, Outcome.FAILED, reason="too hard")
        return done(step)

    assert outcomes(plan(a=("b",), b=(), c=()), work) == {
        "b": ("failed", "too hard"),
        "c": ("generated", ""),
        "a": ("failed", "needs app.b, which has no implementation"),
    }


def test_a_paused_unit_goes_on_when_the_other_is_there() -> None:
    seen: list[tuple[str, object | None]] = []

    def work(step: Step, resume: object | None) -> Result | Pause:
        seen.append((step.spec.stub.unit, resume))
        if step.spec.stub.unit == "a" and resume is None:
            return Pause(("app.b",), "the conversation", done(step, Outcome.FAILED, reason="waits for app.b"))
        return done(step)

    assert outcomes(plan(a=(), b=()), work, jobs=1) == {"b": ("generated", ""), "a": ("generated", "")}
    assert seen == [("a", None), ("b", None), ("a", "the conversation")]


def test_two_that_wait_for_each_other_end() -> None:
    def work(step: Step, resume: object | None) -> Result | Pause:
        other = {"a": "app.b", "b": "app.a"}[step.spec.stub.unit]
        return Pause((other,), None, done(step, Outcome.FAILED, reason=f"waits for {other}"))

    found = outcomes(plan(a=(), b=()), work)
    assert {outcome for outcome, _ in found.values()} == {"failed"}


def test_what_fails_for_all_ends_the_run_and_is_told_once() -> None:
    def work(step: Step, resume: object | None) -> Result:
        raise CredentialsError("there is no key.")

    found = list(run(plan(a=(), b=(), c=("a",)), work, 1, threading.Event()))
    failures = [one for one in found if isinstance(one, Failure)]
    results = [one for one in found if isinstance(one, Result)]
    assert len(failures) == 1
    assert isinstance(failures[0].error, CredentialsError)
    assert {one.outcome for one in results} == {Outcome.SKIPPED}
    assert {one.key for one in results} == {"app.a", "app.b", "app.c"}


@pytest.mark.parametrize("raises", [False, True], ids=["between", "within"])
def test_a_stop_skips_the_rest(raises: bool) -> None:
    stop = threading.Event()

    def work(step: Step, resume: object | None) -> Result:
        stop.set()
        if raises:
            raise InterruptedRunError("the run was stopped.")
        return done(step)

    found = [one for one in run(plan(a=(), b=(), c=()), work, 1, stop) if isinstance(one, Result)]
    # The unit under way may end before or after those that never began.
    assert sorted(one.outcome for one in found) == [
        *[Outcome.GENERATED] * (not raises),
        *[Outcome.SKIPPED] * (2 + raises),
    ]


def test_a_claim_that_cannot_be_made_lets_others_end() -> None:
    """What is under way was paid for: it still ends and is told."""
    begun, told = threading.Event(), threading.Event()

    class Full(Alone):
        def take(self, spec: Spec, /) -> bool:
            if spec.stub.unit == "a":
                return True
            assert begun.wait(30)
            told.set()
            raise StoreError("no room.")

    def work(step: Step, resume: object | None) -> Result:
        begun.set()
        assert told.wait(30)
        return done(step)

    found = list(run(plan(a=(), b=(), c=()), work, 2, threading.Event(), claims=Full()))
    results = {one.key: one.outcome for one in found if isinstance(one, Result)}
    assert results == {"app.a": Outcome.GENERATED, "app.b": Outcome.SKIPPED, "app.c": Outcome.SKIPPED}
    assert [str(one.error) for one in found if isinstance(one, Failure)] == ["no room."]


def test_a_unit_nobody_asked_for_is_taken_up_when_it_is_needed() -> None:
    both = plan(a=(), b=(), c=())
    asked = Plan(tuple(step for step in both.steps if step.spec.stub.unit == "a"))
    spare = {step.spec.key: step for step in both.steps if step.spec.stub.unit != "a"}

    def work(step: Step, resume: object | None) -> Result | Pause:
        if step.spec.stub.unit == "a" and resume is None:
            return Pause(("app.b",), "go on", done(step, Outcome.FAILED))
        return done(step)

    found = [one.key for one in run(asked, work, 2, threading.Event(), spare) if isinstance(one, Result)]
    assert found == ["app.b", "app.a"]


def drafts(step: Step) -> dict[str, Accepted]:
    return {step.spec.key: Accepted(step.spec.stub.unit, "", ())}


class Circle:
    """Each unit's tests call the next one, the last one's the first; together they pass, or ``fails`` says why not."""

    def __init__(self, *units: str, fails: str = "") -> None:
        self.after = dict(zip(units, (*units[1:], units[0]), strict=True))
        self.fails = fails
        self.joined: list[tuple[str, ...]] = []
        self.drafts: list[str] = []

    def alone(self, step: Step, resume: object | None) -> Result | Pause:
        other = self.after.get(step.spec.stub.unit)
        if other is None:
            return done(step)
        return Pause((f"app.{other}",), "talk", done(step, Outcome.FAILED, reason="waits", usd=0.25), (), drafts(step))

    def together(self, steps: tuple[Step, ...], paused: tuple[Pause, ...], resume: object | None) -> tuple[Result, ...]:
        self.joined.append(tuple(step.spec.stub.unit for step in steps))
        self.drafts = sorted(one.text for pause in paused for one in pause.drafts.values())
        outcome = Outcome.FAILED if self.fails else Outcome.GENERATED
        return tuple(done(step, outcome, reason=self.fails) for step in steps)

    def outcomes(self, plan: Plan, jobs: int = 2) -> dict[str, tuple[str, str]]:
        found = run(plan, self.alone, jobs, threading.Event(), together=self.together)
        results = [one for one in found if isinstance(one, Result)]
        return {one.key.removeprefix("app."): (one.outcome.value, one.reason) for one in results}


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_what_waits_in_a_circle_is_worked_on_together(jobs: int) -> None:
    circle = Circle("a", "b", "c")
    found = circle.outcomes(plan(a=(), b=(), c=(), d=("b",), e=()), jobs)
    assert {outcome for outcome, _ in found.values()} == {"generated"}
    assert len(found) == 5
    assert circle.joined == [("a", "b", "c")]
    assert circle.drafts == ["a", "b", "c"]


def test_what_fails_together_takes_along_what_needs_one_of_it() -> None:
    found = Circle("a", "b", fails="too hard").outcomes(plan(a=(), b=(), c=("b",), d=()))
    assert found == {
        "a": ("failed", "too hard"),
        "b": ("failed", "too hard"),
        "c": ("failed", "needs app.b, which has no implementation"),
        "d": ("generated", ""),
    }


def test_too_many_are_not_worked_on_together() -> None:
    units = [f"u{number}" for number in range(MAX_TOGETHER + 1)]
    circle = Circle(*units)
    found = circle.outcomes(plan(**dict.fromkeys(units, ())))
    assert circle.joined == []
    assert {outcome for outcome, _ in found.values()} == {"failed"}
    assert any("at most 8 are written together" in reason for _, reason in found.values())


def test_a_unit_that_shares_a_gate_with_them_is_tried_first() -> None:
    tested = (Gate("test_all", GateKind.HUMAN, "tests/test_app.py", 1, ("app.a", "app.b", "app.c"), "0" * 16),)
    steps = plan(a=(), b=(), c=()).steps
    shared = Plan(tuple(replace(step, spec=replace(step.spec, gates=tested)) for step in steps))
    circle = Circle("a", "b")
    circle.after["c"] = "a"
    assert len(circle.outcomes(shared, jobs=1)) == 3
    assert circle.joined == [("a", "b", "c")]
    assert circle.drafts == ["a", "b", "c"]
