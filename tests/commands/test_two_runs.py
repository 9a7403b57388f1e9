"""Runs that end before their time, and two at once: no stub is paid for twice, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from jiti_bot.loopback import Conversation, Loopback, Reply, ToolUse
from tests.repo import Repo

UNITS = ("alpha", "beta", "gamma", "delta")
KEYS = tuple(f"app.{name}.{name}" for name in UNITS)
STUB = '''from jiti import jiti


@jiti
def {name}(number: int) -> int:
    """Add {step} to ``number``.

    >>> {name}(1)
    {result}
    """
    raise NotImplementedError
'''
PATIENCE = 240.0  # seconds until a test that hangs fails


def answer(conversation: Conversation) -> Reply:
    step = KEYS.index(conversation.key) + 1
    return Reply((ToolUse("submit", {"body": f"return number + {step}", "helpers": "", "tests": "", "quality": 9}),))


@pytest.fixture
def project(plain: Repo) -> Repo:
    repo = plain
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n')
    repo.write("app/__init__.py", "")
    for step, name in enumerate(UNITS, 1):
        repo.write(f"app/{name}.py", STUB.format(name=name, step=step, result=step + 1))
    repo.commit()
    return repo


@contextmanager
def started(project: Repo, server: Loopback, *args: str) -> Generator[subprocess.Popen[str]]:
    """`jiti generate` as a process of its own, ended in any case."""
    env = {**project.env, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-test-key"}
    process = subprocess.Popen(
        [sys.executable, "-m", "jiti_bot", "generate", "--jobs", "1", *args],
        cwd=project.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def stored(project: Repo) -> set[str]:
    return {path.stem for path in (project.path / ".jiti/app").rglob("*.py")}


def test_two_runs_share_the_work(project: Repo) -> None:
    """The first of a run's stubs is answered when the other run has done all others: it cannot have waited."""
    others = threading.Event()
    begun: list[str] = []
    lock = threading.Lock()

    def script(conversation: Conversation) -> Reply:
        with lock:
            first = not begun
            begun.append(conversation.key)
            if len(begun) == len(KEYS):
                others.set()
        assert not first or others.wait(PATIENCE), "the second run waited for the first"
        return answer(conversation)

    with (
        Loopback(script) as server,
        started(project, server, "--json") as one,
        started(project, server, "--json") as two,
    ):
        results = [process.communicate(timeout=PATIENCE) for process in (one, two)]
        assert (one.returncode, two.returncode) == (0, 0), results
    assert sorted(begun) == sorted(KEYS)
    outcomes = [{row["key"]: row["outcome"] for row in json.loads(text)["stubs"]} for text, _ in results]
    generated = [{key for key, outcome in one.items() if outcome == "generated"} for one in outcomes]
    assert sorted(map(len, generated)) == [1, 3]
    assert all(outcomes[1 - at][key] == "current" for at in (0, 1) for key in generated[at])
    assert stored(project) == set(UNITS)
    assert project.jiti("check", "--strict").code == 0
    assert list((project.path / ".jiti/.cache/claims").iterdir()) == []


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
@pytest.mark.parametrize("stage", ["asked", "accepted", "stored"])
def test_a_run_that_is_ended_is_gone_on_with(project: Repo, stage: str, ended_by: signal.Signals) -> None:
    under_way, over = threading.Event(), threading.Event()
    order: list[str] = []

    def script(conversation: Conversation) -> Reply:
        order.append(conversation.key)
        if stage == "asked" and len(order) == 2:
            under_way.set()
            over.wait(PATIENCE)
        return answer(conversation)

    line = {"asked": "", "accepted": "attempt 1 passed", "stored": "generated ("}[stage]
    with Loopback(script) as server:
        with started(project, server) as process:
            assert process.stdout is not None
            if stage == "asked":
                assert under_way.wait(PATIENCE)
            else:
                seen = (text for text in process.stdout if line in text and not text.startswith(order[0]))
                assert next(seen)
            os.kill(process.pid, ended_by)
            process.wait(PATIENCE)
            over.set()
        first, second = order[:2]
        finished = stored(project)
        assert first.rpartition(".")[2] in finished
        assert stage != "stored" or second.rpartition(".")[2] in finished
        with started(project, server, "--json") as process:
            text, errors = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, errors
        outcomes = {row["key"]: row["outcome"] for row in json.loads(text)["stubs"]}
        again = {key for key, count in Counter(order).items() if count > 1}
    assert again <= {*order[1:3]}
    assert len(again) <= 1
    assert {key for key, outcome in outcomes.items() if outcome == "current"} == {
        key for key in KEYS if key.rpartition(".")[2] in finished
    }
    assert stored(project) == set(UNITS)
    assert project.jiti("check", "--strict").code == 0


CIRCLE = '''from jiti import jiti


@jiti
def is_even(number: int) -> bool:
    """Whether ``number``, which is not negative, is even: built on `is_odd`.

    >>> is_even(3)
    False
    """
    raise NotImplementedError


@jiti
def is_odd(number: int) -> bool:
    """Whether ``number``, which is not negative, is odd: built on `is_even`.

    >>> is_odd(3)
    True
    """
    raise NotImplementedError
'''
BODIES = {
    "app.parity.is_even": "return number == 0 or is_odd(number - 1)",
    "app.parity.is_odd": "return number > 0 and is_even(number - 1)",
}


def test_two_runs_that_wait_for_each_other(repo: Repo) -> None:
    """Each has one of two stubs that need each other: what one has paid for, the other goes on with."""
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n')
    repo.write("app/__init__.py", "")
    repo.write("app/parity.py", CIRCLE)
    repo.commit()
    both = threading.Barrier(2)
    asked: list[str] = []

    def script(conversation: Conversation) -> Reply:
        asked.append(conversation.key)
        if len(asked) <= len(BODIES):
            both.wait(PATIENCE)
        body = BODIES[conversation.key]
        return Reply((ToolUse("submit", {"body": body, "helpers": "", "tests": "", "quality": 9}),))

    with (
        Loopback(script) as server,
        started(repo, server, "--json") as one,
        started(repo, server, "--json") as two,
    ):
        results = [process.communicate(timeout=PATIENCE) for process in (one, two)]
        assert (one.returncode, two.returncode) == (0, 0), results
    assert sorted(asked) == sorted(BODIES)
    outcomes = [sorted(row["outcome"] for row in json.loads(text)["stubs"]) for text, _ in results]
    assert sorted(outcomes) == [["current", "current"], ["generated", "generated"]]
    usd = sum(row["usd"] > 0 for text, _ in results for row in json.loads(text)["stubs"])
    assert usd == len(BODIES)
    assert repo.jiti("check", "--strict").code == 0
    assert not list((repo.path / ".jiti/.cache/replies").iterdir())
