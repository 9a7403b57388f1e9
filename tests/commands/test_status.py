import json
import os
import pty
import subprocess
import sys

import pytest

from jiti_bot.commands.status import Status, look, render
from jiti_bot.commands.terminal import Screen
from jiti_bot.workspace import open_workspace
from tests.committed import implement
from tests.repo import Done, Repo

TEXT = '''\
from jiti import jiti


@jiti
def current(text: str) -> str:
    """Current.

    >>> current("a")
    'a'
    """
    raise NotImplementedError


@jiti
def stale(text: str) -> str:
    """Stale."""
    raise NotImplementedError


@jiti
def edited(text: str) -> str:
    """Edited."""
    raise NotImplementedError


@jiti
def conflict(text: str) -> str:
    """Conflict."""
    raise NotImplementedError


@jiti
def broken(text: str) -> str:
    """Broken."""
    raise NotImplementedError


@jiti
def orphan(text: str) -> str:
    """Orphan."""
    raise NotImplementedError
'''
LATER = '''

class Später:
    @jiti
    def missing(self) -> int:
        """Missing."""
        raise NotImplementedError
'''
TESTS = """\
from app import current
from jiti import jiti


@jiti.required_for(current)
def test_current() -> None:
    assert current("a") == "a"


@jiti.required_for(current)
def test_written_later() -> None:
    \"\"\"It is written later.\"\"\"
    ...
"""


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A stub in each state."""
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app.py", TEXT)
    repo.write("tests/test_app.py", TESTS)
    implement(repo)
    repo.write("app.py", TEXT[: TEXT.index("\n\n@jiti\ndef orphan")].replace('"Stale.', '"Stale now.') + LATER)
    repo.write("app.py", (repo.path / "app.py").read_text().replace('"""Stale."""', '"""Stale now."""'))
    repo.write("app.py", (repo.path / "app.py").read_text().replace('"""Conflict."""', '"""Conflict now."""'))
    for name in ("edited", "conflict"):
        committed = repo.path / f".jiti/app/{name}.py"
        committed.write_text(committed.read_text().replace("return None", "return text"))
    repo.write(".jiti/app/broken.py", "rubbish\n")
    return repo


STATES = {
    "app.current": ("current", [], ".jiti/app/current.py"),
    "app.stale": ("stale", ["docstring"], ".jiti/app/stale.py"),
    "app.edited": ("edited", [], ".jiti/app/edited.py"),
    "app.conflict": ("conflict", ["docstring"], ".jiti/app/conflict.py"),
    "app.broken": ("malformed", [], ".jiti/app/broken.py"),
    "app.Später.missing": ("missing", [], ".jiti/app/Später.missing.py"),
    "tests.test_app.test_written_later": ("current", [], ".jiti/tests/tests/test_app/test_written_later.py"),
    "app.orphan": ("orphan", [], ".jiti/app/orphan.py"),
}


def look_at(repo: Repo, *targets: str) -> Status:
    return look(open_workspace(str(repo.path), repo.env), targets)


def test_nothing_is_there(folder: Repo) -> None:
    done = folder.jiti("status")
    assert done == Done(
        0, "No stubs here. Decorate a function with @jiti, leave its body to `raise NotImplementedError`.\n", ""
    )
    report = json.loads(folder.jiti("status", "--json").out)
    assert report["stubs"] == []
    assert set(report["summary"].values()) == {0}


def test_every_state_in_json(project: Repo) -> None:
    done = project.jiti("status", "--json")
    assert (done.code, done.err) == (0, "")
    report = json.loads(done.out)
    assert {item["key"]: (item["state"], item["stale_parts"], item["path"]) for item in report["stubs"]} == STATES
    summary = {"current": 2, "edited": 1, "stale": 1, "missing": 1, "conflict": 1, "malformed": 1, "orphan": 1}
    assert report["summary"] == {"total": 8, **summary, "findings": 0}
    assert set(report) == {"stubs", "summary"}
    for item in report["stubs"]:
        assert set(item) == {
            "key",
            "kind",
            "state",
            "stale_parts",
            "dependencies",
            "moved_from",
            "file",
            "line",
            "path",
            "remarks",
            "gates",
        }


def test_a_stub_with_its_gates_in_json(project: Repo) -> None:
    report = json.loads(project.jiti("status", "--json", "app.current").out)
    assert report["stubs"] == [
        {
            "key": "app.current",
            "kind": "function",
            "state": "current",
            "stale_parts": [],
            "dependencies": [],
            "moved_from": None,
            "file": "app.py",
            "line": 5,
            "path": ".jiti/app/current.py",
            "remarks": [],
            "gates": [
                {"name": "current", "kind": "doctest", "file": "app.py", "line": 6},
                {"name": "test_current", "kind": "human", "file": "tests/test_app.py", "line": 6},
                {"name": "test_written_later", "kind": "jiti-test", "file": "tests/test_app.py", "line": 11},
            ],
        }
    ]


def test_plain_lines_for_pipes(project: Repo) -> None:
    done = project.jiti("status")
    lines = done.out.splitlines()
    assert " ".join(lines[0].split()) == "current app.current app.py:5 1 gate, 1 jiti-test, 1 doctest"
    assert " ".join(lines[1].split()) == "stale app.stale app.py:15 docstring changed"
    assert lines[-3] == "7 stubs: 2 current · 1 edited · 1 stale · 1 missing · 1 conflict · 1 malformed · 1 orphan"
    assert "\x1b" not in done.out
    assert "✓" not in done.out


TERMINALS = {
    "wide": Screen(colour=False, glyphs=True, width=100),
    "narrow": Screen(colour=False, glyphs=True, width=40),
    "very narrow": Screen(colour=False, glyphs=True, width=20),
    "ascii": Screen(colour=False, glyphs=False, width=100),
}


@pytest.mark.parametrize("where", TERMINALS.values(), ids=TERMINALS)
def test_a_table_on_terminals(project: Repo, where: Screen) -> None:
    lines = render(look_at(project), where)
    assert lines[0] == "app.py"
    assert any("Später.missing" in line or "Sp" in line for line in lines)
    if not where.glyphs:
        assert not {"✓", "✎", "●", "○", "✗"} & set("".join(lines))
    if where.width >= 40:
        table = lines[: lines.index("")]
        assert all(len(line) <= where.width for line in table), table


def test_colours_are_those_of_the_states(project: Repo) -> None:
    text = "\n".join(render(look_at(project), Screen(colour=True, glyphs=True, width=100)))
    assert "\x1b[32m✓\x1b[0m current" in text
    assert "\x1b[31mconflict \x1b[0m" in text


ENVIRONMENTS = {
    "piped": ({}, False),
    "forced": ({"FORCE_COLOR": "1"}, True),
    "forced and refused": ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
}


@pytest.mark.parametrize(("env", "coloured"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_colour_obeys_the_environment(project: Repo, env: dict[str, str], coloured: bool) -> None:
    assert ("\x1b[" in project.jiti("status", **env).out) is coloured


def test_a_real_terminal_gets_the_table(project: Repo) -> None:
    ours, theirs = pty.openpty()
    env = {**project.env, "TERM": "xterm", "COLUMNS": "90"}
    with subprocess.Popen(
        [sys.executable, "-m", "jiti_bot", "status"], cwd=project.path, env=env, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        data = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            data += more
        assert running.wait() == 0
    os.close(ours)
    text = data.decode()
    assert "✓" in text
    assert "\x1b[1mapp.py\x1b[0m" in text


TARGETS = {
    "key": ("app.stale", {"app.stale"}),
    "class": ("app.Später", {"app.Später.missing"}),
    "file": ("tests/test_app.py", {"tests.test_app.test_written_later"}),
    "committed file": (".jiti/app/stale.py", {"app.stale"}),
    "file and unit": ("app.py::stale", {"app.stale"}),
}


@pytest.mark.parametrize(("target", "keys"), TARGETS.values(), ids=TARGETS)
def test_targets(project: Repo, target: str, keys: set[str]) -> None:
    assert {item["key"] for item in json.loads(project.jiti("status", "--json", target).out)["stubs"]} == keys


def test_a_target_that_is_none(project: Repo) -> None:
    done = project.jiti("status", "app.stal")
    assert done.code == 14
    assert "There is no stub named 'app.stal'. Did you mean app.stale" in done.err


def test_from_a_folder_inside_and_with_c(project: Repo) -> None:
    (project.path / "sub").mkdir()
    inside = Repo(project.path / "sub", project.env)
    assert inside.jiti("status").out == project.jiti("status").out
    outside = Repo(project.path.parent, project.env)
    assert outside.jiti("-C", str(project.path), "status").out == project.jiti("status").out


def test_characters_that_steer_terminals_are_shown_as_text(repo: Repo) -> None:
    repo.write("evil\x1b]0;owned\x07.py", "from jiti import jiti\n\n\n@jiti\ndef f() -> int: ...\n")
    out = repo.jiti("status").out
    assert "\x1b" not in out
    assert "\\x1b]0;owned\\x07" in out


def test_the_reader_may_go_away(project: Repo) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs) as gone:
        done = subprocess.run(
            [sys.executable, "-m", "jiti_bot", "status", "--json"],
            cwd=project.path, env=project.env, stdout=gone, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")
