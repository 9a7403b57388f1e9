"""What exists already is held to the guards as what a model hands in is; what a person wrote is not."""

import os
from pathlib import Path

import pytest

from jiti_bot.pipeline.pending import pending
from jiti_bot.pipeline.rejudge import rejudge
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.write import compose
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Refused
from jiti_bot.validation.project import open_project
from jiti_bot.workspace import open_workspace

DEFINITION = 'def double(x: int) -> int:\n    """Twice ``x``."""\n    '
HOST = f"from jiti import jiti\n\n\n@jiti\n{DEFINITION}raise NotImplementedError\n"
REFUSED = {
    "an import that the project lacks": (f"import numpy\n\n\n{DEFINITION}return int(numpy.int64(x) * 2)\n", "numpy"),
    "a global": (f"{DEFINITION}global count\n    return x * 2\n", "global"),
    "code that runs at import": (f"print(1)\n\n\n{DEFINITION}return x * 2\n", "print"),
    "another definition": (
        'def double(x: int, y: int) -> int:\n    """Twice."""\n    return x * 2\n',
        "decides what is",
    ),
    "something below": (f"{DEFINITION}return x * 2\n\n\n_MORE = 1\n", "leaves the body"),
}


@pytest.fixture
def stub(tmp_path: Path) -> tuple[Bench, Spec]:
    """A project with one stub; no worker is started, so nothing of it can run."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    (tmp_path / "app.py").write_text(HOST)
    workspace = open_workspace(str(tmp_path), os.environ)
    (found,) = pending(workspace).standings.values()
    return Bench(open_project(tmp_path, workspace.settings, workspace.env)), found.spec


def entry(spec: Spec, code: str) -> Entry:
    made = compose(spec.key, spec.digests, code, model="m", evidence="")
    found = parse_entry(spec.path, made.encode())
    assert isinstance(found, Entry)
    return found


@pytest.mark.parametrize(("code", "word"), REFUSED.values(), ids=REFUSED)
def test_what_the_guards_refuse_is_not_restored(code: str, word: str, stub: tuple[Bench, Spec]) -> None:
    bench, spec = stub
    verdict = rejudge(bench, spec, entry(spec, code), code, "")
    assert isinstance(verdict, Refused)
    assert [check.name for check in verdict.checks] == ["guards"]
    assert word in verdict.report


def test_its_own_tests_are_judged_too(stub: tuple[Bench, Spec]) -> None:
    bench, spec = stub
    code = f"{DEFINITION}return x * 2\n"
    verdict = rejudge(bench, spec, entry(spec, code), code, "def test_it(:\n")
    assert isinstance(verdict, Refused)
    assert "does not parse" in verdict.report
