"""The paths that git lists of an index or a revision, looked into without taking them all apart.

Standard library only. Git sorts what it lists by the bytes of the paths, so one path among ten thousand is found in a
few steps, and what a small change does not touch costs next to nothing.
"""

from __future__ import annotations

import os

from jiti_bot.layout import STORE
from jiti_bot.records import differing
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

SYMLINK = "120000"
SUBMODULE = "160000"
_STORE = STORE.encode()


@dataclass(frozen=True, slots=True)
class Blob:
    """What stands at one path of an index or revision: its mode as git prints it, and its object id."""

    mode: str
    oid: str
    merged: bool = True

    @property
    def is_file(self) -> bool:
        """Whether it is a file and no link or submodule."""
        return self.mode not in {SYMLINK, SUBMODULE}


@dataclass(frozen=True, slots=True)
class Seen:
    """An index that was looked through before: what git printed, the files that ``speak`` of jiti, and odd records.

    Those are links and submodules; an index with conflicts is never remembered.
    """

    raw: bytes
    speaking: frozenset[bytes]
    odd: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """An index beside one seen before: what that one held, and which records are new or gone."""

    speaking: frozenset[bytes]
    odd: tuple[bytes, ...]
    new: set[bytes]
    gone: set[bytes]


class Listing:
    """What `git ls-files --stage -z` or `git ls-tree -r -z` printed. Of a file in conflict, our side.

    ``seen`` is asked for a similar listing, once that saves looking at each path. One that has it is that of a whole
    index, to be remembered as well.
    """

    def __init__(self, raw: bytes, seen: Callable[[], Seen | None] | None = None) -> None:
        self._raw = raw
        self.is_whole = seen is not None
        self._seen = seen
        self._since: Since | None = None
        self._got: dict[str, Blob | None] = {}
        self._dropped: set[bytes] = set()
        self._odd: list[bytes] | None = None
        self._submodules: tuple[bytes, ...] | None = None

    @property
    def count(self) -> int:
        """How many paths there are, those in conflict counted for each side."""
        return self._raw.count(b"\0")

    @property
    def paths(self) -> list[str]:
        """Every path, once, in git's order."""
        lines = os.fsdecode(self._raw).split("\0")
        found = dict.fromkeys([line.partition("\t")[2] for line in lines if line])
        for path in self._dropped:
            found.pop(os.fsdecode(path), None)
        return list(found)

    def drop(self, paths: Iterable[str]) -> None:
        """Take ``paths`` for absent from now on."""
        self._dropped.update(map(os.fsencode, paths))
        self._got.clear()

    def get(self, path: str) -> Blob | None:
        """What stands at ``path``, None where nothing does."""
        if path not in self._got:
            self._got[path] = self._find(path)
        return self._got[path]

    def _find(self, path: str) -> Blob | None:
        key = os.fsencode(path)
        found = b""
        for meta, name in self._from(self._at(key)):
            if name != key or key in self._dropped:
                break
            if not found or meta[-2:] in {b" 0", b" 2"}:
                found = meta
        return _blob(found) if found else None

    def holds(self, path: bytes) -> bool:
        """Whether a path that is listed was not dropped."""
        return path not in self._dropped

    def is_folder(self, path: str) -> bool:
        """Whether something stands below ``path``."""
        return next(self._below(path), None) is not None

    def inside(self, folder: str) -> list[str]:
        """What stands directly in ``folder``, without folders, sorted."""
        length = len(os.fsencode(folder)) + 1 if folder else 0
        return sorted({os.fsdecode(path) for path in self._below(folder) if b"/" not in path[length:]})

    def under(self, folder: str) -> list[str]:
        """What stands below ``folder``, sorted."""
        return sorted({os.fsdecode(path) for path in self._below(folder)})

    def stores(self) -> set[str]:
        """The folders of stores, and links or submodules of that name."""
        found: set[str] = set()
        at = self._raw.find(_STORE)
        while at >= 0:
            start = self._raw.rfind(b"\0", 0, at) + 1
            _, path = self._record(start)
            store = store_in(path)
            if store and path not in self._dropped:
                found.add(os.fsdecode(store))
                # What follows `store/` in the order of bytes follows all that stands in it.
                after = self._at(store + b"0")
            else:
                after = self._end(start)
            at = self._raw.find(_STORE, max(after, at + 1))
        return found

    def unmerged(self) -> list[str]:
        """The paths of an index that a merge has left in conflict."""
        found = [line.partition(b"\t") for line in self._unusual()]
        names = [path for meta, _, path in found if meta[-2:-1] == b" " and meta[-1:] != b"0"]
        return [os.fsdecode(path) for path in dict.fromkeys(names) if path not in self._dropped]

    def links(self) -> dict[str, str]:
        """The symbolic links, each with the id of the blob that says where it leads."""
        names = [line.partition(b"\t")[2] for line in self._unusual() if line.startswith(SYMLINK.encode())]
        found = ((path, self.get(path)) for path in map(os.fsdecode, names))
        return {path: blob.oid for path, blob in found if blob is not None}

    def is_in_submodule(self, path: str) -> bool:
        """Whether ``path`` lies in a submodule: what that holds is listed in a repository of its own."""
        if self._submodules is None:
            lines = [line for line in self._unusual() if line.startswith(SUBMODULE.encode())]
            self._submodules = tuple(b"%b/" % line.partition(b"\t")[2] for line in lines)
        return os.fsencode(path).startswith(self._submodules)

    def python(self, silent: Collection[bytes] = frozenset()) -> dict[bytes, bytes]:
        """Python files outside stores and conflicts with the ids of their blobs, without those that are ``silent``."""
        return self._python(self._raw.split(b"\0"), silent)

    def since(self) -> Since | None:
        """What is new or gone since the index was looked through; None where it was not, or is another altogether."""
        if self._since is None and self._seen is not None:
            seen, self._seen = self._seen(), None
            found = None if seen is None else differing(seen.raw, self._raw)
            if seen is not None and found is not None:
                self._since = Since(seen.speaking, seen.odd, *found)
        return self._since

    def new_python(self, since: Since) -> dict[bytes, bytes]:
        """`python` among what is new."""
        return self._python(since.new, frozenset())

    def spoke(self, paths: Iterable[str]) -> bool:
        """Whether one of ``paths`` mentioned jiti when the index was looked through."""
        since = self.since()
        return since is not None and any(os.fsencode(path) in since.speaking for path in paths)

    def seen(self, speaking: Iterable[bytes]) -> Seen | None:
        """What there is to remember once it is known which files speak of jiti; None where there is a conflict."""
        odd = tuple(self._unusual())
        return None if any(line[:3] == b"100" for line in odd) else Seen(self._raw, frozenset(speaking), odd)

    def _python(self, lines: Iterable[bytes], silent: Collection[bytes]) -> dict[bytes, bytes]:
        usual, blob = self._shape()
        found = {}
        for line in lines:
            if line[blob] in silent or not line.endswith(b".py") or not usual(line):
                continue
            path = line.partition(b"\t")[2]
            if not store_in(path) and path not in self._dropped:
                found[path] = line[blob]
        return found

    def _unusual(self) -> list[bytes]:
        """Links, submodules and what is in conflict."""
        if self._odd is None:
            usual, _ = self._shape()
            since = self.since()
            if since is None:
                self._odd = [line for line in self._raw.split(b"\0") if line and not usual(line)]
            else:
                self._odd = [line for line in since.odd if line not in since.gone]
                self._odd += sorted(line for line in since.new if not usual(line))
        return self._odd

    def _shape(self) -> tuple[Callable[[bytes], bool], slice]:
        """What tells plain files, and where their ids stand: in an index mode, id, stage; else mode, type, id."""
        width = self._raw.find(b"\t")
        if self._raw[7:12] == b"blob " or self._raw[7:14] == b"commit ":
            width -= 7 if self._raw[7:8] == b"c" else 5
            length = width - 7
            return lambda line: line.startswith(b"100") and line[7:12] == b"blob ", slice(12, 12 + length)
        stage = slice(width - 2, width)
        return lambda line: line.startswith(b"100") and line[stage] == b" 0", slice(7, width - 2)

    def _below(self, folder: str) -> Iterator[bytes]:
        start = os.fsencode(folder) + b"/" if folder else b""
        for _, path in self._from(self._at(start)):
            if not path.startswith(start):
                return
            if path not in self._dropped:
                yield path

    def _at(self, path: bytes) -> int:
        """Where the first record stands whose path is ``path`` or follows it."""
        raw, low, high = self._raw, 0, len(self._raw)
        while low < high:
            start = raw.rfind(b"\0", low, (low + high) // 2) + 1 or low
            name = raw.find(b"\t", start) + 1
            end = raw.find(b"\0", name)
            if raw[name:end] < path:
                low = end + 1
            else:
                high = start
        return low

    def _from(self, at: int) -> Iterator[tuple[bytes, bytes]]:
        while at < len(self._raw):
            yield self._record(at)
            at = self._end(at)

    def _record(self, start: int) -> tuple[bytes, bytes]:
        meta, _, path = self._raw[start : self._end(start) - 1].partition(b"\t")
        return meta, path

    def _end(self, start: int) -> int:
        return self._raw.index(b"\0", start) + 1


def _blob(meta: bytes) -> Blob:
    mode, second, third = meta.decode().split(" ")
    if len(third) > 1:  # a revision: mode, type, id
        return Blob(mode, third)
    return Blob(mode, second, merged=third == "0")  # an index: mode, id, stage


def store_in(path: bytes) -> bytes:
    """The store that a path lies in, or is; empty outside of stores."""
    if _STORE not in path:
        return b""
    at = (b"/" + path + b"/").find(b"/" + _STORE + b"/")
    return path[: at + len(_STORE)] if at >= 0 else b""
