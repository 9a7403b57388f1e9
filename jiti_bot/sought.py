"""Which Python files on disk mention jiti. What was seen in a blob stays known, and so does what the index holds.

Standard library only. A file is taken for its blob only where git says so by what it knows of the file (size, times,
inode); any other is read. Many files at once are searched by `git grep`, and of those only what cannot have changed
meanwhile is remembered. As long as the index is the very file that it was, git need not list it again.
"""

from __future__ import annotations

import os

from jiti_bot import disk, known
from jiti_bot.errors import JitiError
from jiti_bot.known import Blobs
from jiti_bot.listing import store_in
from jiti_bot.speaking import FEW, WORD, read_blobs
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from jiti_bot.git import Git

    Asked = Callable[[], list[bytes]]

NAME = "tracked"
_WORD = WORD.encode()
_PYTHON = ("-z", "--", "*.py")
# Bytes that git's index takes for a file, at least.
_ENTRY = 64
# Bytes, and more than the longest line.
_PIECE = 1 << 16


def in_work_tree(git: Git, few: int = FEW) -> tuple[str, ...]:
    """Files on disk outside stores, sorted: those that git tracks, and those that it does not and would not ignore.

    More than ``few`` that nothing is known of are searched at once.
    """
    sought = Sought(git, few=few)
    try:
        return sought.found()
    finally:
        sought.close()


def mentioning(git: Git, word: str) -> tuple[str, ...]:
    """Files on disk outside stores that contain ``word``, sorted: those that `in_work_tree` would look at."""
    found, others = git.begin_mentioning(word), _untracked(git)
    text = word.encode()
    paths = (os.fsdecode(name) for name in others() if not store_in(name))
    return tuple(sorted({*found(), *(path for path in paths if text in (disk.read(f"{git.root}/{path}") or b""))}))


@dataclass(frozen=True, slots=True)
class Tracked:
    """What one state of the index holds: all other files are silent.

    ``speaking`` are files whose blobs mention jiti, ``unknown`` those of which that is not known, and ``odd`` those
    that are not to be told by their blobs: in conflict, or not watched by git.
    """

    speaking: frozenset[bytes]
    unknown: frozenset[bytes]
    odd: frozenset[bytes]


