"""What becomes of each test, by its id: only a pass is a pass."""

from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Outcome, Ran, RunTests, Stopped, unproved
from jiti_bot.validation.workbench import Workbench
from tests.worker import project

# A test file -> its outcomes by what follows the file name, and whether `test_x` (or the file) is proved.
OUTCOMES: dict[str, tuple[str, dict[str, Outcome], bool]] = {
    "pass": ("def test_x(): pass", {"::test_x": Outcome.PASSED}, True),
    "failure": ("def test_x(): assert 1 == 2", {"::test_x": Outcome.FAILED}, False),
    "exception": ("def test_x(): raise ValueError('bad')", {"::test_x": Outcome.FAILED}, False),
    "fixture of the project": ("def test_x(greeting): assert greeting == 'hello'", {"::test_x": Outcome.PASSED}, True),
    "missing fixture": ("def test_x(nowhere): pass", {"::test_x": Outcome.ERROR}, False),
    "failing set-up": (
        "import pytest\n@pytest.fixture\ndef f(): raise OSError\ndef test_x(f): pass",
        {"::test_x": Outcome.ERROR},
        False,
    ),
    "failing tear-down": (
        "import pytest\n@pytest.fixture\ndef f():\n    yield\n    raise OSError\ndef test_x(f): pass",
        {"::test_x": Outcome.ERROR},
        False,
    ),
    "skip": ("import pytest\ndef test_x(): pytest.skip('later')", {"::test_x": Outcome.SKIPPED}, False),
    "skip of a module": ("import pytest\npytest.skip('no', allow_module_level=True)", {"": Outcome.SKIPPED}, False),
    "expected failure": (
        "import pytest\n@pytest.mark.xfail\ndef test_x(): assert 0",
        {"::test_x": Outcome.XFAILED},
        False,
    ),
    "unexpected pass": ("import pytest\n@pytest.mark.xfail\ndef test_x(): pass", {"::test_x": Outcome.XPASSED}, False),
    "strict unexpected pass": (
        "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_x(): pass",
        {"::test_x": Outcome.FAILED},
        False,
    ),
    "parameters": (
        "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_x(n): assert n < 2",
        {"::test_x[1]": Outcome.PASSED, "::test_x[2]": Outcome.FAILED},
        False,
    ),
    "class": ("class TestX:\n    def test_y(self): pass", {"::TestX::test_y": Outcome.PASSED}, True),
    "unittest": (
        "import unittest\nclass TestX(unittest.TestCase):\n    def test_y(self): self.assertEqual(1, 1)",
        {"::TestX::test_y": Outcome.PASSED},
        True,
    ),
    "unittest, failing": (
        "import unittest\nclass TestX(unittest.TestCase):\n    def test_y(self): self.assertEqual(1, 2)",
        {"::TestX::test_y": Outcome.FAILED},
        False,
    ),
    "a warning where warnings are errors": (
        "import warnings\ndef test_x(): warnings.warn('x')",
        {"::test_x": Outcome.FAILED},
        False,
    ),
    "nothing in it": ("", {}, False),
}


