"""How many changes are noticed, under a clock and a worker that are told what to say."""

from typing import NoReturn

import pytest

from jiti_bot.validation.evidence import Expected
from jiti_bot.validation.jobs import Cause, Outcome, Ran, Result, RunTests, Stopped, TestResult
from jiti_bot.validation.mutants import Mutant
from jiti_bot.validation.strength import SECONDS, Strength, weigh

GATE = "tests/test_text.py::test_it"
GREEN = Ran((TestResult(GATE, Outcome.PASSED),), (GATE,))
RED = Ran((TestResult(GATE, Outcome.FAILED, "E   assert 1 == 2"),), (GATE,))
SLOW = Stopped(Cause.TIMEOUT, "it took too long")
LOST = Stopped(Cause.DIED, "the worker was lost")
MADE = tuple(Mutant(f"text {n}", n, f"a < {n}", f"a <= {n}") for n in range(1, 7))

CASES: dict[str, tuple[list[Result | None], float, tuple[str, ...]]] = {
    "no worker was free": ([None], 0.01, ()),
    "the body itself does not pass": ([RED], 0.01, ()),
    "all are noticed": ([GREEN, *[RED] * 6], 0.01, ("mutants=6/6",)),
    "one that does not end is noticed": ([GREEN, SLOW, *[RED] * 5], 0.01, ("mutants=6/6",)),
    "some are not": ([GREEN, RED, GREEN, RED, GREEN, RED, RED], 0.01, ("mutants=4/6", "unnoticed=2,4")),
    "three of those are told": ([GREEN] * 7, 0.01, ("mutants=0/6", "unnoticed=1,2,3")),
    "no worker is free any more": ([GREEN, RED, GREEN, None], 0.01, ("mutants=1/2", "unnoticed=2")),
    "the worker is lost": ([GREEN, RED, LOST], 0.01, ("mutants=1/1",)),
    "the time is over": ([GREEN, RED, RED, RED], SECONDS / 3 + 0.01, ("mutants=3/3",)),
}


@pytest.mark.parametrize(("results", "each", "words"), CASES.values(), ids=CASES)
def test_words(results: list[Result | None], each: float, words: tuple[str, ...]) -> None:
    now, left = [0.0], iter(results)

    def run(job: RunTests, limit: float, wait: float) -> Result | None:
        assert job.staged
        assert 0 < limit <= 9
        assert 0 < wait <= SECONDS
        now[0] += each
        return next(left)

    found = weigh(
        "text", MADE, Expected((GATE,), ()), run, lambda text: RunTests((GATE,), staged={"p": text}), limit=9,
        clock=lambda: now[0],
    )  # fmt: skip
    assert found.words == words
    assert next(left, None) is None


def test_nothing_to_change_runs_nothing() -> None:
    def never(*_: object) -> NoReturn:
        raise AssertionError

    assert weigh("text", (), Expected((GATE,), ()), never, never, limit=9) == Strength()
