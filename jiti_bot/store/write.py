"""Writing the store: atomic, durable, one writer at a time, and never over something the caller has not seen.

Under the lock, each new text goes to a temporary file beside its place and is flushed to the disk, before anything
visible happens: a full disk is met there. Then every place is compared with what the caller saw, and only if all are as
they were the files are renamed into place. A reader sees the old file or the new one, at any moment, after any crash.
"""

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from jiti_bot.errors import StoreError
from jiti_bot.source import members
from jiti_bot.source.digest import EMPTY, body_digest
from jiti_bot.source.model import Digests, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.store import header as headers
from jiti_bot.store import paths
from jiti_bot.store.disk import failing_as_store_error, flush_folder, mode_of, read_bytes, write_new
from jiti_bot.store.entry import Entry
from jiti_bot.store.header import Header, Part
from jiti_bot.store.lock import locked
from jiti_bot.trees import Node, node
from jiti_bot.values import dataclass

MAX_FILE = 1_000_000  # characters of a file in a store: more is not published
MAX_CODE = MAX_FILE // 2  # of what is asked or written for one stub: the rest is for the header


@dataclass(frozen=True, slots=True)
class Put:
    """Write ``text`` at the absolute ``path``, if what stands there is still ``seen`` (None: nothing)."""

    path: str
    text: str
    seen: bytes | None


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove the file at the absolute ``path``, if it is still ``seen``."""

    path: str
    seen: bytes | None


@dataclass(frozen=True, slots=True)
class Written:
    """All of it was done. ``paths`` are absolute."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """Nothing was done: these files are not what the caller saw."""

    paths: tuple[str, ...]


def compose(
    key: str,
    digests: Digests,
    code: str,
    *,
    model: str,
    evidence: str,
    body: str = "",
    parts: tuple[Part, ...] = (),
    dependencies: tuple[tuple[str, str], ...] = (),
) -> str:
    """The text of a committed file. ``body`` keeps the digest of an earlier body: then it counts as edited.

    ``parts`` are those of a class, see `parts_of`; ``dependencies`` the stubs that the code uses, with their interface.
    """
    code = code.strip("\n") + "\n"
    header = Header(key, digests, body or body_digest(code), model, evidence, parts, dependencies)
    return headers.render(header) + code


def parts_of(stub: Stub, code: str, before: Entry | None = None) -> tuple[Part, ...]:
    """The header's lines for the class and its methods; none for a unit that is no class.

    What still reads as it does in ``before`` keeps the digest of what was generated: an edit stays known as one.
    """
    asked = members.interfaces(stub)
    if not asked:
        return ()
    now = members.digests(code, syntax_tree(code), stub.name, [name for name, _ in asked])
    if before is not None:
        was = dict(before.parts)
        generated = {part.name: part.body for part in before.header.parts}
        now |= {name: generated[name] for name in now.keys() & generated.keys() if now[name] == was.get(name)}
        if members.REST in before.edited:
            now[members.REST] = generated[members.REST]
    return tuple(Part(name, interface, now.get(name, EMPTY)) for name, interface in asked)


def open_store(store: str) -> None:
    """Make the store at the absolute path ``store`` where it is missing. Raises `StoreError`."""
    with failing_as_store_error("The store", store):
        paths.make_store(store)


def commit(store: str, changes: Sequence[Put | Drop]) -> Written | ChangedMeanwhile:
    """Make ``changes`` in the store at the absolute path ``store``, all of them or none.

    Raises `StoreError` where the disk refuses; nothing has changed then. If the machine stops between two renames each
    file is still whole, and a rerun finds out which is missing.
    """
    places = {change.path: paths.inside(store, change.path) for change in changes}
    with (
        failing_as_store_error("The store", store),
        locked(store),
        _folders(store, places.values()),
        _prepared(changes) as prepared,
    ):
        for relative in places.values():
            paths.refuse_obstacles(store, relative)
        changed = tuple(change.path for change in changes if read_bytes(change.path) != change.seen)
        if changed:
            return ChangedMeanwhile(changed)
        _apply(changes, prepared)
        for folder in sorted({os.path.dirname(path) for path in places}):
            flush_folder(folder)
        remove_empty(store, [os.path.dirname(change.path) for change in changes if isinstance(change, Drop)])
    return Written(tuple(places))


def remove_all(store: str) -> tuple[str, ...]:
    """Remove everything from the store but its transcripts; the removed files. The store goes too if nothing is left.

    Raises `StoreError` for a store that is a link.
    """
    if node(store) is None:
        return ()
    if node(store) is not Node.FOLDER:
        raise StoreError(
            "The store is no folder of its own but a link or a file.", remedy="Remove it yourself.", where=store
        )
    with failing_as_store_error("The store", store), locked(store):
        removed = tuple(_files(store))
        for folder, folders, files in os.walk(store, topdown=False):
            _empty(store, folder, folders, files)
        _remove_frame(store)
    return removed


def _remove_frame(store: str) -> None:
    """Remove what holds an empty store together. The lock goes last: from then on others may write here again."""
    cache = os.path.join(store, paths.CACHE)
    is_bare = set(os.listdir(store)) <= {paths.GITIGNORE, paths.CACHE}
    if is_bare and [f"{paths.CACHE}/{name}" for name in os.listdir(cache)] == [paths.LOCK]:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(store, paths.GITIGNORE))
    if os.name != "nt":  # there, what is open cannot be removed
        os.unlink(os.path.join(store, paths.LOCK))
    for folder in (cache, store):
        with suppress(OSError):  # transcripts are left in it, or somebody has begun to write
            os.rmdir(folder)


def _apply(changes: Sequence[Put | Drop], prepared: Mapping[str, str]) -> None:
    """Rename and remove; if the system refuses one, put back those that came before."""
    done: list[Put | Drop] = []
    try:
        for change in changes:
            if isinstance(change, Put):
                os.replace(prepared[change.path], change.path)
            elif change.seen is not None:
                os.unlink(change.path)
            done.append(change)
    except OSError:
        for change in done:
            if change.seen is None:
                os.unlink(change.path)
            else:
                temporary = _temporary(change.path)
                write_new(temporary, change.seen, mode_of(change.path))
                os.replace(temporary, change.path)
        raise


def _files(store: str) -> Iterator[str]:
    for folder, folders, files in os.walk(store):
        folders[:] = [name for name in folders if name not in {paths.CACHE, "__pycache__"}]
        yield from (os.path.join(folder, name) for name in files if name != paths.GITIGNORE)


def _empty(store: str, folder: str, folders: list[str], files: list[str]) -> None:
    """Remove what lies in ``folder``, its subfolders being empty already. Links are removed, never followed."""
    relative = os.path.relpath(folder, store).replace(os.sep, "/")
    if relative == paths.TRANSCRIPTS or relative.startswith(f"{paths.TRANSCRIPTS}/"):
        return
    for name in files:
        if f"{relative}/{name}" != paths.LOCK and (relative, name) != (".", paths.GITIGNORE):
            os.unlink(os.path.join(folder, name))
    for name in folders:
        path = os.path.join(folder, name)
        if os.path.islink(path):
            os.unlink(path)
        else:
            with suppress(OSError):  # it holds transcripts
                os.rmdir(path)


@contextmanager
def _prepared(changes: Sequence[Put | Drop]) -> Generator[dict[str, str]]:
    """Every new text in a temporary file beside its place, flushed to the disk; removed again if not renamed."""
    prepared: dict[str, str] = {}
    try:
        for change in changes:
            if isinstance(change, Put):
                temporary = _temporary(change.path)
                prepared[change.path] = temporary
                write_new(temporary, change.text.encode("utf-8"), mode_of(change.path))
        yield prepared
    finally:
        for temporary in prepared.values():
            with suppress(OSError):  # renamed, or the next writer removes it
                os.unlink(temporary)


@contextmanager
def _folders(store: str, places: Iterable[str]) -> Generator[None]:
    """The folders that ``places`` need; those made are removed again if nothing comes to stand in them."""
    made: list[str] = []
    try:
        for relative in places:
            folder = relative.rpartition("/")[0]
            made += paths.make_folders(store, folder)
            _remove_leftovers(os.path.join(store, folder))
        for folder in made:
            flush_folder(os.path.dirname(folder))
        yield
    finally:
        for folder in sorted(made, key=len, reverse=True):
            with suppress(OSError):  # it holds something
                os.rmdir(folder)


def _remove_leftovers(folder: str) -> None:
    """Remove temporary files of writers that were killed: we hold the lock, so no living writer has one."""
    for name in os.listdir(folder):
        if name.endswith(paths.TEMPORARY):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, name))


def _temporary(path: str) -> str:
    folder, name = os.path.split(path)
    # Names may be as long as the file system allows: keep the temporary one short.
    return os.path.join(folder, f".{name[:40]}.{os.getpid()}-{os.urandom(4).hex()}{paths.TEMPORARY}")


def remove_empty(store: str, folders: Iterable[str]) -> None:
    """Remove folders that a removal left empty, up to the absolute path ``store`` itself."""
    for start in folders:
        folder = start
        while folder != store and len(folder) > len(store):
            with suppress(OSError):
                _remove_bytecode(folder)
                os.rmdir(folder)
            folder = os.path.dirname(folder)


def _remove_bytecode(folder: str) -> None:
    if any(name != "__pycache__" for name in os.listdir(folder)):
        return
    import shutil

    shutil.rmtree(os.path.join(folder, "__pycache__"), ignore_errors=True)
