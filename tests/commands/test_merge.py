"""`jiti merge`: what is written, what is refused, and that nothing is done by halves."""

import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from jiti_bot.cli import main
from jiti_bot.store.claims import Claims
from jiti_bot.workspace import open_workspace
from tests.committed import implement
from tests.repo import Repo

TEXT = '''\
"""Texts."""

from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Make a slug."""
    # keep digits
    raise NotImplementedError


@jiti
def title(text: str) -> str:
    """Make a title."""
    raise NotImplementedError
'''
TESTS = '''\
from app.text import slugify, title
from jiti import jiti


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify("A") == "a"


@jiti.required_for(slugify, title)
def test_both() -> None:
    assert title(slugify("A")) == "a"


@jiti.required_for(slugify)
def test_written() -> None:
    """It is written."""
'''
MERGED = '''\
"""Texts."""


def slugify(text: str) -> str:
    """Make a slug."""
    return text.lower()


def title(text: str) -> str:
    """Make a title."""
    return text.lower()
'''
SLUG = ".jiti/app/text/slugify.py"


@pytest.fixture
def project(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app/__init__.py", "")
    repo.write("app/text.py", TEXT)
    repo.write("tests/test_text.py", TESTS)
    implement(repo, "tests.test_text.test_written", body='assert slugify("B") == "b"')
    implement(repo, "app.text.slugify", "app.text.title", body="return text.lower()")
    repo.write(".jiti/tests/app/text/test_scratch_slugify.py", "def test_x() -> None: ...\n")
    repo.commit()
    return repo


def merge(repo: Repo, *words: str) -> int:
    return main(["-C", str(repo.path), "merge", *words])


def files(repo: Repo) -> dict[str, bytes]:
    return {
        path.relative_to(repo.path).as_posix(): path.read_bytes()
        for path in sorted(repo.path.rglob("*"))
        if path.is_file() and not {".git", "__pycache__", ".cache"} & set(path.parts)
    }


def said(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    return out + err


def test_everything(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(project, "--all") == 0
    assert (project.path / "app/text.py").read_text() == MERGED
    tests = (project.path / "tests/test_text.py").read_text()
    assert tests == dedent('''\
        from app.text import slugify, title


        def test_slug() -> None:
            assert slugify("A") == "a"


        def test_both() -> None:
            assert title(slugify("A")) == "a"


        def test_written() -> None:
            """It is written."""
            assert slugify("B") == "b"
        ''')
    assert (project.path / "tests/test_text_slugify.py").read_text() == "def test_x() -> None: ...\n"
    assert not (project.path / ".jiti").exists()
    assert said(capsys).splitlines()[:3] == [
        "merged app.text.slugify into app/text.py",
        "merged app.text.title into app/text.py",
        "merged tests.test_text.test_written into tests/test_text.py",
    ]
    before = files(project)
    assert merge(project, "--all") == 0
    assert files(project) == before


def test_what_is_left_is_told(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(".jiti/app/gone/f.py", (project.path / SLUG).read_text())
    assert merge(project, "--all") == 0
    assert "\n.jiti/app/gone/f.py: still in the store" in said(capsys)
    assert merge(project, "--all") == 0
    assert "\n.jiti/app/gone/f.py: still in the store" in said(capsys)
    assert (project.path / ".jiti/app/gone/f.py").exists()


def test_a_name_that_others_import_from_there_stays(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("app/again.py", "from .text import jiti, slugify\n\nTHERE = jiti, slugify\n")
    assert merge(project, "--all") == 0
    assert (project.path / "app/text.py").read_text().startswith('"""Texts."""\n\nfrom jiti import jiti\n')
    assert "app/text.py:3: jiti is still imported here: app/again.py:1 needs `jiti`." in said(capsys)
    assert project.run(sys.executable, "-c", "import app.again").code == 0


def test_scratch_tests_that_import_jiti_are_told(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(".jiti/tests/app/text/test_scratch_slugify.py", "import jiti\n\n\ndef test_x(): ...\n")
    assert merge(project, "--all") == 0
    assert "tests/test_text_slugify.py:1: jiti is still imported here: nobody here needs it." in said(capsys)


def test_one_stub_leaves_the_other_and_its_gate(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(project, "app.text.slugify", "--prune", "--keep-hints") == 0
    text = (project.path / "app/text.py").read_text()
    assert '"""Make a slug."""\n    # keep digits\n    return text.lower()\n' in text
    assert text.count("@jiti") == 1
    tests = (project.path / "tests/test_text.py").read_text()
    assert tests.count("required_for") == 1
    assert "@jiti.required_for(title)\ndef test_both" in tests
    assert sorted(name for name in files(project) if name.startswith(".jiti")) == [
        ".jiti/.gitignore",
        ".jiti/app/text/title.py",
    ]
    assert "dropped .jiti/tests/app/text/test_scratch_slugify.py" in said(capsys)
    assert main(["-C", str(project.path), "check", "--strict"]) == 0


def test_a_dry_run_is_a_diff_that_git_applies(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(project)
    assert merge(project, "app/text.py", "--dry-run") == 0
    assert files(project) == before
    shown = said(capsys)
    assert f"removes {SLUG}\n" in shown
    project.write("../merge.patch", shown)
    project.git("apply", "../merge.patch")
    by_git = files(project)
    project.git("checkout", "-q", ".")
    (project.path / "tests/test_text_slugify.py").unlink()
    assert merge(project, "app.text") == 0
    assert {name: data for name, data in by_git.items() if not name.startswith(".jiti")} == files(project)


def test_for_machines(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(project, "app.text.title", "--json", "--dry-run") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["written"], report["merged"], report["refused"]) == (False, ["app.text.title"], [])


REFUSALS = {
    "missing": (lambda repo: (repo.path / SLUG).unlink(), "app/text.py:7: app.text.slugify", "jiti generate"),
    "stale": (lambda repo: edit(repo, "app/text.py", "Make a slug", "Do a slug"), "app/text.py:7", "docstring"),
    "conflict": (
        lambda repo: (edit(repo, SLUG, "lower", "upper"), edit(repo, "app/text.py", "a slug", "slugs")),
        "app/text.py:7",
        "edited by hand",
    ),
    "edited, with other gates": (
        lambda repo: (edit(repo, SLUG, "lower", "upper"), edit(repo, "tests/test_text.py", '"a"', '"b"')),
        "app/text.py:7",
        "edited by hand",
    ),
    "malformed": (lambda repo: edit(repo, SLUG, "ruff ty", "ruff"), f"{SLUG}:1", "header"),
    "test not written": (
        lambda repo: (repo.path / ".jiti/tests/tests/test_text/test_written.py").unlink(),
        "tests/test_text.py:16: tests.test_text.test_written",
        "no implementation yet",
    ),
    "twice": (
        lambda repo: repo.write("app/text.py", f"{TEXT}\n\ndef slugify(text):\n    return 1\n"),
        "app/text.py:7",
        "slugify",
    ),
    "read-only": (lambda repo: (repo.path / "app/text.py").chmod(0o444), "app/text.py:1", "chmod u+w app/text.py"),
    "read-only tests": (
        lambda repo: (repo.path / "tests/test_text.py").chmod(0o444),
        "tests/test_text.py:1",
        "chmod u+w tests/test_text.py",
    ),
    "star import": (
        lambda repo: edit(repo, SLUG, "def slugify", "from os.path import *\n\n\ndef slugify"),
        f"{SLUG}:14",
        "star import",
    ),
    "future": (
        lambda repo: edit(repo, SLUG, "def slugify", "from __future__ import annotations\n\n\ndef slugify"),
        f"{SLUG}:14",
        "meaning of the whole module",
    ),
    "other parameters": (lambda repo: edit(repo, SLUG, "text: str", "word: str"), f"{SLUG}:14", "other parameters"),
    "decorated": (
        lambda repo: edit(repo, SLUG, "def slugify", "@print\ndef slugify"),
        f"{SLUG}:14",
        "decorators belong on the stub",
    ),
    "another meaning": (
        lambda repo: repo.write(SLUG, (repo.path / SLUG).read_text() + "\nslugify = print\n"),
        f"{SLUG}:18: app.text.slugify cannot",
        "bound a second time",
    ),
    "scratch tests that do not parse": (
        lambda repo: repo.write(".jiti/tests/app/text/test_scratch_slugify.py", "x = 1\ndef test_x(:\n"),
        ".jiti/tests/app/text/test_scratch_slugify.py:2: app.text.slugify cannot",
        "--prune",
    ),
    "would not compile": (
        lambda repo: edit(repo, SLUG, "return text", "nonlocal x\n    return text"),
        "app/text.py: app.text.slugify cannot",
        "would not compile",
    ),
    "not in its encoding": (
        lambda repo: (
            repo.write("app/text.py", f"# coding: latin-1\n{TEXT}"),
            edit(repo, SLUG, "return text.lower()", 'return "\N{RIGHTWARDS ARROW}"'),
        ),
        "app/text.py",
        "iso-8859-1",
    ),
}


FILE_WIDE = ("read-only", "read-only tests", "edited, with other gates")


def edit(repo: Repo, file: str, old: str, new: str) -> None:
    text = (repo.path / file).read_text()
    assert old in text
    repo.write(file, text.replace(old, new))


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_merged_is_refused_with_nothing_written(
    project: Repo, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, where, words = REFUSALS[name]
    spoil(project)
    before = files(project)
    assert merge(project, "app.text.slugify", "app.text.title") == 1
    assert files(project) == before
    out = said(capsys)
    assert any(line.startswith(where) for line in out.splitlines()), out
    assert words in out
    assert "Nothing was merged." in out
    assert "app.text.title cannot" not in out or name in FILE_WIDE


def test_going_on_merges_the_others(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    (project.path / SLUG).unlink()
    assert merge(project, "--all", "--keep-going") == 1
    text = (project.path / "app/text.py").read_text()
    assert text.count("@jiti") == 1
    assert text.endswith("return text.lower()\n")
    assert "@jiti.required_for(slugify)\ndef test_both" in (project.path / "tests/test_text.py").read_text()
    assert "app.text.slugify cannot be merged" in said(capsys)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "--all"),
        (("--all", "app.text"), 2, "--all"),
        (("app.text.slug",), 14, "app.text.slugify"),
        (("../other.py",), 14, "no stub named"),
    ],
)
def test_targets(
    project: Repo, words: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert merge(project, *words) == code
    assert told in said(capsys)


def test_what_is_being_generated_is_left_alone(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = open_workspace(str(project.path), project.env)
    claims = Claims(str(project.path))
    assert claims.take(workspace.index(workspace.work_tree()).find("app.text.slugify")[0])
    before = files(project)
    assert merge(project, "--all") == 5
    claims.close()
    assert files(project) == before
    assert "app.text.slugify is being generated" in said(capsys)


def test_a_linked_source_file(project: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = tmp_path / "outside"
    (project.path / "app").rename(outside)
    (project.path / "app").symlink_to(outside)
    before = {path.name: path.read_bytes() for path in outside.glob("*.py")}
    assert merge(project, "--all") in {0, 1}
    assert before == {path.name: path.read_bytes() for path in outside.glob("*.py")}
    assert "Traceback" not in said(capsys)


def test_permissions_stay(project: Repo) -> None:
    (project.path / "app/text.py").chmod(0o755)
    assert merge(project, "--all") == 0
    assert (project.path / "app/text.py").stat().st_mode & 0o777 == 0o755


def test_an_import_that_leads_back_goes_into_the_function_that_uses_it(project: Repo) -> None:
    project.write("app/other.py", "import app\nfrom app.deep import LIMIT\n\nDOUBLE = LIMIT * 2\n")
    project.write("app/deep.py", "from app.text import LIMIT\n")
    edit(project, "app/text.py", "from jiti import jiti\n", "from jiti import jiti\n\nLIMIT = 2\n")
    code = "import re\nfrom app.other import DOUBLE\n\n\ndef slugify(text: str) -> str:"
    edit(project, SLUG, "def slugify(text: str) -> str:", code)
    edit(project, SLUG, "return text.lower()", "return re.sub('x', str(DOUBLE), text)")
    assert merge(project, "app.text.slugify") == 0
    text = (project.path / "app/text.py").read_text()
    assert text.startswith('"""Texts."""\n\nimport re\n')
    assert '"""Make a slug."""\n    from app.other import DOUBLE\n    return re.sub' in text
    for first in ("app.text", "app.other", "app.deep"):
        code = f"import {first}, app.text; print(app.text.slugify('x'))"
        assert project.run(sys.executable, "-c", code).out == "4\n"
