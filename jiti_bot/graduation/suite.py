"""Where a test of the agent's goes when it becomes one of the user's."""

import os
import tomllib
from collections.abc import Container, Iterator

from jiti_bot import settings
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.source.roots import Roots
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace

_USUAL = ("tests", "test")


def place(workspace: Workspace, tree: Tree, spec: Spec, taken: Container[str] = ()) -> str:
    """A file, relative to the root, that is not there yet and whose name no test beside it has."""
    folder = _folder(workspace, tree, spec)
    module = spec.stub.file.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    name = f"test_{module}_{spec.stub.unit.replace('.', '_').lower()}"
    names = {path.rpartition("/")[2] for path in tree.under(folder)} if tree.is_folder(folder) else set()
    for number in range(1, 1000):
        file = f"{name}.py" if number == 1 else f"{name}_{number}.py"
        path = f"{folder}/{file}" if folder else file
        if file not in names and path not in taken and tree.node(path) is None:
            return path
    raise AssertionError("nobody has a thousand files of one name")


def _folder(workspace: Workspace, tree: Tree, spec: Spec) -> str:
    """The folder of the stub's own gates, else what the project says, else the usual one."""
    for gate in spec.gates:
        if gate.kind is not GateKind.DOCTEST:
            return gate.file.rpartition("/")[0]
    for path in (*workspace.settings.test_paths, *_configured(tree), *_USUAL):
        if tree.is_folder(path):
            return os.path.normpath(path).replace(os.sep, "/")
    return next((path for path in _USUAL if tree.node(path) is None), "")  # another file may have the name


def _configured(tree: Tree) -> Iterator[str]:
    """The ``testpaths`` of pytest in pyproject.toml."""
    data = tree.read(settings.PYPROJECT)
    if data is None or b"testpaths" not in data:
        return
    try:
        options = tomllib.loads(data.decode()).get("tool", {}).get("pytest", {}).get("ini_options", {})
    except ValueError:
        return
    found = options.get("testpaths", [])
    yield from found.split() if isinstance(found, str) else map(str, found)


def import_name(roots: Roots, tree: Tree, file: str) -> str:
    """The name by which tests import ``file``: from the folder above its packages, else from ``src`` or the root."""
    folder = file.rpartition("/")[0]
    root = roots.package_root(file) if tree.exists(f"{folder}/__init__.py") else ""
    inside = file.removeprefix(f"{root}/") if root else file.removeprefix("src/")
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
