"""`jiti merge --all`: what only jiti needed goes with it, and what else can go is said."""

from pathlib import Path

import pytest

from jiti_bot.cli import main
from tests.committed import implement
from tests.repo import Repo

ENGINES = '''\
"""Settings."""

from jiti import Engine

# for what is quick
FAST = Engine(model="m")

LIMIT = 3
'''
TEXT = '''\
"""Texts; jiti wrote some."""

import jiti as j
from app.engines import FAST, LIMIT
from app.tools import tool

quick = j.jiti(engine=FAST)


@quick
def slugify(text: str) -> str:
    """Make a slug."""
    raise NotImplementedError


class Parser:
    """A parser."""

    @property
    @j.jiti(uses=[tool], engine=FAST)
    def title(self) -> int:
        """A title."""
        ...  # here

    @title.setter
    @j.jiti
    def title(self, value: int) -> None:
        pass
'''
MERGED = '''\
"""Texts; jiti wrote some."""

from app.engines import LIMIT


def slugify(text: str) -> str:
    """Make a slug."""
    return LIMIT


class Parser:
    """A parser."""

    @property
    def title(self) -> int:
        """A title."""
        return LIMIT

    @title.setter
    def title(self, value: int) -> None:
        return LIMIT
'''


@pytest.fixture
def project(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\ndependencies = ["jiti-bot"]\n\n[tool.jiti]\nmax_usd = 1.0\n')
    repo.write("requirements/dev.txt", "jiti-bot[bot]\n")
    repo.write(".github/workflows/jiti.yml", "jobs:\n  a:\n    uses: jiti-bot/jiti-bot/x.yml@v1\n")
    repo.write("jiti.style.md", "Short.\n")
    repo.write("app/__init__.py", "")
    repo.write("app/tools.py", "def tool() -> None: ...\n")
    repo.write("app/engines.py", ENGINES)
    repo.write("app/text.py", TEXT)
    implement(repo, body="return LIMIT")
    repo.commit()
    return repo


def merge(repo: Repo, *words: str) -> int:
    return main(["-C", str(repo.path), "merge", *words])


def test_engines_and_kept_calls_go_with_the_last_that_names_them(
    project: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert merge(project, "app.text.slugify") == 0
    text = (project.path / "app/text.py").read_text()
    assert "quick" not in text
    assert "@j.jiti(uses=[tool], engine=FAST)" in text
    assert "Nothing of jiti is left" not in capsys.readouterr().out
    assert merge(project, "--all") == 0
    assert (project.path / "app/text.py").read_text() == MERGED
    assert (project.path / "app/engines.py").read_text() == '"""Settings."""\n\nLIMIT = 3\n'
    assert capsys.readouterr().out.splitlines()[-6:] == [
        "Nothing of jiti is left in the source.",
        ".github/workflows/jiti.yml:3: can go: this workflow runs jiti",
        "pyproject.toml:3: can go: the dependency on jiti-bot, [tool.jiti] and what names the store",
        "requirements/dev.txt:1: can go: the dependency on jiti-bot",
        "jiti.style.md:1: can go by hand: a guide for the model",
        "`jiti merge --all --uninstall` removes what can go.",
    ]


def test_uninstall(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(project, "--all", "--uninstall", "--dry-run") == 0
    assert "-[tool.jiti]" in capsys.readouterr().out
    assert merge(project, "--all", "--uninstall") == 0
    assert (project.path / "pyproject.toml").read_text() == '[project]\nname = "app"\ndependencies = []\n'
    assert not (project.path / ".github/workflows/jiti.yml").exists()
    assert not (project.path / ".jiti").exists()
    assert (project.path / "jiti.style.md").exists()
    capsys.readouterr()
    assert merge(project, "--all", "--uninstall") == 0
    assert not (project.path / ".jiti").exists()
    assert "Nothing to merge." in capsys.readouterr().out


def test_uninstall_after_everything_was_merged(project: Repo) -> None:
    assert merge(project, "--all") == 0
    assert merge(project, "--all", "--uninstall") == 0
    assert (project.path / "requirements/dev.txt").read_text() == ""
    assert not (project.path / ".jiti").exists()


def test_nothing_is_uninstalled_while_something_is_left(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("app/compat.py", "try:\n    from jiti import jiti\nexcept ImportError:\n    jiti = None\n")
    assert merge(project, "--all", "--uninstall") == 1
    assert 'dependencies = ["jiti-bot"]' in (project.path / "pyproject.toml").read_text()
    out = capsys.readouterr().out
    assert "app/compat.py:2: jiti is still imported here: nobody here needs it." in out
    assert "That needs you; then run this again. Nothing was uninstalled." in out
    assert merge(project, "app.text", "--uninstall") == 2


def test_what_is_not_looked_at_keeps_what_it_needs(
    project: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = (project.path / "app/text.py").rename(tmp_path / "text.py")
    before = outside.read_bytes()
    (project.path / "app/text.py").symlink_to(outside)
    project.write(".gitignore", "built/\n")
    project.write("built/mine.py", "from jiti import jiti\n")
    project.write(".jiti/built/mine/f.py", "def f(): ...\n")
    assert merge(project, "--all", "--uninstall") == 1
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "app/text.py:1: a link leads out of the project here, so its stubs were not looked at.",
        "built/mine.py:1: git ignores this file, so its stubs were not looked at.",
        "That needs you; then run this again. Nothing was uninstalled.",
    ]
    assert outside.read_bytes() == before
    assert 'dependencies = ["jiti-bot"]' in (project.path / "pyproject.toml").read_text()
    assert merge(project, "app/text.py") == 14
    assert "app/text.py lies out of the project" in capsys.readouterr().err


def test_tests_go_elsewhere_where_their_folder_would_be_a_file(project: Repo) -> None:
    project.write("tests", "about tests")
    project.write(".jiti/tests/app/text/test_scratch_slugify.py", "def test_x() -> None: ...\n")
    assert merge(project, "app.text.slugify") == 0
    assert (project.path / "test/test_text_slugify.py").exists()
