"""What was found out before, remembered beside git's own files: which blobs and files of the index mention jiti.

Standard library only. A blob's content never changes, so what is known by its id never goes stale. A file of ours that
is absent, cut off, damaged, of another format or too large counts for nothing, and one that cannot be written is not
written: all that costs is time. They stand where a clone or a pull request cannot bring them, in the `.git` folder of
the work tree, and may be removed at any time.
"""

from __future__ import annotations

import _thread
import os
import time

from jiti_bot.git import Git, marker
from jiti_bot.listing import Seen
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FOLDER = "jiti"
BLOBS = "blobs"
INDEX = "index"
FORMAT = "jiti-bot remembers 1"
# Bytes: some 700,000 blobs, or a tree with as many questions. What is larger is not kept.
LARGEST = 32 << 20
# Nanoseconds after which no further change can bear the same time.
SETTLED = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Blobs:
    """Ids of blobs, as git prints them: those that mention jiti and those that do not."""

    speaking: frozenset[bytes] = frozenset()
    silent: frozenset[bytes] = frozenset()

    def learned(self, found: Mapping[bytes, bool], count: int, listed: Callable[[], Iterable[bytes]]) -> Blobs:
        """What is known with ``found``; where it is much more than the ``count`` of files, only of those ``listed``."""
        speaking = self.speaking.union([oid for oid, speaks in found.items() if speaks])
        silent = self.silent.union([oid for oid, speaks in found.items() if not speaks])
        if len(speaking) + len(silent) > 2 * count + 1000:
            wanted = frozenset(listed())
            return Blobs(speaking & wanted, silent & wanted)
        return Blobs(speaking, silent)


def home(git: Git) -> str | None:
    """The folder that git keeps this work tree's index in; None where that cannot be told without asking git."""
    given = git.env.get("GIT_DIR")
    found = os.path.join(git.root, given) if given else marker(git.root)
    if found is None or os.path.isdir(found):
        return found
    try:
        with open(found, encoding="utf-8", errors="surrogateescape") as file:
            word, _, path = file.read(4096).rstrip("\n").partition(": ")
    except OSError:
        return None
    folder = os.path.join(os.path.dirname(found), path)
    return folder if word == "gitdir" and os.path.isdir(folder) else None


def index_stamp(git: Git, folder: str | None) -> tuple[int, ...] | None:
    """What tells one state of the index from another: git writes it anew at each change. None where there is none."""
    if folder is None:
        return None
    try:
        found = os.stat(os.path.join(git.root, git.env.get("GIT_INDEX_FILE") or os.path.join(folder, "index")))
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns


def is_settled(stamp: tuple[int, ...]) -> bool:
    """Whether the index of ``stamp`` is old enough for times to tell a file on disk from what git knows of it.

    Git compares whole seconds; what changes within the second in which the index was written is compared by content.
    """
    return time.time_ns() - stamp[0] > SETTLED


def load_blobs(folder: str | None) -> Blobs:
    """What is known of blobs; ``folder`` is what `home` found, None where there is none."""
    data = load(folder, BLOBS, FORMAT)
    if data is None:
        return Blobs()
    speaking, _, silent = data.partition(b"\n\n")
    return Blobs(frozenset(speaking.split()), frozenset(silent.split()))


def save_blobs(folder: str | None, blobs: Blobs) -> None:
    """Keep what is known of blobs."""
    save(folder, BLOBS, FORMAT, b"\n".join(blobs.speaking) + b"\n\n" + b"\n".join(blobs.silent))


def load_seen(git: Git) -> Seen | None:
    """The index as it was looked through last from here; None where it was not."""
    folder = home(git)
    if folder is None:
        return None
    try:
        with open(os.path.join(folder, FOLDER, INDEX), "rb") as file:
            head, sizes = file.readline(), file.readline()
            speaking, count, size = (int(each) for each in sizes.split())
            if count + size > LARGEST:
                return None
            small = file.read(count)
            raw = file.read(size + 1)
    except (OSError, ValueError, OverflowError):
        return None
    if head != _head(_seen_from(git), sizes + small) + b"\n" or len(raw) != size:
        return None
    # A listing that is not whole is found out where it is compared.
    names = small.split(b"\0")
    return Seen(raw, frozenset(names[:speaking]), tuple(names[speaking:-1]))


def save_seen(git: Git, seen: Seen) -> None:
    """Keep what is known of the index."""
    small = b"".join(b"%b\0" % name for name in (*seen.speaking, *seen.odd))
    sizes = b"%d %d %d\n" % (len(seen.speaking), len(small), len(seen.raw))
    _write(home(git), INDEX, _head(_seen_from(git), sizes + small), sizes, small, seen.raw)


def _seen_from(git: Git) -> str:
    return f"{FORMAT} {digest(os.fsencode(git.root))}"


def load(folder: str | None, name: str, stamp: str) -> bytes | None:
    """What was saved under ``name`` with this very ``stamp``; None if nothing was, or it is not whole."""
    if folder is None:
        return None
    try:
        with open(os.path.join(folder, FOLDER, name), "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return None
    head, _, payload = data.partition(b"\n")
    return payload if head == _head(stamp, payload) and len(data) <= LARGEST else None


def save(folder: str | None, name: str, stamp: str, payload: bytes) -> None:
    """Keep ``payload``: whole or not at all, whoever else does so at the same time."""
    _write(folder, name, _head(stamp, payload), payload)


def _write(folder: str | None, name: str, head: bytes, *parts: bytes) -> None:
    if folder is None or sum(map(len, (head, *parts))) >= LARGEST:
        return
    ours = os.path.join(folder, FOLDER)
    beside = os.path.join(ours, f"{name}.{os.getpid()}.{_thread.get_ident()}")
    try:
        os.makedirs(ours, exist_ok=True)
        with open(beside, "wb") as file:
            file.writelines((head, b"\n", *parts))
        os.replace(beside, os.path.join(ours, name))
    except OSError:
        _remove(beside)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _head(stamp: str, payload: bytes) -> bytes:
    return f"{stamp} {digest(payload)}".encode()


def digest(data: bytes) -> str:
    """A digest against accidents: 32 hexadecimal digits."""
    try:
        from _blake2 import blake2b  # a third of the time that hashlib takes to load
    except ImportError:
        from hashlib import blake2b
    return blake2b(data, digest_size=16).hexdigest()
