"""`jiti demo` from end to end: the real pipeline with stored words, and what it leaves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jiti_bot.commands.status import look
from jiti_bot.demo import scratch
from jiti_bot.store.state import Condition
from jiti_bot.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = scratch.example() / "expected" / ".jiti"
COMMAND = (sys.executable, "-m", "jiti_bot", "demo", "--fast", "--plain")
# A key and a server of the user's: the demo must use neither.
ENV = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "ANTHROPIC_API_KEY": "sk-of-the-user",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "JITI_MODEL": "a-model-of-the-user",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "semver"


@pytest.fixture(scope="module")
def told(kept: Path) -> str:
    done = subprocess.run(
        [*COMMAND, "--keep", str(kept)], env=ENV, cwd=kept.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def files(store: Path) -> dict[str, bytes]:
    """What is committed of a store."""
    paths = (path for path in store.rglob("*") if path.is_file())
    names = {str(path.relative_to(store)): path for path in paths}
    return {
        name: path.read_bytes()
        for name, path in sorted(names.items())
        if not name.startswith(".cache/") and "__pycache__" not in name
    }


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("The model's words are stored", id="what is not real"),
        pytest.param("10 stubs: 10 missing", id="what was missing"),
        pytest.param("doctests ✗", id="a doctest refuses"),
        pytest.param("gates ✗", id="a gate refuses"),
        pytest.param("ruff ✗", id="ruff refuses"),
        pytest.param("ty ✗", id="ty refuses"),
        pytest.param("one round to make it better", id="a round of refactoring"),
        pytest.param("10 of 10 proved", id="the end"),
        pytest.param("5 wrong answers were caught", id="how many were wrong"),
        pytest.param("Range.matches.py", id="the files"),
        pytest.param("10 of 10 stubs have a body that passes every check", id="the pull request"),
        pytest.param("89 passed", id="the suite without a key"),
        pytest.param("1.9.0", id="the command line"),
        pytest.param("jiti generate", id="what to do next"),
        pytest.param("... and 10 parts: what was asked", id="how much there is to review"),
    ],
)
def test_tells(told: str, words: str) -> None:
    assert words in " ".join(told.split())


def test_shows_no_traceback_and_no_place_of_this_machine(told: str) -> None:
    assert "Traceback" not in told
    assert "/tmp/jiti-" not in told


@pytest.mark.usefixtures("told")
def test_leaves_the_expected_store(kept: Path) -> None:
    found, expected = files(kept / ".jiti"), files(EXPECTED)
    hint = "If this change is meant: jiti demo --fast --keep DIR, and copy what git has of DIR/.jiti to expected/"
    assert list(found) == list(expected), hint
    assert found == expected, hint


@pytest.mark.usefixtures("told")
def test_leaves_a_finished_project(kept: Path) -> None:
    status = look(open_workspace(str(kept), scratch.environment(os.environ)))
    assert {one.state.condition for one in status.standings} == {Condition.CURRENT}
    assert status.findings == 0
    assert (kept / "PULL_REQUEST.md").read_text("utf-8").count("<details><summary>") == len(status.standings)


@pytest.mark.usefixtures("told")
def test_commits_everything_but_its_own_note(kept: Path) -> None:
    git = ["git", "-C", str(kept)]
    dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout
    assert dirty == "?? PULL_REQUEST.md\n"


def test_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = subprocess.run(
        [*COMMAND, "--keep", str(tmp_path)], env=ENV, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"jiti: {tmp_path} is not empty. Name a new folder.\n"


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal on POSIX")
def test_interrupt_ends_it_with_a_word_and_cleans_up(tmp_path: Path) -> None:
    env = {**ENV, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        COMMAND, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while "submit" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, "jiti: stopped.\n")
    assert list(tmp_path.iterdir()) == []
