"""A gate that classes inherit: each of its runs in its file counts for it."""

from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Examples, Outcome, Ran, RunTests, unproved
from jiti_bot.validation.workbench import Workbench
from jiti_bot.validation.worker.inherited import widened
from tests.worker import project

BASE = "class TestBase:\n    value = 1\n    def test_x(self): assert self.value == 1\n"
MIXIN = "class Mixin:\n    def test_x(self): assert self.value == 1\n    def test_y(self): assert 0\n"
CASE = f"import unittest\n{MIXIN}class TestA(Mixin, unittest.TestCase):\n    value = 1\n"
EACH = "import pytest\nclass Mixin:\n    @pytest.mark.parametrize('n', [1, 2])\n    def test_x(self, n): assert n < 3\n"
INNER = "class TestA:\n    class TestIn:\n        def test_x(self): pass\nclass TestB(TestA): pass\n"
PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
IN_SUB = "::TestBase::test_x[in TestSub]"

# What is asked for in a file -> the outcomes by what follows the file's name.
RUNS: dict[str, tuple[str, str, dict[str, Outcome]]] = {
    "a subclass": (
        "::TestBase::test_x",
        f"{BASE}class TestSub(TestBase):\n    value = 2\n",
        {"::TestBase::test_x": PASSED, IN_SUB: FAILED},
    ),
    "a subclass with its own": (
        "::TestBase::test_x",
        f"{BASE}class TestSub(TestBase):\n    def test_x(self): assert 0\n",
        {"::TestBase::test_x": PASSED},
    ),
    "a base that is deleted": (
        "::TestBase::test_x",
        f"{BASE}class TestSub(TestBase): pass\ndel TestBase\n",
        {IN_SUB: PASSED},
    ),
    "a mixin": (
        "::Mixin::test_x",
        f"{MIXIN}class TestA(Mixin):\n    value = 1\nclass TestB(TestA):\n    value = 2\n",
        {"::Mixin::test_x[in TestA]": PASSED, "::Mixin::test_x[in TestB]": FAILED},
    ),
    "a mixin of unittest": ("::Mixin::test_x", CASE, {"::Mixin::test_x[in TestA]": PASSED}),
    "a mixin that nobody takes up": ("::Mixin::test_x", MIXIN, {}),
    "parameters": (
        "::Mixin::test_x",
        f"{EACH}class TestA(Mixin): pass\n",
        {"::Mixin::test_x[in TestA][1]": PASSED, "::Mixin::test_x[in TestA][2]": PASSED},
    ),
    "a class as a whole": (
        "::TestBase",
        f"{BASE}class TestSub(TestBase):\n    def test_y(self): assert 0\n",
        {"::TestBase::test_x": PASSED, IN_SUB: PASSED},
    ),
    "a class within one": (
        "::TestA::TestIn::test_x",
        INNER,
        {"::TestA::TestIn::test_x": PASSED, "::TestA::TestIn::test_x[in TestB::TestIn]": PASSED},
    ),
}


@pytest.mark.parametrize(("asked", "text", "outcomes"), RUNS.values(), ids=RUNS)
def test_every_run_counts(bench: Workbench, root: Path, asked: str, text: str, outcomes: dict[str, Outcome]) -> None:
    name = project.write(root, "tests/test_case.py", text)

    result = bench.run(RunTests(nodes=(f"{name}{asked}",)), timeout=20.0)

    assert isinstance(result, Ran)
    assert {test.id.removeprefix(name): test.outcome for test in result.tests} == outcomes
    assert sorted(result.collected) == sorted(test.id for test in result.tests)
    assert (not unproved(result, (f"{name}{asked}",))) is (set(outcomes.values()) == {PASSED})


def test_one_run_counts_for_each_gate_that_it_is_part_of(bench: Workbench, root: Path) -> None:
    name = project.write(
        root, "tests/test_case.py", f"{BASE}class TestSub(TestBase):\n    value = 2\ndef test_z(): pass\n"
    )
    nodes = (f"{name}::test_z", f"{name}::TestSub::test_x", f"{name}::TestBase::test_x")

    result = bench.run(RunTests(nodes=nodes), timeout=20.0)

    ran = [test.id.removeprefix(name) for test in result.tests]
    assert ran == ["::test_z", "::TestSub::test_x", IN_SUB, "::TestBase::test_x"]
    assert [node for node, _ in unproved(result, nodes)] == [*nodes[1:]]


def test_a_base_in_a_file_of_its_own_has_heirs_in_others(bench: Workbench, root: Path) -> None:
    base = project.write(root, "tests/contracts/base.py", MIXIN)
    take = "from contracts.base import Mixin\n"
    one = project.write(root, "tests/contracts/test_one.py", f"{take}class TestA(Mixin):\n    value = 1\n")
    two = project.write(
        root, "tests/test_two.py", f"{take}class TestB(Mixin):\n    value = 2\ndef test_x(): assert 0\n"
    )
    project.write(root, "tests/contracts/__init__.py", "")
    project.write(root, "tests/test_three.py", "raise SystemExit('it only speaks of MixinLike things')\n")
    project.write(root, "build/lib/tests/test_four.py", "raise SystemExit('a copy of a Mixin')\n")
    node = f"{base}::Mixin::test_x"

    result = bench.run(RunTests(nodes=(node,)), timeout=20.0)

    outcomes = {test.id: test.outcome for test in result.tests}
    assert outcomes == {f"{node}[in {one}::TestA]": PASSED, f"{node}[in {two}::TestB]": FAILED}
    assert [id_ for id_, _ in unproved(result, (node,))] == [node]


def test_backwards_each_gate_keeps_the_order_of_its_own_tests(bench: Workbench, root: Path) -> None:
    own = "class TestB:\n    def test_2(self): pass\n    def test_1(self): pass\n"
    name = project.write(root, "tests/test_case.py", f"def test_a(): pass\n{own}def test_c(): pass\n")
    nodes = (f"{name}::test_a", f"{name}::TestB", f"{name}::test_c")

    result = bench.run(RunTests(nodes, (Examples("src/app/text.py", "both"),), backwards=True), timeout=20.0)

    assert [test.id.rpartition("/")[2].partition("::")[2] for test in result.tests] == [
        "both::doctest", "test_c", "TestB::test_2", "TestB::test_1", "test_a",
    ]  # fmt: skip


def test_files_are_collected_whole_where_classes_are_asked_for() -> None:
    asked = ["a.py::test_x", "b.py::test_y", "a.py::A::test_x", "c.py", "b.py::test_z[a::b::c]"]
    assert widened(asked) == ["a.py", "b.py::test_y", "c.py", "b.py::test_z[a::b::c]"]
    assert widened(["a.py::TestA", "b.py::test_y"]) == ["a.py", "b.py::test_y"]
    assert widened(["a.py::A::test_x", "test_b.py::B::test_y"], ["test_c.py"]) == ["test_b.py", "test_c.py"]
