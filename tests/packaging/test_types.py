"""What a type checker makes of the decorators, through the package's own annotations."""

import subprocess
import sys
from pathlib import Path

from tests.repo import ROOT, environment

SAMPLE = """from collections.abc import Coroutine
from typing import Any, assert_type

import jiti as j
from jiti import Engine, NotGeneratedError, jiti
from jiti_bot import required_for


@jiti
def f(a: int) -> str:
    raise NotImplementedError


@j.jiti(uses=[f], engine=Engine(max_turns=3, test_paths=["tests"]))
async def g(a: int) -> str:
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
assert_type(p.v, int)
assert_type(Q().m(), int)
assert_type(test_x(1), None)
jiti.clear()
j.clear()
assert issubclass(NotGeneratedError, NotImplementedError)


async def use() -> None:
    assert_type(await g(1), str)
"""
WRONG = ("from jiti import Nothing\n", "from jiti import jiti\njiti(engine=3)\n", "import jiti\njiti.Engine(bogus=1)\n")


def check(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "sample.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "ty", "check", "--extra-search-path", str(ROOT), "--error-on-warning", "sample.py"]
    return subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False)


def test_decorated_code_keeps_its_types(tmp_path: Path) -> None:
    done = check(tmp_path, SAMPLE)
    assert done.returncode == 0, done.stdout


def test_mistakes_are_seen(tmp_path: Path) -> None:
    for text in WRONG:
        assert check(tmp_path, text).returncode == 1, text
