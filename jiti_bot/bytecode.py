"""Bytecode made ahead of the first import: for images, wheels and archives that cannot write it later.

Checked by hash, as PEP 552 describes it, so that it stays valid wherever and whenever the files are copied.
"""

import ast
import marshal
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

from jiti_bot.errors import JitiError, StoreError
from jiti_bot.layout import STORE, TESTS
from jiti_bot.loader import ANNOTATIONS, UnitLoader

_CHECKED_BY_HASH = (0b11).to_bytes(4, "little")
_SKIPPED = frozenset({".cache", "__pycache__", ".git", "node_modules"})


@dataclass(frozen=True, slots=True)
class Compiled:
    """Bytecode was written for a committed file."""

    source: str
    bytecode: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A committed file that no bytecode can be made of. ``where`` is ``file`` or ``file:line``."""

    where: str
    reason: str


def stores_below(folder: str) -> Iterator[str]:
    """Every store in ``folder`` and below, or the one that it is."""
    if os.path.basename(os.path.abspath(folder)) == STORE:
        yield folder
        return
    for here, folders, _ in os.walk(folder):
        if STORE in folders:
            yield os.path.join(here, STORE)
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and name != STORE)


def units_of(store: str) -> Iterator[str]:
    """The committed files of a store, without those of tests, which no deployment runs."""
    for here, folders, files in os.walk(store):
        if here == store:
            folders[:] = [name for name in folders if name != TESTS]
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        yield from (os.path.join(here, name) for name in sorted(files) if name.endswith(".py"))


def compile_unit(store: str, path: str) -> Compiled | Refused:
    """Write the bytecode of one committed file as this interpreter will look for it."""
    try:
        source = Path(path).read_bytes()
        loader = UnitLoader(path, os.path.basename(path).removesuffix(".py"), flags=_flags(store, path))
        code = loader.source_to_code(source, path)
        target = loader.own_name(cache_from_source(path))
        _write(target, MAGIC_NUMBER + _CHECKED_BY_HASH + source_hash(source) + marshal.dumps(code))
    except JitiError as error:
        return Refused(error.where or path, error.message)
    except SyntaxError as error:
        return Refused(f"{path}:{error.lineno or 1}", f"{error.msg}.")
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return Refused(path, f"{type(error).__name__}: {error}.")
    return Compiled(path, target)


def _flags(store: str, path: str) -> int:
    """The host's compiler flags: whether it imports ``annotations`` from the future."""
    host = Path(os.path.dirname(store), os.path.relpath(os.path.dirname(path), store) + ".py")
    try:
        tree = ast.parse(host.read_bytes(), str(host))
    except (OSError, SyntaxError, ValueError):
        return 0
    futures = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    return ANNOTATIONS if any(alias.name == "annotations" for node in futures for alias in node.names) else 0


def _write(target: str, data: bytes) -> None:
    """Put a file in place whole or not at all, readable by whoever may read its folder."""
    folder = os.path.dirname(target)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def compile_store(store: str) -> list[Compiled | Refused]:
    """Write bytecode for every unit of a store, going on past files that cannot be compiled. Raises StoreError."""
    if not os.path.isdir(store):
        raise StoreError("there is no store here.", remedy="Name a project, a package or a .jiti folder.", where=store)
    return [compile_unit(store, path) for path in units_of(store)]
