"""What mypy, pyright and ty make of stubs, with our wheel in a fresh environment; the table in the docs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.environments import make_environment
from tests.repo import ROOT, environment

SAMPLE = """from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import jiti as j
from jiti import Engine, NotGeneratedError, jiti
from jiti_bot import required_for


@jiti
def f(a: int) -> str:
    raise NotImplementedError


@j.jiti(uses=[f], engine=Engine(max_turns=3, test_paths=["tests"]))
async def g(a: int) -> str:
    raise NotImplementedError


@jiti
def numbers() -> Iterator[int]:
    raise NotImplementedError


@jiti
def stream() -> AsyncIterator[int]:
    raise NotImplementedError


class P:
    @property
    @jiti
    def v(self) -> int:
        raise NotImplementedError

    @v.setter
    @jiti
    def v(self, value: int) -> None:
        raise NotImplementedError

    @classmethod
    @jiti
    def c(cls, n: int) -> "P":
        raise NotImplementedError


@jiti
class Q:
    def m(self) -> int:
        raise NotImplementedError


@jiti.required_for(f, P.c)
def test_x(n: int) -> None: ...


@required_for(Q)
class TestQ: ...


assert_type(f(1), str)
p = P.c(1)
p.v = 3
assert_type(P.c(2).v, int)
assert_type(Q().m(), int)
test_x(1)
jiti.clear()
j.clear()
assert issubclass(NotGeneratedError, NotImplementedError)


async def use() -> None:
    assert_type(await g(1), str)
    async for number in stream():
        assert_type(number, int)
    for number in numbers():
        assert_type(number, int)
"""
WRONG = {
    "no such name": "from jiti import Nothing\nNothing\n",
    "an engine that is none": "from jiti import jiti\njiti(engine=3)\n",
    "no such setting": "import jiti\njiti.Engine(bogus=1)\n",
    "an argument of the wrong type": SAMPLE + '\nf("one")\n',
}
COMMANDS = {
    "mypy": ("-m", "mypy", "--strict", "--python-executable", "{python}", "--cache-dir", os.devnull),
    "pyright": ("-m", "pyright", "--pythonpath", "{python}"),
    "ty": ("-m", "ty", "check", "--python", "{python}", "--output-format", "concise"),
}
PLACEHOLDERS = {
    "raise NotImplementedError": ["raise NotImplementedError"],
    "...": ["..."],
    "pass": ["pass", '"""A docstring."""'],
}
_RULE = re.compile(r"\[([a-z-]+)\]|\((report\w+)\)")


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory, own_wheel: Path) -> Path:
    """The interpreter of one environment for all that only read it."""
    return make_environment(tmp_path_factory.mktemp("typed"), own_wheel)


def check(checker: str, python: Path, folder: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    command = [part.format(python=python) for part in COMMANDS[checker]]
    env = environment(folder)
    del env["PYTHONPATH"]
    # pyright's own program is fetched once a machine, not once a test
    env["HOME"] = str(Path.home())
    done = [sys.executable, *command, *targets]
    return subprocess.run(done, cwd=folder, env=env, capture_output=True, text=True, check=False)


def judge(checker: str, python: Path, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "sample.py").write_text(text, "utf-8")
    return check(checker, python, folder, "sample.py")


@pytest.mark.parametrize("checker", COMMANDS)
class TestCheckers:
    def test_decorated_code_keeps_its_types(self, checker: str, typed: Path, tmp_path: Path) -> None:
        done = judge(checker, typed, tmp_path, SAMPLE)
        assert done.returncode == 0, done.stdout

    def test_mistakes_are_seen(self, checker: str, typed: Path, tmp_path: Path) -> None:
        for name, text in WRONG.items():
            done = judge(checker, typed, tmp_path, text)
            assert done.returncode == 1, f"{name}: {done.stdout}{done.stderr}"

    def test_nothing_is_said_of_the_example(self, checker: str, typed: Path, tmp_path: Path) -> None:
        shutil.copytree(ROOT / "examples/semver/src", tmp_path / "src")
        done = check(checker, typed, tmp_path, "src")
        assert done.returncode == 0, done.stdout

    def test_the_documented_table_of_placeholders(self, checker: str, typed: Path, tmp_path: Path) -> None:
        for row, told in documented(checker).items():
            for body in PLACEHOLDERS[row]:
                text = f"from jiti import jiti\n\n\n@jiti\ndef f(a: int) -> str:\n    {body}\n"
                done = judge(checker, typed, tmp_path, text)
                said = {rule for found in _RULE.findall(done.stdout) for rule in found if rule}
                assert said == told, f"{body}: {done.stdout}"
                assert judge(checker, typed, tmp_path, text.replace("-> str", "-> None")).returncode == 0


def documented(checker: str) -> dict[str, set[str]]:
    """The rules that docs/type-checkers.md names for each placeholder."""
    text = (ROOT / "docs/type-checkers.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if "|" in line]
    column = next(number for number, title in enumerate(rows[0]) if title.strip().startswith(checker))
    found = {}
    for row in rows[2:]:
        name = row[0].strip().removeprefix("`").partition("`")[0]
        found[name] = set(re.findall("`([^`]+)`", row[column]))
    assert set(found) == set(PLACEHOLDERS)
    return found
