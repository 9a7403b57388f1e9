"""A merge beside another, which stands still at a step of its work, and one while a model is being asked."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from jiti_bot.loopback import Conversation, Loopback, Reply
from tests.commands.test_generate import generate, right
from tests.commands.test_generate import project as asked
from tests.commands.test_merge import files, merge, project, said
from tests.commands.test_merge_stopped import LEAVING, before_each_change, in_child, killed_before, leaving, power
from tests.committed import implement
from tests.repo import Repo

__all__ = ["asked", "leaving", "power", "project"]


@contextmanager
def standing(repo: Repo, before: str) -> Generator[list[int]]:
    """Another merge, which stands still before it makes this change; its exit code, once it has gone on."""
    (here, tell), (go, let) = os.pipe(), os.pipe()
    codes: list[int] = []

    def work() -> int:
        waiting = [before]

        def look(step: str) -> None:
            if waiting and waiting[0] in step:
                waiting.clear()
                os.write(tell, b"x")
                os.read(go, 1)

        before_each_change(look)
        return merge(repo, *LEAVING)

    child = os.fork()
    if child == 0:
        os.close(let)
        os._exit(os.waitstatus_to_exitcode(in_child(work)))
    os.close(tell)
    assert os.read(here, 1) == b"x"
    try:
        yield codes
    finally:
        os.close(let)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        os.close(here)
        os.close(go)


HOLDING = {
    "its claims": "/.cache/claims/",
    "its journal": "os.rename {store}/.cache/.merge.json",
    "the first file": "/app/text.py",
    "the store": "os.remove {store}/app/text/slugify.py",
    "the end": "os.remove {store}/.cache/merge.json",
}


@pytest.mark.parametrize("before", HOLDING.values(), ids=HOLDING)
def test_the_other_one_is_told_and_changes_nothing(
    leaving: Repo, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with standing(leaving, before.format(store=leaving.path / ".jiti")) as codes:
        half = files(leaving)
        assert merge(leaving, *LEAVING) == 5
        assert "Another `jiti merge` or `jiti test` is at work here." in said(capsys)
        assert files(leaving) == half
    assert codes == [0]
    assert "jiti" not in repr(files(leaving))


def test_whoever_comes_first_wins(leaving: Repo) -> None:
    with standing(leaving, "/.cache/merge.lock") as codes:
        assert merge(leaving, *LEAVING) == 0
        new = files(leaving)
    assert codes == [5]
    assert files(leaving) == new
    assert "jiti" not in repr(new)
    assert not (leaving.path / ".jiti").exists()


def test_both_want_to_finish_what_was_killed(leaving: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert killed_before(leaving, "/tests/test_text.py")
    with standing(leaving, "/.cache/merge.lock") as codes:
        assert merge(leaving, *LEAVING) == 0, said(capsys)
    assert codes == [0]
    assert "jiti" not in repr(files(leaving))


def test_while_a_model_is_asked_the_others_are_merged(asked: Repo) -> None:
    asked.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n\n[tool.jiti]\nmutants = 0\n')
    implement(asked, "app.text.shout", body='return f"{text.upper()}!"')
    merged = []

    def script(conversation: Conversation) -> Reply:
        merged.extend(asked.jiti("merge", "--all", *words) for words in ((), ("--keep-going",)))
        return right(conversation)

    with Loopback(script) as server:
        done = generate(asked, server, "app.text.slugify")
    assert done.code == 0, done.out + done.err
    assert [(one.code, "merged app.text.shout" in one.out) for one in merged] == [(1, False), (1, True)]
    assert all("app.text.slugify cannot be merged: it has no implementation yet." in one.err for one in merged)
    assert asked.jiti("check", "--strict").code == 0
    assert asked.jiti("merge", "--all", "--uninstall").code == 0
    assert {name for name, data in files(asked).items() if b"jiti" in data} == {".jiti/.gitignore"}  # and a transcript
