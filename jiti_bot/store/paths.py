"""Folders and names inside a store, and the refusal to follow links out of it."""

from __future__ import annotations

import os
import stat

from jiti_bot.errors import StoreError
from jiti_bot.layout import STORE
from jiti_bot.light import suppress

CACHE = ".cache"
LOCK = f"{CACHE}/lock"
JOURNAL = f"{CACHE}/merge.json"
TRANSCRIPTS = f"{CACHE}/transcripts"
GITIGNORE = ".gitignore"
TEMPORARY = ".jiti-tmp"
IGNORED = f"# Only what machines make for themselves is left out of git.\n__pycache__/\n{CACHE}/\n*{TEMPORARY}\n"


def make_store(store: str) -> tuple[str, ...]:
    """Make the store's folder and its `.gitignore` where they are missing; the folders made, outermost first."""
    if os.path.basename(store) != STORE:
        raise StoreError(f"{store} is no store: its name is not {STORE}.", remedy="Correct the setting `store`.")
    made = []
    parent = os.path.dirname(store)
    if not os.path.isdir(parent):
        os.makedirs(parent)
        made.append(parent)
    made += _make(store)
    ignore = os.path.join(store, GITIGNORE)
    if not os.path.lexists(ignore):
        _ignore(ignore)
    return tuple(made)


def _ignore(path: str) -> None:
    temporary = f"{path}.{os.getpid()}{TEMPORARY}"  # nobody mends a half-written one: it may be a person's own
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(IGNORED)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # git would show it, for nothing leaves it out yet
            os.unlink(temporary)
        raise


def make_folders(store: str, folder: str) -> tuple[str, ...]:
    """Make ``folder`` (posix, relative) below ``store``; the folders made, outermost first. Never follows a link."""
    made: list[str] = []
    path = store
    for name in filter(None, folder.split("/")):
        path = os.path.join(path, name)
        made += _make(path)
    return tuple(made)


def inside(store: str, path: str) -> str:
    """The relative posix path of ``path``, absolute and below ``store``. Raises `StoreError` for any other."""
    relative = os.path.relpath(path, store).replace(os.sep, "/")
    names = relative.split("/")
    if ".." in names or os.path.isabs(relative) or "\0" in path or names[0] in {CACHE, GITIGNORE}:
        raise StoreError("This path lies outside of the store.", remedy="Nothing was written.", where=path)
    return relative


def refuse_obstacles(store: str, relative: str) -> None:
    """Raise `StoreError` if a link, or something that is no folder or file, stands on the way to ``relative``."""
    path = store
    names = ["", *relative.split("/")]
    for number, name in enumerate(names):
        path = os.path.join(path, name) if name else path
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"It cannot be reached: {error.strerror}.", remedy=f"Check its permissions. {_NOTHING}", where=path
            ) from error
        if stat.S_ISLNK(mode):
            raise StoreError("A symbolic link stands in the store.", remedy=f"Remove the link. {_NOTHING}", where=path)
        if number == len(names) - 1 and not stat.S_ISREG(mode):
            raise StoreError("No regular file stands here.", remedy=f"Move it away. {_NOTHING}", where=path)
        if number < len(names) - 1 and not stat.S_ISDIR(mode):
            raise StoreError("This is no folder.", remedy=f"Move it away. {_NOTHING}", where=path)


_NOTHING = "Nothing was written."


def _make(path: str) -> list[str]:
    try:
        os.mkdir(path)
    except FileExistsError:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            raise StoreError(
                "A symbolic link stands in the store.", remedy=f"Remove the link. {_NOTHING}", where=path
            ) from None
        if not stat.S_ISDIR(mode):
            raise StoreError("This is no folder.", remedy=f"Move it away. {_NOTHING}", where=path) from None
        return []
    return [path]
