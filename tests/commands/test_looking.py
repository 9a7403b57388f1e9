"""show, diff and clear."""

import json

import pytest

from tests.committed import implement
from tests.repo import Done, Repo

TEXT = '''\
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
TESTS = """\
from app import slugify
from jiti import jiti


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify("A") == "a"
"""
SLUG = ".jiti/app/slugify.py"


@pytest.fixture
def project(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app.py", TEXT)
    repo.write("tests/test_app.py", TESTS)
    implement(repo, "app.slugify", body="return text.lower()")
    repo.write(".jiti/tests/app/test_scratch_slugify.py", "def test_x() -> None: ...\n")
    repo.commit()
    return repo


def edit(repo: Repo, file: str, old: str, new: str) -> None:
    text = (repo.path / file).read_text()
    assert old in text
    repo.write(file, text.replace(old, new))


def ok(done: Done) -> str:
    assert (done.code, done.err) == (0, "")
    return done.out


def test_show_prints_facts_and_code(project: Repo) -> None:
    out = ok(project.jiti("show", "app.slugify"))
    assert out.splitlines()[0] == "app.slugify"
    assert out.endswith('\n\ndef slugify(text: str) -> str:\n    """Make a slug."""\n    return text.lower()\n')
    for fact in ("app.py:5", SLUG, "current", "claude-sonnet-5-5", "ruff ty", "test_slug tests/test_app.py:6"):
        assert fact in out


def test_show_for_machines(project: Repo) -> None:
    (stub,) = json.loads(ok(project.jiti("show", "app.slugify", "--json")))["stubs"]
    assert stub["code"].startswith("def slugify")
    assert (stub["path"], stub["scratch"]) == (SLUG, ".jiti/tests/app/test_scratch_slugify.py")


def test_show_what_was_edited(project: Repo) -> None:
    edit(project, SLUG, "text.lower()", "text.casefold()")
    assert "\n  state       edited by hand\n" in ok(project.jiti("show", "app.slugify"))


def test_show_what_is_not_there(project: Repo) -> None:
    done = project.jiti("show", "app.title")
    assert done.code == 14
    assert "app.py:12: app.title has no committed implementation. Run `jiti generate app.title`" in done.err


def test_show_what_is_broken(project: Repo) -> None:
    edit(project, SLUG, "ruff ty", "ruff ty gates=1")
    done = project.jiti("show", "app.slugify")
    assert done.code == 5
    assert f"{SLUG}:1: The header" in done.out


def test_diff_of_what_agrees(project: Repo) -> None:
    assert ok(project.jiti("diff", "app.slugify")) == "app.slugify: current\nThe stub and its committed code agree.\n"


def test_diff_of_what_is_missing(project: Repo) -> None:
    assert ok(project.jiti("diff", "app.title")) == "app.title: missing\nNothing is committed for it yet.\n"


CHANGES = {
    "signature": ('text: str) -> str:\n    """Make a slug', 'word: str) -> str:\n    """Make a slug', "word: str"),
    "docstring": ("Make a slug.", "Make a short slug.", "Make a short slug."),
    "hints": ("# keep digits", "# drop digits", "drop digits"),
}


@pytest.mark.parametrize("part", CHANGES)
def test_diff_shows_then_and_now(project: Repo, part: str) -> None:
    old, new, shown = CHANGES[part]
    edit(project, "app.py", old, new)
    out = ok(project.jiti("diff", "app.slugify"))
    assert f"{part} (app.py:5)" in out
    added = [line for line in out.splitlines() if line.startswith("  +")]
    removed = [line for line in out.splitlines() if line.startswith("  -")]
    assert any(shown in line for line in added)
    assert len(added) == len(removed) == 2
    report = json.loads(ok(project.jiti("diff", "app.slugify", "--json")))["stubs"][0]
    assert report["stale_parts"] == [part]
    assert report["changes"][0]["before"] != report["changes"][0]["now"]


def test_diff_of_a_gate(project: Repo) -> None:
    edit(project, "tests/test_app.py", '"A"', '"B"')
    out = ok(project.jiti("diff", "app.slugify"))
    assert "gates (app.py:5)" in out
    assert out.count("test_slug in tests/test_app.py") == 2


def test_diff_without_history_shows_what_is_asked_now(project: Repo) -> None:
    (project.path / ".git").rename(project.path.parent / "git")
    edit(project, "app.py", "Make a slug.", "Make a short slug.")
    out = ok(project.jiti("diff", "app.slugify"))
    assert "docstring changed (app.py:5)\n  Make a short slug." in out


def test_diff_of_a_conflict_shows_both_sides(project: Repo) -> None:
    edit(project, SLUG, "text.lower()", "text.casefold()")
    edit(project, "app.py", "Make a slug.", "Make a short slug.")
    out = ok(project.jiti("diff", "app.slugify"))
    assert out.startswith("app.slugify: conflict\n")
    assert "  +Make a short slug." in out
    assert "  -    return text.lower()\n  +    return text.casefold()" in out


def test_diff_finds_the_generated_code_behind_committed_edits(project: Repo) -> None:
    for new in ("text.casefold()", "text.upper()"):
        code = (project.path / SLUG).read_text()
        project.write(SLUG, code.replace(code.rpartition("return ")[2], new + "\n"))
        project.commit()
    out = ok(project.jiti("diff", "app.slugify"))
    assert "  -    return text.lower()\n  +    return text.upper()" in out


def test_diff_where_the_generated_code_is_lost(project: Repo) -> None:
    (project.path / ".git").rename(project.path.parent / "git")
    edit(project, SLUG, "text.lower()", "text.casefold()")
    out = ok(project.jiti("diff", "app.slugify"))
    assert "not in git's history" in out
    assert "return text.casefold()" in out


def stored(repo: Repo) -> set[str]:
    return {str(path.relative_to(repo.path)) for path in (repo.path / ".jiti").rglob("*.py")}


def test_clear_one(project: Repo) -> None:
    out = ok(project.jiti("clear", "app.slugify"))
    assert out == f"removed {SLUG}\nremoved .jiti/tests/app/test_scratch_slugify.py\n"
    assert stored(project) == set()
    assert ok(project.jiti("clear", "app.slugify")) == "Nothing to remove.\n"


def test_clear_what_was_edited_asks(project: Repo) -> None:
    edit(project, SLUG, "text.lower()", "text.casefold()")
    done = project.jiti("clear", "app.slugify")
    assert done.code == 2
    assert "edited by hand: app.slugify" in done.err
    assert "--yes" in done.err
    assert SLUG in stored(project)
    ok(project.jiti("clear", "app.slugify", "--yes"))
    assert stored(project) == set()


def test_clear_an_orphan_by_key_or_path(project: Repo) -> None:
    project.write("app.py", TEXT.replace("def slugify", "def slugged"))
    assert ok(project.jiti("clear", "app.slugify")) == f"removed {SLUG}\n"
    assert ok(project.jiti("clear", ".jiti/tests/app/test_scratch_slugify.py")).startswith("removed .jiti/tests")


def test_clear_everything(project: Repo) -> None:
    transcript = project.write(".jiti/.cache/transcripts/app.slugify.jsonl", "{}\n")
    done = project.jiti("clear")
    assert done.code == 2
    assert "Remove all committed code, 2 files in .jiti? Nothing was removed. Pass --yes." in done.err
    assert len(stored(project)) == 2
    assert ok(project.jiti("clear", "--yes")) == "Removed 2 files.\n"
    assert stored(project) == set()
    assert transcript.exists()
    transcript.unlink()
    ok(project.jiti("clear", "--yes"))
    assert not (project.path / ".jiti").exists()
    assert ok(project.jiti("clear", "--yes")) == "There is no store here.\n"


def test_clear_for_machines(project: Repo) -> None:
    scratch = ".jiti/tests/app/test_scratch_slugify.py"
    planned = json.loads(ok(project.jiti("clear", "--json", "--dry-run", "app.slugify")))
    assert planned == {"written": False, "removed": [SLUG, scratch], "kept": []}
    assert json.loads(ok(project.jiti("clear", "--json", "app.slugify"))) == {**planned, "written": True}
    project.git("checkout", "--", ".jiti")
    asked = project.jiti("clear", "--json")
    assert (asked.code, json.loads(asked.out)["error"]["remedy"]) == (2, "Pass --yes.")
    assert sorted(json.loads(ok(project.jiti("clear", "--json", "--yes")))["removed"]) == [SLUG, scratch]
    assert json.loads(ok(project.jiti("clear", "--json", "--yes")))["removed"] == []


def test_clear_a_store_that_is_a_link(project: Repo) -> None:
    (project.path / ".jiti").rename(project.path.parent / "precious")
    (project.path / ".jiti").symlink_to(project.path.parent / "precious")
    done = project.jiti("clear", "--yes")
    assert done.code == 5
    assert "link" in done.err
    assert (project.path.parent / "precious/app/slugify.py").exists()


def test_clear_a_folder_in_place_of_a_file(project: Repo) -> None:
    (project.path / SLUG).unlink()
    (project.path / SLUG).mkdir()
    done = project.jiti("clear", "app.slugify", "--yes")
    assert done.code == 5
    assert f"{SLUG}:1:" in done.err


def test_clear_what_is_not_there(project: Repo) -> None:
    done = project.jiti("clear", "app.nothing")
    assert done.code == 14
    assert stored(project)
