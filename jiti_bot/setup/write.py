"""The one writer: all edits or none, each file replaced as a whole.

A process that is killed between two renames leaves every file old or new; setting up once more does the rest.
"""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress

from jiti_bot.errors import StoreError
from jiti_bot.setup.model import Edit
from jiti_bot.store.disk import failing_as_store_error, flush_folder, mode_of, read_bytes, write_new
from jiti_bot.store.paths import TEMPORARY

_NOTHING = "Nothing was written."


def refuse_obstacles(top: str, edits: Iterable[Edit]) -> None:
    """Raise `StoreError` for what must not be changed: read-only, out of the repository by a link, in the way."""
    for edit in edits:
        place = _place(top, edit.path)
        _refuse_file_for_folder(os.path.realpath(top), os.path.dirname(place))
        with failing_as_store_error("A file", edit.path):
            mode = mode_of(place)
        if mode is not None and not mode & stat.S_IWUSR:
            raise StoreError(
                "This file is read-only.", remedy=f"Allow writing: chmod u+w {edit.path}. {_NOTHING}", where=edit.path
            )


def write(top: str, edits: Sequence[Edit]) -> None:
    """Make all ``edits`` in the repository at ``top``, or none. Raises `StoreError`."""
    refuse_obstacles(top, edits)
    places = {edit.path: _place(top, edit.path) for edit in edits}
    with failing_as_store_error("A file", top):
        made = _folders(places.values())
        try:
            for edit in edits:
                _lay(places[edit.path], edit.after)
            changed = [edit.path for edit in edits if read_bytes(places[edit.path]) != edit.before]
            if changed:
                raise StoreError("This file changed meanwhile.", remedy=f"Run it again. {_NOTHING}", where=changed[0])
            _rename(edits, places)
        finally:
            for place in places.values():
                with suppress(OSError):  # it was renamed
                    os.unlink(_temporary(place))
            for folder in reversed(made):
                with suppress(OSError):  # it holds something
                    os.rmdir(folder)
    for folder in {os.path.dirname(place) for place in places.values()}:
        flush_folder(folder)


def _place(top: str, path: str) -> str:
    """Where a file really lies: an edit goes through a link, as an editor's does, but not out of the repository."""
    home, place = os.path.realpath(top), os.path.realpath(os.path.join(top, path))
    inside = os.path.join(home, "")
    if not place.startswith(inside) or place[len(inside) :].split(os.sep)[0] == ".git":
        raise StoreError(
            "This leads out of the repository by a link.",
            remedy=f"Replace the link by a file. {_NOTHING}",
            where=path,
        )
    return place


def _refuse_file_for_folder(top: str, folder: str) -> None:
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        where = os.path.relpath(folder, top)
        raise StoreError("A file stands where a folder is to be.", remedy=f"Move it away. {_NOTHING}", where=where)


def _folders(places: Iterable[str]) -> list[str]:
    """Make the folders that are missing; those made, outermost first."""
    made: list[str] = []
    for place in places:
        lacking = []
        folder = os.path.dirname(place)
        while not os.path.isdir(folder):
            lacking.append(folder)
            folder = os.path.dirname(folder)
        for one in reversed(lacking):
            os.mkdir(one)
            made.append(one)
    return made


def _rename(edits: Sequence[Edit], places: dict[str, str]) -> None:
    """Rename the new texts into place; if the system refuses one, or somebody stops us, put back what came before.

    The disk tells what that is: a call that was stopped may have done its work.
    """
    try:
        for edit in edits:
            os.replace(_temporary(places[edit.path]), places[edit.path])
    except BaseException:
        for edit in edits:
            place = places[edit.path]
            if edit.before == edit.after or read_bytes(place) != edit.after:
                continue
            if edit.before is None:
                os.unlink(place)
            else:
                _lay(place, edit.before)
                os.replace(_temporary(place), place)
        raise


def _lay(place: str, data: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(_temporary(place))  # of a process that was killed
    write_new(_temporary(place), data, mode_of(place))


def _temporary(place: str) -> str:
    folder, name = os.path.split(place)
    return os.path.join(folder, f".{name[:40]}{TEMPORARY}")
