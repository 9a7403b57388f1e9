"""What the worker imports before any job.

Pytest and its plugins, the way pytest does it; then what jobs were seen to need of third-party code. Never the
project's own modules: a stub is bound when its host is imported.
"""

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

REWRITTEN = "*"
# Importing these does something.
_LOUD = frozenset({"antigravity", "this", "__main__", "idlelib", "turtledemo"})


def import_all(folder: str, names: Iterable[str], firsts: tuple[str, ...]) -> str:
    """Import pytest and its plugins by a configuration of nothing, then the third-party modules ``names``.

    ``folder`` is scratch; plugins that the project itself provides are left for the job. A name that starts with `*`
    had its assertions rewritten in the job, and has here too: pytest warns of one that came too early. Returns
    pytest's version.
    """
    import pytest
    from _pytest.config import _prepareconfig

    nothing = Path(folder) / "pytest.ini"
    nothing.write_text("[pytest]\n", "ascii")
    blocked = [part for name in _own_plugins(firsts) for part in ("-p", f"no:{name}")]
    options = ["-c", str(nothing), f"--rootdir={folder}", "--noconftest", "-p", "no:cacheprovider", *blocked, folder]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = _prepareconfig(options)
        try:
            pytest.register_assert_rewrite(*(name[1:] for name in names if name.startswith(REWRITTEN)))
            for name in names:
                _preload(name.removeprefix(REWRITTEN), firsts)
            _preload_hypothesis(firsts)
        finally:
            config._ensure_unconfigure()  # noqa: SLF001 - takes the import hook out again; no public name
    return pytest.__version__


def _preload(name: str, firsts: tuple[str, ...]) -> None:
    if name in sys.modules or name.partition(".")[0] in _LOUD:
        return
    # Whatever an import raises belongs to the job that needs it.
    with contextlib.suppress(BaseException):
        if not _is_first(name.partition(".")[0], firsts):
            importlib.import_module(name)


def _preload_hypothesis(firsts: tuple[str, ...]) -> None:
    """Import hypothesis where it will register something that is imported already, as trio's random numbers.

    It asks the garbage collector what else refers to that, which is not told of what was there before the fork.
    """
    entries = importlib.metadata.entry_points(group="hypothesis")
    if any(entry.module in sys.modules for entry in entries):
        _preload("hypothesis", firsts)


def learned(before: Iterable[str], firsts: tuple[str, ...]) -> list[str]:
    """Modules imported since ``before`` that a later fork may find imported: third-party."""
    known = set(before)
    found: list[str] = []
    for name, module in list(sys.modules.items()):
        if name in known or name.startswith(("jiti_bot", "jiti", "_pytest")) or "conftest" in name:
            continue
        specification = getattr(module, "__spec__", None)
        origin = getattr(specification, "origin", None)
        if not isinstance(origin, str) or specification is None or specification.name != name:
            continue
        if origin in {"built-in", "frozen"} or not below(origin, firsts):
            rewritten = type(specification.loader).__name__ == "AssertionRewritingHook"
            found.append(REWRITTEN * rewritten + name)
    return found


def below(path: str, folders: Iterable[str]) -> bool:
    """Whether ``path`` is the project's: below one of ``folders``, and not in packages installed there."""
    real = os.path.realpath(path)
    parts = real.split(os.sep)
    if "site-packages" in parts or "dist-packages" in parts:
        return False
    return any(real == folder or real.startswith(f"{folder}{os.sep}") for folder in folders)


def _own_plugins(firsts: tuple[str, ...]) -> list[str]:
    entries = importlib.metadata.entry_points(group="pytest11")
    return [entry.name for entry in entries if _is_first(entry.value.partition(":")[0].partition(".")[0], firsts)]


def _is_first(package: str, firsts: tuple[str, ...]) -> bool:
    """Whether a top-level name is the project's, found without importing it."""
    try:
        specification = importlib.util.find_spec(package)
    except (ImportError, ValueError, AttributeError):
        return True
    if specification is None:
        return True
    if specification.origin in {"built-in", "frozen"}:
        return False
    places = [specification.origin or "", *(specification.submodule_search_locations or ())]
    return any(place and below(place, firsts) for place in places)
