"""Where a unit's committed file lives, and what its comment header says.

Standard library only, and little of it: the runtime imports this module in production. Paths inside a store are
posix strings; a *unit* is a generated definition named by its qualified name (``slugify``, ``Parser.parse``,
``Parser.v.setter``).
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

STORE = ".jiti"
TESTS = "tests"


def unit_path(source: str, unit: str) -> str:
    """Path in the store of ``unit`` defined in ``source``, both relative to the store's parent.

    ``src/app/text.py``, ``Parser.parse`` -> ``src/app/text/Parser.parse.py``.
    """
    return f"{source.removesuffix('.py')}/{unit}.py"


def test_path(source: str, unit: str) -> str:
    """Path in the store of a generated test whose stub stands in the test file ``source``."""
    return f"{TESTS}/{unit_path(source, unit)}"


def scratch_path(source: str, unit: str) -> str:
    """Path in the store of the agent's own tests for ``unit`` of ``source``."""
    return f"{TESTS}/{source.removesuffix('.py')}/test_scratch_{unit.replace('.', '_')}.py"


def dotted_key(source: str, unit: str) -> str:
    """The name people use: the path without a leading ``src/`` or a final ``__init__``, dotted, then the unit."""
    module = source.removesuffix(".py").removeprefix("src/")
    module = "" if module == "__init__" else module.removesuffix("/__init__")
    return ".".join(part for part in (module.replace("/", "."), unit) if part)


def is_boundary(folder: str) -> bool:
    """Whether the walk up from a source file ends in ``folder``: a project or a repository starts here."""
    return os.path.exists(os.path.join(folder, "pyproject.toml")) or os.path.exists(os.path.join(folder, ".git"))


# Installed code belongs to its distribution: whatever lies above these folders is somebody else's project.
INSTALLED = ("site-packages", "dist-packages")


def walk_up(folder: str) -> Iterator[str]:
    """``folder`` and its parents, as far as a store may be looked for: up to the first project or repository."""
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or os.path.basename(folder) in INSTALLED or is_boundary(folder):
            return
        folder = parent


def store_parent(folder: str, also: frozenset[str] = frozenset()) -> str | None:
    """The nearest folder above a source file that holds a store, or None.

    ``folder`` is absolute and holds the source file; ``also`` are store folders to take as existing.
    """
    for candidate in walk_up(folder):
        store = os.path.join(candidate, STORE)
        if _is_trusted(store, folder) or (also and os.path.realpath(store) in also):
            return candidate
    return None


def _is_trusted(store: str, folder: str) -> bool:
    """Whether ``store`` is a folder of whoever owns the source, of root, or of the user who runs it.

    Where no project marks the end, the walk may come through folders that anybody may write to: a store that somebody
    laid into /tmp is not to be run for the scripts below it.
    """
    try:
        found = os.stat(store)
        if not stat.S_ISDIR(found.st_mode):
            return False
        if not hasattr(os, "geteuid") or found.st_uid in {0, os.geteuid()}:
            return True
        return found.st_uid == os.stat(folder).st_uid
    except OSError:
        return False


def project_root(folder: str) -> str | None:
    """The project or repository that a source file in ``folder`` belongs to, or None."""
    return next((candidate for candidate in walk_up(folder) if is_boundary(candidate)), None)


def archive_parents(file: str, archive: str) -> Iterator[str]:
    """The folders inside an archive that may hold the store of ``file``, nearest first."""
    folder = os.path.dirname(file)
    while len(folder) >= len(archive):
        yield folder
        folder = os.path.dirname(folder)


def configured_store(root: str) -> str | None:
    """The store that ``[tool.jiti] store`` names in ``root``'s pyproject.toml, as an absolute path, or None.

    A file that cannot be read names none, nor does a path out of the project: `jiti check` complains about both.
    """
    import tomllib

    try:
        with open(os.path.join(root, "pyproject.toml"), "rb") as stream:
            table = tomllib.load(stream)
        store = table["tool"]["jiti"]["store"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    path = os.path.normpath(os.path.join(root, store)) if isinstance(store, str) else ""
    return path if path.startswith(root + os.sep) else None


def relative(file: str, parent: str) -> str:
    """``file`` below ``parent`` as a posix path; both absolute."""
    return file[len(parent) :].lstrip(os.sep).replace(os.sep, "/")


def remove_store(store: str) -> bool:
    """Remove a store folder with all that it holds; False where there was none.

    Raises StoreError when it is a symbolic link or cannot be removed.
    """
    import shutil

    from jiti_bot.errors import StoreError

    if os.path.islink(store):
        raise StoreError(
            "the store is a symbolic link, and what it points to is not ours to remove.",
            remedy="Remove the link yourself.",
            where=store,
        )
    if not os.path.isdir(store):
        return False
    try:
        shutil.rmtree(store)
    except OSError as error:
        raise StoreError(
            f"the store could not be removed: {error}.", remedy="Check its permissions.", where=store
        ) from error
    return True
