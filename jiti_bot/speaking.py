"""Which Python files mention jiti, in the work tree, the index or a revision. What was seen in a blob stays known.

Standard library only. In the work tree a file is taken for its blob only where git says so by what it knows of the file
(size, times, inode); any other is read. Many files at once are searched by `git grep`, and of those only what cannot
have changed meanwhile is remembered.
"""

from __future__ import annotations

import os

from jiti_bot import disk, known
from jiti_bot.errors import JitiError
from jiti_bot.git import INDEX, Git
from jiti_bot.known import Blobs
from jiti_bot.listing import Listing, store_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    Contents = Callable[[Sequence[str]], Mapping[str, bytes]]

WORD = "jiti"
# So many are read one by one, in the time that git takes to search ten thousand.
FEW = 400
_WORD = WORD.encode()
_PYTHON = ("-z", "--", "*.py")


def in_work_tree(git: Git, few: int = FEW) -> tuple[str, ...]:
    """Files on disk outside stores, sorted: those that git tracks, and those that it does not and would not ignore.

    More than ``few`` that nothing is known of are searched at once.
    """
    return Sought(git).found(few)


class Sought:
    """`in_work_tree`, asked of git when it is made and answered once, by `found`.

    What is new is remembered only where it ``learns``: commands that promise to write nothing beside the store do not.
    """

    def __init__(self, git: Git, *, learns: bool = True) -> None:
        self._git = git
        self._learns = learns
        self._home = known.home(git)
        self._stamp = known.index_stamp(git, self._home)
        self._blobs = known.load_blobs(self._home)
        # Where nothing is known, git searches all files at once, unless there are few.
        self._is_new = self._blobs == Blobs()
        self._answers: list[Callable[[], list[bytes]]] = []
        if self._stamp is not None:
            tracked = git.begin("ls-files", "-v", "--stage", *_PYTHON)
            self._answers = [lambda: [git.output(tracked)], _filtered(git)]
            self._answers += [] if self._is_new else [_changed(git), _untracked(git)]

    def close(self) -> None:
        """Wait for what nobody wants to know any more."""
        while self._answers:
            try:
                self._answers.pop()()
            except JitiError:
                continue

    def found(self, few: int = FEW) -> tuple[str, ...]:
        """The files."""
        if self._stamp is None:
            return tuple(sorted(self._git.mentioning(WORD)))
        blobs = self._blobs
        raw = self._answers.pop(0)()[0]
        certain, others = _tracked(raw, blobs.silent)
        at_once = self._is_new and len(certain) > few
        if self._is_new and not at_once:
            self._answers += [_changed(self._git), _untracked(self._git)]
        while self._answers:
            others.update(self._answers.pop(0)())
        for path in others:
            certain.pop(path, None)
        new = {*certain.values()} - blobs.speaking
        if at_once or len(new) + len(others) > few:
            return self._at_once(blobs, raw, certain)
        if new:
            blobs = self._learn(blobs, raw, _seen(self._git, new))
        speaking = [path for path, oid in certain.items() if oid in blobs.speaking]
        return _names([*speaking, *filter(_spoken(self._git), others)])

    def _at_once(self, blobs: Blobs, raw: bytes, certain: dict[bytes, bytes]) -> tuple[str, ...]:
        found = {*map(os.fsencode, self._git.mentioning(WORD))}
        # What was another file while it was searched differs from its blob still, or else the index changed.
        meanwhile = {*_changed(self._git)()}
        stamp = self._stamp
        if stamp and known.is_settled(stamp) and known.index_stamp(self._git, self._home) == stamp:
            self._learn(blobs, raw, {oid: path in found for path, oid in certain.items() if path not in meanwhile})
        return _names(found)

    def _learn(self, blobs: Blobs, raw: bytes, seen: dict[bytes, bool]) -> Blobs:
        def listed() -> Iterable[bytes]:
            return _tracked(raw)[0].values()

        more = blobs.learned(seen, raw.count(b"\0"), listed)
        if self._learns:
            known.save_blobs(self._home, more)
        return more


def in_blobs(git: Git, where: str, listing: Listing, contents: Contents, few: int = FEW) -> tuple[str, ...]:
    """Files outside stores of the index or a revision, those in conflict left out, sorted.

    ``contents`` gives the texts of blobs by their ids.
    """
    since = listing.since()
    new = {} if since is None else listing.new_python(since)
    if since is None or len(new) > few:
        return _among_all(git, where, listing, contents, few)
    found = contents([oid.decode() for oid in new.values()])
    speaking = {*since.seen.speaking.difference(line.partition(b"\t")[2] for line in since.gone)}
    speaking.update(path for path, oid in new.items() if _WORD in found.get(oid.decode(), b""))
    if (since.new or since.gone) and all(oid.decode() in found for oid in new.values()):
        _keep(git, listing, speaking)
    return _names(path for path in speaking if listing.holds(path))


