"""One writer at a time, across processes and threads.

The lock is the operating system's, on a file that git ignores: it ends with its process, however that ends.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress

from jiti_bot.errors import StoreError
from jiti_bot.store import paths

_ATTEMPTS = 100  # each lost to somebody who removed the store just then
_WINDOWS_POLL = 0.05  # seconds; msvcrt has no lock that waits for as long as it takes


@contextmanager
def locked(store: str) -> Generator[None]:
    """Hold the lock of the store at the absolute path ``store``, which exists. Waits for as long as it takes."""
    while True:
        handle = _open(store, paths.LOCK)
        try:
            _acquire(handle)
            # Whoever removes a whole store removes the lock with it: then we hold a file that is gone.
            if _is_still(handle, os.path.join(store, paths.LOCK)):
                yield
                return
        finally:
            os.close(handle)  # which releases it


def try_to_hold(store: str, name: str) -> int | None:
    """A handle that holds the lock ``name`` (posix, in the store's cache) as long as it is open; None if others do.

    Give it to `let_go`. Raises `StoreError` where the file cannot be made.
    """
    while True:
        handle = _open(store, name)
        try:
            if not _acquire_now(handle):
                os.close(handle)
                return None
            if _is_still(handle, os.path.join(store, name)):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def let_go(handle: int, path: str) -> None:
    """Give back what `try_to_hold` gave, its file with it: whoever waits for that sees that it is gone."""
    if os.name != "nt" and _is_still(handle, path):  # there, what is open cannot be removed
        with suppress(OSError):
            os.unlink(path)
    os.close(handle)


def _open(store: str, name: str) -> int:
    """A lock's file, made where it is missing; between any two steps somebody may remove the whole store."""
    for attempt in range(_ATTEMPTS):
        try:
            paths.make_store(store)
            paths.make_folders(store, name.rpartition("/")[0])
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
            return os.open(os.path.join(store, name), flags, 0o666)
        except FileNotFoundError as error:
            if attempt == _ATTEMPTS - 1:
                raise _refused(os.path.join(store, name), error) from error
        except OSError as error:
            raise _refused(os.path.join(store, name), error) from error
    raise AssertionError("the last attempt returns or raises")


def _refused(path: str, error: OSError) -> StoreError:
    return StoreError(
        f"The store cannot be locked: {error.strerror}.",
        remedy="Make the folder writable.",
        where=path,
    )


def _is_still(handle: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


if os.name == "nt":  # pragma: no cover
    import msvcrt
    import time

    def _acquire(handle: int) -> None:
        while not _acquire_now(handle):
            time.sleep(_WINDOWS_POLL)

    def _acquire_now(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _acquire(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _acquire_now(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
