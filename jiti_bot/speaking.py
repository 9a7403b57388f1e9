"""Which Python files of the index or a revision mention jiti. What was seen in a blob stays known.

Standard library only. Many blobs at once are searched by `git grep`, and of those only what cannot have changed
meanwhile is remembered. Files on disk are the business of `sought`.
"""

from __future__ import annotations

import os

from jiti_bot import known
from jiti_bot.git import INDEX, Git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from jiti_bot.known import Blobs
    from jiti_bot.listing import Listing

    Contents = Callable[[Sequence[str]], Mapping[str, bytes]]

WORD = "jiti"
# So many are read one by one, in the time that git takes to search ten thousand.
FEW = 400
_WORD = WORD.encode()


def in_blobs(
    git: Git,
    where: str,
    listing: Listing,
    contents: Contents,
    few: int = FEW,
    read: Container[str] = (),
    *,
    learns: bool = True,
) -> tuple[str, ...]:
    """Files outside stores of the index or a revision, or of a part of it, those in conflict left out, sorted.

    ``contents`` gives the texts of blobs by their ids; those in ``read`` it has at hand. What is found in the index is
    remembered where it ``learns``, in a revision never.
    """
    learns = learns and where == INDEX
    since = listing.since()
    new = {} if since is None else listing.new_python(since)
    if since is None or len(new) > few:
        return _among_all(git, where, listing, contents, few, learns=learns)
    _bring(git, where, sum(oid.decode() not in read for oid in new.values()))
    found = contents([oid.decode() for oid in new.values()])
    speaking = {*since.speaking.difference(line.partition(b"\t")[2] for line in since.gone)}
    speaking.update(path for path, oid in new.items() if _WORD in found.get(oid.decode(), b""))
    if learns and (since.new or since.gone) and all(oid.decode() in found for oid in new.values()):
        _keep(git, listing, speaking)
    return _names(path for path in speaking if listing.holds(path))


def _among_all(
    git: Git, where: str, listing: Listing, contents: Contents, few: int, *, learns: bool
) -> tuple[str, ...]:
    home = known.home(git)
    blobs = known.load_blobs(home)
    certain = listing.python(blobs.silent)
    new = {*certain.values()} - blobs.speaking
    _bring(git, where, len(new))

    def learn(seen: dict[bytes, bool]) -> Blobs:
        more = blobs.learned(seen, listing.count, lambda: listing.python().values())
        if learns:
            known.save_blobs(home, more)
        return more

    if len(new) <= few:
        seen = read_blobs(contents, new)
        blobs = learn(seen) if new else blobs
        found = {path for path, oid in certain.items() if oid in blobs.speaking}
        if learns and listing.is_whole and seen.keys() == new:
            _keep(git, listing, found)
        return _names(found)
    before = known.index_stamp(git, home)
    again = git.index() if where == INDEX else listing
    then = again.python()
    found = {*map(os.fsencode, git.mentioning(WORD, where))}
    if where != INDEX:
        learn({oid: path in found for path, oid in then.items()})
    elif before is not None and known.index_stamp(git, home) == before:
        learn({oid: path in found for path, oid in then.items()})
        if learns and listing.is_whole:
            _keep(git, again, found & then.keys())
    return _names(found & certain.keys())


def _bring(git: Git, where: str, count: int) -> None:
    """See to it that ``count`` blobs that are new need not be fetched one by one."""
    if count:
        from jiti_bot import partial  # most commits bring nothing new but what they change

        partial.bring(git, where, count)


def _keep(git: Git, listing: Listing, speaking: Iterable[bytes]) -> None:
    """Remember the index with what was found in it."""
    seen = listing.seen(speaking)
    if seen is not None:
        known.save_seen(git, seen)


def read_blobs(contents: Contents, oids: set[bytes]) -> dict[bytes, bool]:
    """Which blobs mention jiti; those that are missing are left out."""
    found = contents(sorted(oid.decode() for oid in oids))
    return {oid.encode(): _WORD in data for oid, data in found.items()}


def _names(paths: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(sorted(map(os.fsdecode, paths)))
