"""An environment as most projects have it: pytest and jiti, and none of the plugins that our own tests bring.

A worker imports every plugin that it finds, twice for each generation; trio and hypothesis alone are most of its start.
"""

import atexit
import functools
import importlib.metadata
import os
import shutil
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from tests.repo import Repo

_NEEDED = ("jiti-bot", "pytest")


def within(repo: Repo) -> Repo:
    """``repo`` with this environment active in it."""
    return Repo(repo.path, {**repo.env, **variables()})


def variables() -> dict[str, str]:
    """What makes it the active environment."""
    return {"VIRTUAL_ENV": str(folder())}


@functools.cache
def folder() -> Path:
    """Where it is; it is removed when this process ends."""
    made = Path(tempfile.mkdtemp(prefix="lean-")).resolve()
    atexit.register(_remove, made, os.getpid())
    path = made / "venv"
    venv.create(path, symlinks=True)
    packages = path / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    for name in sorted(_closure(_NEEDED)):
        _copy(importlib.metadata.distribution(name), packages)
    return path


def python() -> Path:
    """Its interpreter."""
    return folder() / "bin" / "python"


def _remove(made: Path, owner: int) -> None:
    if os.getpid() == owner:  # a fork that ends by itself is not the one
        shutil.rmtree(made, ignore_errors=True)


def _closure(names: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _requirements(name)
    return found


def _requirements(name: str) -> Iterator[str]:
    for line in importlib.metadata.requires(name) or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def _copy(distribution: importlib.metadata.Distribution, packages: Path) -> None:
    """Copy what stands in its site-packages, with the times that its bytecode was made for."""
    tops = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
    for top in sorted(tops):
        source = Path(str(distribution.locate_file(top)))
        if source.is_dir():
            shutil.copytree(source, packages / top, dirs_exist_ok=True)
        else:
            shutil.copy2(source, packages / top)
