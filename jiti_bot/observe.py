"""Calls of stubs without an implementation, written down for ``jiti run``: that they happened, and with what.

``jiti run`` makes a file and names it in an environment variable; the program and whatever it starts append to it. The
variable decides nothing else: what runs is the same with it and without. Nothing is written but to a file that was made
for this by the same user, who alone can read it; and no more than `MAX_FILE`.
"""

import json
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FunctionType

VARIABLE = "JITI_OBSERVED"
MAGIC = b"jiti run 1\n"
MAX_FILE = 256 * 1024
_MAX_LINE = 4_000
_MAX_CALLS = 20  # of one stub in one process

_counts: "dict[tuple[str, str], int]" = {}


class Call:
    """One call: the stub's key as the runtime knows it, its file and unit, and its arguments as text."""

    __slots__ = ("arguments", "file", "key", "unit")

    def __init__(self, key: str, file: str, unit: str, arguments: "tuple[tuple[str, str], ...]") -> None:
        self.key = key
        self.file = file
        self.unit = unit
        self.arguments = arguments

    def __str__(self) -> str:
        return f"{self.key}({', '.join(f'{name}={text}' for name, text in self.arguments)})"


def note(
    key: str, file: str, unit: str, stub: "FunctionType", args: "tuple[object, ...]", kwargs: "Mapping[str, object]"
) -> None:
    """Write a call down, if somebody asked for it. Never raises: the program is to fail as it would without."""
    try:
        count = _counts[file, unit] = _counts.get((file, unit), 0) + 1
        if count <= _MAX_CALLS:
            _note(key, file, unit, stub, args, kwargs)
    except Exception:  # noqa: BLE001, S110 - a recorder that fails records nothing
        pass


def _note(
    key: str, file: str, unit: str, stub: "FunctionType", args: "tuple[object, ...]", kwargs: "Mapping[str, object]"
) -> None:
    from jiti_bot.redact import secrets_in
    from jiti_bot.shown import Show

    shown = Show(secrets_in(os.environ)).arguments(_bound(stub, args, kwargs))
    line = _line(key, file, unit, shown)
    while len(line) > _MAX_LINE and shown:
        shown = shown[:-1]
        line = _line(key, file, unit, [*shown, ("...", "...")])
    handle = os.open(
        os.environ[VARIABLE],
        # No O_CREAT: a file that is not there is not made.
        os.O_RDWR
        | os.O_APPEND
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_CLOEXEC", 0),
    )
    try:
        if _is_ours(handle) and os.fstat(handle).st_size + len(line) <= MAX_FILE and len(line) <= _MAX_LINE:
            os.write(handle, line)
    finally:
        os.close(handle)


def _is_ours(handle: int) -> bool:
    """Whether a file was made for this, by the same user, and is nobody else's to read."""
    about = os.fstat(handle)
    own = not hasattr(os, "geteuid") or (about.st_uid == os.geteuid() and not about.st_mode & 0o077)
    return stat.S_ISREG(about.st_mode) and about.st_nlink == 1 and own and os.read(handle, len(MAGIC)) == MAGIC


def _line(key: str, file: str, unit: str, arguments: "list[tuple[str, str]]") -> bytes:
    return json.dumps([key, file, unit, arguments]).encode() + b"\n"


def _bound(
    stub: "FunctionType", args: "tuple[object, ...]", kwargs: "Mapping[str, object]"
) -> "Iterator[tuple[str, object]]":
    """The arguments by the names of the parameters, as far as there are any."""
    code = stub.__code__
    names = code.co_varnames[: code.co_argcount]
    yield from zip(names, args, strict=False)
    if len(args) > len(names):
        has_rest = bool(code.co_flags & 0x04)
        yield (
            (f"*{code.co_varnames[code.co_argcount + code.co_kwonlyargcount]}" if has_rest else "*"),
            args[len(names) :],
        )
    yield from kwargs.items()


def read(data: bytes) -> "tuple[Call, ...]":
    """The calls in a file, each once; lines that are none are passed over: any program could have written here."""
    found: dict[str, Call] = {}
    for line in data[: MAX_FILE + len(MAGIC)].removeprefix(MAGIC).splitlines():
        try:
            key, file, unit, arguments = json.loads(line)
            named = tuple((str(name), str(text)) for name, text in arguments)
        except (ValueError, TypeError):
            continue
        if all(isinstance(part, str) for part in (key, file, unit)):
            call = Call(key, file, unit, named)
            found.setdefault(f"{file}::{call}", call)
    return tuple(found.values())
