"""From results to checks and words, without a worker."""

from dataclasses import replace

import pytest

from jiti_bot.source.model import Gate, GateKind
from jiti_bot.validation import evidence, flags, redness, report, trivial
from jiti_bot.validation.jobs import Cause, Examples, Outcome, Ran, Stopped, TestResult
from jiti_bot.validation.model import Check, Flag
from tests.validation.specs import spec

A, B = "tests/t.py::test_a", "tests/t.py::TestX::test_b"
DOC = "app/text.py::f::doctest"
SPEC = replace(
    spec(),
    gates=(
        Gate("test_a", GateKind.HUMAN, "tests/t.py", 1, (), ""),
        Gate("TestX.test_b", GateKind.TEST, "tests/t.py", 5, (), ""),
        Gate("f", GateKind.DOCTEST, "app/text.py", 1, (), ""),
        Gate("g", GateKind.DOCTEST, "app/text.py", 1, (), "", runs=False),
    ),
)
WANTED = evidence.expected(SPEC, doctests=True, tests=True)
SCRATCH = ".jiti/tests/app/text/test_scratch_f.py"


def passed(*ids: str) -> tuple[TestResult, ...]:
    return tuple(TestResult(one, Outcome.PASSED) for one in ids)


def failed(one: str, detail: str = "E   boom", missing: tuple[str, ...] = ()) -> TestResult:
    return TestResult(one, Outcome.FAILED, detail, missing=missing)


def test_what_is_expected() -> None:
    assert WANTED.gates == (A, B)
    assert WANTED.examples == (Examples("app/text.py", "f"),)
    assert WANTED.scratch == SCRATCH
    assert evidence.expected(SPEC, doctests=False, tests=False).ids == (A, B)
    nested = replace(SPEC, store="app/.jiti")
    assert evidence.scratch_file(nested) == "app/.jiti/tests/text/test_scratch_f.py"


ALL = passed(A, B, DOC, f"{SCRATCH}::test_own")
RESULTS = {
    "all passed": (Ran(ALL), {"doctests": True, "gates": True, "tests": True}, ()),
    "nothing ran": (Ran(), {"doctests": False, "gates": False, "tests": False}, ()),
    "one failed": (Ran((failed(A), *ALL[1:])), {"doctests": True, "gates": False, "tests": True}, ()),
    "one skipped": (
        Ran((TestResult(A, Outcome.SKIPPED, "no"), *ALL[1:])),
        {"doctests": True, "gates": False, "tests": True},
        (),
    ),
    "one parameter failed": (
        Ran((*passed(f"{A}[1]"), failed(f"{A}[2]"), *ALL[1:])),
        {"doctests": True, "gates": False, "tests": True},
        (),
    ),
    "the scratch tests hold no test": (Ran(ALL[:3]), {"doctests": True, "gates": True, "tests": False}, ()),
    "one hit a missing stub": (
        Ran((failed(A, missing=("app.g", "app.f")), *ALL[1:])),
        {"doctests": True, "gates": False, "tests": True},
        ("app.f", "app.g"),
    ),
    "one hit a missing stub, another is wrong": (
        Ran((failed(A, missing=("app.g",)), failed(B), *ALL[2:])),
        {"doctests": True, "gates": False, "tests": True},
        (),
    ),
    "its own key is no other's": (
        Ran((failed(A, missing=("app.text.f",)), *ALL[1:])),
        {"doctests": True, "gates": False, "tests": True},
        (),
    ),
    "missing while collecting": (
        Ran(problems=("tests/t.py: NotGeneratedError",), missing=("app.g",)),
        {"doctests": False, "gates": False, "tests": False},
        ("app.g",),
    ),
    "stopped": (
        Stopped(Cause.TIMEOUT, "it did not end within 5 seconds", passed(DOC)),
        {"doctests": False, "gates": False, "tests": False},
        (),
    ),
    "tampering": (
        Ran(ALL, tampering=("it replaced pytest.main",)),
        {"doctests": True, "gates": True, "tests": True, "guards": False},
        (),
    ),
}


@pytest.mark.parametrize(("result", "checks", "missing"), RESULTS.values(), ids=RESULTS)
def test_checks(result: Ran | Stopped, checks: dict[str, bool], missing: tuple[str, ...]) -> None:
    tested = evidence.judge(result, WANTED, "app.text.f")
    assert {check.name: check.ok for check in tested.checks} == checks
    assert tested.missing == missing


