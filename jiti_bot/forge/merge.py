"""Which files of the bot's branch have to change, so that nobody's work is lost. Pure: trees in, changes out.

Three trees speak for each path under a store: the base as it was judged, the head of the bot's branch as it stands, and
what is known to be no person's: what the bot committed there last, what the run had seen, what the base once held.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1

from jiti_bot.forge.model import File
from jiti_bot.forge.reading import FILE_MODE
from jiti_bot.forge.remote import Entry

Tree = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Trees:
    """Entries under the stores, by path.

    ``base`` is the base as it was judged, ``head`` the bot's branch (the base where there is none), ``fork`` their last
    common commit, ``put`` the branch after the bot's last commit on it (the fork where there is none), ``seen`` the
    branch as the run saw it.
    """

    base: Tree
    head: Tree
    fork: Tree
    put: Tree
    seen: Tree


Content = str | Entry | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What the branch is to hold under the stores, by path: a text, an entry that exists, or nothing.

    ``kept`` are the paths that a person changed meanwhile and that stay as they are.
    """

    content: Mapping[str, Content] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def over(self, tree: Tree) -> tuple[tuple[str, Content], ...]:
        """What differs from ``tree``, in the order of the paths."""
        return tuple((path, what) for path, what in sorted(self.content.items()) if not _same(what, tree.get(path)))


def blob_sha(text: str) -> str:
    """The name that git gives a file's contents."""
    data = text.encode()
    return sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def settle(trees: Trees, files: Iterable[File]) -> Settled:
    """``files``, and otherwise what the base holds, but for people's work on the branch."""
    published = {file.path: file.text for file in files}
    content: dict[str, Content] = {}
    kept: list[str] = []
    for path in {*published, *trees.base, *trees.head}:
        want = published[path] if path in published else trees.base.get(path)
        have = trees.head.get(path)
        if not _same(want, have) and _is_foreign(path, trees, in_run=path in published):
            content[path] = have
            kept.append(path)
        else:
            content[path] = want
    return Settled(content, tuple(sorted(kept)))


def _same(want: Content, have: Entry | None) -> bool:
    if isinstance(want, str):
        return have is not None and have.kind == "blob" and have.mode == FILE_MODE and have.sha == blob_sha(want)
    return want == have


def _is_foreign(path: str, trees: Trees, *, in_run: bool) -> bool:
    """Whether what the branch holds at ``path`` is a person's work that the run knew nothing of."""
    have = trees.head.get(path)
    if have == trees.put.get(path) or (in_run and have == trees.seen.get(path)):
        return False
    # A merge brings the base's files along; that a file is gone is somebody's doing.
    return have is None or have not in {trees.base.get(path), trees.fork.get(path)}
