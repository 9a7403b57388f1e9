"""What people are told of a header's evidence; it may hold anything that somebody wrote there."""

import pytest

from jiti_bot.store.evidence import remarks, unnoticed

CASES: dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]] = {
    "nothing": ("", (), ()),
    "checks alone": ("guards ruff ty gates=3 attempts=1", (), ()),
    "all noticed": ("ruff mutants=5/5 attempts=1", ("5 of 5 mutants noticed",), ()),
    "one": ("mutants=0/1 unnoticed=4", ("0 of 1 mutant noticed",), (4,)),
    "some": ("gates=1 flag:a flag:b mutants=9/12 unnoticed=4,17", ("9 of 12 mutants noticed", "flagged a, b"), (4, 17)),
    "an example aside": ("aside=f:1,C.m:2", ("set aside f:1, C.m:2",), ()),
    "nonsense": ("mutants= mutants=x/y aside= unnoticed=a, = ==", (), ()),
    "a count of nothing": ("mutants=/", (), ()),
}


@pytest.mark.parametrize(("evidence", "told", "lines"), CASES.values(), ids=CASES)
def test_remarks(evidence: str, told: tuple[str, ...], lines: tuple[int, ...]) -> None:
    assert remarks(evidence) == told
    assert unnoticed(evidence) == lines