def test_the_agents_own_tests_run_apart() -> None:
    judging, own = WANTED.sessions
    assert (judging.ids, own.ids) == ((DOC, A, B), (SCRATCH,))
    assert replace(WANTED, scratch="").sessions == (replace(WANTED, scratch=""),)
    fine, waits = (
        evidence.Tested((Check("gates", ok=True),), ()),
        evidence.Tested((Check("tests", ok=False),), ("app.g",)),
    )
    wrong = evidence.Tested((Check("gates", ok=False),), ())
    assert evidence.joined([fine, waits]).missing == ("app.g",)
    assert evidence.joined([wrong, waits]) == evidence.Tested((*wrong.checks, *waits.checks), ())


def test_what_ended_a_run_is_told_once() -> None:
    tested = evidence.judge(Stopped(Cause.MEMORY, "it used more than 1 GB"), WANTED, "app.text.f")
    assert report.report(tested.checks) == "doctests: it used more than 1 GB"


def test_failures_that_are_alike_are_told_together() -> None:
    text = report.failures([(A, "x\nE   boom"), (B, "y\nE   boom"), (DOC, "z\nE   other")], 5)
    assert text == (f"3 of 5 did not pass\n{A}\n    x\n    E   boom\nthe same in: {B}\n{DOC}\n    z\n    E   other")


def test_a_report_is_bounded() -> None:
    many = [Check("gates", ok=False, detail="x" * 50_000), Check("ty", ok=True, detail="fine")]
    said = report.report(many)
    assert len(said) < report.MAX_REPORT + 100
    assert "characters left out" in said
    assert "fine" not in said


def test_scratch_folders_are_not_told() -> None:
    text = "../jiti-a1/worker-b/jobs/58c2a347a4d1cd08/staged/1/f.py:7: in f\n  /tmp/jiti-a/shim/jiti_bot/outcomes.py:32"
    assert report.readable(text) == "f.py:7: in f\n  jiti_bot/outcomes.py:32"


def test_red() -> None:
    wanted = evidence.expected(SPEC, doctests=False, tests=False)
    first, second = Ran((failed(A, trivial.RED), *passed(B))), Ran(passed(A, B))
    assert flags.still_green(wanted, [first]) == (B,)
    places = evidence.places(SPEC)
    assert flags.red(wanted, [first, second], places) == (
        Flag("vacuous-gate", "tests/t.py:5: TestX::test_b passes with no implementation at all"),
    )
    assert flags.red(wanted, [Ran((failed(A, trivial.RED),), problems=("no module nowhere",))], places) == (
        Flag(
            "broken-gate", "tests/t.py:5: TestX::test_b is not collected by pytest. Mend its file:\nno module nowhere"
        ),
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(3, "t.py:0: in f", id="short"),
        pytest.param(60, "ModuleNotFoundError: No module named 'x'", id="long"),
    ],
)
def test_a_long_traceback_begins_with_its_cause(lines: int, told: str) -> None:
    trace = [*(f"t.py:{number}: in f" for number in range(lines)), "E   ModuleNotFoundError: No module named 'x'"]
    wanted = evidence.expected(SPEC, doctests=False, tests=False)
    result = Ran((failed(A, trivial.RED),), problems=("\n".join(trace),))
    (flag,) = flags.red(wanted, [result], evidence.places(SPEC))
    assert flag.detail.splitlines()[1] == told
    assert flag.detail.endswith(trace[-1])


SKIPPED = TestResult(f"{A}[1]", Outcome.SKIPPED, "not here", marked=True)
XFAILED = TestResult(f"{A}[2]", Outcome.XFAILED, "it is marked to fail", marked=True)
BROKEN = {
    "some cases are marked": ((SKIPPED, XFAILED, failed(f"{A}[3]", trivial.RED)), ""),
    "all cases are marked": ((SKIPPED, XFAILED), "is skipped (not here)"),
    "expected to fail": ((XFAILED,), "is expected to fail (it is marked to fail)"),
    "skipped while it ran": ((replace(SKIPPED, marked=False), failed(f"{A}[3]", trivial.RED)), "is skipped (not here)"),
    "its set-up fails": ((replace(failed(A, "E   OSError"), outcome=Outcome.ERROR),), "cannot be set up"),
    "the body is called in its set-up": ((replace(failed(A, trivial.RED), outcome=Outcome.ERROR),), ""),
    "the file is skipped": ((TestResult("tests/t.py", Outcome.SKIPPED, "needs numpy"),), "is skipped (needs numpy)"),
}


@pytest.mark.parametrize(("tests", "told"), BROKEN.values(), ids=list(BROKEN))
def test_a_gate_that_cannot_pass(tests: tuple[TestResult, ...], told: str) -> None:
    wanted = evidence.expected(replace(SPEC, gates=SPEC.gates[:1]), doctests=False, tests=False)
    said = [flag.detail for flag in flags.red(wanted, [Ran(tests)], evidence.places(SPEC))]
    assert bool(said) == bool(told)
    assert all(one.startswith(f"tests/t.py:1: test_a {told}") for one in said)


