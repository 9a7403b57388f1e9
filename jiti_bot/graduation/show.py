"""Planned changes as a diff: as bytes that `git apply` takes, or as text for a person at a terminal."""

import difflib
import os
from collections.abc import Iterable, Iterator

from jiti_bot.errors import JitiError
from jiti_bot.graduation import bytes as contents
from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.store.journal import Change

NO_NEWLINE = "\\ No newline at end of file\n"
_QUOTED = {number: f"\\{number:03o}" for number in range(32)} | {ord("\\"): "\\\\", ord('"'): '\\"'}


def patch(changes: Iterable[Change]) -> bytes:
    """What `git apply` takes: each file in its own bytes, lines as git counts them.

    A file whose line ends are carriage returns alone is one line to git. What goes from the store is named above.
    """
    every = tuple(changes)
    gone = [os.fsencode(f"removes {_quoted(change.path)}\n") for change in every if change.after is None]
    return b"".join([*gone, *(line for change in every if change.after is not None for line in _patch(change))])


def readable(changes: Iterable[Change]) -> str:
    """The same for a person: in characters, lines as Python counts them."""
    every = tuple(changes)
    gone = [f"removes {_quoted(change.path)}\n" for change in every if change.after is None]
    return "".join([*gone, *(line for change in every if change.after is not None for line in _diff(change))])


def _patch(change: Change) -> Iterator[bytes]:
    before, after = (_split(data or b"") for data in (change.before, change.after))
    old, new = map(os.fsencode, _names(change))
    for line in difflib.diff_bytes(difflib.unified_diff, before, after, old, new):
        yield line if line.endswith(b"\n") else line + f"\n{NO_NEWLINE}".encode()


def _split(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _diff(change: Change) -> Iterator[str]:
    before, after = (_lines(data, change.path) for data in (change.before, change.after))
    for line in difflib.unified_diff(before, after, *_names(change)):
        ended = line.endswith(("\n", "\r"))
        yield _shown(line.rstrip("\r\n")) + ("\n" if ended else f"\n{NO_NEWLINE}")


def _shown(line: str) -> str:
    """A line without characters that would steer a terminal."""
    return "".join(one if one.isprintable() or one == "\t" else one.encode("unicode_escape").decode() for one in line)


def _lines(data: bytes | None, path: str) -> list[str]:
    if data is None:
        return []
    try:
        return list(split_lines(contents.read(data, path).text))
    except JitiError:
        return list(split_lines(data.decode("utf-8", "backslashreplace")))


def _names(change: Change) -> tuple[str, str]:
    return _name(f"a/{change.path}") if change.before is not None else "/dev/null", _name(f"b/{change.path}")


def _name(path: str) -> str:
    """A name in a diff's header: where it holds blanks, a tab tells its end."""
    quoted = _quoted(path)
    return f"{path}\t" if " " in path and quoted == path else quoted


def _quoted(path: str) -> str:
    """A name as git writes it: in quotes where its line would be another one without."""
    quoted = path.translate(_QUOTED)
    return f'"{quoted}"' if quoted != path else path
