"""A missing implementation is one line, wherever the run meets it; everything else keeps its traceback."""

import json
import os
import re

import pytest

from tests.plugin.shop import PARSE, SHOW, pytest_run
from tests.repo import Repo

HEAD = "import asyncio\nimport unittest\nimport pytest\nfrom jiti import jiti\nfrom shop.money import parse, show\n\n\n"
LINE = (
    "src/shop/money.py:16: shop.money.show has no implementation yet. "
    "Run `jiti generate shop.money.show`, or push it for the bot."
)
SHORT = "shop.money.show has no implementation yet (src/shop/money.py:16). Run `jiti generate"
# How a test can meet a stub that is missing.
MET = {
    "a call": "def test_x():\n    show(1)\n",
    "a nested call": "def test_x():\n    list(map(lambda n: [show(n)], [1]))\n",
    "a fixture": "@pytest.fixture\ndef shown():\n    return show(1)\n\ndef test_x(shown):\n    pass\n",
    "tear-down": "@pytest.fixture\ndef shown():\n    yield\n    show(1)\n\ndef test_x(shown):\n    pass\n",
    "unittest": "class TestX(unittest.TestCase):\n    def test_x(self):\n"
    "        self.assertRaises(ValueError, show, 1)\n",
    "set-up of unittest": "class TestX(unittest.TestCase):\n    def setUp(self):\n        show(1)\n"
    "    def test_x(self):\n        pass\n",
    "another error that names it as its cause": "def test_x():\n    try:\n        show(1)\n"
    "    except NotImplementedError as error:\n        raise ValueError('cannot') from error\n",
    "a group of tasks": "def test_x():\n    async def ask():\n        show(1)\n    async def main():\n"
    "        async with asyncio.TaskGroup() as group:\n            group.create_task(ask())\n"
    "            group.create_task(ask())\n    asyncio.run(main())\n",
    "expecting another error": "def test_x():\n    with pytest.raises(ValueError):\n        show(1)\n",
    "collection": "SHOWN = show(1)\n\ndef test_x():\n    pass\n",
    "parameters": "@pytest.mark.parametrize('text', [show(1)])\ndef test_x(text):\n    pass\n",
    "a docstring example": 'def test_x():\n    """\n    >>> show(1)\n    \'0.01\'\n    """\n    show(1)\n',
}
GROUP = (
    "def test_x():\n    try:\n        show(1)\n    except Exception as error:\n"
    "        raise ExceptionGroup('both', [error, OSError()])\n"
)
# What stays what it is.
OTHER = {
    "an error of its own": ("def test_x():\n    raise NotImplementedError('later')\n", "1 failed"),
    "another error after it": (
        "def test_x():\n    try:\n        show(1)\n    except NotImplementedError:\n        int('x')\n",
        "1 failed",
    ),
    "a group with another error": (
        GROUP,
        "1 failed",
    ),
    "an expected failure": ("@pytest.mark.xfail(strict=True)\ndef test_x():\n    show(1)\n", "1 xfailed"),
}


@pytest.fixture
def project(project: Repo) -> Repo:
    """The shop without one of its implementations, and without its tests."""
    (project.path / SHOW).unlink()
    (project.path / "tests" / "test_money.py").unlink()
    return project


def shown(out: str) -> list[str]:
    """The lines of failures and errors, as pytest marks them."""
    return [line for line in out.splitlines() if re.match(r"E   \S|>|tests/|/", line)]


