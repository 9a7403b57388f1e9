"""Real modules: a body cut out and folded in again gives the file as it was, byte for byte."""

import bisect
import colorsys
import csv
import fnmatch
import getopt
import graphlib
import heapq
import html
import importlib
import queue
import sched
import shlex
import string
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from jiti_bot.graduation.anatomy import Definition, split_lines
from jiti_bot.graduation.dissect import dissect
from jiti_bot.graduation.fold import Place, fold, prepare

MODULES: list[ModuleType] = [
    bisect,
    colorsys,
    csv,
    fnmatch,
    getopt,
    graphlib,
    heapq,
    html,
    queue,
    sched,
    shlex,
    string,
    textwrap,
]
MODULES += [importlib.import_module(name) for name in ("http.cookies", "json.decoder", "wsgiref.headers")]
EACH = 3


def source(module: ModuleType) -> str:
    assert module.__file__
    return Path(module.__file__).read_bytes().decode()


def stub_and_unit(lines: tuple[str, ...], one: Definition) -> tuple[str, str]:
    """The host with a placeholder instead of the body, and the body in a file of its own."""
    line, column = one.cut
    assert column == 0
    host = [*lines[: line - 1], f"{one.indent}...\n", *lines[one.last :]]
    skeleton = [f"{'    ' * depth}class {name}:\n" for depth, name in enumerate(one.owners)]
    return "".join(host), "".join([*skeleton, *lines[one.keyword - 1 : one.last]])


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_body_comes_back_as_it_was(module: ModuleType) -> None:
    text = source(module)
    anatomy = dissect(text)
    bodies = [one for one in anatomy.definitions if not one.is_class and one.cut[1] == 0 and one.cut[0] <= one.last]
    assert bodies
    for one in bodies[:: max(1, len(bodies) // EACH)]:
        host, unit = stub_and_unit(anatomy.lines, one)
        assert fold(prepare(host), Place(one.name, one.owners, one.keyword), unit).text == text, one


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_lines_and_definitions_are_where_they_are_said_to_be(module: ModuleType) -> None:
    text = source(module)
    assert "".join(split_lines(text)) == text
    anatomy = dissect(text)
    for one in anatomy.definitions:
        keyword = anatomy.lines[one.keyword - 1].lstrip()
        assert keyword.startswith((f"def {one.name}", f"class {one.name}", f"async def {one.name}"))
        assert one.first <= one.keyword <= one.last
        assert one.attached <= one.first


def test_lines_that_stand_further_out_than_their_body() -> None:
    body = "    x = (1,\n  2)\n# out here\n\n    return x\n"
    host, unit = "def f():\n    ...\n", f"def f():\n{body}"
    assert fold(prepare(host), Place("f"), unit).text == unit
    deeper = fold(
        prepare("class A:\n    def f(self):\n        ...\n"), Place("f", ("A",)), f"class A:\n  def f(self):\n{body}"
    )
    assert (
        deeper.text
        == "class A:\n    def f(self):\n        x = (1,\n        2)\n        # out here\n\n        return x\n"
    )
