"""What stands on disk, as it is: links are not followed where they would lead to something twice, or for ever.

Standard library only.
"""

import os
import stat
from collections.abc import Iterator

from jiti_bot.layout import STORE
from jiti_bot.light import StrEnum

# Folders that hold no source of the project. Dot folders are left out as well.
_PRUNED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


class Node(StrEnum):
    """What stands at a path, itself: links are not followed."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a symbolic link"
    OTHER = "no regular file"


def node(path: str) -> Node | None:
    """What stands at a path on disk, links not followed; None where nothing does."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode):
        return Node.FILE
    if stat.S_ISDIR(mode):
        return Node.FOLDER
    return Node.LINK if stat.S_ISLNK(mode) else Node.OTHER


def read(path: str) -> bytes | None:
    """The bytes of a file; None where there is none that holds any. Raises `PermissionError`."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None  # opening a pipe would wait for ever
        with open(path, "rb") as file:
            return file.read()
    except PermissionError:
        raise
    except (OSError, ValueError):
        return None


def python_files(top: str) -> Iterator[str]:
    """Python files below ``top``, relative to it, where a project keeps its own source."""
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if not _is_foreign(folder, name)]
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        for name in files:
            if name.endswith(".py") and node(os.path.join(folder, name)) is Node.FILE:
                yield name if inside == "." else f"{inside}/{name}"


def _is_foreign(folder: str, name: str) -> bool:
    if name.startswith(".") or name in _PRUNED:
        return True
    return os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def below(top: str) -> Iterator[str]:
    """Every file and link below ``top``, relative to it."""
    for folder, folders, files in os.walk(top):
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*files, *links):
            yield name if inside == "." else f"{inside}/{name}"


def stores(top: str, *, own: bool) -> Iterator[str]:
    """The stores below ``top``; with ``own`` those of the same repository."""
    for folder, folders, files in os.walk(top):
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        if own and inside != "." and (".git" in files or ".git" in folders):
            folders.clear()
            continue
        if STORE in folders:
            yield STORE if inside == "." else f"{inside}/{STORE}"
        folders[:] = [name for name in folders if not _is_foreign(folder, name)]