class Sought:
    """`in_work_tree`, asked of git when it is made, answered once by `found`, and to be closed.

    What is new is remembered only where it ``learns``: commands that promise to write nothing beside the store do not.
    """

    def __init__(self, git: Git, *, few: int = FEW, learns: bool = True) -> None:
        self._git = git
        self._few = few
        self._learns = learns
        self._home = known.home(git)
        self._stamp = known.index_stamp(git, self._home)
        self._is_settled = self._stamp is not None and known.is_settled(self._stamp)
        self._tracked = _loaded(git, self._home, self._stamp)
        self._blobs = Blobs() if self._tracked else known.load_blobs(self._home)
        self._asked: dict[str, Asked] = {}
        self._grep: Callable[[], tuple[str, ...]] | None = None
        self._at_once: set[bytes] | None = None
        if self._stamp is None or (self._knows_nothing and self._stamp[1] > _ENTRY * few):
            self._grep = git.begin_mentioning(WORD)
            self._ask("untracked")
        else:
            self._ask(*(() if self._tracked else ("tracked",)), *_DOUBTS)

    @property
    def _knows_nothing(self) -> bool:
        return self._tracked is None and self._blobs == Blobs()

    def _ask(self, *questions: str) -> None:
        for question in questions:
            self._asked[question] = _QUESTIONS[question](self._git)

    def _answer(self, *questions: str) -> set[bytes]:
        return {path for question in questions for path in self._asked.pop(question)()}

    def close(self) -> None:
        """Remember what was searched at once, and wait for what nobody wants to know any more."""
        try:
            if self._at_once is not None and self._asked:
                self._learn_at_once(self._at_once)
        except JitiError:
            pass
        for ask in (*self._asked.values(), *([self._grep] if self._grep else [])):
            try:
                ask()
            except JitiError:
                continue
        self._asked.clear()
        self._grep = None

    def found(self) -> tuple[str, ...]:
        """The files."""
        if self._grep is not None:
            grep, self._grep = self._grep, None
            return self._searched(grep, self._answer("untracked"))
        if self._tracked is not None:
            found = self._as_known(self._tracked)
            if found is not None:
                return found
            self._blobs = known.load_blobs(self._home)
            self._ask("tracked", *_DOUBTS)
        return self._as_listed()

    def _as_known(self, tracked: Tracked) -> tuple[str, ...] | None:
        """The files by what is known of the index; None where that does not tell."""
        others = self._answer(*_DOUBTS)
        is_same = known.index_stamp(self._git, self._home) == self._stamp
        if not is_same or len(others) > self._few or not tracked.unknown <= others:
            return None
        return self._names(tracked.speaking - others, others | tracked.odd)

    def _as_listed(self) -> tuple[str, ...]:
        """The files by what git lists. Few of which nothing is known are looked at one by one."""
        raw = self._asked.pop("tracked")()[0]
        certain, odd = _split(raw, self._blobs.silent)
        others = self._answer(*_DOUBTS)
        new = {oid for path, oid in certain.items() if path not in others} - self._blobs.speaking
        if len(new) + len(others) + len(odd) > self._few:
            return self._searched(self._git.begin_mentioning(WORD), others)
        if new:
            self._learn(raw, _seen(self._git, new))
        self._keep(certain, odd)
        speaking = {path for path, oid in certain.items() if oid in self._blobs.speaking}
        return self._names(speaking - others, others | odd)

    def _searched(self, grep: Callable[[], tuple[str, ...]], others: set[bytes]) -> tuple[str, ...]:
        """The files as git finds them, and of ``others`` those that are seen to mention jiti.

        While they are judged it is asked what can be learned from that.
        """
        found = {*map(os.fsencode, grep())}
        if self._learns and self._is_settled:
            self._at_once = found
            self._ask("tracked", "filtered", "changed")
        return self._names(found, others - found)

    def _learn_at_once(self, found: set[bytes]) -> None:
        # What was another file while it was searched differs from its blob still, or else the index changed.
        others = self._answer("filtered", "changed")
        raw = self._asked.pop("tracked")()[0]
        heard: dict[bytes, bytes] = {}
        odd: set[bytes] = set()
        silent: set[bytes] = set()  # most of the tree: nothing else is held of these
        for path, oid in _entries(raw):
            if not oid:
                odd.add(path)
            elif path in found or path in others:
                heard[path] = oid
            else:
                silent.add(oid)
        if known.index_stamp(self._git, self._home) == self._stamp:
            seen = Blobs(frozenset(oid for path, oid in heard.items() if path not in others), frozenset(silent))
            silent.clear()
            raw = raw if self._blobs != Blobs() else b""  # a megabyte in a large tree
            self._learn(raw, seen)
            self._keep(heard, odd)

    def _learn(self, raw: bytes, seen: Blobs) -> None:
        known_before, self._blobs = self._blobs, seen
        if known_before != Blobs():
            found = {**dict.fromkeys(seen.silent, False), **dict.fromkeys(seen.speaking, True)}
            self._blobs = known_before.learned(found, raw.count(b"\0"), lambda: (oid for _, oid in _entries(raw)))
        if self._learns:
            known.save_blobs(self._home, self._blobs)

    def _keep(self, certain: dict[bytes, bytes], odd: set[bytes]) -> None:
        """Remember what the index holds, unless it may change and look the same."""
        if not (self._learns and self._is_settled) or known.index_stamp(self._git, self._home) != self._stamp:
            return
        heard = {path for path, oid in certain.items() if oid not in self._blobs.silent}
        speaking = {path for path in heard if certain[path] in self._blobs.speaking}
        payload = b"\0\0".join(b"\0".join(sorted(paths)) for paths in (speaking, heard - speaking, odd))
        known.save(self._home, NAME, _state(self._git, self._stamp), payload)

    def _names(self, certain: Collection[bytes], others: Collection[bytes]) -> tuple[str, ...]:
        """The names of files that are known to mention jiti and of those others that are seen to."""
        return tuple(sorted(map(os.fsdecode, [*certain, *filter(self._speaks, others)])))

    def _speaks(self, name: bytes) -> bool:
        path = os.path.join(self._git.root, os.fsdecode(name))
        return not store_in(name) and disk.node(path) is disk.Node.FILE and _WORD in (disk.read(path) or b"")


