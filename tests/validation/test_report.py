"""The words of a failed test, as the model reads them: the values, the smallest example, no noise."""

import pytest

from jiti_bot.validation import report

PLAIN = """\
tests/test_sizes.py:9: in test_fair
    assert split(5, 2) == [3, 2]
E   assert [2, 3] == [3, 2]
E     At index 0 diff: 2 != 3"""
PROPERTY = """\
tests/test_sizes.py:7: in test_fair
    @given(st.integers(0, 10**6), st.integers(1, 50))
                   ^^^
tests/test_sizes.py:12: in test_fair
    assert max(sizes) - min(sizes) <= 1
E   assert (2 - 0) <= 1
E    +  where 2 = max([0, 0, 2])
E   Failing test case: test_fair(
E       total=2,
E       parts=3,  # or any other generated value
E   )
E   Explanation:
E       These lines were always and only run by failing examples
E   You can reproduce this example by temporarily adding @reproduce_failure('6.1', b'AA') as a decorator"""
SMALLEST = """\
tests/test_sizes.py:12: in test_fair
    assert max(sizes) - min(sizes) <= 1
E   assert (2 - 0) <= 1
E    +  where 2 = max([0, 0, 2])
E   fails for test_fair(total=2, parts=3)"""
FOCUSED = {
    "a plain assertion is left alone": (PLAIN, PLAIN),
    "nothing": ("", ""),
    "a property": (PROPERTY, SMALLEST),
    "as older versions say it": (PROPERTY.replace("Failing test case", "Falsifying example"), SMALLEST),
    "on one line": (
        "E   KeyError: 1\nE   Falsifying example: test_it(x=(1,))",
        "E   KeyError: 1\nE   fails for test_it(x=(1,))",
    ),
    "of a method": (
        "E   KeyError: 1\nE   Falsifying example: test_it(\nE       self=<T object at 0x1>,\nE       x='(',\nE   )",
        "E   KeyError: 1\nE   fails for test_it(self=<T object at 0x1>, x='(')",
    ),
    "one that never ends": ("E   Falsifying example: test_it(\nE       x=1,", "E   fails for test_it(x=1,"),
}


@pytest.mark.parametrize(("said", "told"), FOCUSED.values(), ids=FOCUSED)
def test_focused(said: str, told: str) -> None:
    assert report.focused(said).strip("\n") == told


def test_failures_of_one_kind_are_told_once() -> None:
    failed = [("t.py::a", SMALLEST), ("t.py::b", SMALLEST.replace("total=2", "total=3")), ("t.py::c", PLAIN)]
    told = report.failures(failed, 3)
    assert told.splitlines()[0] == "3 of 3 did not pass"
    assert "the same in: t.py::b" in told
    assert told.count("fails for test_fair") == 1
    assert "At index 0 diff" in told


def test_a_long_report_keeps_its_beginning_and_its_end() -> None:
    told = report.failures([(f"t.py::{n}", f"E   {n}" + "x" * 50_000 + "end") for n in range(40)], 40)
    assert len(told) < 3 * report.MAX_TEST + 500
    assert told.count("end\n") == report.MAX_GROUPS
    assert "and 29 more" in told
