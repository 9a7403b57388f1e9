"""Reading a project: the files that setting up has to do with. Changes nothing."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import metadata

from jiti_bot.errors import ConfigurationError, StoreError
from jiti_bot.git import Git
from jiti_bot.layout import STORE
from jiti_bot.setup.ci import FOLDER, LOCK
from jiti_bot.setup.hook import CONFIG
from jiti_bot.setup.model import Project
from jiti_bot.setup.plan import ATTRIBUTES
from jiti_bot.setup.tools import PYPROJECT
from jiti_bot.store.paths import GITIGNORE
from jiti_bot.templates import RELEASE

_ABOVE = (PYPROJECT, "ruff.toml", ".ruff.toml", "ty.toml", "setup.cfg", "tox.ini", ".flake8", LOCK)
_OWN = (
    ".coveragerc", ".coveragerc.toml", "setup.py", "noxfile.py", "Makefile", "justfile", "Pipfile", "pixi.toml",
    ATTRIBUTES,
)  # fmt: skip


def look(root: str, store: str | None, git: Git | None) -> Project:
    """The project at ``root``, whose setting ``store`` is; ``git`` is None where there is no repository.

    Raises `ConfigurationError` and `StoreError` for files that cannot be read.
    """
    folder = git.prefix().rstrip("/") if git else ""
    top = top_of(root, folder)
    inside = store or STORE
    project = Project(
        folder=folder,
        files={},
        store=f"{folder}/{inside}".lstrip("/"),
        version=_version(),
        ignored=git.ignores(f"{inside}/x.py") if git else False,
        origin=git.remote_url() if git else "",
    )
    names = dict.fromkeys(_names(top, project))
    found = replace(project, files={name: data for name in names if (data := _read(top, name)) is not None})
    if git is None or project.own(PYPROJECT) in found.files:
        return found
    tracked = git.tracked()
    below = {path.removesuffix(f"/{PYPROJECT}") for path in tracked if path.endswith(f"/{PYPROJECT}")}
    has_code = any(path.endswith(".py") and below.isdisjoint(_folders(path)) for path in tracked)
    return replace(found, below=tuple(sorted(below)), has_code=has_code)


def top_of(root: str, folder: str) -> str:
    """The top of the repository, from the project's root and its folder in there."""
    home = os.path.realpath(root)  # git's answers are about that
    return home[: len(home) - len(folder)].rstrip(os.sep) if folder else home


def _folders(path: str) -> Iterator[str]:
    """The folders that a file lies in."""
    while path := path.rpartition("/")[0]:
        yield path


def _names(top: str, project: Project) -> Iterator[str]:
    yield CONFIG
    yield f"{project.store}/{GITIGNORE}"
    yield from (project.own(name) for name in _OWN)
    for folder in project.folders():
        yield from (f"{folder}/{name}".lstrip("/") for name in _ABOVE)
    yield from (path for path in _listed(top, FOLDER) if path.endswith((".yml", ".yaml")))
    for folder in (project.folder, project.own("requirements")):
        yield from (path for path in _listed(top, folder) if "requirements" in path and path.endswith((".txt", ".in")))
    for folder in (project.folder, project.own("src")):
        yield from (f"{path}/__init__.py" for path in _listed(top, folder) if not path.endswith("/tests"))


def _listed(top: str, folder: str) -> Iterable[str]:
    try:
        names = sorted(os.listdir(os.path.join(top, folder)))
    except OSError:
        return ()
    return (f"{folder}/{name}".lstrip("/") for name in names)


def _read(top: str, path: str) -> bytes | None:
    """What a file holds; None for no file. Raises `ConfigurationError` for what cannot be read."""
    place = os.path.join(top, path)
    try:
        if not stat.S_ISREG(os.stat(place).st_mode):
            raise ConfigurationError("This is no file.", remedy="Move it away.", where=path)
        with open(place, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(place):
            raise StoreError("This link leads nowhere.", remedy="Remove it.", where=path) from None
        return None
    except OSError as error:
        raise ConfigurationError(
            f"It cannot be read: {error.strerror}.", remedy="Make it a readable file.", where=path
        ) from error


def _version() -> str:
    """The release that the hook is pinned to: ours, or the last one where ours is none, as in a checkout."""
    last = RELEASE.version.removeprefix("v")
    try:
        ours = metadata.version("jiti-bot")
    except metadata.PackageNotFoundError:
        return last
    return ours if re.fullmatch(r"[\d.]+", ours) else last
