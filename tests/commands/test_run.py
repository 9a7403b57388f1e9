"""`jiti run` around the command: its streams, its exit code, its end. What it generates stands in tests/cases/life."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo import Done, Repo

STUB = "from jiti import jiti\n\n\n@jiti\ndef f(a: int) -> int:\n    '''Add one.'''\n    raise NotImplementedError\n"


@pytest.fixture
def project(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app.py", STUB)
    return repo


def jiti_run(project: Repo, *words: str, **env: str) -> Done:
    return project.run(sys.executable, "-m", "jiti_bot", "run", *words, **env)


ENDS = {
    "well": ("pass", 0),
    "with a code": ("raise SystemExit(7)", 7),
    "by a signal": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
}


@pytest.mark.parametrize(("code", "exit_code"), ENDS.values(), ids=ENDS)
def test_the_exit_code_is_the_command_s(project: Repo, code: str, exit_code: int) -> None:
    done = jiti_run(project, "--", sys.executable, "-c", code)
    assert done.code == exit_code
    assert done.err.count("jiti run: round ") == 1


def test_the_output_of_the_command_stays_apart(project: Repo) -> None:
    done = jiti_run(project, "--", sys.executable, "-c", "print('theirs')")
    assert done.out == "theirs\n"
    assert all(line.startswith("jiti run: ") for line in done.err.splitlines())


@pytest.mark.parametrize("words", [["-q", "--", "x"], ["--max-rounds", "2"]], ids=["before", "behind"])
def test_the_command_s_own_dashes_are_its_own(project: Repo, words: list[str]) -> None:
    done = jiti_run(project, "--", sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)
    assert done.out == f"{words}\n"


BAD = {
    "no command": ([], "there is no command to run."),
    "only dashes": (["--"], "there is no command to run."),
    "no round": (["--max-rounds", "0", "--", "true"], "--max-rounds 0 runs nothing."),
}


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_run_is_said(project: Repo, words: list[str], message: str) -> None:
    done = jiti_run(project, *words)
    assert done.code == 2
    assert message in done.err


def test_the_last_round_generates_nothing(project: Repo) -> None:
    done = jiti_run(project, "--max-rounds", "1", "--", sys.executable, "-c", "from app import f; f(1)")
    assert done.code == 1
    assert "1 stub called without an implementation: app.f" in done.err
    assert "that was the last of 1 round" in done.err


def test_a_missing_key_is_said_after_the_round_that_needs_one(project: Repo) -> None:
    code = "from app import f; f(1)"
    done = jiti_run(project, "--", sys.executable, "-c", code, ANTHROPIC_API_KEY="", ANTHROPIC_BASE_URL="")
    assert done.code == 9
    assert not (project.path / ".jiti" / "app").exists()


def test_a_stub_of_another_project_stays_missing(project: Repo, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "theirs.py").write_text(STUB)
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'other')!r})\nfrom theirs import f; f(1)"
    done = jiti_run(project, "--", sys.executable, "-c", code)
    assert done.code == 1
    assert "is no stub of this project and stays missing" in done.err


def test_what_is_observed_changes_nothing_but_the_observed_file(project: Repo, tmp_path: Path) -> None:
    """Somebody who can set the variable gains nothing."""
    bashrc = tmp_path / "bashrc"
    bashrc.write_text("export A=1\n")
    bashrc.chmod(0o600)
    done = project.run(sys.executable, "-c", "from app import f; f(1)", JITI_OBSERVED=str(bashrc))
    assert "NotGeneratedError" in done.err
    assert bashrc.read_text() == "export A=1\n"


def test_ctrl_c_ends_the_command_and_leaves_nothing(project: Repo, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    code = "import sys; print('here', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-m", "jiti_bot", "run", "--", sys.executable, "-c", code],
        cwd=project.path, env={**project.env, "TMPDIR": str(scratch)}, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as started:  # fmt: skip
        assert started.stdout is not None
        assert started.stdout.readline() == "here\n"
        os.killpg(started.pid, signal.SIGINT)
        _, err = started.communicate()
    assert started.returncode == 130
    assert err.endswith("jiti: stopped.\n")
    assert list(scratch.iterdir()) == []
