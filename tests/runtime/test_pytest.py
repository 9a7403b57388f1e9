"""Gates and generated tests under real pytest."""

import sys

import pytest

from tests.repo import Repo

TESTS = '''import unittest

import pytest

from jiti import jiti
from jiti_bot import required_for


def double(n):
    return n * 2


@pytest.fixture
def four():
    return 4


@jiti.required_for(double)
def test_real(four):
    assert double(2) == four


@required_for(double)
def test_made(four, tmp_path):
    """double(2) is four."""


@pytest.mark.parametrize("n", [1, 2])
@jiti.required_for(double)
def test_many(n): ...


class TestIt:
    @jiti.required_for(double)
    def test_method(self, four):
        raise NotImplementedError


class Case(unittest.TestCase):
    @jiti.required_for(double)
    def test_case(self): ...
'''
COMMITTED = {
    "test_made": "def test_made(four, tmp_path):\n    assert tmp_path.exists()\n    assert double(2) == four\n",
    "test_many": "def test_many(n):\n    assert double(n) == n + n\n",
    "TestIt.test_method": "class TestIt:\n    def test_method(self, four):\n        assert double(four) == 8\n",
    "Case.test_case": "class Case:\n    def test_case(self):\n        self.assertEqual(double(3), 6)\n",
}


def lay(folder: Repo, committed: dict[str, str]) -> None:
    folder.write("pyproject.toml", "")
    folder.write("tests/test_it.py", TESTS)
    for unit, text in committed.items():
        folder.write(f".jiti/tests/tests/test_it/{unit}.py", text)


def run(folder: Repo, *args: str) -> str:
    plugins = ("-p", "no:cacheprovider", "-p", "no:asyncio")  # what the latter warns of would be an error
    command = (sys.executable, "-m", "pytest", "-q", "-rA", *plugins, "-W", "error", *args)
    return folder.run(*command, COLUMNS="200").out


def test_generated_tests_run_as_ones_own(folder: Repo) -> None:
    lay(folder, COMMITTED)
    for _ in range(2):  # the second time from bytecode
        out = run(folder)
        assert "6 passed" in out
        assert "PASSED tests/test_it.py::test_many[2]" in out


def test_without_their_bodies_they_fail(folder: Repo) -> None:
    lay(folder, {})
    out = run(folder)
    assert "1 passed" in out
    assert "5 failed" in out
    assert "`jiti generate tests.test_it.test_made`" in out


def test_assertions_are_rewritten(folder: Repo) -> None:
    wrong = {
        "test_made": "def _is(a, b):\n    assert a == b\n\n\n"
        "def test_made(four, tmp_path):\n    _is(double(2), four + 1)\n",
        "TestIt.test_method": "class TestIt:\n    def test_method(self, four):\n"
        "        assert double(four) in [1, 2]\n",
    }
    lay(folder, COMMITTED | wrong)
    for _ in range(2):
        out = run(folder)
        assert "assert 4 == 5" in out
        assert "assert 8 in [1, 2]" in out
        assert "where 8 = double(4)" in out
        assert ".jiti/tests/tests/test_it/test_made.py:2: AssertionError" in out.replace("\\", "/")
    plain = run(folder, "--assert=plain")
    assert "assert 4 == 5" not in plain
    assert "2 failed" in plain


def test_rewritten_and_plain_bytecode_are_kept_apart(folder: Repo) -> None:
    lay(folder, COMMITTED)
    run(folder)
    run(folder, "--assert=plain")
    names = sorted(path.name for path in folder.path.rglob("test_made.*.pyc"))
    tag = f"test_made.{sys.implementation.cache_tag}.jiti1"
    assert names == [f"{tag}-pytest-{pytest.__version__}.pyc", f"{tag}.pyc"]


def test_committed_files_are_not_collected_by_themselves(folder: Repo) -> None:
    lay(folder, COMMITTED)
    assert "6 passed" in run(folder, ".")