def test_gates_that_never_end() -> None:
    wanted, places = evidence.expected(SPEC, doctests=False, tests=False), evidence.places(SPEC)
    hangs = Stopped(Cause.TIMEOUT, "it did not end within 3 seconds", running=f"{A}[1]")
    (flag,) = flags.red(wanted, [hangs], places)
    assert flag.code == "broken-gate"
    assert flag.detail == (
        "tests/t.py:1: test_a does not come to an end, whatever the body is: it did not end within 3 seconds. Mend it, "
        "or raise `execution_timeout`."
    )
    late = Stopped(Cause.TIMEOUT, "it did not end: tests/t.py:4 was running", place="tests/t.py:4")
    assert flags.red(wanted, [late], places)[0].detail.startswith(
        "tests/t.py:4 does not come to an end, whatever the body is: it did not end. Mend it"
    )
    (flag,) = flags.red(wanted, [Stopped(Cause.DIED, "it left", output="bye")], places)
    assert flag.detail == "its gates do not come to an end, whatever the body is: it left. Mend it.\nbye"


def test_gates_that_do_not_reach_the_stub() -> None:
    wanted, places = evidence.expected(SPEC, doctests=False, tests=False), evidence.places(SPEC)
    first = Ran((failed(A, "E   IndexError: list index out of range"), failed(B, f"E   {trivial.RED}")))
    (flag,) = flags.red(wanted, [first], places)
    assert flag.code == flags.UNREACHED
    assert flag.detail.startswith("tests/t.py:1: test_a fails before it calls the stub")


ASIDE = {
    "marked cases say nothing": ((SKIPPED, XFAILED, *passed(f"{A}[3]")), True),
    "nothing but marked cases": ((SKIPPED, XFAILED), False),
    "a candidate may not skip": ((replace(SKIPPED, marked=False), *passed(f"{A}[3]")), False),
    "nor fail what is marked strictly": ((replace(XFAILED, outcome=Outcome.FAILED), *passed(f"{A}[3]")), False),
}


@pytest.mark.parametrize(("tests", "ok"), ASIDE.values(), ids=list(ASIDE))
def test_marked_cases(tests: tuple[TestResult, ...], ok: bool) -> None:
    wanted = evidence.expected(replace(SPEC, gates=SPEC.gates[:1]), doctests=False, tests=False)
    (check,) = evidence.judge(Ran(tests), wanted, "app.text.f").checks
    assert check.ok is ok
    assert not ok or check.detail == "1 passed"


TEST = "tests/t.py::test_x"
REDNESS = {
    "red": (Ran((failed(TEST, trivial.RED),)), ""),
    "red by a missing stub": (Ran((failed(TEST, "E   boom", ("app.f",)),)), ""),
    "green": (Ran(passed(TEST)), "it passes although app.f is not implemented"),
    "another error": (Ran((failed(TEST, "E   NameError: x"),)), "it fails before it calls app.f"),
    "error in a fixture": (Ran((TestResult(TEST, Outcome.ERROR, "no fixture"),)), "it fails before it calls app.f"),
    "skipped": (Ran((TestResult(TEST, Outcome.SKIPPED),)), "it is skipped"),
    "one of several is green": (Ran((failed(f"{TEST}[1]", trivial.RED), *passed(f"{TEST}[2]"))), "it passes"),
    "not collected": (Ran(problems=("no such test",)), "no such test"),
    "hangs": (Stopped(Cause.TIMEOUT, "it did not end"), "it did not end"),
    "tampers": (Ran((failed(TEST, trivial.RED),), tampering=("x",)), "it changed what judges it"),
}


@pytest.mark.parametrize(("result", "message"), REDNESS.values(), ids=REDNESS)
def test_redness(result: Ran | Stopped, message: str) -> None:
    check = redness.judge(result, TEST, ["app.f"])
    assert check.ok == (not message)
    assert message in check.detail


def test_the_text_of_gates_is_found() -> None:
    files = {
        "tests/t.py": "@mark(1)\ndef test_a():\n    assert 2\n\n\n"
        "class TestX:\n    def test_b(self):\n        assert 3\n"
    }
    doc = replace(SPEC, stub=replace(SPEC.stub, docstring="Doc.\n\n>>> f(4)\n5\n>>> x = 1\n"))
    assert list(flags.gate_texts(doc, files.__getitem__)) == [
        "f(4) == 5\nx = 1",
        "@mark(1)\ndef test_a():\n    assert 2",
        "    def test_b(self):\n        assert 3",
    ]
