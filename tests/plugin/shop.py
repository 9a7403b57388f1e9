"""A small project with stubs that have all their implementations, and every kind of gate; run by real pytest."""

import sys

from tests.repo import Done, Repo

PYPROJECT = """
[tool.pytest.ini_options]
pythonpath = ["src"]
addopts = ["--strict-markers", "--strict-config"]
filterwarnings = ["error"]
"""
MONEY = '''
from jiti import jiti


@jiti
def parse(raw: str) -> int:
    """Read an amount in cents.

    >>> parse("1.50")
    150
    """
    raise NotImplementedError


@jiti
def show(cents: int) -> str:
    """Write an amount in cents as text."""
    raise NotImplementedError


class Purse:
    def __init__(self) -> None:
        self.cents = 0

    @jiti
    def add(self, raw: str) -> None:
        """Add an amount."""
        raise NotImplementedError

    @property
    @jiti
    def total(self) -> str:
        """All of it as text."""
        raise NotImplementedError
'''
TESTS = '''
import unittest

import pytest
from jiti import jiti
from shop.money import Purse, parse, show


@jiti.required_for(parse)
@pytest.mark.parametrize("raw, cents", [("1", 100), ("2.5", 250)])
def test_parse(raw, cents):
    assert parse(raw) == cents


@jiti.required_for(show)
@jiti.required_for(parse)
def test_round_trip():
    assert show(parse("1.50")) == "1.50"


@jiti.required_for(show)
def test_cents():
    """Both digits of the cents are written."""


@jiti.required_for(Purse)
class TestPurse:
    def test_starts_empty(self):
        assert Purse().total == "0.00"

    def test_adds(self):
        purse = Purse()
        purse.add("1")
        assert purse.cents == 100


class PurseCase(unittest.TestCase):
    @jiti.required_for(Purse.total)
    def test_total(self):
        self.assertEqual(Purse().total, "0.00")


def test_plain(five):
    assert five == 5
'''
CONFTEST = """
import pytest


@pytest.fixture
def five():
    return 5
"""
PARSE = ".jiti/src/shop/money/parse.py"
SHOW = ".jiti/src/shop/money/show.py"
TOTAL = ".jiti/src/shop/money/Purse.total.py"
MADE = ".jiti/tests/tests/test_money/test_cents.py"
SCRATCH = ".jiti/tests/src/shop/money/test_scratch_parse.py"
FILES = {
    "pyproject.toml": PYPROJECT,
    "conftest.py": CONFTEST,
    "src/shop/__init__.py": "",
    "src/shop/money.py": MONEY,
    "tests/test_money.py": TESTS,
    PARSE: "def parse(raw: str) -> int:\n    return round(float(raw) * 100)\n",
    SHOW: 'def show(cents: int) -> str:\n    return f"{cents // 100}.{cents % 100:02}"\n',
    ".jiti/src/shop/money/Purse.add.py": "class Purse:\n    def add(self, raw: str) -> None:\n"
    "        self.cents += parse(raw)\n",
    TOTAL: "class Purse:\n    def total(self) -> str:\n        return show(self.cents)\n",
    MADE: 'def test_cents():\n    assert show(5) == "0.05"\n',
    SCRATCH: "from shop.money import parse\n\n\ndef test_zero(five):\n"
    "    assert parse('0') == 0\n    assert five == 5\n",
}
# Every gate as a node id; those of one stub.
OF_PARSE = ("test_parse[1-100]", "test_parse[2.5-250]", "test_round_trip")
OF_SHOW = ("test_round_trip", "test_cents")
OF_PURSE = ("TestPurse::test_starts_empty", "TestPurse::test_adds", "PurseCase::test_total")
ALL = tuple(dict.fromkeys((*OF_PARSE, *OF_SHOW, *OF_PURSE)))


def make(repo: Repo) -> Repo:
    """Write the project into ``repo``."""
    for name, text in FILES.items():
        repo.write(name, text)
    return repo


def pytest_run(repo: Repo, *args: str, **env: str) -> Done:
    """Run pytest as a process of its own: with the plugins that are installed, whose warnings are not our subject."""
    quiet = ("-p", "no:asyncio", "-p", "no:cacheprovider")
    return repo.run(sys.executable, "-m", "pytest", *quiet, *args, **({"COLUMNS": "160"} | env))


STATUSES = ("proved ", "partly ", "not run ", "failed ", "missing ", "no gates ")


def names(done: Done) -> set[str]:
    """The tests that ran, without their file: from the output of ``-rA`` or ``-v``."""
    words = [line.split() for line in done.out.splitlines()]
    ran = [row[1] for row in words if len(row) > 1 and row[0] in {"PASSED", "FAILED", "ERROR", "XFAIL", "SKIPPED"}]
    return {node.partition("::")[2] for node in ran}


def section(done: Done) -> list[str]:
    """The plugin's section, title first; empty where there is none."""
    lines = done.out.splitlines()
    start = next((index for index, line in enumerate(lines) if "jiti: " in line), None)
    if start is None:
        return []
    title, rest = lines[start].strip("= "), lines[start + 1 :]
    end = next((index for index, line in enumerate(rest) if not line.startswith(STATUSES)), len(rest))
    return [title, *(" ".join(line.split()) for line in rest[:end])]
