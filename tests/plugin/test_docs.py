"""docs/pytest.md: every command in it runs, and shows what the page shows."""

import re
import shlex
import sys

import pytest

from tests.plugin import shop
from tests.repo import ROOT, Repo

PAGE = (ROOT / "docs" / "pytest.md").read_text("utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
REFUND = 'from jiti import jiti\n\n\n@jiti\ndef refund(cents: int) -> int:\n    """What is given back."""\n'
REFUND_TEST = """from jiti import jiti
from shop.refund import refund


@jiti.required_for(refund)
def test_refund():
    assert refund(1) == 1
"""


@pytest.fixture
def project(project: Repo) -> Repo:
    """The shop of the page, which has no `Purse.add`."""
    project.write("src/shop/money.py", without(shop.MONEY, "    @jiti\n    def add", "    @property"))
    project.write("tests/test_money.py", without(shop.TESTS, "    def test_adds", "class PurseCase"))
    return project


def without(text: str, start: str, end: str) -> str:
    """``text`` without what stands from ``start`` to ``end``."""
    return text[: text.index(start)] + text[text.index(end) :]


def commands() -> list[tuple[str, str]]:
    """Each command with what the page shows below it."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
    return found


@pytest.mark.parametrize(("command", "shown"), commands(), ids=[command for command, _ in commands()])
def test_command(project: Repo, command: str, shown: str) -> None:
    program, *options = shlex.split(command)
    assert program == "pytest"
    if "refund" in command:
        project.write("src/shop/refund.py", REFUND)
        project.write("tests/test_refund.py", REFUND_TEST)
    done = project.run(sys.executable, "-m", "pytest", "-p", "no:asyncio", *options, COLUMNS="80")
    assert done.code == (1 if "refund" in command else 0), done.out + done.err
    lines = [plain(line) for line in done.out.splitlines()]
    wanted = [plain(line) for line in shown.splitlines() if line != "..."]
    assert [line for line in lines if line in wanted] == wanted, done.out


def plain(line: str) -> str:
    """A line without the rules that fill it up to the terminal's width."""
    return line.strip("= ")


def test_every_option_is_on_the_page(folder: Repo) -> None:
    told = folder.run(sys.executable, "-m", "pytest", "--help").out
    options = set(re.findall(r"--jiti-[a-z]+", told))
    assert options
    assert options == set(re.findall(r"--jiti-[a-z]+", PAGE))


def test_every_status_is_on_the_page() -> None:
    assert [f"{word} " for word in re.findall(r"^\| `([a-z ]+)` \|", PAGE, re.MULTILINE)] == list(shop.STATUSES)
