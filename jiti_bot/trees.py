"""Where text comes from: the work tree, the index (what the next commit holds) or a revision.

Standard library only. All three answer the same questions about posix paths relative to the project's root, so that
whoever reads source or a store need not know which one it is. A tree remembers what it read: it is a snapshot of one
moment and is made anew for the next.
"""

from __future__ import annotations

import errno
import os
import posixpath

from jiti_bot import disk, known, speaking
from jiti_bot import git as git_room
from jiti_bot.disk import Node, node
from jiti_bot.layout import STORE
from jiti_bot.listing import SUBMODULE, SYMLINK, Listing
from jiti_bot.speaking import WORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Protocol, Self

    from jiti_bot.blobs import BlobReader
    from jiti_bot.git import Git
    from jiti_bot.sought import Sought
else:
    Protocol = object  # importing typing costs the hook 2 ms

_LONGEST_CHAIN = 40  # of symbolic links: what Linux follows


class Tree(Protocol):
    """What the commands read. Discovery needs the first three methods only."""

    def read(self, file: str) -> bytes | None:
        """The bytes of a file; None where there is none; OSError where it cannot be read."""

    def exists(self, file: str) -> bool:
        """Whether a file, no folder, stands there."""

    def candidates(self) -> tuple[str, ...]:
        """Python files outside stores that mention jiti: all others cannot hold a stub or a gate."""

    def names(self) -> Iterable[str]:
        """The files that can be named without reading any: at least the candidates."""

    def node(self, path: str) -> Node | None:
        """What stands at ``path``; None where there is nothing."""

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands at ``path``."""

    def inside(self, folder: str) -> tuple[str, ...]:
        """Every file and link that stands directly in ``folder``."""

    def under(self, folder: str) -> tuple[str, ...]:
        """Every file and link below ``folder``."""

    def stores(self) -> tuple[str, ...]:
        """Every store's folder."""

    def leaves_out(self, file: str) -> bool:
        """Whether a file of the project is not seen here: a sparse checkout does without it."""


