"""Planned changes as a person reads them: a diff, after the names of what goes from the store."""

import difflib
from collections.abc import Iterable, Iterator

from jiti_bot.errors import JitiError
from jiti_bot.graduation import bytes as contents
from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.store.journal import Change

NO_NEWLINE = "\\ No newline at end of file\n"


def difference(changes: Iterable[Change]) -> str:
    """The text to print."""
    every = tuple(changes)
    gone = [f"removes {change.path}\n" for change in every if change.after is None]
    return "".join([*gone, *(line for change in every if change.after is not None for line in _diff(change))])


def _diff(change: Change) -> Iterator[str]:
    before, after = (_lines(data, change.path) for data in (change.before, change.after))
    old = f"a/{change.path}" if change.before is not None else "/dev/null"
    for line in difflib.unified_diff(before, after, old, f"b/{change.path}"):
        yield line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}"


def _lines(data: bytes | None, path: str) -> list[str]:
    if data is None:
        return []
    try:
        return list(split_lines(contents.read(data, path).text))
    except JitiError:
        return list(split_lines(data.decode("utf-8", "replace")))
