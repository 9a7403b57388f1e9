"""What stands on disk, as it is: links are not followed where they would lead to something twice, or for ever.

Standard library only.
"""

from __future__ import annotations

import os
import stat

from jiti_bot.light import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Folders that hold no source of the project. Dot folders are left out as well.
PRUNED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


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


def mentioning(top: str, word: str) -> tuple[str, ...]:
    """Those of them that contain ``word``, sorted. Raises `PermissionError`."""
    mark = word.encode()
    return tuple(sorted(file for file in python_files(top) if mark in (read(os.path.join(top, file)) or b"")))


def _is_foreign(folder: str, name: str) -> bool:
    if name.startswith(".") or name in PRUNED:
        return True
    return os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def below(top: str) -> Iterator[str]:
    """Every file and link below ``top``, relative to it."""
    for folder, folders, files in os.walk(top):
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*files, *links):
            yield name if inside == "." else f"{inside}/{name}"