class WorkTree:
    """The files on disk, with or without git. Close it after `seek`; else it owns nothing.

    What is found out about blobs is remembered where a tree ``learns``.
    """

    learns = False

    def __init__(self, root: str, git: Git | None = None) -> None:
        self.root = root
        self._git = git
        self._memory: dict[str, bytes | None] = {}
        self._sought: Sought | None = None
        self._candidates: tuple[str, ...] | None = None
        self._kept_out: frozenset[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what git was asked to look for."""
        if self._sought is not None:
            self._sought.close()

    def read(self, file: str) -> bytes | None:
        """The bytes of a file; None where there is none, or a folder, or a link that leads nowhere."""
        if file not in self._memory:
            self._memory[file] = disk.read(os.path.join(self.root, file))
        return self._memory[file]

    def exists(self, file: str) -> bool:
        """Whether a file, no folder, stands there."""
        return os.path.isfile(os.path.join(self.root, file))

    def candidates(self) -> tuple[str, ...]:
        """Python files outside stores that mention jiti. Without git, what git would not ignore is guessed."""
        if self._candidates is None:
            self.seek()
            self._candidates = self._sought.found() if self._sought else disk.mentioning(self.root, WORD)
        return self._candidates

    def seek(self) -> None:
        """Let git look for the candidates from now on, if it can."""
        if self._git is not None and self._sought is None:
            from jiti_bot.sought import Sought  # what is staged needs none of it

            self._sought = Sought(self._git, learns=self.learns)

    def names(self) -> tuple[str, ...]:
        """The candidates."""
        return self.candidates()

    def node(self, path: str) -> Node | None:
        """What stands at ``path``."""
        return node(os.path.join(self.root, path))

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands at ``path``."""
        return self.node(path) is Node.FOLDER

    def inside(self, folder: str) -> tuple[str, ...]:
        """Every file and link that stands directly in ``folder``, sorted."""
        try:
            names = sorted(os.listdir(os.path.join(self.root, folder)))
        except OSError:
            return ()
        return tuple(f"{folder}/{name}" for name in names if not self.is_folder(f"{folder}/{name}"))

    def under(self, folder: str) -> tuple[str, ...]:
        """Every file and link below ``folder``, sorted."""
        top = os.path.join(self.root, folder)
        return tuple(sorted(f"{folder}/{path}" for path in disk.below(top))) if node(top) is Node.FOLDER else ()

    def stores(self) -> tuple[str, ...]:
        """Every store's folder, also one that is a link (which no command follows).

        Not those of other repositories (submodules, linked work trees) or below folders that git ignores, such as what
        a build has copied: their source is not among the candidates either.
        """
        from jiti_bot import folders  # as above

        if self._git is None:
            return tuple(folders.stores(self.root, own=False))
        found = folders.stores(self.root, own=True, home=known.home(self._git), learns=self.learns)
        ignored = self._git.ignored({parent for store in found if (parent := store.rpartition("/")[0])})
        return tuple(store for store in found if store.rpartition("/")[0] not in ignored)

    def leaves_out(self, file: str) -> bool:
        """Whether git tracks ``file`` and a sparse checkout does without it."""
        if self._git is None or self.exists(file):
            return False
        if self._kept_out is None:
            self._kept_out = self._git.kept_out()
        return file in self._kept_out


class BlobTree:
    """What git holds: the index or a revision. Use it in a ``with`` block, or close it."""

    def __init__(self, git: Git, where: str, blobs: Listing, reader: BlobReader | None = None) -> None:
        self.root = git.root
        self._git = git
        self._where = where
        self._blobs = blobs
        self._reader = reader or git.blobs()
        self._memory: dict[str, bytes] = {}
        self._links: dict[str, str] | None = None
        self._candidates: tuple[str, ...] | None = None
        self._outside: dict[str, bool] = {}
        self._disk = WorkTree(git.root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the git process that serves blobs."""
        self._reader.close()

    def read(self, file: str) -> bytes | None:
        """The bytes of a file; None where there is none, or a submodule, or a link that leads to nothing in here."""
        blob = self._blobs.get(file)
        if blob is None and self._is_ignored_store(file):
            return self._disk.read(file)
        if blob is None or blob.mode == SYMLINK:
            real = self._behind(file)
            if real == file:
                return self._disk.read(file) if self._blobs.is_in_submodule(file) else None
            return self.read(real)
        if not blob.merged:  # the index holds no single text of it: the person is working on the file itself
            return self._disk.read(file)
        if not blob.is_file:
            return None
        if blob.oid not in self._memory:
            # Who reads one of the candidates reads most of them.
            some = self._candidates or ()
            self.prefetch(some if file in some else (file,))
        try:
            return self._memory[blob.oid]
        except KeyError:
            raise OSError(errno.ENODATA, "its content is missing from the repository: run `git fsck`", file) from None

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read many files at once, which is quicker than one by one."""
        blobs = [self._blobs.get(path) for path in paths]
        self.contents(blob.oid for blob in blobs if blob is not None and blob.is_file)

    def contents(self, oids: Iterable[str]) -> dict[str, bytes]:
        """The contents of blobs by their ids, of this tree or any other. Those that are missing are left out."""
        wanted = set(oids)
        self._memory.update(self._reader.read(sorted(wanted - self._memory.keys())))
        return {oid: self._memory[oid] for oid in wanted if oid in self._memory}

    def exists(self, file: str) -> bool:
        """Whether a file, no folder, stands there."""
        blob = self._blobs.get(file)
        if blob is None and self._is_ignored_store(file):
            return self._disk.exists(file)
        if blob is None or blob.mode == SYMLINK:
            real = self._behind(file)
            if real == file:
                return self._blobs.is_in_submodule(file) and self._disk.exists(file)
            return self.exists(real)
        return blob.is_file

    def candidates(self) -> tuple[str, ...]:
        """Python files outside stores that mention jiti."""
        if self._candidates is None:
            found = speaking.in_blobs(self._git, self._where, self._blobs, self.contents, read=self._memory)
            # Git searches no file in conflict.
            torn = (path for path in self._blobs.unmerged() if path.endswith(".py") and _store_at(path) < 0)
            also = [path for path in torn if WORD.encode() in (self.read(path) or b"")]
            self._candidates = tuple(sorted({*found, *also}))
        return self._candidates

    def names(self) -> Iterable[str]:
        """All that git holds."""
        return self._blobs.paths

    def node(self, path: str) -> Node | None:
        """What stands at ``path``."""
        blob = self._blobs.get(path)
        if blob is not None:
            return {SYMLINK: Node.LINK, SUBMODULE: Node.FOLDER}.get(blob.mode, Node.FILE)
        if self._blobs.is_folder(path):
            return Node.FOLDER
        return self._disk.node(path) if self._is_ignored_store(path) else None

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands at ``path``."""
        return self.node(path) is Node.FOLDER

    def inside(self, folder: str) -> tuple[str, ...]:
        """Every file and link that stands directly in ``folder``, sorted."""
        if self._is_ignored_store(folder):
            return self._disk.inside(folder)
        return tuple(self._blobs.inside(folder))

    def under(self, folder: str) -> tuple[str, ...]:
        """Every file and link below ``folder``, sorted."""
        if self._is_ignored_store(folder):
            return self._disk.under(folder)
        return tuple(self._blobs.under(folder))

    def stores(self) -> tuple[str, ...]:
        """Every store's folder."""
        ignored = (STORE,) if self._is_ignored_store(STORE) else ()
        return tuple(sorted({*self._blobs.stores(), *ignored}))

    def leaves_out(self, file: str) -> bool:  # noqa: ARG002 - as all trees have it
        """No: git holds it all."""
        return False

    def forget(self, paths: Iterable[str]) -> None:
        """Take ``paths`` for absent."""
        self._blobs.drop(paths)
        self._candidates = None

    def _behind(self, path: str) -> str:
        """Where ``path`` leads by symbolic links, as Python would follow them; itself by none, '' out of the tree."""
        if self._links is None:
            self._links = self._blobs.links()
        for _ in range(_LONGEST_CHAIN if self._links else 0):
            link = next((start for start in _starts(path) if start in self._links), None)
            if link is None:
                return path
            oid = self._links[link]
            target = os.fsdecode(self.contents([oid]).get(oid, b"/"))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(link), f"{target}{path[len(link) :]}"))
            if path.startswith(("/", "../")) or path == "..":
                return ""
        return "" if self._links else path

    def _is_ignored_store(self, path: str) -> bool:
        """Whether ``path`` lies in a store that git ignores: each machine generates its own, so disk is the truth."""
        at = _store_at(path) if STORE in path else -1
        if at < 0 or self._where != git_room.INDEX:
            return False
        store = path[: at + len(STORE)]
        if store not in self._outside:
            tracked = self._blobs.is_folder(store) or self._blobs.get(store) is not None
            on_disk = not tracked and os.path.isdir(os.path.join(self.root, store))
            self._outside[store] = on_disk and self._git.ignores(store)
        return self._outside[store]


def index_tree(git: Git, listing: Listing | None = None, reader: BlobReader | None = None) -> BlobTree:
    """What the next commit would hold."""
    return BlobTree(git, git_room.INDEX, listing or git.index(), reader)


def revision_tree(git: Git, revision: str) -> BlobTree:
    """What a commit holds."""
    commit = git.commit(revision)
    return BlobTree(git, commit, git.tree(commit))


def _starts(path: str) -> Iterator[str]:
    """A path and every folder above it, the highest first."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path


def _store_at(path: str) -> int:
    """Where the name of the store that ``path`` lies in starts; -1 outside of stores."""
    return f"/{path}/".find(f"/{STORE}/")
