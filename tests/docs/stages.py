"""Where a page's commands are run: a real project, a shell that goes from block to block, and a model that is a server.

What a model says comes from stored sessions for examples/semver, and from `ANSWERS` for the small projects.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jiti_bot.loopback import Conversation, Loopback, Reply, ToolUse, catalogue
from jiti_bot.loopback.sessions import Sessions
from tests.committed import implement
from tests.docs.blocks import Block, Command, commands
from tests.plugin import shop
from tests.repo import ROOT, Repo, make

_BIN = Path(sys.executable).parent
_HEADER = re.compile(r"\A# jiti 1 .*?\n\n", re.DOTALL)
# What differs from run to run: seconds, dollars, percent; and pytest's dots and rules, which depend on the width.
_VARIES = (
    (re.compile(r"\d+\.\d+ ?s\b"), "0 s"),
    (re.compile(r"\$\d+\.\d+"), "$0"),
    (re.compile(r" +"), " "),
    (re.compile(r"^[.=]+|[=]+$"), ""),
)
# Addresses in the pages that stand for the model's server.
_SERVERS = ("http://localhost:11434",)
PYPROJECT = """[project]
name = "app"
version = "1"
requires-python = ">=3.11"

[tool.jiti]
mutants = 0

[tool.pytest.ini_options]
pythonpath = ["src"]
"""
RULED = """[project]
name = "app"
version = "1"
requires-python = ">=3.11"

[tool.ruff]
line-length = 100

[tool.ty.environment]
python-version = "3.11"
"""
HOOKS = """repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.14.9
    hooks:
      - id: ruff-check # ours first
"""
SLUGIFY = '''from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Convert text to a URL-safe slug.

    >>> slugify("Hello, World!")
    'hello-world'
    """
    raise NotImplementedError