@pytest.mark.parametrize("way", MET)
def test_it_is_one_line(project: Repo, way: str) -> None:
    project.write("tests/test_x.py", HEAD + MET[way])
    options = ("--doctest-modules",) if way == "a docstring example" else ()
    done = pytest_run(project, "-q", *options, COLUMNS="300")
    assert set(shown(done.out)) == {f"E   {LINE}"}, done.out
    summary = [line for line in done.out.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert summary
    assert all(SHORT in line for line in summary), done.out


def test_it_is_one_line_from_another_process(project: Repo) -> None:
    project.write("tests/test_x.py", HEAD + MET["a call"] + MET["a group of tasks"].replace("test_x", "test_y"))
    out = pytest_run(project, "-q", "-n2", COLUMNS="300").out
    assert shown(out) == [f"E   {LINE}"] * 2
    assert out.count(SHORT) == 2


@pytest.mark.parametrize("case", OTHER)
def test_the_rest_is_as_ever(project: Repo, case: str) -> None:
    body, count = OTHER[case]
    project.write("tests/test_x.py", HEAD + body)
    done = pytest_run(project, "-q")
    assert count in done.out
    assert LINE not in done.out


@pytest.mark.parametrize("option", ["--tb=long", "--tb=native", "--full-trace"])
def test_the_traceback_is_to_be_had(project: Repo, option: str) -> None:
    project.write("tests/test_x.py", HEAD + MET["a call"])
    out = pytest_run(project, "-q", option).out
    assert "jiti_bot/outcomes.py" in out.replace(os.sep, "/")
    assert LINE not in out


@pytest.mark.parametrize("option", ["--tb=short", "--tb=line", "--tb=no"])
def test_other_styles_of_traceback(project: Repo, option: str) -> None:
    project.write("tests/test_x.py", HEAD + MET["a call"])
    out = pytest_run(project, "-q", option, COLUMNS="300").out
    assert "outcomes.py" not in out
    assert SHORT in out


def test_reports_for_machines_have_it_too(project: Repo) -> None:
    project.write("tests/test_x.py", HEAD + MET["a call"])
    pytest_run(project, "-q", "--junitxml=report.xml")
    assert LINE in (project.path / "report.xml").read_text("utf-8")


def test_several_stubs_are_a_line_each(project: Repo) -> None:
    (project.path / PARSE).unlink()
    project.write(
        "tests/test_x.py",
        HEAD + "def test_x():\n    found = []\n    for call in (show, parse, show):\n        try:\n"
        "            call('1')\n        except NotImplementedError as error:\n            found.append(error)\n"
        "    raise ExceptionGroup('all', found)\n",
    )
    lines = shown(pytest_run(project, "-q").out)
    assert [line.split()[2] for line in lines] == ["shop.money.show", "shop.money.parse"]


def test_a_conftest_file_that_needs_one(project: Repo) -> None:
    project.write("conftest.py", "from shop.money import show\nSHOWN = show(1)\n")
    project.write("tests/test_x.py", HEAD + "def test_x():\n    pass\n")
    done = pytest_run(project, "-q", PYTHONPATH=f"{project.env['PYTHONPATH']}{os.pathsep}src")
    assert done.code == 4
    assert done.err.strip() == f"ERROR: conftest.py could not be imported: {LINE}"
    (project.path / "checks").mkdir()
    (project.path / "conftest.py").rename(project.path / "checks" / "conftest.py")
    done = pytest_run(project, "-q", ".")
    assert shown(done.out) == [f"E   {LINE}"]


def test_an_implementation_that_no_longer_fits(project: Repo) -> None:
    project.write(SHOW, "def show(cents, sign):\n    return ''\n")
    project.write("tests/test_x.py", HEAD + MET["a call"])
    (line,) = shown(pytest_run(project, "-q").out)
    assert line.startswith("E   src/shop/money.py:16: shop.money.show: its parameters changed since .jiti/src/shop/")
    assert line.endswith("Run `jiti generate shop.money.show`, or push it for the bot.")


def test_an_implementation_that_cannot_be_loaded(project: Repo) -> None:
    project.write(SHOW, "def show(cents):\n    return (\n")
    project.write("tests/test_x.py", HEAD + MET["a call"])
    (line,) = shown(pytest_run(project, "-q").out)
    assert line.startswith(f"E   {SHOW}:2: the committed file cannot be loaded: '(' was never closed.")


def test_what_is_no_stub(project: Repo) -> None:
    project.write("src/shop/money.py", "from jiti import jiti\n\n\n@jiti\ndef show(cents):\n    return 1\n")
    project.write("tests/test_x.py", "from shop.money import show\n")
    (line,) = shown(pytest_run(project, "-q").out)
    assert line.startswith("E   src/shop/money.py:5: show has a body of its own, so @jiti has nothing to do.")


def test_an_empty_test_in_a_class_that_is_a_gate(project: Repo) -> None:
    project.write(
        "tests/test_x.py",
        f"{HEAD}@jiti.required_for(show)\nclass TestX:\n    def test_x(self):\n        ...\n",
    )
    (line,) = shown(pytest_run(project, "-q").out)
    assert line.startswith(
        "E   tests/test_x.py:10: TestX.test_x is empty, and @jiti.required_for(...) on a class writes"
    )


def test_stacked_gates_without_their_body(project: Repo) -> None:
    project.write(
        "tests/test_x.py",
        f'{HEAD}@jiti.required_for(show)\n@jiti.required_for(parse)\ndef test_x():\n    """Both."""\n',
    )
    (line,) = shown(pytest_run(project, "-q").out)
    assert "tests.test_x.test_x has no implementation yet" in line


def test_colours_are_pytests_own(project: Repo) -> None:
    project.write("tests/test_x.py", HEAD + MET["a call"])
    out = pytest_run(project, "-q", "--color=yes").out
    assert json.dumps(f"\x1b[1m\x1b[31mE   {LINE}\x1b[0m") in json.dumps(out.splitlines())
