"""A project opened for a command: its root, settings and repository, and the index over any of its trees."""

from __future__ import annotations

import os

from jiti_bot import layout, settings
from jiti_bot.errors import UsageError
from jiti_bot.git import Git, NoRepositoryError, locate
from jiti_bot.places import Files, Places
from jiti_bot.trees import BlobTree, WorkTree, index_tree, revision_tree
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from jiti_bot.blobs import BlobReader
    from jiti_bot.listing import Listing
    from jiti_bot.settings import Settings
    from jiti_bot.source.index import Index
    from jiti_bot.source.tree import Tree as Discoverable

    class Source(Files, Discoverable, Protocol):
        """A tree in which stubs are looked for."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a command works. ``root`` is absolute; ``git`` is None outside of repositories."""

    root: str
    env: Mapping[str, str]
    settings: Settings
    git: Git | None

    def repository(self) -> Git:
        """The repository, for what cannot be done without one. Raises `RepositoryError`."""
        return self.git if self.git is not None else locate(self.root, self.env)

    def work_tree(self) -> WorkTree:
        """The files on disk, with those that a sparse checkout does without."""
        from jiti_bot.sparse import Checkout  # what is staged is judged without it

        return Checkout(self.root, self.git)

    def staged_tree(self, listing: Listing | None = None, reader: BlobReader | None = None) -> BlobTree:
        """What the next commit holds; close it. ``listing`` and ``reader`` are given where they are at hand."""
        return index_tree(self.repository(), listing, reader)

    def revision_tree(self, revision: str) -> BlobTree:
        """What a commit holds; close it."""
        return revision_tree(self.repository(), revision)

    def index(self, tree: Source, only: Iterable[str] | None = None) -> Index:
        """The stubs and gates of ``tree``, by the settings that the same tree holds for each of its projects."""
        from jiti_bot.homes import Homes, excluded_above  # so that a check which needs no index pays for none
        from jiti_bot.source.index import Index

        places = Places(tree)
        # A tree of git's ends at the root; one that remembers what it was asked has to hear of these files, too.
        disk = tree if isinstance(tree, WorkTree) else WorkTree(self.root)
        around = excluded_above(self.root, disk) if self.git is not None else ()
        return Index(
            tree,
            store_of=places.store,
            test_store_of=places.test_store,
            only=only,
            home_of=Homes(tree, around).of,
        )

    def relative(self, path: str, directory: str) -> str:
        """A path as typed in ``directory``, relative to the root in posix spelling. Raises `UsageError` outside."""
        full = os.path.normpath(os.path.join(os.path.abspath(directory), path))
        found = os.path.relpath(full, self.root).replace(os.sep, "/")
        if found == ".." or found.startswith("../"):
            raise UsageError(f"{path} lies outside of {self.root}.", remedy="Name files of this project.")
        return found


def open_workspace(
    directory: str, env: Mapping[str, str], arguments: Mapping[str, object] | None = None, *, thorough: bool = True
) -> Workspace:
    """The project that ``directory`` lies in: up to the first folder with pyproject.toml or .git.

    ``arguments`` are settings given on the command line; not ``thorough``, a pyproject.toml that sets nothing of ours
    is not parsed. Raises `UsageError`, `ConfigurationError` and, for a repository without a work tree,
    `RepositoryError`.
    """
    folder = os.path.abspath(directory)
    if not os.path.isdir(folder):
        raise UsageError(f"{directory} is no folder.", remedy="Give -C the folder of a project.")
    root = layout.project_root(folder) or folder
    try:
        git = locate(root, env)
    except NoRepositoryError:
        git = None
    return Workspace(root, env, settings.load(root, env, arguments, thorough=thorough), git)
