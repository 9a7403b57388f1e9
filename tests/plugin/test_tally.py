"""From what ran to what is proved: a table."""

import pytest

from jiti_bot.pytest_plugin.project import Known
from jiti_bot.pytest_plugin.tally import PHASES, Progress, Run, Status, judge

A, B, DOC = ("t.py", "test_a"), ("u.py", "test_b"), ("m.py", "f")
STUB = Known("m.f", "m.py:3", gates=frozenset({A, B}))
WITH_EXAMPLES = Known("m.f", "m.py:3", gates=frozenset({A, DOC}), examples=frozenset({DOC}))


def passed(*, reruns: int = 0) -> Progress:
    return Progress(set(PHASES), reruns=reruns)


def failed(*lacks: str) -> Progress:
    return Progress({"setup"}, failed=True, lacks=set(lacks))


SKIPPED = Progress({"teardown"}, skipped=True)
CUT_SHORT = Progress({"setup"})
BOTH = {A: ["a"], B: ["b1", "b2"]}

# What ran -> the verdict.
CASES: dict[str, tuple[Known, Run, Status, str]] = {
    "nothing": (STUB, Run({}, {}), Status.UNREACHED, ""),
    "selected and not reached": (STUB, Run(BOTH, {}), Status.UNREACHED, ""),
    "all": (STUB, Run(BOTH, {"a": passed(), "b1": passed(), "b2": passed()}), Status.PROVED, "2 gates"),
    "one gate": (
        Known("m.f", "m.py:3", gates=frozenset({A})),
        Run({A: ["a"]}, {"a": passed()}),
        Status.PROVED,
        "1 gate",
    ),
    "all, at the second attempt": (
        STUB,
        Run(BOTH, {"a": passed(reruns=1), "b1": passed(), "b2": passed()}),
        Status.PROVED,
        "2 gates, 1 after a rerun",
    ),
    "a gate in a file that was left out": (
        STUB,
        Run({A: ["a"]}, {"a": passed()}),
        Status.PARTLY,
        "1 of 2 gates ran",
    ),
    "one set of parameters": (
        STUB,
        Run(BOTH, {"a": passed(), "b1": passed()}),
        Status.PARTLY,
        "1 of 2 gates ran, 1 in part",
    ),
    "a test that was stopped on the way": (
        STUB,
        Run(BOTH, {"a": passed(), "b1": passed(), "b2": CUT_SHORT}),
        Status.PARTLY,
        "1 of 2 gates ran, 1 in part",
    ),
    "a skip": (
        STUB,
        Run(BOTH, {"a": passed(), "b1": passed(), "b2": SKIPPED}),
        Status.PARTLY,
        "1 of 2 gates ran, 1 skipped",
    ),
    "skips only": (
        STUB,
        Run(BOTH, {"a": SKIPPED, "b1": SKIPPED, "b2": SKIPPED}),
        Status.PARTLY,
        "0 of 2 gates ran, 2 skipped",
    ),
    "a failure": (
        STUB,
        Run(BOTH, {"a": passed(), "b1": failed(), "b2": passed()}),
        Status.FAILED,
        "1 of 2 gates failed",
    ),
    "a failure after a pass, as with a repeated test": (
        STUB,
        Run(BOTH, {"a": Progress(set(PHASES), failed=True), "b1": passed(), "b2": passed()}),
        Status.FAILED,
        "1 of 2 gates failed",
    ),
    "failures for want of another stub": (
        STUB,
        Run(BOTH, {"a": failed("m.g"), "b1": failed("m.h"), "b2": passed()}),
        Status.FAILED,
        "2 of 2 gates failed: needs m.g and 1 more",
    ),
    "a file that could not be collected": (
        STUB,
        Run({A: ["a"]}, {"a": passed()}, broken={"u.py"}),
        Status.FAILED,
        "1 of 2 gates failed: u.py could not be collected",
    ),
    "no implementation": (
        Known("m.f", "m.py:3", missing=True, gates=frozenset({A})),
        Run({A: ["a"]}, {"a": passed()}),
        Status.MISSING,
        "no implementation yet, m.py:3",
    ),
    "no gates": (Known("m.f", "m.py:3"), Run({}, {}), Status.UNGATED, "nothing to prove it by"),
    "examples that nobody looked for": (
        WITH_EXAMPLES,
        Run({A: ["a"]}, {"a": passed()}, doctests=False),
        Status.PARTLY,
        "1 of 2 gates ran, not the docstring's examples (--doctest-modules)",
    ),
    "examples that were looked for elsewhere": (
        WITH_EXAMPLES,
        Run({A: ["a"]}, {"a": passed()}),
        Status.PARTLY,
        "1 of 2 gates ran",
    ),
    "examples and a skip": (
        WITH_EXAMPLES,
        Run({A: ["a"]}, {"a": SKIPPED}, doctests=False),
        Status.PARTLY,
        "0 of 2 gates ran, 1 skipped",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_verdict(case: str) -> None:
    known, run, status, detail = CASES[case]
    verdict = judge(known, run)
    assert (verdict.status, verdict.detail) == (status, detail)