@pytest.mark.parametrize(("text", "outcomes", "proved"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(bench: Workbench, root: Path, text: str, outcomes: dict[str, Outcome], proved: bool) -> None:
    name = project.write(root, "tests/test_case.py", text)

    result = bench.run(RunTests(nodes=(name,)), timeout=20.0)

    assert {test.id.removeprefix(name): test.outcome for test in result.tests} == outcomes
    assert (not unproved(result, (name,))) is proved
    assert all(test.detail for test in result.tests if test.outcome is not Outcome.PASSED)


PROBLEMS = {
    "a file that does not parse": ("tests/test_case.py", "def test_x(:", "SyntaxError"),
    "a file that cannot be imported": ("tests/test_case.py", "import nowhere_at_all", "nowhere_at_all"),
    "a node that is not there": ("tests/test_case.py::test_y", "def test_x(): pass", "test_y"),
    "a file that is not there": ("tests/test_none.py", "", "test_none.py"),
    "fixtures that run in a circle": (
        "tests/test_case.py",
        "import pytest\n@pytest.fixture\ndef f(f): pass\ndef test_x(f): pass",
        "",
    ),
}


@pytest.mark.parametrize(("node", "text", "complaint"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_cannot_run_is_named(bench: Workbench, root: Path, node: str, text: str, complaint: str) -> None:
    project.write(root, "tests/test_case.py", text)

    result = bench.run(RunTests(nodes=(node,)), timeout=20.0)

    assert isinstance(result, Ran)
    assert complaint in "".join(result.problems)
    assert unproved(result, (node,))


def test_one_broken_file_does_not_hide_another(bench: Workbench, root: Path) -> None:
    broken = project.write(root, "tests/test_broken.py", "import nowhere_at_all")
    good = project.write(root, "tests/test_good.py", "def test_x(): pass")

    result = bench.run(RunTests(nodes=(broken, good)), timeout=20.0)

    assert [test.id for test in result.tests] == [f"{good}::test_x"]
    assert "nowhere_at_all" in result.problems[0]


def test_collect_only_runs_nothing(bench: Workbench, root: Path) -> None:
    name = project.write(root, "tests/test_case.py", "def test_x(): assert 0\ndef test_y(): assert 0")

    result = bench.run(RunTests(nodes=(name,), collect_only=True), timeout=20.0)

    assert isinstance(result, Ran)
    assert result.collected == (f"{name}::test_x", f"{name}::test_y")
    assert result.tests == ()


def test_details_and_output_are_bounded(bench: Workbench, root: Path) -> None:
    text = "def test_x():\n    print('start' + 'x' * 100_000 + 'stop')\n    raise ValueError('y' * 100_000)"
    name = project.write(root, "tests/test_case.py", text)

    (test,) = bench.run(RunTests(nodes=(name,)), timeout=20.0).tests

    assert len(test.detail) < 7_000
    assert len(test.output) < 2_500
    assert test.output.startswith("start")
    assert "left out" in test.output


def test_a_repeated_run_sees_the_project_as_it_is_now(bench: Workbench, root: Path) -> None:
    name = project.write(root, "tests/test_case.py", "from app.plain import VALUE\ndef test_x(): assert VALUE == 2")
    before = bench.run(RunTests(nodes=(name,)), timeout=20.0)
    project.write(root, "src/app/plain.py", "VALUE = 2  # changed")
    after = bench.run(RunTests(nodes=(name,)), timeout=20.0)

    assert [test.outcome for test in (*before.tests, *after.tests)] == [Outcome.FAILED, Outcome.PASSED]


def test_a_module_that_hangs_is_told_by_its_line(bench: Workbench, root: Path) -> None:
    name = project.write(root, "tests/test_hangs.py", "import time\n\ntime.sleep(600)\n")

    result = bench.run(RunTests(nodes=(name,)), timeout=4.0)

    assert isinstance(result, Stopped)
    assert result.reason == f"it did not end within 4 seconds: {name}:3 was running"


LEAVES = {
    "at import": ("import sys\nsys.exit(0)\n", "sys.exit() was called in <module> at {name}:2; "),
    "at once": ("import os\nos._exit(0)\n", "{name} was running"),
    "in a hook": ("", "ValueError: no was raised in pytest_collection_modifyitems at tests/odd/conftest.py:2; "),
}


@pytest.mark.parametrize(("text", "said"), LEAVES.values(), ids=LEAVES)
def test_a_module_that_ends_the_session_is_told_by_its_line(bench: Workbench, root: Path, text: str, said: str) -> None:
    name = project.write(root, "tests/odd/test_leaves.py", f"{text}\ndef test_x(): pass\n")
    hook = "" if text else "def pytest_collection_modifyitems():\n    raise ValueError('no')\n"
    project.write(root, "tests/odd/conftest.py", hook)

    result = bench.run(RunTests(nodes=(f"{name}::test_x",)), timeout=20.0)

    told = result.problems[-1] if isinstance(result, Ran) else result.reason
    assert said.format(name=name) in told
    assert "\n" not in told
