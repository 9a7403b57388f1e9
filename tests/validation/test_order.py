"""Gates that pass in one order only: which runs it takes to know, and what is said."""

from dataclasses import dataclass, field

import pytest

from jiti_bot.validation import order
from jiti_bot.validation.jobs import Cause, Examples, Outcome, Ran, Result, RunTests, Stopped, TestResult
from jiti_bot.validation.model import Accepted, Check

A, B = "tests/test_a.py::test_a", "tests/test_a.py::test_b"
JOB = RunTests(nodes=(A, B))
WHY = "tests/test_a.py:9: in test_b\n    assert seen\nE   IndexError: list index out of range"
GOOD = Ran((TestResult(A, Outcome.PASSED), TestResult(B, Outcome.PASSED)))
BAD = Ran((TestResult(A, Outcome.PASSED), TestResult(B, Outcome.FAILED, WHY)))
CHEATS = Ran(tampering=("it replaced pytest.main",))
LATE = Stopped(Cause.TIMEOUT, "it did not end within 5 seconds", running=B)
PLACES = {A: "tests/test_a.py:3", B: "tests/test_a.py:8"}
SAID = (
    "tests/test_a.py:8: test_b passes in the order in which the gates stand, and fails in the reverse order: {}. "
    "Either the tests share something, or the body keeps something between calls."
)


@dataclass
class Process:
    """Answers by the order that is asked for."""

    backwards: Result
    forwards: Result
    runs: list[bool] = field(default_factory=list)

    def __call__(self, job: RunTests) -> Result:
        self.runs.append(job.backwards)
        return self.backwards if job.backwards else self.forwards


# What the two orders give to what was seen to pass in its own -> the orders that are run, what is said.
RUNS: dict[str, tuple[RunTests, Process, list[bool], list[str]]] = {
    "passes in both": (JOB, Process(GOOD, BAD), [True], []),
    "passes in neither": (JOB, Process(BAD, BAD), [True, False], []),
    "passes in its own only": (
        JOB,
        Process(BAD, GOOD),
        [True, False],
        [SAID.format("IndexError: list index out of range")],
    ),
    "a lone gate has one order": (RunTests(nodes=(B,)), Process(BAD, GOOD), [False], []),
    "an example is one more": (
        RunTests(nodes=(B,), examples=(Examples("a.py", "f"),)),
        Process(GOOD, GOOD),
        [True, False],
        [],
    ),
    "what waits for another stub": (JOB, Process(Ran(missing=("app.g",)), GOOD), [True], []),
    "what cheats": (JOB, Process(CHEATS, GOOD), [True], []),
    "hangs in the other order": (
        JOB,
        Process(Stopped(LATE.cause, LATE.reason, GOOD.tests[:1]), GOOD),
        [True, False],
        [SAID.format("it did not end within 5 seconds")],
    ),
}


@pytest.mark.parametrize(("job", "process", "runs", "said"), RUNS.values(), ids=RUNS)
def test_both_orders(job: RunTests, process: Process, runs: list[bool], said: list[str]) -> None:
    result = order.in_both(process, job, seen=True)

    assert process.runs == runs
    assert [flag.detail for flag in order.flags(result, PLACES)] == said


# What was found in the store or in git was not run in its own order yet, and people will run it so.
NOT_SEEN: dict[str, tuple[Process, list[bool], Result]] = {
    "passes in both": (Process(GOOD, GOOD), [True, False], GOOD),
    "passes backwards only": (Process(GOOD, BAD), [True, False], BAD),
    "what cheats": (Process(CHEATS, GOOD), [True], CHEATS),
}


@pytest.mark.parametrize(("process", "runs", "wanted"), NOT_SEEN.values(), ids=NOT_SEEN)
def test_what_was_never_run_in_its_own_order_is(process: Process, runs: list[bool], wanted: Result) -> None:
    assert order.in_both(process, JOB, seen=False) == wanted
    assert process.runs == runs


@pytest.mark.parametrize(("checks", "seen"), [((), False), (("guards",), False), (("guards", "gates"), True)])
def test_what_was_seen(checks: tuple[str, ...], seen: bool) -> None:
    """A restored or committed body comes with what the guards said at most."""
    assert order.is_seen(Accepted("", "", tuple(Check(name, ok=True) for name in checks))) == seen
