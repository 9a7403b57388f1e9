"""Reading a project: the files that setting up has to do with. Changes nothing."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import metadata

from jiti_bot.errors import ConfigurationError, StoreError
from jiti_bot.layout import STORE
from jiti_bot.setup.ci import FOLDER
from jiti_bot.setup.hook import CONFIG
from jiti_bot.setup.model import Project
from jiti_bot.setup.plan import ATTRIBUTES
from jiti_bot.setup.tools import PYPROJECT
from jiti_bot.store.paths import GITIGNORE
from jiti_bot.templates import RELEASE
from jiti_bot.workspace import Workspace

_ABOVE = (PYPROJECT, "ruff.toml", ".ruff.toml", "ty.toml")
_OWN = (
    *_ABOVE, ".coveragerc", "setup.cfg", "setup.py", "tox.ini", "noxfile.py", "Makefile", "justfile", "Pipfile",
    "pixi.toml", ATTRIBUTES,
)  # fmt: skip


def look(workspace: Workspace) -> Project:
    """The project of a workspace. Raises `RepositoryError` outside of a repository, `ConfigurationError`."""
    git = workspace.repository()
    folder = git.prefix().rstrip("/")
    top = top_of(workspace.root, folder)
    inside = workspace.settings.store or STORE
    project = Project(
        folder=folder,
        files={},
        store=f"{folder}/{inside}".lstrip("/"),
        version=_version(),
        ignored=git.ignores(f"{inside}/x.py"),
        origin=git.remote_url(),
    )
    names = dict.fromkeys(_names(top, project))
    found = replace(project, files={name: data for name in names if (data := _read(top, name)) is not None})
    if project.own(PYPROJECT) in found.files:
        return found
    below = (path.removesuffix(f"/{PYPROJECT}") for path in git.tracked() if path.endswith(f"/{PYPROJECT}"))
    return replace(found, below=tuple(sorted(below)))


def top_of(root: str, folder: str) -> str:
    """The top of the repository, from the project's root and its folder in there."""
    home = os.path.realpath(root)  # git's answers are about that
    return home[: len(home) - len(folder)].rstrip(os.sep) if folder else home


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
            raise ConfigurationError("This is no file.", remedy="Move it away; nothing was written.", where=path)
        with open(place, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(place):
            raise StoreError("This link leads nowhere.", remedy="Remove it; nothing was written.", where=path) from None
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
