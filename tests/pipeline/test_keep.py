"""What a committed file says of how it was proved."""

import pytest

from jiti_bot.pipeline.keep import describe
from jiti_bot.source.model import Kind
from jiti_bot.validation.model import Accepted, Check, Flag
from tests.validation.specs import spec, stub

CHECKS = (Check("guards", ok=True), Check("ruff", ok=True), Check("ty", ok=True), Check("tests", ok=True))
READS = Flag("touches-files", "it reads or writes files: .read_text (line 3)")
CASES = {
    "nothing seen": ((), 1, "", "guards ruff ty tests=1 attempts=1"),
    "flags": (
        (READS, Flag("no-gates", "x"), READS),
        2,
        "",
        "guards ruff ty tests=1 flag:no-gates flag:touches-files attempts=2",
    ),
    "kept": ((), 0, "ruff flag:touches-files attempts=3", "guards ruff ty tests=1 flag:touches-files attempts=3"),
    "kept and seen again": ((READS,), 0, "flag:touches-files", "guards ruff ty tests=1 flag:touches-files"),
}


@pytest.mark.parametrize(("flags", "attempts", "before", "words"), CASES.values(), ids=CASES)
def test_evidence(flags: tuple[Flag, ...], attempts: int, before: str, words: str) -> None:
    accepted = Accepted("def f(x): ...", "def test_f():\n    assert 1\n", CHECKS, flags)
    assert describe(spec(), accepted, attempts, before=before) == words


def test_evidence_of_a_test() -> None:
    test = spec(stub("def test_f():", unit="test_f", kind=Kind.TEST))
    accepted = Accepted("def test_f(): ...", "", CHECKS, (Flag("vacuous-test", "x"),))
    assert describe(test, accepted, 1) == "guards ruff ty red flag:vacuous-test attempts=1"