'''
_SEPARATED = 'return _SEPARATORS.sub("-", text.lower()).strip("-")'
_SPLIT = "share, rest = divmod(cents, ways)\nreturn [share + 1] * rest + [share] * (ways - rest)"
# What the model answers, by key: each answer is given once, and the last one again and again.
ANSWERS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "app.text.slugify": [
        ("submit", {"body": _SEPARATED, "helpers": 'import re\n\n_SEPARATORS = re.compile(r"[^a-z0-9]+")\n'}),
    ],
    "tests.test_text.test_has_no_separator_at_the_ends": [
        ("submit_test", {"body": 'assert slugify(" - a - ") == "a"', "helpers": ""}),
    ],
    "app.money.split": [
        ("submit", {"body": _SPLIT}),
        ("submit", {"body": f'if ways < 1:\n    raise ValueError("ways has to be 1 or more")\n{_SPLIT}'}),
    ],
}


MODELS = catalogue.MODELS | {"qwen3-coder": catalogue.MODELS["claude-sonnet-5-5"]}


@dataclass(slots=True)
class Stage:
    """One page's project and shell. ``folder`` and ``env`` are those that the last command left."""

    folder: Path
    env: dict[str, str]
    server: Loopback
    root: Path
    expected: list[Block] = field(default_factory=list)

    def file(self, block: Block) -> str:
        """Write a block that is a file, or compare it; what was done, in a word."""
        path = self.folder / block.path
        if block.path.startswith(".jiti/"):
            self.expected.append(block)
            if path.exists():
                self.settle()
            return "compared"
        there = path.read_text("utf-8") if path.exists() else ""
        if not block.append and block.text in there:
            return "compared"
        assert block.append or not there, f"{block} is no excerpt of {block.path}, which is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{there}\n\n{block.text}" if block.append else block.text, "utf-8")
        return "written"

    def run(self, block: Block) -> None:
        """Run a block's commands, and compare what they print with what the page shows."""
        for command in commands(block):
            code, said = self.shell(command.line)
            where = f"{block}: $ {command.line}"
            assert code == command.code, f"{where} ended with {code}, not {command.code}:\n{said}"
            if command.shown is not None:
                missing = unshown(command, said)
                assert missing == [], f"{where} does not print {missing}, but:\n{said}"

    def shell(self, line: str) -> tuple[int, str]:
        """Run a line as a person's shell would, which keeps where it is and what was exported."""
        for address in _SERVERS:
            line = line.replace(address, self.server.url)
        after = self.root / "after"
        script = f'{line}\ncode=$?\n{{ pwd; env -0; }} > "{after}"\nexit $code\n'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        folder, _, variables = after.read_text("utf-8").partition("\n")
        self.folder = Path(folder)
        self.env = dict(one.split("=", 1) for one in variables.split("\0") if "=" in one)
        return done.returncode, done.stdout

    def settle(self) -> None:
        """Compare what the page has shown as committed by now with what is: on some it stands above the command."""
        while self.expected:
            block = self.expected.pop()
            path = self.folder / block.path
            assert path.exists(), f"{block}: there is no {block.path}"
            assert block.text in _HEADER.sub("", path.read_text("utf-8")), f"{block} shows other code than {block.path}"


def unshown(command: Command, said: str) -> list[str]:
    """The lines that the page shows and the command does not print, in whatever order: stubs are worked on at once.

    Where the page leaves nothing out, those too that are printed and not shown, after a ``+``.
    """
    got = [_plain(line) for line in said.splitlines()]
    lines = [_plain(line) for line in (command.shown or "").splitlines() if line.strip() != "..."]
    wanted = [line for line in lines if line]
    missing = [line for line in wanted if line not in got]
    if "..." not in (command.shown or "").splitlines():
        missing += [f"+ {line}" for line in got if line and line not in wanted]
    return missing


def _plain(line: str) -> str:
    for pattern, instead in _VARIES:
        line = pattern.sub(instead, line)
    return line.strip()


def stage(page: str, home: Path, server: Loopback) -> Stage:
    """The stage of a page, set up as the page takes for granted."""
    repo = make(home, "project")
    SET_UP[page](repo)
    env = repo.env | {
        "PATH": f"{_BIN}{os.pathsep}{repo.env['PATH']}",
        "ANTHROPIC_BASE_URL": server.url,
        "ANTHROPIC_API_KEY": "sk-test-key",
        "COLUMNS": "100",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Plugins of this environment, not of the page's.
        "PYTEST_ADDOPTS": "-p no:asyncio -p no:cacheprovider -p no:randomly",
    }
    return Stage(repo.path, env, server, home)


def model(page: str) -> Loopback:
    """The server that answers on a page."""
    if page == "docs/tutorial.md":
        return Loopback(Sessions.read(ROOT / "examples" / "semver" / "replies"))
    given: dict[str, int] = {}

    def script(conversation: Conversation) -> Reply:
        answers = ANSWERS[conversation.key]
        count = given[conversation.key] = given.get(conversation.key, -1) + 1
        tool, arguments = answers[min(count, len(answers) - 1)]
        more = {"helpers": "", "tests": "", "quality": 9} if tool == "submit" else {}
        return Reply((ToolUse(tool, more | arguments),))

    return Loopback(script, models=MODELS)


def _clone(repo: Repo) -> None:
    shutil.copytree(ROOT / "examples", repo.path / "examples", ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))


def _finished(repo: Repo) -> None:
    _clone(repo)
    shutil.copytree(repo.path / "examples" / "semver", repo.path, dirs_exist_ok=True)
    shutil.copytree(repo.path / "expected" / ".jiti", repo.path / ".jiti")


def _empty(repo: Repo) -> None:
    repo.write("pyproject.toml", PYPROJECT)
    repo.write("src/app/__init__.py", "")
    repo.git("add", "-A")


def _ruled(repo: Repo) -> None:
    """A project with tools of its own, and nothing of ours."""
    repo.write("pyproject.toml", RULED)
    repo.write("src/app/__init__.py", "")
    repo.write(".pre-commit-config.yaml", HOOKS)
    repo.git("add", "-A")


def _slugify(repo: Repo) -> None:
    _empty(repo)
    repo.write("src/app/text.py", SLUGIFY)
    repo.git("add", "-A")


def _unset(repo: Repo) -> None:
    _slugify(repo)
    (repo.path / "pyproject.toml").unlink()
    repo.git("add", "-A")


def _implemented(repo: Repo) -> None:
    _slugify(repo)
    implement(repo, body='return "-".join(word.strip("!,") for word in text.lower().split())')
    repo.commit()


def _program(repo: Repo) -> None:
    _implemented(repo)
    repo.write("src/app/__main__.py", 'from app.text import slugify\n\nprint(slugify("Hello"))\n')
    repo.write("app.py", 'print("it runs")\n')
    repo.write("tests/test_it.py", "def test_it() -> None:\n    assert True\n")


def _shop(repo: Repo) -> None:
    shop.make(repo)
    repo.git("add", "-A")


SET_UP: dict[str, Callable[[Repo], None]] = {
    "README.md": _empty,
    "docs/commands.md": _program,
    "docs/index.md": _empty,
    "docs/leaving.md": _implemented,
    "docs/local-models.md": _unset,
    "docs/reference.md": _shop,
    "docs/set-up.md": _ruled,
    "docs/tdd.md": _empty,
    "docs/tutorial.md": _clone,
    "examples/semver/README.md": _finished,
}
