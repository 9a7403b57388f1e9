"""`jiti merge` where marks and gates cannot be followed: refused with what `jiti check` says of them."""

import json

import pytest

from jiti_bot.cli import main
from tests.committed import implement
from tests.repo import Repo

HEAD = "from jiti import jiti\n\n\n"
STUB = "@jiti\ndef f() -> int:\n    raise NotImplementedError\n"
TEST = (
    "from app import f\nfrom jiti import jiti\n\n\n@jiti.required_for({})\ndef test_f() -> None:\n    assert f() == 1\n"
)

# The files beside app.py, the target, where it is refused, and a word of why.
REFUSED: dict[str, tuple[dict[str, str], tuple[str, ...], str]] = {
    "above another decorator": (
        {"other.py": f"{HEAD}class A:\n    @jiti\n    @property\n    def m(self) -> int: ...\n"},
        ("--all",),
        "other.py:5: `@jiti` stands above",
    ),
    "above another, by its file": (
        {"other.py": f"{HEAD}class A:\n    @jiti\n    @property\n    def m(self) -> int: ...\n"},
        ("other.py",),
        "other.py:5: `@jiti` stands above",
    ),
    "in a function": (
        {"other.py": f"{HEAD}def o():\n    @jiti\n    def g(): ...\n\n    return g\n"},
        ("other",),
        "other.py:6: The stub",
    ),
    "on a body": (
        {"other.py": f"{HEAD}@jiti\ndef g():\n    return 1\n"},
        ("--all",),
        "other.py:5: `@jiti` stands on g",
    ),
    "with an argument": (
        {"app.py": HEAD + STUB.replace("@jiti", "@jiti(model=M)")},
        ("app.f",),
        "app.py:4: app.f cannot be merged: `@jiti(...)` on f has",
    ),
    "gated by words": (
        {"test_app.py": TEST.format('"app.f", "app.gone"')},
        ("app.f",),
        "test_app.py:5: app.f cannot be merged: `@jiti.required_for",
    ),
    "gated by words, too": (
        {"test_app.py": TEST.format('f, "app.gone"')},
        ("--all",),
        "test_app.py:5: app.f cannot be merged: `@jiti.required_for",
    ),
    "gate of nothing": (
        {"test_app.py": TEST.format("f, gone")},
        ("--all",),
        "test_app.py:5: The gate test_f is for `gone`",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_nothing_written(repo: Repo, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    others, target, told = REFUSED[name]
    made(repo, others)
    before = {path: path.read_bytes() for path in repo.path.glob("*.py")}
    assert merge(repo, *target) == 1
    assert {path: path.read_bytes() for path in repo.path.glob("*.py")} == before
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines[:-1] if not line.startswith(told)] == []
    assert len(lines) == 2  # and that nothing was merged


def test_going_on_merges_what_is_well_formed(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    made(repo, {"other.py": f"{HEAD}@jiti\ndef g():\n    return 1\n"})
    assert merge(repo, "--all", "--keep-going", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["merged"], [(one["key"], one["where"]) for one in report["refused"]]) == (
        ["app.f"],
        [(None, "other.py:5")],
    )


def test_others_are_merged_where_they_alone_are_meant(repo: Repo) -> None:
    made(repo, {"other.py": f"{HEAD}@jiti\ndef g():\n    return 1\n"})
    assert merge(repo, "app.py") == 0


def made(repo: Repo, others: dict[str, str]) -> None:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app.py", f"{HEAD}{STUB}")
    for file, text in others.items():
        repo.write(file, text)
    implement(repo, "app.f", body="return 1")


def merge(repo: Repo, *words: str) -> int:
    return main(["-C", str(repo.path), "merge", *words])
