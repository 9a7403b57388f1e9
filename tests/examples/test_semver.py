"""The example is a sound project before it is finished and after, and its wrong answers are wrong as announced."""

import shutil
from pathlib import Path

import pytest

from jiti_bot.agent.tools import fault
from jiti_bot.agent.turn import ToolCall
from jiti_bot.loopback.replies import ToolUse
from jiti_bot.loopback.sessions import Sessions
from tests.examples import oracle

DOCTESTS = ("--doctest-modules", "src", "tests")

# key, state of the wrong answer, the check that stops it, what that check says
WRONG = [
    pytest.param(
        "semver.parsing.parse_version",
        "after read_file",
        "pytest",
        "FAILED tests/test_parsing.py::test_rejects_leading_zeros",
        id="accepts leading zeros",
    ),
    pytest.param(
        "semver.selection.available_upgrades",
        "after observed_calls",
        "ty",
        'expected `dict[Literal["major", "minor", "patch"], Version]`, found `dict[str, Version]`',
        id="promises less than the stub",
    ),
    pytest.param(
        "semver.version.Version.precedence",
        "start",
        "pytest",
        "FAILED tests/test_version.py::test_older_comes_before_newer[1.0.0-2-1.0.0-10]",
        id="compares numbers as text",
    ),
    pytest.param(
        "semver.ranges.caret", "after search", "doctest", "Got:\n    '>=0.2.3 <1.0.0'", id="takes 0.2 for 1.2"
    ),
    pytest.param("semver.ranges.parse_range", "start", "ruff", "B904", id="hides the cause"),
]


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return Sessions.read(oracle.SEMVER / "replies")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return oracle.copy(tmp_path / "semver")


def test_stored_calls_are_calls_that_the_tools_take(sessions: Sessions) -> None:
    of_stubs = ("read_file", "search", "run_python", "observed_calls", "submit")
    of_tests = ("read_file", "search", "submit_test")
    for key, replies in sessions.replies.items():
        names = of_tests if key.startswith("tests.") else of_stubs
        for state, reply in replies.items():
            calls = [ToolCall("id", one.name, one.input, "") for one in reply.blocks if isinstance(one, ToolUse)]
            assert calls, f"{key} does nothing {state}"
            assert [fault(call, names, cut=False) for call in calls] == [None] * len(calls), f"{key} {state}"


def test_stubs_are_clean_before_they_are_finished(project: Path) -> None:
    assert oracle.tool(project, "ruff", "check", ".") == oracle.Ran(0, "All checks passed!\n")
    assert oracle.tool(project, "ruff", "format", "--check", ".").code == 0
    assert oracle.check_types(project) == oracle.Ran(0, "All checks passed!\n")


def test_own_suite_fails_before(project: Path) -> None:
    ran = oracle.suite(project, "--tb=line")
    assert ran.code == 1
    assert "has no implementation yet" in ran.output
    assert "passed" not in ran.output


def test_every_answer_that_is_last_is_right(project: Path, sessions: Sessions) -> None:
    oracle.finish(project, sessions, {})
    assert oracle.tool(project, "ruff", "check", ".") == oracle.Ran(0, "All checks passed!\n")
    assert oracle.check_types(project) == oracle.Ran(0, "All checks passed!\n")
    ran = oracle.suite(project, *DOCTESTS)
    assert (ran.code, "failed" in ran.output) == (0, False), ran.output


def test_committed_code_is_all_it_takes(project: Path) -> None:
    shutil.copytree(oracle.SEMVER / "expected" / ".jiti", project / ".jiti")
    assert oracle.tool(project, "ruff", "check", ".") == oracle.Ran(0, "All checks passed!\n")
    assert oracle.check_types(project) == oracle.Ran(0, "All checks passed!\n")
    ran = oracle.suite(project, *DOCTESTS)
    assert (ran.code, "failed" in ran.output) == (0, False), ran.output


def test_expected_store_and_stored_session_speak_of_the_same_stubs(sessions: Sessions) -> None:
    store = oracle.SEMVER / "expected" / ".jiti"
    committed = {
        path.read_text("utf-8").partition("\n")[0].removeprefix("# jiti 1 ")
        for path in store.rglob("*.py")
        if not path.name.startswith("test_scratch_")
    }
    assert committed == set(sessions.replies)


def test_the_answer_before_the_refactoring_is_right_too(project: Path, sessions: Sessions) -> None:
    key = "semver.ranges.parse_range"
    before = next(one for one in oracle.submissions(sessions, key) if one.state == "after FAILED 1")
    assert before.arguments["quality"] == 6
    oracle.finish(project, sessions, {key: before.state})
    assert oracle.tool(project, "ruff", "check", ".").code == 0
    assert oracle.check_types(project).code == 0
    assert oracle.suite(project, *DOCTESTS).code == 0


@pytest.mark.parametrize(("key", "state", "check", "said"), WRONG)
def test_wrong_answer_is_stopped_by_one_check_alone(
    project: Path, sessions: Sessions, key: str, state: str, check: str, said: str
) -> None:
    oracle.finish(project, sessions, {key: state})
    outcomes = {
        "ruff": oracle.tool(project, "ruff", "check", "--output-format=concise", "."),
        "ty": oracle.check_types(project),
        "doctest": oracle.suite(project, "--doctest-modules", "src"),
    }
    if check != "pytest":
        assert said in outcomes[check].output
    assert {name for name, ran in outcomes.items() if ran.code} == {check} - {"pytest"}
    suite = oracle.suite(project, "tests")
    assert bool(suite.code) == (check == "pytest"), suite.output
    assert check != "pytest" or said in suite.output
