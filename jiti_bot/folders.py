"""Where stores stand on disk. Folders that are as they were when they were last looked into need not be listed again.

Standard library only. A folder's own times change whenever something in it is added, removed or renamed. Where the file
system does not keep to that nothing is remembered, nor is a folder that changed a moment ago, as times are coarse.
"""

from __future__ import annotations

import os
import time

from jiti_bot import known
from jiti_bot.disk import PRUNED
from jiti_bot.layout import STORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    # What a folder looked like from outside, whether it is of the project or names a store, and the folders in it.
    Met = tuple[bytes, bytes, list[bytes]]

NAME = "folders"
_PLAIN, _STORE, _FOREIGN = b"plain", b"store", b"foreign"
_UNSETTLED = b"-"
_DOT_STORE = os.fsencode(STORE)
_PRUNED = frozenset(map(os.fsencode, PRUNED))


def stores(top: str, *, own: bool, home: str | None = None, learns: bool = True, now: int | None = None) -> list[str]:
    """The stores below ``top``, sorted; with ``own`` those of the same repository.

    What was found out about folders is remembered in ``home``, which `known.home` found, and more of it where it
    ``learns``. ``now`` is the time in nanoseconds, where the clock is not to be asked.
    """
    stamp = f"{known.FORMAT} {known.digest(os.fsencode(top))} {own}"
    then = _loaded(known.load(home, NAME, stamp))
    walk = _Walk(top, then, own=own, device=_device(home), now=time.time_ns() if now is None else now)
    if home is not None and learns and walk.met != then:
        _save(home, stamp, walk.met)
    return sorted(map(os.fsdecode, walk.found))


class _Walk:
    """The stores found below a folder, and what was met on the way, by the path of each folder: `` or `src/app/`."""

    def __init__(self, top: str, then: dict[bytes, Met], *, own: bool, device: int | None, now: int) -> None:
        self.met: dict[bytes, Met] = {}
        self.found: list[bytes] = []
        self._began = now
        self._device = device
        pending = [b""]
        while pending:
            inside = pending.pop()
            path = b"%b/%b" % (os.fsencode(top), inside)
            stamp = _UNSETTLED if device is None else self._stamp(path)
            met = then.get(inside)
            if met is None or met[0] != stamp or stamp == _UNSETTLED:
                met = _listed(path, stamp, own=own, is_top=not inside)
            self.met[inside] = met
            # A link may lead elsewhere although the folder that holds it is the same.
            if met[1] == _STORE and os.path.isdir(path + _DOT_STORE):
                self.found.append(inside + _DOT_STORE)
            pending += [b"%b%b/" % (inside, name) for name in met[2]]

    def _stamp(self, path: bytes) -> bytes:
        """What changes whenever something comes to a folder or leaves it; a dash where that may not show."""
        try:
            at = os.stat(path)
        except OSError:
            return _UNSETTLED
        is_settled = self._began - max(at.st_mtime_ns, at.st_ctime_ns) > known.SETTLED
        if at.st_dev != self._device or not is_settled:
            return _UNSETTLED
        return b"%d %d %d" % (at.st_mtime_ns, at.st_ctime_ns, at.st_ino)


def _listed(path: bytes, stamp: bytes, *, own: bool, is_top: bool) -> Met:
    """A folder as it is now."""
    names: set[bytes] = set()
    folders: list[bytes] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                names.add(entry.name)
                if entry.name[:1] != b"." and entry.name not in _PRUNED and entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
    except OSError:
        return _UNSETTLED, _FOREIGN, []
    if not is_top and (b"pyvenv.cfg" in names or (own and b".git" in names)):
        return stamp, _FOREIGN, []
    return stamp, _STORE if _DOT_STORE in names else _PLAIN, folders


def _device(home: str | None) -> int | None:
    try:
        return None if home is None else os.stat(home).st_dev
    except OSError:
        return None


def _loaded(data: bytes | None) -> dict[bytes, Met]:
    met: dict[bytes, Met] = {}
    for record in data.split(b"\0\0") if data else ():
        inside, stamp, kind, *folders = record.split(b"\0")
        met[inside[1:]] = stamp, kind, folders
    return met


def _save(home: str, stamp: str, met: dict[bytes, Met]) -> None:
    """Remember what was met, if the file system tells by a folder's time that something was written to it."""
    records = (b"\0".join((b"/" + inside, *met[0:2], *met[2])) for inside, met in met.items())
    folder = os.path.join(home, known.FOLDER)
    try:
        os.makedirs(folder, exist_ok=True)
        os.utime(folder, (0, 0))
        known.save(home, NAME, "a trial", b"")
        if os.stat(folder).st_mtime_ns:
            known.save(home, NAME, stamp, b"\0\0".join(records))
    except OSError:
        return
