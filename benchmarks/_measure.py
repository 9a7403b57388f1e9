"""Compare two ways of doing a thing on a machine that does other things too.

Both are timed in turn, round by round, in alternating order; what counts is the median of the rounds' ratios. Beside
it stands the first way against itself: how far from 1.00 that is shows what the machine adds.
"""

import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over all rounds: seconds of both sides, their ratio, and the ratio of the baseline to itself."""

    baseline: float
    candidate: float
    ratio: float
    noise: float


def compare(baseline: Callable[[], float], candidate: Callable[[], float], rounds: int) -> Comparison:
    """Time both ``rounds`` times in turn; each callable does its work once and returns the seconds it took."""
    firsts: list[float] = []
    seconds: list[float] = []
    others: list[float] = []
    turns = ((baseline, firsts), (candidate, others), (baseline, seconds))
    for number in range(rounds):
        for work, times in turns if number % 2 == 0 else reversed(turns):
            times.append(work())
    pairs = [(first + second) / 2 for first, second in zip(firsts, seconds, strict=True)]
    return Comparison(
        baseline=statistics.median(pairs),
        candidate=statistics.median(others),
        ratio=statistics.median(other / pair for other, pair in zip(others, pairs, strict=True)),
        noise=statistics.median(second / first for first, second in zip(firsts, seconds, strict=True)),
    )


def interpreters(arguments: Sequence[str]) -> list[str]:
    """The interpreters named on the command line, or the one that runs the benchmark."""
    return [str(Path(argument).absolute()) for argument in arguments] or [sys.executable]


def clean_environment() -> dict[str, str]:
    """Ours without what changes how Python starts, and with this work tree first on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JITI", "COVERAGE"))}
    return kept | {"PYTHONPATH": str(ROOT)}


def verdict(value: float, limit: float) -> str:
    """How a figure stands to its limit."""
    return "ok" if value <= limit else "OVER"
