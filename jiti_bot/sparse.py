"""The work tree as the repository has it: what a sparse checkout does without is read from the index.

Standard library only. A stub is judged by its gates and its committed code, and it is the same stub whichever folders
somebody has checked out. To run a test or to write a file it has to be there: see `refuse`.
"""

from __future__ import annotations

import os

from jiti_bot import known
from jiti_bot.disk import Node
from jiti_bot.errors import StoreError
from jiti_bot.git import INDEX
from jiti_bot.listing import SUBMODULE, SYMLINK, Listing, store_in
from jiti_bot.speaking import FEW, in_blobs
from jiti_bot.trees import WorkTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from jiti_bot.git import Git
    from jiti_bot.trees import Tree

_MANY = 4  # folders: more are named by those at the top that they lie in
_KINDS = {SYMLINK: Node.LINK, SUBMODULE: Node.FOLDER}


class Checkout(WorkTree):
    """The files on disk, and those that a sparse checkout does without. Links among the latter lead nowhere."""

    def __init__(self, root: str, git: Git | None = None) -> None:
        super().__init__(root, git)
        self._left_out = _LeftOut(git) if git is not None and _may_be_sparse(git) else None
        self._place: tuple[str, str, bool] | None = None

    def read(self, file: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        data = super().read(file)
        return self._left_out.read(file) if data is None and self._left_out else data

    def exists(self, file: str) -> bool:
        """Whether a file, no folder, stands there."""
        return super().exists(file) or self.lacks(file)

    def candidates(self) -> tuple[str, ...]:
        """Python files outside stores that mention jiti."""
        found = super().candidates()
        if self._left_out is None:
            return found
        return tuple(sorted({*found, *filter(self.lacks, self._left_out.candidates(learns=self.learns))}))

    def node(self, path: str) -> Node | None:
        """What stands at ``path``."""
        return super().node(path) or (self._left_out.node(path) if self._left_out else None)

    def inside(self, folder: str) -> tuple[str, ...]:
        """Every file and link that stands directly in ``folder``, sorted."""
        found = super().inside(folder)
        return tuple(sorted({*found, *self._left_out.listing.inside(folder)})) if self._left_out else found

    def under(self, folder: str) -> tuple[str, ...]:
        """Every file and link below ``folder``, sorted."""
        found = super().under(folder)
        return tuple(sorted({*found, *self._left_out.listing.under(folder)})) if self._left_out else found

    def stores(self) -> tuple[str, ...]:
        """Every store's folder."""
        found = super().stores()
        return tuple(sorted({*found, *self._left_out.listing.stores()})) if self._left_out else found

    def leaves_out(self, file: str) -> bool:
        """Whether a file of the project is not seen here: one that somebody has marked by hand to be without."""
        return not self.lacks(file) and super().leaves_out(file)

    def lacks(self, file: str) -> bool:
        """Whether ``file`` is seen here and not on disk."""
        return self._left_out is not None and super().node(file) is None and self._left_out.node(file) is Node.FILE

    def place(self) -> tuple[str, str, bool] | None:
        """The repository's top folder, the project in it ('' or ``services/api/``), whether it is sparse by folders."""
        if self._place is None and self._git is not None:
            prefix = self._git.prefix()
            top = os.path.normpath(os.path.join(os.path.realpath(self.root), *[os.pardir] * prefix.count("/")))
            asked = self._git.begin("config", "--type=bool", "--get", "core.sparseCheckoutCone").done()
            self._place = top, prefix, asked.stdout == b"true\n"
        return self._place


class _LeftOut:
    """What git tracks and a sparse checkout does without."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._memory: dict[str, bytes] = {}
        lines = git.output(git.begin("ls-files", "-t", "--stage", "-z")).split(b"\0")
        self.listing = Listing(b"".join(b"%b\0" % line[2:] for line in lines if line.startswith(b"S ")))

    def read(self, file: str) -> bytes | None:
        """The bytes of a file; None where there is none, OSError where its content cannot be had."""
        blob = self.listing.get(file)
        if blob is None or not blob.is_file:
            return None
        if blob.oid not in self._memory:
            # Whoever asks for one is going to ask for its neighbours, and each question costs a process.
            beside = self.listing.inside(file.rpartition("/")[0])
            near = (self.listing.get(path) for path in beside if path.endswith(".py"))
            self._contents([blob.oid, *(one.oid for one in near if one is not None and one.is_file)][:FEW])
        try:
            return self._memory[blob.oid]
        except KeyError:
            raise OSError(None, "a sparse checkout does without it, and git does not have it here", file) from None

    def node(self, path: str) -> Node | None:
        """What stands at ``path``."""
        blob = self.listing.get(path)
        if blob is not None:
            return _KINDS.get(blob.mode, Node.FILE)
        return Node.FOLDER if self.listing.is_folder(path) else None

    def candidates(self, *, learns: bool) -> tuple[str, ...]:
        """Python files outside stores that mention jiti. With ``learns`` it is remembered which do."""
        return in_blobs(self._git, INDEX, self.listing, self._contents, learns=learns)

    def _contents(self, oids: Iterable[str]) -> dict[str, bytes]:
        wanted = {*oids}
        reader = self._git.blobs()
        try:
            self._memory.update(reader.read(sorted(wanted - self._memory.keys())))
        finally:
            reader.close()
        return {oid: self._memory[oid] for oid in wanted if oid in self._memory}


def refuse(tree: Tree, paths: Iterable[str], what: str) -> None:
    """Raise `StoreError` if one of ``paths``, which are to be written or removed, is seen and not on disk."""
    lacking = lacking_of(tree, paths)
    if lacking:
        raise StoreError(
            f"this sparse checkout does without {some(lacking)}; {what}.",
            remedy=f"Bring it here: `{command(tree, lacking)}`.",
            where=f"{lacking[0]}:1",
        )


def lacking_of(tree: Tree, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of ``paths`` that are seen in ``tree`` and not on disk, sorted."""
    return tuple(sorted(path for path in {*paths} if isinstance(tree, Checkout) and tree.lacks(path)))


def command(tree: Tree, files: Collection[str]) -> str:
    """What brings ``files`` into the sparse checkout of ``tree``, typed where we run."""
    from shlex import quote

    here = os.path.realpath(os.curdir)
    place = tree.place() if isinstance(tree, Checkout) else None
    top, prefix, by_folders = place or (here, "", True)
    folders = {os.fsdecode(store_in(os.fsencode(file))) or file.rpartition("/")[0] or file for file in files}
    if len(folders) > _MANY:
        folders = {folder.partition("/")[0] for folder in folders}
    own = folders & {*files}  # they stand in no folder of the project
    if by_folders:
        names = {f"{prefix}{folder}" for folder in folders - own} | ({prefix.rstrip("/")} if own and prefix else own)
    else:  # a pattern for a folder gives way to one for what is in it
        names = {f"{prefix}{folder}/**" for folder in folders - own} | {f"{prefix}{file}" for file in own}
    # Git takes patterns at the top alone, and folders as they are seen from where it runs.
    elsewhere = [] if here == top else ["-C", top]
    words = " ".join(map(quote, (*elsewhere, "sparse-checkout", "add", *sorted(names))))
    return f"git {words}"


def some(files: Sequence[str]) -> str:
    """One of ``files``, and how many there are beside."""
    return files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"


def _may_be_sparse(git: Git) -> bool:
    """Whether git was ever told here to do without some files."""
    home = known.home(git)
    return home is not None and os.path.exists(os.path.join(git.root, home, "info", "sparse-checkout"))
