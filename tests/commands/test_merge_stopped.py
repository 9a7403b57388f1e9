"""A merge that ends half way: killed at each write, out of room at each write, or overtaken by others."""

import json
import os
import resource
import shutil
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.cli import main
from jiti_bot.commands.merge import resume
from jiti_bot.store import journal
from jiti_bot.store.journal import JOURNAL
from jiti_bot.workspace import Workspace, open_workspace
from tests.commands.test_merge import MERGED, files, merge, project, said
from tests.repo import Repo

__all__ = ["project"]

LEAVING = ("--all", "--uninstall")
OURS = '[project]\nname = "app"\nversion = "1"\ndependencies = ["jiti-bot"]\n\n[tool.jiti]\nmax_usd = 2.0\n'
_MAKING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGING = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link", "os.symlink"}


def change(event: str, args: tuple[Any, ...]) -> str:
    """What of the disk Python is about to change when it raises an event of its auditing; empty for nothing."""
    place = args[0] if args else None
    if event == "open" and isinstance(place, int):  # a file just made, with nothing in it yet
        return f"fill {place}" if (args[2] or 0) & _MAKING and stat.S_ISREG(os.fstat(place).st_mode) else ""
    if place == os.devnull or "__pycache__" in str(place) or (event == "os.mkdir" and Path(str(place)).exists()):
        return ""
    if event == "open":
        return f"open {place}" if (args[2] or 0) & _MAKING else ""
    return " ".join((event, *map(str, args[:2]))) if event in _CHANGING else ""


def before_each_change(happens: Callable[[str], None]) -> None:
    """Call ``happens`` with what is about to change, from now on, for as long as this process lives."""

    def heard(event: str, args: tuple[Any, ...]) -> None:
        if step := change(event, args):
            happens(step)

    def flushed(handle: int) -> None:  # of which there is no event
        happens(f"fsync {handle}")

    os.fsync = flushed  # ty: ignore[invalid-assignment]
    sys.addaudithook(heard)


def at_step(number: int, happens: Callable[[], None]) -> list[str]:
    """Let ``happens`` come before the step ``number`` that changes the disk in this process; the steps made so far."""
    steps: list[str] = []

    def count(step: str) -> None:
        steps.append(step)
        if len(steps) == number:
            happens()

    before_each_change(count)
    return steps


