"""Changes to source files and store together: all of them, or none, and after a crash the rest of them.

What is to become of each file is written down in the store's cache before the first one is touched. Then every new text
is laid beside its place, every place is compared with what was read, and only then they are renamed. Whoever finds such
a journal later, with nobody at work on it, goes on where it ends: each file is old or new, and the journal tells which.
"""

import hashlib
import json
import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager, suppress

from jiti_bot.errors import StoreError
from jiti_bot.git import Git
from jiti_bot.store import paths
from jiti_bot.store.disk import failing_as_store_error, flush_folder, mode_of, read_bytes, write_new
from jiti_bot.store.lock import let_go, locked, try_to_hold
from jiti_bot.store.write import ChangedMeanwhile, Written, remove_empty
from jiti_bot.values import dataclass

JOURNAL = paths.JOURNAL
_LOCK = f"{paths.CACHE}/merge.lock"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the file at ``path``, relative to the project's root: ``after`` instead of ``before``.

    None stands for no file.
    """

    path: str
    before: bytes | None
    after: bytes | None


@contextmanager
def alone(root: str, store: str) -> Generator[None]:
    """Be the only one who changes source files for the store (relative to ``root``). Raises `StoreError`."""
    place = os.path.join(root, store)
    handle = try_to_hold(place, _LOCK)
    if handle is None:
        raise StoreError("Another `jiti merge` or `jiti test` is at work here.", remedy="Wait for it.", where=store)
    try:
        yield
    finally:
        let_go(handle, os.path.join(place, _LOCK))


def unfinished(root: str, stores: Iterable[str]) -> tuple[str, ...]:
    """The stores whose journal tells of changes that were not all made."""
    return tuple(store for store in stores if os.path.isfile(os.path.join(root, store, JOURNAL)))


def finish(root: str, store: str, git: Git | None) -> tuple[str, ...]:
    """Make the changes that a killed process left undone; the files changed. Hold `alone`.

    Raises `StoreError` where a file was changed since, the disk refuses, or the journal is not one of this machine:
    ``git`` has it, or it leads out of the project.
    """
    journal = os.path.join(root, store, JOURNAL)
    if git is not None:
        _refuse_tracked(git, store)
    changes = _read(root, store)
    with failing_as_store_error("A file", store), _locked(root, _stores(changes)):
        left = [change for change in changes if _now(root, change) != _digest(change.after)]
        other = [change.path for change in left if _now(root, change) != change.before]
        if other:
            raise StoreError(
                f"a merge ended half way, and {', '.join(other)} was changed since.",
                remedy=f"Take that change back and run it again; or give the rest up: remove {store}/{JOURNAL}.",
                where=f"{other[0]}:1",
            )
        for change in left:
            _lay(root, change.path, change.after)
        for change in left:
            _make(root, change.path, change.after)
        _settle(root, [(change.path, change.after) for change in changes])
        _forget(root, changes, journal)
    return tuple(change.path for change in left)


def apply(root: str, store: str, changes: Sequence[Change]) -> Written | ChangedMeanwhile:
    """Make all ``changes`` or none; ``store`` keeps the journal. Hold `alone`.

    Files are renamed into place in the order given, and removed after that. Raises `StoreError` where the disk refuses;
    then nothing has changed, or the journal is still there, and the same command goes on with it.
    """
    journal = os.path.join(root, store, JOURNAL)
    ordered = sorted(changes, key=lambda change: change.after is None)
    with failing_as_store_error("A file", store), _locked(root, _stores(changes)):
        try:
            _write_journal(journal, ordered)
            for change in ordered:
                _lay(root, change.path, change.after)
            changed = tuple(change.path for change in ordered if _bytes(root, change.path) != change.before)
        except BaseException:
            _forget(root, ordered, journal)
            raise
        if not changed:
            _make_all(root, ordered, journal)
            _settle(root, [(change.path, change.after) for change in ordered])
        _forget(root, ordered, journal)  # only now: until its folder is flushed, a rename may be lost with the power
    if changed:
        return ChangedMeanwhile(changed)
    return Written(tuple(change.path for change in ordered))


def _make_all(root: str, changes: Sequence[Change], journal: str) -> None:
    """Make the changes; if the system refuses one, or somebody stops us, put all back and forget the journal.

    What stops us again while we do leaves the journal, whatever it is: without it, nobody knew what is missing.
    """
    try:
        for change in changes:
            _make(root, change.path, change.after)
    except BaseException:
        _put_back(root, changes)
        _forget(root, changes, journal)
        raise


def _put_back(root: str, changes: Sequence[Change]) -> None:
    """Undo what was made. The disk tells what that is: a call that was stopped may have done its work."""
    made = [change for change in changes if change.before != change.after == _bytes(root, change.path)]
    for change in made:
        _lay(root, change.path, change.before)
        _make(root, change.path, change.before)
    _settle(root, [(change.path, change.before) for change in made])


def _make(root: str, path: str, after: bytes | None) -> None:
    place = os.path.join(root, path)
    if after is None:
        with suppress(FileNotFoundError):
            os.unlink(place)
    else:
        os.replace(_temporary(place), place)


def _lay(root: str, path: str, after: bytes | None) -> None:
    """Write the new text beside its place, with the old one's permissions."""
    if after is None:
        return
    place = os.path.join(root, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    _write(place, after, mode_of(place))


def _write(place: str, data: bytes, mode: int | None) -> None:
    """Write what is to come to ``place`` beside it, instead of what a killed process left there."""
    with suppress(FileNotFoundError):
        os.unlink(_temporary(place))
    write_new(_temporary(place), data, mode)


def _forget(root: str, changes: "Iterable[Change | _Left]", journal: str) -> None:
    """Remove the journal, and new texts that did not come to their place."""
    for place in (journal, *(os.path.join(root, change.path) for change in changes)):
        with suppress(OSError):
            os.unlink(_temporary(place))
    with suppress(FileNotFoundError):
        os.unlink(journal)


def _settle(root: str, changes: Sequence[tuple[str, bytes | None]]) -> None:
    """Flush the folders, and remove those of a store that a removal left empty."""
    for folder in {os.path.dirname(os.path.join(root, path)) for path, _ in changes}:
        flush_folder(folder)
    for path, after in changes:
        store = _store_of(path)
        if store and after is None:
            remove_empty(os.path.join(root, store), [os.path.dirname(os.path.join(root, path))])


def _write_journal(journal: str, changes: Sequence[Change]) -> None:
    files = [
        {
            "path": change.path,
            "before": _digest(change.before),
            "after": None if change.after is None else change.after.decode("latin-1"),
        }
        for change in changes
    ]
    _write(journal, json.dumps({"version": 1, "files": files}).encode(), None)
    os.replace(_temporary(journal), journal)
    flush_folder(os.path.dirname(journal))


@dataclass(frozen=True, slots=True)
class _Left:
    """A change as its journal knows it: the old text by its digest only."""

    path: str
    before: str
    after: bytes | None


def _refuse_tracked(git: Git, store: str) -> None:
    """Raise `StoreError` for a journal that came with the repository, in whatever spelling: it could say anything."""
    if f"{store}/{JOURNAL}".casefold() in {name.casefold() for name in git.tracked(store)}:
        raise StoreError(
            "this journal of a merge is in git, so that it may be somebody else's; nothing was changed.",
            remedy=f"`git rm -f {store}/{JOURNAL}`; or only `git rm --cached` if a merge of yours was stopped here.",
            where=f"{store}/{JOURNAL}",
        )


def _read(root: str, store: str) -> "list[_Left]":
    try:
        with open(os.path.join(root, store, JOURNAL), encoding="utf-8") as file:
            files = json.load(file)["files"]
        return [
            _Left(
                _inside(root, one["path"]),
                one["before"],
                None if one["after"] is None else one["after"].encode("latin-1"),
            )
            for one in files
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"the journal of a merge cannot be read: {error}.",
            remedy="Remove it; `git status` shows what the merge has changed.",
            where=f"{store}/{JOURNAL}",
        ) from None


def _inside(root: str, path: str) -> str:
    """A path of a journal, which anybody may have written. Raises ValueError for one that leads out of the project.

    It may do so as it is written or by a linked folder, and git's own folder is as much outside.
    """
    if b"\0" in os.fsencode(path):
        raise ValueError("a path with a null character")
    folder = os.path.realpath(os.path.join(root, os.path.dirname(path)))
    real = os.path.relpath(folder, os.path.realpath(root))
    names = f"{path}/{real}".replace("\\", "/").split("/")
    if os.path.isabs(path) or ".." in names or any(map(_is_gits, names)):
        raise ValueError(f"{path} lies outside of the project")
    return path


def _is_gits(name: str) -> bool:
    """Whether some disk takes a name for `.git`: one that knows no case, or those of Windows (``.git.``, ``GIT~1``)."""
    return name.casefold().partition(":")[0].rstrip(". ") in {".git", "git~1"}


def _now(root: str, change: "_Left") -> str:
    return _digest(_bytes(root, change.path))


def _bytes(root: str, path: str) -> bytes | None:
    return read_bytes(os.path.join(root, path))


def _digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _temporary(path: str) -> str:
    """Where the new text of ``path`` is laid: always the same place, so that a later process finds it."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:40]}.{_digest(name.encode())[:8]}{paths.TEMPORARY}")


def _store_of(path: str) -> str:
    at = f"/{path}".find("/.jiti/")
    return path[: at + len(".jiti")] if at >= 0 else ""


def _stores(changes: "Iterable[Change | _Left]") -> list[str]:
    return sorted({store for change in changes if (store := _store_of(change.path))})


@contextmanager
def _locked(root: str, stores: Sequence[str]) -> Generator[None]:
    with ExitStack() as stack:
        for store in stores:
            stack.enter_context(locked(os.path.join(root, store)))
        yield
