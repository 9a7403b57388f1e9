"""Candidates and future test files in place of what is committed, without a write into the project."""

import hashlib
from pathlib import Path

from jiti_bot.validation.jobs import Examples, Outcome, Ran, RunCode, RunTests, unproved
from jiti_bot.validation.workbench import Workbench
from tests.worker import project

SCRATCH = ".jiti/tests/src/app/text/test_scratch_slugify.py"
NODES = ("tests/test_text.py",)


def fingerprint(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_without_a_candidate_the_stub_is_missing(bench: Workbench) -> None:
    result = bench.run(RunTests(nodes=NODES), timeout=20.0)

    assert {test.outcome for test in result.tests} == {Outcome.FAILED}
    assert {test.missing for test in result.tests} == {("app.text.slugify",)}


def test_a_candidate_is_seen_by_gates_examples_and_code(bench: Workbench, root: Path) -> None:
    before = fingerprint(root)
    staged = {project.SLUGIFY: project.GOOD}
    examples = (Examples("src/app/text.py", "slugify"),)

    result = bench.run(RunTests(nodes=NODES, examples=examples, staged=staged), timeout=20.0)
    said = bench.run(RunCode("from app.text import slugify; print(slugify('X Y'))", staged=staged), timeout=20.0)

    assert unproved(result, (*NODES, examples[0].id)) == ()
    assert isinstance(result, Ran)
    assert result.tampering == ()
    assert said.output == "x-y\n"
    assert fingerprint(root) == before


def test_each_run_has_its_own_candidate(bench: Workbench) -> None:
    wrong = project.candidate("return text")
    outcomes = [
        not unproved(bench.run(RunTests(nodes=NODES, staged=staged), timeout=20.0), NODES)
        for staged in ({project.SLUGIFY: project.GOOD}, wrong, {project.SLUGIFY: project.GOOD})
    ]

    assert outcomes == [True, False, True]


def test_a_future_file_runs_under_its_future_name(bench: Workbench, root: Path) -> None:
    before = fingerprint(root)
    text = (
        "from app.text import slugify\ndef test_s(greeting):\n    assert slugify('X') == 'x' and greeting == 'hello'\n"
    )
    for nodes in ((), NODES):
        job = RunTests(nodes=nodes, files={SCRATCH: text}, staged={project.SLUGIFY: project.GOOD})
        result = bench.run(job, timeout=20.0)

        assert unproved(result, (*nodes, f"{SCRATCH}::test_s")) == ()
        assert isinstance(result, Ran)
        assert f"{SCRATCH}::test_s" in result.collected
    assert fingerprint(root) == before


def test_a_future_file_has_its_assertions_explained(bench: Workbench) -> None:
    result = bench.run(
        RunTests(files={SCRATCH: "def test_s():\n    one = [1, 2]\n    assert one == [1, 3]\n"}), timeout=20.0
    )

    assert "At index 1 diff: 2 != 3" in result.tests[0].detail


def test_a_future_file_that_does_not_parse_is_named(bench: Workbench) -> None:
    result = bench.run(RunTests(files={SCRATCH: "def test_s(:\n"}), timeout=20.0)

    assert isinstance(result, Ran)
    assert SCRATCH in result.problems[0]
    assert "SyntaxError" in result.problems[0]


def test_missing_stubs_are_seen_through_what_swallows_them(bench: Workbench, root: Path) -> None:
    text = """
        import pytest
        from app.text import both, count

        def test_quiet():
            try:
                both("x")
            except NotImplementedError:
                pass
    """
    name = project.write(root, "tests/test_quiet.py", text)

    result = bench.run(RunTests(nodes=(name,), staged={project.SLUGIFY: project.GOOD}), timeout=20.0)

    assert [(test.outcome, test.missing) for test in result.tests] == [(Outcome.PASSED, ("app.text.count",))]


def test_a_stub_missing_at_import_is_named(bench: Workbench, root: Path) -> None:
    name = project.write(
        root, "tests/test_import.py", "from app.text import count\nSIZE = count('x')\ndef test_x(): pass"
    )

    result = bench.run(RunTests(nodes=(name,)), timeout=20.0)

    assert isinstance(result, Ran)
    assert result.missing == ("app.text.count",)
    assert "app.text.count" in result.problems[0]
