"""A small project on disk, its specs, and a bench over it."""

import os
from collections.abc import Mapping
from pathlib import Path

from jiti_bot.settings import Settings
from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from jiti_bot.trees import WorkTree
from jiti_bot.validation.project import Project, open_project
from tests import lean

PYPROJECT = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = ["-p", "no:asyncio"]  # what it warns of at its start would be an error
filterwarnings = ["error"]

[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["E", "F", "I", "B", "UP", "RET", "C901"]

[tool.ruff.lint.mccabe]
max-complexity = 8
"""

LIB = '''\
"""Plain code that stubs build on."""

import re


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return re.findall(r"[A-Za-z0-9]+", text)
'''

TEXT = '''\
"""Text helpers, some of them still to be written."""

import re
from dataclasses import dataclass

from app.lib import words
from jiti import jiti

LIMIT = 40


@jiti
def slugify(text: str) -> str:
    """A lower-case slug: words joined by single hyphens, at most `LIMIT` characters.

    >>> slugify("Hello, World!")
    'hello-world'
    """
    raise NotImplementedError


@jiti(uses=[words])
def count(text: str) -> dict[str, int]:
    """How often each word occurs, in lower case."""
    raise NotImplementedError


@jiti
def title(text: str) -> str:
    """The slug of a text with its words capitalised and joined by blanks."""
    # build on slugify
    raise NotImplementedError


@dataclass
class Money:
    """An amount in cents."""

    cents: int

    @property
    @jiti
    def text(self) -> str:
        """The amount as `$1,234.56`."""
        raise NotImplementedError

    @classmethod
    def zero(cls) -> "Money":
        return cls(0)


def broken() -> str:
    return 1
'''

TESTS = '''\
import pytest

from app.text import LIMIT, Money, count, slugify, title
from jiti import jiti


@jiti.required_for(slugify)
@pytest.mark.parametrize(
    ("text", "slug"),
    [("A  b", "a-b"), ("--x--", "x"), ("Already-fine", "already-fine")],
)
def test_slugs(text: str, slug: str) -> None:
    assert slugify(text) == slug


@jiti.required_for(slugify)
def test_limit() -> None:
    assert len(slugify("ab " * 40)) <= LIMIT


@jiti.required_for(slugify)
def test_empty_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        slugify("...")


@jiti.required_for(slugify)
def test_never_ends_in_a_hyphen() -> None:
    """A slug never begins or ends in a hyphen, however it was cut."""
    ...


class TestCount:
    @jiti.required_for(count)
    def test_counts(self) -> None:
        assert count("a b A") == {"a": 2, "b": 1}


@jiti.required_for(title)
def test_title() -> None:
    assert title("hello, WORLD") == "Hello World"


@jiti.required_for(Money.text)
def test_money() -> None:
    assert Money(123456).text == "$1,234.56"
    assert Money.zero().text == "$0.00"
'''
SHAPES = '''\
"""Stubs of every kind."""

from collections.abc import AsyncIterator, Iterator
from typing import Self

from jiti import jiti


@jiti
class Stack:
    """A stack of numbers, last in, first out."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def push(self, item: int) -> None:
        """Put an item on top."""
        ...

    def pop(self) -> int:
        """Take the top item; `IndexError` with the word "empty" where there is none."""
        ...


class Temperature:
    """Kept in kelvin, shown in degrees Celsius."""

    def __init__(self, kelvin: float) -> None:
        self.__kelvin = kelvin

    @property
    def celsius(self) -> float:
        return self.__kelvin - 273.15

    @celsius.setter
    @jiti
    def celsius(self, value: float) -> None:
        """Set it in degrees Celsius; `ValueError` below absolute zero."""
        ...

    @classmethod
    @jiti
    def parse(cls, text: str) -> Self:
        """Read `20 C` or `293.15 K`; anything else is a `ValueError`."""
        ...

    class Range:
        """An inclusive range of kelvin."""

        def __init__(self, low: float, high: float) -> None:
            self.low = low
            self.high = high

        @jiti
        def __contains__(self, kelvin: float) -> bool:
            """Whether it lies in the range."""
            ...


@jiti
def chunks(items: list[int], size: int) -> Iterator[list[int]]:
    """Consecutive chunks of at most `size` items; `ValueError` for a size below one, when first asked."""
    ...


async def numbers(until: int) -> AsyncIterator[int]:
    """0, 1, 2... below `until`."""
    for number in range(until):
        yield number


@jiti
async def total(until: int) -> int:
    """The sum of `numbers(until)`."""
    ...
'''
SHAPES_TESTS = """\
import asyncio

import pytest

from app.shapes import Stack, Temperature, chunks, total
from jiti import jiti


@jiti.required_for(Stack)
def test_stack() -> None:
    stack = Stack()
    stack.push(1)
    stack.push(2)
    assert [stack.pop(), stack.pop()] == [2, 1]
    with pytest.raises(IndexError, match="empty"):
        stack.pop()


@jiti.required_for(Temperature.celsius)
def test_celsius() -> None:
    temperature = Temperature(0)
    temperature.celsius = 20.0
    assert temperature.celsius == pytest.approx(20.0)
    with pytest.raises(ValueError, match="zero"):
        temperature.celsius = -300.0


@jiti.required_for(Temperature.parse)
def test_parse() -> None:
    assert Temperature.parse("20 C").celsius == pytest.approx(20.0)
    assert Temperature.parse("293.15 K").celsius == pytest.approx(20.0)
    with pytest.raises(ValueError, match="warm"):
        Temperature.parse("warm")


@jiti.required_for(Temperature.Range.__contains__)
@pytest.mark.parametrize(("kelvin", "inside"), [(1.0, True), (2.0, True), (2.5, False), (0.0, False)])
def test_range(kelvin: float, inside: bool) -> None:
    assert (kelvin in Temperature.Range(1.0, 2.0)) is inside


@jiti.required_for(chunks)
class TestChunks:
    def test_even(self) -> None:
        assert list(chunks([1, 2, 3, 4], 2)) == [[1, 2], [3, 4]]

    def test_rest(self) -> None:
        assert list(chunks([1, 2, 3], 2)) == [[1, 2], [3]]

    def test_size(self) -> None:
        with pytest.raises(ValueError, match="size"):
            list(chunks([1], 0))


@jiti.required_for(total)
def test_total() -> None:
    assert asyncio.run(total(5)) == 10
    assert asyncio.run(total(0)) == 0
"""
CONFTEST = """\
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
"""
FILES = {
    "pyproject.toml": PYPROJECT,
    "src/app/__init__.py": "",
    "src/app/lib.py": LIB,
    "src/app/text.py": TEXT,
    "tests/conftest.py": CONFTEST,
    "tests/test_text.py": TESTS,
    "src/app/shapes.py": SHAPES,
    "tests/test_shapes.py": SHAPES_TESTS,
}


def write(root: Path, files: Mapping[str, str] = FILES) -> Path:
    """Lay files below ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return root


def specs(root: Path) -> dict[str, Spec]:
    """The specs of the project in ``root``, by unit for brevity."""
    with WorkTree(str(root)) as tree:
        index = Index(tree, store_of=lambda _: ".jiti")
        return {spec.stub.unit: spec for spec in index.specs()}


def project(root: Path, settings: Settings | None = None, python: str = "") -> Project:
    """The project as validation opens it, judged by the given interpreter, else by one that has pytest and jiti."""
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return open_project(root, settings or Settings(python=python or str(lean.python())), environ)
