"""Several units are stored at once, or none of them, in one store or in two."""

import os
from pathlib import Path

import pytest

from jiti_bot.pipeline.keep import Keeper
from jiti_bot.pipeline.looking import Looking
from jiti_bot.pipeline.pending import Pending, pending
from jiti_bot.store.paths import make_store
from jiti_bot.validation.model import Accepted, Check
from jiti_bot.workspace import Workspace, open_workspace

STUB = "from jiti import jiti\n\n\n@jiti\ndef {name}() -> int:\n    raise NotImplementedError\n"
CHECKS = (Check("guards", ok=True),)


def project(root: Path) -> tuple[Workspace, Pending]:
    """Two stubs; the second one's package has a store of its own."""
    (root / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    for folder, name in (("app", "first"), ("lib", "second")):
        (root / folder).mkdir()
        (root / folder / "code.py").write_text(STUB.format(name=name))
    make_store(str(root / ".jiti"))
    make_store(str(root / "lib/.jiti"))
    workspace = open_workspace(str(root), os.environ)
    return workspace, pending(workspace)


def write(root: Path, workspace: Workspace, todo: Pending) -> str:
    keeper = Keeper(root, Looking(workspace), todo.standings)
    steps = sorted(todo.plan.pending, key=lambda step: step.spec.key)
    orders = [
        keeper.fresh(
            step,
            None,
            Accepted(f"def {step.spec.stub.name}() -> int:\n    return 1\n", "", CHECKS),
            model="m",
            attempts=1,
        )
        for step in steps
    ]
    return keeper.write(orders)


def stored(root: Path) -> list[str]:
    return sorted(
        path.name
        for path in root.rglob("*.py")
        if ".jiti" in path.parts and (root / ".jiti/.cache") not in path.parents
    )


def test_all_of_them(tmp_path: Path) -> None:
    workspace, todo = project(tmp_path)
    assert {step.spec.store for step in todo.plan.pending} == {".jiti", "lib/.jiti"}
    assert write(tmp_path, workspace, todo) == ""
    assert stored(tmp_path) == ["first.py", "second.py"]


def test_none_where_the_file_of_one_appeared_meanwhile(tmp_path: Path) -> None:
    workspace, todo = project(tmp_path)
    mine = tmp_path / "lib/.jiti/code/second.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("def second() -> int:\n    return 2\n")
    assert write(tmp_path, workspace, todo) == "lib/.jiti/code/second.py was changed meanwhile; nothing was overwritten"
    assert stored(tmp_path) == ["second.py"]
    assert "return 2" in mine.read_text()


@pytest.mark.parametrize("changed", ["app/code.py", "lib/code.py"])
def test_none_where_the_stub_of_one_changed_meanwhile(tmp_path: Path, changed: str) -> None:
    workspace, todo = project(tmp_path)
    host = tmp_path / changed
    host.write_text(host.read_text().replace("-> int", "-> float"))
    assert "signature changed while it was worked on" in write(tmp_path, workspace, todo)
    assert stored(tmp_path) == []
