"""The door to the files between stages: JSON, bounded, checked against its schema, never followed through a link.

A file may have been written on a machine that ran a model's code. Whatever stands there, reading it gives a value of
the schema's shape or one `StageError` that says what is wrong.
"""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jiti_bot.errors import StageError
from jiti_bot.stages import schema

FORMAT = 1
MAX_BYTES = 32 * 1024 * 1024
_REMEDY = "Nothing was published. Run the workflow again; if it says the same, look at the job that wrote the file."
#: The stage that writes a kind of file.
_MAKER = {
    "gate": "gate",
    "plan": "plan",
    "shard": "generate",
    "validated": "validate",
    "published": "publish",
    "report": "report",
}


def write(folder: Path, name: str, kind: str, value: Mapping[str, Any]) -> Path:
    """Write ``value`` as the stage file ``name`` (without ``.json``) of ``kind``, whole or not at all."""
    document = {"format": FORMAT, **value}
    wrong = schema.check(document, kind)
    if wrong:
        raise StageError(f"What this stage found does not fit its format: {wrong}.", remedy=_REMEDY, where=name)
    data = json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False).encode()
    if len(data) > MAX_BYTES:
        raise StageError(
            f"What this stage found takes {len(data):,} bytes; {MAX_BYTES:,} are allowed.",
            remedy="Name fewer stubs, or use more shards.",
            where=name,
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{name}-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(folder / f"{name}.json")
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise StageError(
            f"It cannot be written: {error.strerror}.", remedy="Give --dir a folder of your own.", where=str(folder)
        ) from error
    return folder / f"{name}.json"


def read(folder: Path, name: str, kind: str) -> Mapping[str, Any]:
    """The stage file ``name`` of ``kind``. Raises `StageError` for anything that is not exactly that."""
    where = f"{name}.json"
    data = _bytes(folder / where, where, kind)
    try:
        value = json.loads(data, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise StageError(f"This is not JSON, or was cut off: {said[:300]}.", remedy=_REMEDY, where=where) from error
    wrong = schema.check(value, kind)
    if wrong:
        raise StageError(f"This is no {kind} file: {wrong}.", remedy=_REMEDY, where=where)
    return value


def present(folder: Path, name: str) -> bool:
    """Whether something stands where the stage file belongs."""
    return os.path.lexists(folder / f"{name}.json")


def sha256(text: str) -> str:
    """The digest that goes with a file's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def refused(what: str, where: str) -> StageError:
    """The error for a stage file whose content cannot be right; ``what`` says it without a full stop."""
    return StageError(f"{what}.", remedy=_REMEDY, where=where)


def _bytes(path: Path, where: str, kind: str) -> bytes:
    """The bytes of a regular file, at most `MAX_BYTES` of them."""
    if path.parent.is_symlink():
        raise StageError("Its folder is a symbolic link.", remedy=_REMEDY, where=where)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except FileNotFoundError as error:
        raise StageError(
            f"There is no such file in {path.parent}.", remedy=f"Run `jiti ci {_MAKER[kind]}` first.", where=where
        ) from error
    except OSError as error:
        link = "a symbolic link stands there" if path.is_symlink() else error.strerror
        raise StageError(f"It cannot be read: {link}.", remedy=_REMEDY, where=where) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise StageError("No regular file stands there.", remedy=_REMEDY, where=where)
        if found.st_size > MAX_BYTES:
            raise StageError(f"It has {found.st_size:,} bytes; {MAX_BYTES:,} are allowed.", remedy=_REMEDY, where=where)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(handle)


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON number")


def _no_twins(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object; readers differ on which of two members with one name counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has two members of one name")
    return found
