"""A merge that ends half way: killed at each write, out of room at each write, or overtaken by an edit."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.cli import main
from jiti_bot.store import journal
from jiti_bot.store.journal import JOURNAL
from tests.commands.test_merge import files, merge, project, said
from tests.repo import Repo

__all__ = ["project"]

_WRITES = ("open", "replace", "unlink", "rmdir", "fsync")


def at_step(number: int, happens: Callable[[], None]) -> list[str]:
    """Let ``happens`` come before the step ``number`` that changes the disk in this process; the steps made so far."""
    steps: list[str] = []

    def counted(name: str) -> None:
        real = getattr(os, name)

        def call(*args: Any, **named: Any) -> Any:
            writes = name != "open" or (len(args) > 1 and args[1] & (os.O_WRONLY | os.O_RDWR))
            if writes and "__pycache__" not in str(args[0]):
                steps.append(f"{name} {args[0]}")
                if len(steps) == number:
                    happens()
            return real(*args, **named)

        setattr(os, name, call)

    for name in _WRITES:
        counted(name)
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


def killed_at(repo: Repo, number: int) -> bool:
    """Merge everything in a process that is killed before the step ``number``; whether there was such a step."""

    def work() -> int:
        at_step(number, lambda: os.kill(os.getpid(), signal.SIGKILL))
        return merge(repo, "--all")

    status = in_child(work)
    return os.WIFSIGNALED(status)


def restore(repo: Repo, wanted: dict[str, bytes]) -> None:
    for name in files(repo).keys() - wanted.keys():
        (repo.path / name).unlink()
    for name, data in wanted.items():
        repo.write(name, data)


def python(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in found.items() if not name.startswith(".jiti/.gitignore")}


def test_killed_at_each_write_the_next_one_finishes(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    old = files(project)
    assert merge(project, "--all") == 0
    new = python(files(project))
    number, half = 0, 0
    while True:
        number += 1
        restore(project, old)
        if not killed_at(project, number):
            break
        for name, data in files(project).items():
            assert data in {old.get(name), new.get(name)} or name.endswith(".jiti-tmp"), (number, name)
        half += (project.path / ".jiti" / JOURNAL).exists()
        assert merge(project, "--all") == 0, said(capsys)
        assert python(files(project)) == new, number
    assert number > 20
    assert half > 10
    assert python(files(project)) == new


def test_no_room_at_any_write_leaves_all_old_or_all_new(project: Repo) -> None:
    old = files(project)
    assert merge(project, "--all") == 0
    new = python(files(project))
    restore(project, old)
    number = 0

    def full() -> None:
        raise OSError(28, "No space left on device")

    while True:
        number += 1

        def work(number: int = number) -> int:
            steps = at_step(number, full)
            code = merge(project, "--all")
            return code if len(steps) >= number else 50

        code = os.waitstatus_to_exitcode(in_child(work))
        if code == 50:
            break
        assert code in {0, 5}, number
        now = files(project)
        is_new = python(now) == new
        assert is_new or (code == 5 and now == old), number
        if code == 5 and is_new:
            assert merge(project, "--all") == 0
        assert not (project.path / ".jiti" / JOURNAL).exists()
        restore(project, old)
    assert number > 20


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
    place = project.path / ".jiti" / JOURNAL
    number = 1
    while True:
        assert killed_at(project, number)
        if place.exists():
            break
        number += 1
    project.write("app/text.py", "x = 1\n")
    assert merge(project, "--all") == 5
    assert "app/text.py:1: a merge ended half way, and app/text.py was changed since." in said(capsys)
    place.unlink()
    assert main(["-C", str(project.path), "status"]) == 0


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"files": [{"path": "../x", "before": "", "after": "y"}]}',
        '{"files": [{"path": "/x", "before": ""}]}',
    ],
)
def test_a_journal_that_is_none(project: Repo, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(f".jiti/{JOURNAL}", text)
    assert merge(project, "--all") == 5
    assert f".jiti/{JOURNAL}: the journal of a merge cannot be read" in said(capsys)
    assert not (tmp_path / "x").exists()
