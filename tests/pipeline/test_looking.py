"""A project is looked at again and again: what is kept from before never changes what is seen."""

from pathlib import Path

import pytest

from jiti_bot.pipeline.looking import Latest, Looking, look
from jiti_bot.workspace import Workspace, open_workspace
from tests.committed import implement
from tests.repo import Repo, make

STUB = (
    "from jiti import jiti\n\n\n@jiti\ndef {name}(x: int) -> int:\n"
    '    """Half of x."""\n    raise NotImplementedError\n'
)
GATE = (
    "from app import f\nfrom helper import wanted\nfrom jiti import jiti\n\n\n"
    "@jiti.required_for(f)\ndef test_f() -> None:\n    assert f(2) == wanted()\n"
)
TEST = "from app import f\nfrom jiti import jiti\n\n\n@jiti.required_for(f)\ndef test_more() -> None:\n    ...\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return _filled(make(tmp_path, git=False))


def _filled(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app.py", STUB.format(name="f"))
    repo.write("other.py", STUB.format(name="g"))
    repo.write("test_app.py", GATE)
    repo.write("test_more.py", TEST)
    repo.write("helper.py", "def wanted() -> int:\n    return 1\n")
    implement(repo)
    return repo


CHANGES = {
    "nothing": lambda repo: None,
    "the stub": lambda repo: repo.write("app.py", STUB.format(name="f").replace("Half", "A half")),
    "its name": lambda repo: repo.write("app.py", STUB.format(name="h")),
    "no stub": lambda repo: (repo.path / "app.py").unlink(),
    "one stub more": lambda repo: repo.write("new.py", STUB.format(name="new")),
    "a gate": lambda repo: repo.write("test_app.py", GATE.replace("f(2)", "f(3)")),
    "one gate more": lambda repo: repo.write("test_new.py", GATE.replace("test_f", "test_new")),
    "what a gate reaches": lambda repo: repo.write("helper.py", "def wanted() -> int:\n    return 2\n"),
    "a fixture": lambda repo: repo.write(
        "conftest.py", "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef x(): ...\n"
    ),
    "a generated test": lambda repo: implement(repo, "test_more.test_more", body="assert f(4) == 2"),
    "a setting": lambda repo: repo.write("pyproject.toml", '[tool.jiti]\ntest_paths = ["tests"]\n'),
    "what cannot be read": lambda repo: repo.write("app.py", "def (jiti"),
    "committed code": lambda repo: repo.write(
        ".jiti/app/f.py", (repo.path / ".jiti/app/f.py").read_text() + "\n# By hand.\n"
    ),
    "no committed code": lambda repo: (repo.path / ".jiti/app/f.py").unlink(),
}
OF_COMMITTED_CODE = ("nothing", "committed code", "no committed code")


def _seen(latest: Latest) -> dict[str, object]:
    return {key: (one.spec, one.state, one.committed) for key, one in latest.items()}


def _open(repo: Repo) -> Workspace:
    return open_workspace(str(repo.path), repo.env)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen(repo: Repo, name: str) -> None:
    looking = Looking(_open(repo))
    before = looking()
    assert before.spec("app.f") is not None
    CHANGES[name](repo)
    after, fresh = looking(), look(_open(repo))
    assert _seen(after) == {key: (one.spec, one.state, one.committed) for key, one in fresh.items()}
    assert (after.spec("other.g") is before.spec("other.g")) is (name in OF_COMMITTED_CODE)
    CHANGES["nothing"](repo)
    assert _seen(looking()) == _seen(after)


@pytest.mark.parametrize("name", ["nothing", "one gate more", "committed code"])
def test_a_change_is_seen_in_a_repository(tmp_path: Path, name: str) -> None:
    repo = _filled(make(tmp_path))
    repo.commit()
    test_a_change_is_seen(repo, name)


def test_where_a_unit_stands_is_read_when_it_is_asked(repo: Repo) -> None:
    looking = Looking(_open(repo))
    latest = looking()
    assert len(latest) == 3
    assert latest["app.f"].state.condition == "current"
    CHANGES["no committed code"](repo)
    assert latest["app.f"].state.condition == "current"
    assert looking()["app.f"].state.condition == "missing"
    with pytest.raises(KeyError):
        latest["app.nothing"]
    assert latest.spec("app.nothing") is None


def test_what_code_uses_is_told_as_by_a_new_index(repo: Repo) -> None:
    repo.write("app.py", STUB.format(name="f").replace("import jiti\n", "import jiti\n\nfrom other import g\n", 1))
    code = "def f(x: int) -> int:\n    return g(x)\n"
    looking = Looking(_open(repo))
    for text in (STUB.format(name="g"), STUB.format(name="g").replace("Half", "A half"), "g = int\n"):
        repo.write("other.py", text)
        latest, fresh = looking(), look(_open(repo))
        found = latest.dependencies(latest["app.f"].spec, code)
        assert found == fresh.dependencies(fresh["app.f"].spec, code)
        assert bool(found) is ("jiti" in text)