def in_child(work: Callable[[], int]) -> int:
    """Run in a forked process; what `os.wait` says of its end."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            code = work()
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(repo: Repo, number: int) -> bool:
    """Leave jiti in a process that is killed before the step ``number``; whether there was such a step."""

    def work() -> int:
        at_step(number, die)
        return merge(repo, *LEAVING)

    return os.WIFSIGNALED(in_child(work))


def killed_before(repo: Repo, change: str) -> bool:
    """Leave jiti in a process that is killed before it makes this change; whether it was about to."""

    def work() -> int:
        before_each_change(lambda step: die() if change in step else None)
        return merge(repo, *LEAVING)

    return os.WIFSIGNALED(in_child(work))


def restore(repo: Repo, wanted: dict[str, bytes]) -> None:
    for name in files(repo).keys() - wanted.keys():
        (repo.path / name).unlink()
    for name, data in wanted.items():
        repo.write(name, data)


def journal_of(repo: Repo) -> Path:
    return repo.path / ".jiti" / JOURNAL


@pytest.fixture(autouse=True)
def power(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes end here, machines do not: no hundreds of waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def leaving(project: Repo) -> Repo:
    """The project, with what --uninstall takes away."""
    project.write("pyproject.toml", OURS)
    project.write(".github/workflows/jiti.yml", "jobs:\n  a:\n    steps:\n      - run: jiti check\n")
    return project


def test_killed_at_each_write_the_next_one_finishes(leaving: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    old = files(leaving)
    assert merge(leaving, *LEAVING) == 0
    new = files(leaving)
    number, half = 0, 0
    while True:
        number += 1
        restore(leaving, old)
        if not killed_at(leaving, number):
            break
        for name, data in files(leaving).items():
            is_own = name.endswith((".jiti-tmp", ".jiti/.gitignore"))
            assert is_own or data in {old.get(name), new.get(name)}, (number, name)
        half += journal_of(leaving).exists()
        assert merge(leaving, *LEAVING) == 0, said(capsys)
        assert (files(leaving), (leaving.path / ".jiti").exists()) == (new, False), number
    assert number > 60
    assert half > 30
    assert (files(leaving), (leaving.path / ".jiti").exists()) == (new, False)


def test_killed_again_while_finishing(leaving: Repo, tmp_path: Path) -> None:
    assert killed_before(leaving, "/tests/test_text.py")  # one file is changed, the others are not
    assert journal_of(leaving).exists()
    half = leaving.path.rename(tmp_path / "half")
    number, killed = 0, True
    while killed:
        number += 1
        shutil.copytree(half, leaving.path, ignore=shutil.ignore_patterns(".git"))
        workspace = open_workspace(str(leaving.path), leaving.env)

        def work(number: int = number, workspace: Workspace = workspace) -> int:
            at_step(number, die)
            resume(workspace)
            return 0

        killed = os.WIFSIGNALED(in_child(work))
        resume(workspace)
        assert (leaving.path / "app/text.py").read_text() == MERGED, number
        assert "jiti" not in (leaving.path / "pyproject.toml").read_text(), number
        assert not [name for name in files(leaving) if "jiti" in name and name != ".jiti/.gitignore"], number
        shutil.rmtree(leaving.path)
    assert number > 10


def test_a_half_done_merge_is_told_and_finished_by_itself(leaving: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> int:
        return main(["-C", str(leaving.path), *words])

    assert run("merge") == 2
    assert killed_before(leaving, "/tests/test_text.py")
    half = files(leaving)
    assert (run("status"), run("check")) == (0, 1)
    told = said(capsys)
    assert "\nA merge was stopped half way, or is at work right now: `jiti merge` does the rest.\n" in told
    assert f".jiti/{JOURNAL}:1: A merge was stopped half way" in told
    assert run("merge", "--dry-run") == 2
    for words in (("merge", "--all"), ("test", "prune")):
        run(*words, "--dry-run")
        assert "A merge was stopped half way" in capsys.readouterr().err, words
    assert files(leaving) == half
    assert run("merge") == 0
    assert (leaving.path / "app/text.py").read_text() == MERGED
    assert "changed tests/test_text.py" in said(capsys)
    assert (run("status"), run("check"), run("merge")) == (0, 0, 2)
    assert "half way" not in said(capsys)


@pytest.mark.parametrize("most", [1, 40, 200, 1000])
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "told"])
def test_a_file_is_never_half_written(
    leaving: Repo, most: int, is_killed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The system cuts the write off that makes a file longer than ``most`` bytes, and ends the process or tells it."""
    old = files(leaving)

    def work() -> int:
        if is_killed:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return merge(leaving, *LEAVING)

    status = in_child(work)
    assert os.WIFSIGNALED(status) if is_killed else os.waitstatus_to_exitcode(status) == 5
    now = {name: data for name, data in files(leaving).items() if not name.endswith(".jiti-tmp")}
    assert now == old
    assert is_killed or not list(leaving.path.rglob("*.jiti-tmp"))
    assert merge(leaving, *LEAVING) == 0, said(capsys)
    assert (leaving.path / "app/text.py").read_text() == MERGED
    assert not (leaving.path / ".jiti").exists()


def test_the_journal_goes_when_all_is_flushed(leaving: Repo, tmp_path: Path) -> None:
    """Losing power loses what was not flushed, and from the journal it can be made again."""
    notes = tmp_path / "notes"
    handle = os.open(notes, os.O_WRONLY | os.O_CREAT)
    changed = [leaving.path / name for name in ("app", "tests", ".jiti/app/text", ".jiti/tests/app/text")]

    def work() -> int:
        waiting = {folder.stat().st_ino: str(folder) for folder in changed}

        def look(step: str) -> None:
            if step.startswith("fsync"):
                waiting.pop(os.fstat(int(step.split()[1])).st_ino, None)
            elif step.startswith("os.remove") and JOURNAL in step:
                os.write(handle, f"left: {sorted(waiting.values())}\n".encode())

        before_each_change(look)
        return merge(leaving, *LEAVING)

    assert in_child(work) == 0
    assert notes.read_text() == "left: []\n"