def _among_all(git: Git, where: str, listing: Listing, contents: Contents, few: int) -> tuple[str, ...]:
    home = known.home(git)
    blobs = known.load_blobs(home)
    certain = listing.python(blobs.silent)
    new = {*certain.values()} - blobs.speaking

    def learn(seen: dict[bytes, bool]) -> Blobs:
        more = blobs.learned(seen, listing.count, lambda: listing.python().values())
        if where == INDEX:  # only the check of what is staged looks there
            known.save_blobs(home, more)
        return more

    if len(new) <= few:
        seen = _read(contents, new)
        blobs = learn(seen) if new else blobs
        found = {path for path, oid in certain.items() if oid in blobs.speaking}
        if where == INDEX and seen.keys() == new:
            _keep(git, listing, found)
        return _names(found)
    before = known.index_stamp(git, home)
    then = git.index().python() if where == INDEX else certain
    found = {*map(os.fsencode, git.mentioning(WORD, where))}
    if where != INDEX or (before is not None and known.index_stamp(git, home) == before):
        learn({oid: path in found for path, oid in then.items()})
    return _names(found & certain.keys())


def _keep(git: Git, listing: Listing, speaking: Iterable[bytes]) -> None:
    """Remember the index with what was found in it."""
    seen = listing.seen(speaking)
    if seen is not None:
        known.save_seen(git, seen)


def _tracked(raw: bytes, silent: Collection[bytes] = frozenset()) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Files that git watches, with the ids of their blobs, but for those that are ``silent``; and those to look at."""
    certain: dict[bytes, bytes] = {}
    others: set[bytes] = set()
    oid = slice(9, raw.find(b"\t") - 2)
    last = slice(oid.stop, oid.stop + 3)
    for line in raw.split(b"\0"):
        # Tag, mode, id, stage.
        usual = line[:5] == b"H 100" and line[last] == b" 0\t"
        if not line or (usual and line[oid] in silent):
            continue
        path = line.partition(b"\t")[2]
        if store_in(path) or line[2:5] != b"100" or line[:1] == b"S":  # the latter: left out of a sparse checkout
            continue
        if usual:
            certain[path] = line[oid]
        else:
            others.add(path)
    return certain, others


def _changed(git: Git) -> Callable[[], list[bytes]]:
    """Files on disk that differ from the index, or may."""
    return _paths(git, "diff-files", "--name-only", "--relative", "--no-ext-diff", "--ignore-submodules", *_PYTHON)


def _untracked(git: Git) -> Callable[[], list[bytes]]:
    return _paths(git, "ls-files", "--others", "--exclude-standard", *_PYTHON)


def _filtered(git: Git) -> Callable[[], list[bytes]]:
    """Files that a filter turns into something else than their blobs."""
    drivers = git.begin("config", "--name-only", "--get-regexp", r"^filter\.")
    return lambda: _paths(git, "ls-files", *_PYTHON, ":(exclude,attr:!filter)")() if drivers.done().stdout else []


def _paths(git: Git, *args: str) -> Callable[[], list[bytes]]:
    """What a git command names, asked now and awaited when called."""
    begun = git.begin(*args)
    return lambda: [path for path in git.output(begun).split(b"\0") if path]


def _seen(git: Git, oids: set[bytes]) -> dict[bytes, bool]:
    reader = git.blobs()
    try:
        return _read(reader.read, oids)
    finally:
        reader.close()


def _read(contents: Contents, oids: set[bytes]) -> dict[bytes, bool]:
    """Which blobs mention jiti; those that are missing are left out."""
    found = contents(sorted(oid.decode() for oid in oids))
    return {oid.encode(): _WORD in data for oid, data in found.items()}


def _spoken(git: Git) -> Callable[[bytes], bool]:
    """What tells whether a file on disk, outside of stores, mentions jiti."""

    def speaks(name: bytes) -> bool:
        path = os.path.join(git.root, os.fsdecode(name))
        return not store_in(name) and disk.node(path) is disk.Node.FILE and _WORD in (disk.read(path) or b"")

    return speaks


def _names(paths: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(sorted(map(os.fsdecode, paths)))
