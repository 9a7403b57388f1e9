"""Which Python files mention jiti, in the work tree, the index or a revision. What was seen in a blob stays known.

Standard library only. In the work tree a file is taken for its blob only where git says so by what it knows of the file
(size, times, inode); any other is read. Many files at once are searched by `git grep`, and of those only what cannot
have changed meanwhile is remembered.
"""

import os

from jiti_bot import disk, known
from jiti_bot.blobs import SUBMODULE, SYMLINK, BlobReader, Listing
from jiti_bot.git import INDEX, Git
from jiti_bot.known import Blobs
from jiti_bot.layout import STORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WORD = "jiti"
# So many are read one by one, in the time that git takes to search ten thousand.
FEW = 400
_PYTHON = ("-z", "--", "*.py")


def in_work_tree(git: Git, few: int = FEW) -> tuple[str, ...]:
    """Files on disk outside stores, sorted: those that git tracks, and those that it does not and would not ignore.

    More than ``few`` that nothing is known of are searched at once.
    """
    home = known.home(git)
    before = known.index_stamp(git, home)
    if before is None:
        return tuple(sorted(git.mentioning(WORD)))
    asked = _changed(git), git.ask("ls-files", "--others", "--exclude-standard", *_PYTHON), _filtered(git)
    certain, others = _tracked(git.ask("ls-files", "-v", "--stage", *_PYTHON)())
    for answer in asked:
        others.update(answer())
    for path in others:
        certain.pop(path, None)
    blobs = known.load_blobs(home)
    new = {oid for oid in certain.values() if not blobs.knows(oid)}
    if len(new) + len(others) > few:
        found = {*git.mentioning(WORD)}
        # What was another file while it was searched differs from its blob still, or else the index changed.
        meanwhile = {*_changed(git)()}
        if known.is_settled(before) and known.index_stamp(git, home) == before:
            seen = {oid: path in found for path, oid in certain.items() if path not in meanwhile}
            known.save_blobs(home, blobs.learned(seen, certain.values()))
        return tuple(sorted(found))
    if new:
        reader = git.blobs()
        try:
            blobs = _learned(home, blobs, new, reader, certain.values())
        finally:
            reader.close()
    found = {path for path, oid in certain.items() if oid in blobs.speaking}
    found.update(path for path in others if not in_store(path) and _speaks(os.path.join(git.root, path)))
    return tuple(sorted(found))


def in_blobs(git: Git, where: str, listing: Listing, reader: BlobReader, few: int = FEW) -> tuple[str, ...]:
    """Files outside stores of the index or a revision, those in conflict left out, sorted."""
    home = known.home(git)
    certain = _regular(listing)
    blobs = known.load_blobs(home)
    new = {oid for oid in certain.values() if not blobs.knows(oid)}
    if len(new) <= few:
        blobs = _learned(home, blobs, new, reader, certain.values()) if new else blobs
        return tuple(sorted(path for path, oid in certain.items() if oid in blobs.speaking))
    before = known.index_stamp(git, home)
    then = _regular(git.index()) if where == INDEX else certain
    found = {*git.mentioning(WORD, where)}
    if where != INDEX or (before is not None and known.index_stamp(git, home) == before):
        known.save_blobs(home, blobs.learned({oid: path in found for path, oid in then.items()}, then.values()))
    return tuple(sorted(found & certain.keys()))


def _regular(listing: Listing) -> dict[str, str]:
    """Python files outside stores and conflicts, with the ids of their blobs."""
    found = ((path, listing.get(path)) for path in listing.entries if path.endswith(".py") and not in_store(path))
    return {path: blob.oid for path, blob in found if blob is not None and blob.is_file and blob.merged}


def in_store(path: str) -> bool:
    """Whether a path lies in a store, or is one."""
    return STORE in path and f"/{STORE}/" in f"/{path}/"


def _tracked(lines: list[str]) -> tuple[dict[str, str], set[str]]:
    """Files that git watches, with the ids of their blobs, and those that it does not, or that are in conflict."""
    certain: dict[str, str] = {}
    others: set[str] = set()
    for line in lines:
        meta, _, path = line.partition("\t")
        if in_store(path):
            continue
        tag, mode, oid, stage = meta.split(" ")
        if mode in {SYMLINK, SUBMODULE} or tag == "S":  # the latter: left out of a sparse checkout
            continue
        if tag == "H" and stage == "0":
            certain[path] = oid
        else:
            others.add(path)
    return certain, others


def _changed(git: Git) -> "Callable[[], list[str]]":
    """Files on disk that differ from the index, or may."""
    return git.ask("diff-files", "--name-only", "--relative", "--no-ext-diff", "--ignore-submodules", *_PYTHON)


def _filtered(git: Git) -> "Callable[[], list[str]]":
    """Files that a filter turns into something else than their blobs."""
    drivers = git.begin("config", "--name-only", "--get-regexp", r"^filter\.")

    def answer() -> list[str]:
        return git.ask("ls-files", *_PYTHON, ":(exclude,attr:!filter)")() if drivers.done().stdout else []

    return answer


def _learned(home: str | None, blobs: Blobs, new: "Iterable[str]", reader: BlobReader, all_: "Iterable[str]") -> Blobs:
    seen = {oid: WORD.encode() in data for oid, data in reader.read(sorted(new)).items()}
    blobs = blobs.learned(seen, all_)
    known.save_blobs(home, blobs)
    return blobs


def _speaks(path: str) -> bool:
    return disk.node(path) is disk.Node.FILE and WORD.encode() in (disk.read(path) or b"")