def _loaded(git: Git, home: str | None, stamp: tuple[int, ...] | None) -> Tracked | None:
    data = None if stamp is None else known.load(home, NAME, _state(git, stamp))
    if data is None:
        return None
    speaking, unknown, odd = (frozenset(filter(None, part.split(b"\0"))) for part in data.split(b"\0\0"))
    return Tracked(speaking, unknown, odd)


def _state(git: Git, stamp: tuple[int, ...] | None) -> str:
    return f"{known.FORMAT} {known.digest(os.fsencode(git.root))} {stamp}"


def _split(raw: bytes, silent: Collection[bytes] = frozenset()) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Files that git watches, with the ids of their blobs, but for those that are ``silent``; and those to look at."""
    certain = dict(_entries(raw, silent))
    others = {path for path, oid in certain.items() if not oid}
    for path in others:
        del certain[path]
    return certain, others


def _entries(raw: bytes, silent: Collection[bytes] = frozenset()) -> Iterator[tuple[bytes, bytes]]:
    """The same one by one, each with an empty id where it has to be looked at."""
    oid = slice(9, raw.find(b"\t") - 2)
    last = slice(oid.stop, oid.stop + 3)
    start = 0
    while start < len(raw):
        # In pieces: a list of all lines is larger than all that is kept of them.
        end = raw.rfind(b"\0", start, start + _PIECE) + 1
        for line in raw[start : end - 1].split(b"\0"):
            # Tag, mode, id, stage.
            usual = line[:5] == b"H 100" and line[last] == b" 0\t"
            if usual and line[oid] in silent:
                continue
            path = line.partition(b"\t")[2]
            # S: left out of a sparse checkout.
            if line[2:5] == b"100" and line[:1] != b"S" and not store_in(path):
                yield path, line[oid] if usual else b""
        start = end


def _listed(git: Git) -> Asked:
    tracked = git.begin("ls-files", "-v", "--stage", *_PYTHON)
    return lambda: [git.output(tracked)]


def _changed(git: Git) -> Asked:
    """Files on disk that differ from the index, or may."""
    return _paths(git, "diff-files", "--name-only", "--relative", "--no-ext-diff", "--ignore-submodules", *_PYTHON)


def _untracked(git: Git) -> Asked:
    return _paths(git, "ls-files", "--others", "--exclude-standard", *_PYTHON)


def _filtered(git: Git) -> Asked:
    """Files that a filter turns into something else than their blobs."""
    drivers = git.begin("config", "--name-only", "--get-regexp", r"^filter\.")
    return lambda: _paths(git, "ls-files", *_PYTHON, ":(exclude,attr:!filter)")() if drivers.done().stdout else []


# To be answered in this order: the first may need a second step, while git works on the others.
_DOUBTS = ("filtered", "changed", "untracked")
_QUESTIONS = {"tracked": _listed, "filtered": _filtered, "changed": _changed, "untracked": _untracked}


def _paths(git: Git, *args: str) -> Asked:
    """What a git command names, asked now and awaited when called."""
    begun = git.begin(*args)
    return lambda: [path for path in git.output(begun).split(b"\0") if path]


def _seen(git: Git, oids: set[bytes]) -> Blobs:
    """Which blobs mention jiti; those that are missing are left out."""
    reader = git.blobs()
    try:
        found = read_blobs(reader.read, oids)
    finally:
        reader.close()
    speaking = frozenset(oid for oid, speaks in found.items() if speaks)
    return Blobs(speaking, frozenset(found) - speaking)
