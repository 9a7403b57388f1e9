"""Files on the disk as the store writes them: whole, durable, and with its refusals told as ours."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress

from jiti_bot.errors import StoreError


@contextmanager
def failing_as_store_error(what: str, where: str) -> Generator[None]:
    """Raise `StoreError` where the disk refuses, at the file that it names or ``where``: ``what`` was not changed."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{what} could not be changed: {error.strerror or error}.",
            remedy="Make room or correct the permissions, then run the same command again.",
            where=str(error.filename or where),
        ) from error


def write_new(path: str, data: bytes, mode: int | None) -> None:
    """Write a file that is not there yet, flushed to the disk, with the permissions ``mode`` or the usual ones."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def mode_of(path: str) -> int | None:
    """A file's permissions, None where there is no file."""
    try:
        return os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        return None


def read_bytes(path: str) -> bytes | None:
    """What a file holds, None where there is no file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def flush_folder(folder: str) -> None:
    """Make renames in ``folder`` durable. Windows has no such call, and some file systems refuse it."""
    if os.name == "nt":  # pragma: no cover
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
