"""`jiti test keep` and `jiti test prune`: the tests that a model wrote for itself."""

import json
import sys
from textwrap import dedent

import pytest

from jiti_bot.cli import main
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import survey
from jiti_bot.workspace import open_workspace
from tests.committed import implement
from tests.repo import Repo

SOURCE = '''\
from jiti import jiti


class Parser:
    @jiti
    def parse(self, text: str) -> str:
        """Parse."""
        raise NotImplementedError


@jiti
def slugify(text: str) -> str:
    """Make a slug."""
    raise NotImplementedError
'''
SCRATCH = '''\
"""Of slugs."""

import re

import pytest

from app.text import slugify

LONG = "a" * 9


def _words(text: str) -> list[str]:
    return re.findall("a", text)


@pytest.mark.parametrize("text", ["A", "B"])
def test_lower(text: str) -> None:
    assert slugify(text) == text.lower()


# of nine
def test_long() -> None:
    assert _words(slugify(LONG)) == ["a"] * 9
'''
OWN = ".jiti/tests/app/text/test_scratch_slugify.py"
METHOD = ".jiti/tests/app/text/test_scratch_Parser_parse.py"


@pytest.fixture
def project(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app/__init__.py", "")
    repo.write("app/text.py", SOURCE)
    repo.write("tests/test_text.py", "")
    implement(repo, body="return text.lower()")
    repo.write(OWN, SCRATCH)
    repo.write(
        METHOD, "import app.text\n\n\ndef test_parse() -> None:\n    assert app.text.Parser().parse('A') == 'a'\n"
    )
    repo.commit()
    return repo


def jiti(repo: Repo, *words: str) -> int:
    return main(["-C", str(repo.path), "test", *words])


def read(repo: Repo, name: str) -> str | None:
    path = repo.path / name
    return path.read_text() if path.exists() else None


def test_keep_makes_a_gate(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert jiti(project, "keep", "app.text") == 0
    kept = read(project, "tests/test_text_slugify.py")
    assert kept is not None
    assert "from jiti import jiti\n" in kept
    assert '@jiti.required_for(slugify)\n@pytest.mark.parametrize("text"' in kept
    assert "# of nine\n@jiti.required_for(slugify)\ndef test_long()" in kept
    method = read(project, "tests/test_text_parser_parse.py")
    assert method is not None
    assert "from app.text import Parser\n" in method
    assert "@jiti.required_for(Parser.parse)\ndef test_parse" in method
    assert read(project, OWN) is read(project, METHOD) is None
    workspace = open_workspace(str(project.path), project.env)
    tree = workspace.work_tree()
    index = workspace.index(tree)
    assert index.findings() == ()
    gates = {spec.key: [gate.name for gate in spec.gates] for spec in index.specs()}
    assert gates == {"app.text.slugify": ["test_lower", "test_long"], "app.text.Parser.parse": ["test_parse"]}
    assert {one.state.condition for one in survey(tree, index.specs())} == {Condition.STALE}
    assert "wrote tests/test_text_slugify.py" in capsys.readouterr().out
    assert (
        project.run(sys.executable, "-m", "pytest", "-q", PYTHONPATH=f"{project.path}:{project.env['PYTHONPATH']}").code
        == 0
    )


def test_keep_one_of_a_file(project: Repo) -> None:
    assert jiti(project, "keep", "test_lower") == 0
    kept = read(project, "tests/test_text_slugify.py") or ""
    head, _, tests = kept.partition("\n\n\n")
    assert set(head.split("\n")) - {""} == {
        '"""Of slugs."""',
        "import pytest",
        "from app.text import slugify",
        "from jiti import jiti",
    }
    assert tests == dedent("""\
        @jiti.required_for(slugify)
        @pytest.mark.parametrize("text", ["A", "B"])
        def test_lower(text: str) -> None:
            assert slugify(text) == text.lower()
        """)
    left = read(project, OWN)
    assert left is not None
    assert "test_lower" not in left
    assert "import pytest" not in left
    assert left.endswith('# of nine\ndef test_long() -> None:\n    assert _words(slugify(LONG)) == ["a"] * 9\n')
    assert jiti(project, "keep", f"{OWN}::test_long") == 0
    assert read(project, OWN) is None
    assert "def test_long" in (read(project, "tests/test_text_slugify_2.py") or "")


def test_prune(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert jiti(project, "prune", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [f"would delete {METHOD}", f"would delete {OWN}"]
    assert jiti(project, "prune", "app.text.slugify") == 0
    assert read(project, OWN) is None
    assert jiti(project, "prune") == 0
    assert read(project, METHOD) is None
    assert jiti(project, "prune") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "There is nothing to delete."
    assert main(["-C", str(project.path), "check", "--strict"]) == 0


def test_keep_before_it_is_done(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert jiti(project, "keep", OWN, "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == ["would write tests/test_text_slugify.py", f"would delete {OWN}"]
    assert read(project, OWN) == SCRATCH


def test_for_machines(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [{"path": "tests/test_text_slugify.py", "removed": False}, {"path": OWN, "removed": True}]
    assert jiti(project, "keep", OWN, "--json", "--dry-run") == 0
    assert json.loads(capsys.readouterr().out) == {"written": False, "files": kept}
    assert jiti(project, "prune", "--json") == 0
    pruned = [{"path": path, "removed": True} for path in (METHOD, OWN)]
    assert json.loads(capsys.readouterr().out) == {"written": True, "files": pruned}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("keep", "app.text.slug"), 14, "app.text.slugify"),
        (("prune", "test_lowest"), 14, "test_lowest"),
        (("keep", METHOD.replace("Parser", "Lost")), 5, "gone"),
        (("keep", f"{OWN}::test_lowest"), 14, "test_lowest"),
    ],
)
def test_what_is_not_there(
    project: Repo, words: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write(METHOD.replace("Parser", "Lost"), "def test_x(): ...\n")
    assert jiti(project, *words) == code
    assert told in capsys.readouterr().err


def test_what_does_not_parse(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(OWN, "def test_(:\n")
    assert jiti(project, "keep", "app.text.slugify") == 5
    assert f"{OWN}: these tests cannot be read" in capsys.readouterr().err


def test_what_holds_no_test_is_not_moved(project: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(OWN, "x = 1\n")
    assert jiti(project, "keep", "app.text.slugify") == 5
    assert f"{OWN}: there is no test in this file" in capsys.readouterr().err
    assert read(project, OWN) == "x = 1\n"