def test_no_room_at_any_write_leaves_all_old_or_all_new(leaving: Repo) -> None:
    old = files(leaving)
    assert merge(leaving, *LEAVING) == 0
    new = files(leaving)
    restore(leaving, old)
    number = 0

    def full() -> None:
        raise OSError(28, "No space left on device")

    while True:
        number += 1

        def work(number: int = number) -> int:
            steps = at_step(number, full)
            code = merge(leaving, *LEAVING)
            return code if len(steps) >= number else 50

        code = os.waitstatus_to_exitcode(in_child(work))
        if code == 50:
            break
        assert code in {0, 5}, number
        now = python(files(leaving))
        assert now == python(new) or (code == 5 and now == python(old)), number
        if code == 5 and now == python(new):
            assert merge(leaving, *LEAVING) == 0
        assert not journal_of(leaving).exists()
        restore(leaving, old)
    assert number > 60


def python(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in found.items() if not name.startswith(".jiti/.gitignore")}


def test_an_edit_in_between_is_never_overwritten(
    project: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = journal.apply

    def edited(root: str, store: str, changes: Any) -> Any:
        project.write("tests/test_text.py", "x = 1\n")
        return real(root, store, changes)

    monkeypatch.setattr(journal, "apply", edited)
    before = files(project)
    assert merge(project, "--all") == 5
    assert files(project) == {**before, "tests/test_text.py": b"x = 1\n"}
    assert "tests/test_text.py changed meanwhile; nothing was merged." in said(capsys)


def test_an_edit_after_a_kill_is_told(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert killed_before(project, "/app/text.py")
    project.write("app/text.py", "x = 1\n")
    assert merge(project, "--all") == 5
    assert "app/text.py:1: a merge ended half way, and app/text.py was changed since." in said(capsys)
    journal_of(project).unlink()
    assert main(["-C", str(project.path), "status"]) == 0


RESUMING = [("merge",), ("merge", "--all"), ("test", "prune"), ("test", "keep", "app.text.slugify")]
ELSEWHERE = ("../x", "/x", "linked/x", "linked/new/x", "into/x", ".GIT/x", "app/.git./x", "Git~1/x", "app\\..\\..\\x")


@pytest.mark.parametrize("words", RESUMING, ids=" ".join)
def test_a_journal_that_leads_out_of_the_project(
    project: Repo, words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "out"
    outside.mkdir()
    (project.path / "linked").symlink_to(outside)
    (project.path / "into").symlink_to(".git")
    before = files(project)
    for path in ELSEWHERE:
        project.write(f".jiti/{JOURNAL}", json.dumps({"files": [{"path": path, "before": "", "after": "y"}]}))
        assert main(["-C", str(project.path), *words]) == 5
        assert f".jiti/{JOURNAL}: the journal of a merge cannot be read: {path} lies outside" in said(capsys)
    assert files(project) == before
    assert not [*outside.iterdir(), *tmp_path.glob("x"), *project.path.glob(".git/x")]


@pytest.mark.parametrize("words", RESUMING, ids=" ".join)
def test_a_journal_that_git_has_is_not_gone_on_with(
    project: Repo, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    journal = json.dumps({"files": [{"path": "x", "before": "", "after": "y"}]})
    project.write(f".jiti/{JOURNAL}", journal)
    for spelling in (JOURNAL, JOURNAL.upper()):  # which is the same file on some disks
        project.write(f".jiti/{spelling}", journal)
        project.git("add", "--force", f".jiti/{spelling}")
        assert main(["-C", str(project.path), *words]) == 5
        assert f".jiti/{JOURNAL}: this journal of a merge is in git" in said(capsys)
        assert not (project.path / "x").exists()
        project.git("rm", "-q", "--cached", f".jiti/{spelling}")
    assert merge(project) == 0
    assert (project.path / "x").read_text() == "y"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"files": [{"path": "x", "before": ""}]}',
        '{"files": [{"path": "x\\u0000", "before": "", "after": "y"}]}',
        '{"files": [{"path": "x\\ud800", "before": "", "after": "y"}]}',
        '{"files": [{"path": 1, "before": "", "after": "y"}]}',
    ],
)
def test_a_journal_that_is_none(project: Repo, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(f".jiti/{JOURNAL}", text)
    assert merge(project, "--all") == 5
    assert f".jiti/{JOURNAL}: the journal of a merge cannot be read" in said(capsys)
    assert not (tmp_path / "x").exists()
