"""What `jiti merge --all` says at the end, and removes if it is asked to: dependency, settings, hook, workflow."""

from collections.abc import Iterator, Sequence

from jiti_bot.graduation.leftovers import Left
from jiti_bot.graduation.uninstall import LOCKS, Removal, removals
from jiti_bot.store.journal import Change
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace

_WORKFLOWS = ".github/workflows"
_OTHERS = (
    *("setup.cfg", "setup.py", "Pipfile", "tox.ini", "noxfile.py", "pytest.ini", "hatch.toml", ".gitattributes"),
    *(".gitignore", "Makefile", "justfile", "Taskfile.yml", "Dockerfile", ".gitlab-ci.yml", *LOCKS),
    *("ruff.toml", ".ruff.toml", "ty.toml", ".coveragerc"),
)
_GUIDES = ("jiti.style.md", "jiti.tests.md")


def remnants(workspace: Workspace, tree: Tree) -> tuple[Removal, ...]:
    """What the project's own files still say of jiti."""
    names = {"pyproject.toml", ".pre-commit-config.yaml", *_OTHERS, *_listed(workspace, "", "requirements")}
    names |= {*_listed(workspace, "requirements", ""), *_listed(workspace, _WORKFLOWS, "")}
    files = {name: data for name in names if (data := tree.read(name)) is not None}
    guides = [Removal(name, 1, "a guide for the model", None, by_hand=True) for name in _GUIDES if tree.exists(name)]
    return (*removals(files), *guides)


def _listed(workspace: Workspace, folder: str, start: str) -> list[str]:
    import os

    try:
        found = sorted(os.listdir(os.path.join(workspace.root, folder)))
    except OSError:
        return []
    return [f"{folder}/{name}".removeprefix("/") for name in found if name.startswith(start) and "." in name]


def removed(tree: Tree, found: Sequence[Removal]) -> list[Change]:
    """The changes that take away what can go by itself."""
    return [Change(one.path, tree.read(one.path), one.after) for one in found if not one.by_hand]


def said(
    left: Sequence[Left], found: Sequence[Removal], stored: Sequence[str], *, every: bool, done: bool
) -> Iterator[str]:
    """What there is to say after a merge of ``every`` stub or of some, line by line; ``stored`` is still in stores."""
    stays = [
        f"{path}: still in the store, for no stub that is there. Remove it if you need it no more." for path in stored
    ]
    if left:
        if every:
            yield from map(str, left)
            yield f"That needs you{'; then run this again. Nothing was uninstalled.' if done else '.'}"
            yield from stays
            yield ""
        return
    yield "Nothing of jiti is left in the source."
    yield from stays
    for one in found:
        what = "removed" if done and not one.by_hand else "can go by hand" if one.by_hand else "can go"
        yield f"{one.path}:{one.line}: {what}: {one.words}"
    if not done and any(not one.by_hand for one in found):
        yield "`jiti merge --all --uninstall` removes what can go."
    yield ""
