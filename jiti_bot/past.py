"""What git remembers of some files: as other revisions have them, and as they once were. Read only; asks `Git`."""

import os
from collections.abc import Collection, Iterator, Sequence

from jiti_bot.blobs import ABSENT, SUBMODULE, SYMLINK
from jiti_bot.errors import RepositoryError
from jiti_bot.git import Begun, Git
from jiti_bot.layout import STORE
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

COMMITS = 2_000  # of the history on the way back from HEAD are looked at: some 100 ms
_PATHS = 200  # more are not spelled out for git: then it is asked for the folders of their stores


@dataclass(frozen=True, slots=True)
class Version:
    """A file as a revision has it. ``where`` names that revision for people."""

    path: str
    oid: str
    where: str
    revision: str


def revisions(git: Git, *patterns: str) -> dict[str, str]:
    """The commits of the references that match ``patterns`` (full names, ``*`` within a part), by short name.

    In the order of the patterns. A commit that has several names goes by the first.
    """
    form = "--format=%(objecttype) %(objectname) %(refname)"
    named: dict[str, str] = {}
    for line in _lines(git, "for-each-ref", form, "--", *patterns):
        kind, oid, name = line.split(" ", 2)
        if kind == "commit":
            named[name] = oid
    found: dict[str, str] = {}
    for pattern in patterns:
        start = pattern.removesuffix("*")
        for name in sorted(named):
            if (name == pattern or (start != pattern and name.startswith(start))) and named[name] not in found.values():
                found[name.removeprefix("refs/heads/").removeprefix("refs/remotes/")] = named[name]
    return found


def held(git: Git, where: str, revision: str, paths: Collection[str]) -> Iterator[Version]:
    """Those of ``paths`` that ``revision`` holds as files."""
    wanted = frozenset(paths)
    for line in _lines(git, "ls-tree", "-r", "-z", revision, "--", *_spelled(paths), sep="\0"):
        meta, _, path = line.partition("\t")
        mode, _, oid = meta.split(" ")
        if path in wanted and mode not in {SYMLINK, SUBMODULE}:
            yield Version(path, oid, where, revision)


def versions(git: Git, path: str, limit: int = 100) -> tuple[tuple[str, str], ...]:
    """The commits that changed ``path`` and the object id it got, newest first; none before the first commit."""
    form = ("--format=commit %H", "--raw", "--no-abbrev", "--no-renames", "--no-color")
    done = Begun(("log", f"--max-count={limit}", *form, "--", path), git.root, git.env).done()
    commit, found = "", []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith(":"):
            _, mode, _, oid, *_ = line.split(" ")
            found += [(commit, oid)] if mode != ABSENT else []
    return tuple(found)


def earlier(git: Git, paths: Collection[str]) -> Iterator[Version]:
    """``paths`` as they were in the last `COMMITS` commits up to HEAD, newest first."""
    wanted = frozenset(paths)
    bound = _lines(git, "rev-list", "--max-count=1", f"--skip={COMMITS}", "HEAD", "--")
    range_ = ("HEAD", *(f"^{oid}" for oid in bound))
    # Both sides of a merge: the one that it did not take knows what the other does not.
    form = (
        "-z",
        "--full-history",
        "--format=commit %H",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--relative",
        "--no-color",
    )
    fields = iter(_lines(git, "log", *form, *range_, "--", *_spelled(paths), sep="\0"))
    commit = ""
    for field in fields:
        line = field.lstrip("\n")
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith(":"):
            _, mode, _, oid, _ = line.split(" ")
            path = next(fields, "")
            if path in wanted and mode not in {ABSENT, SYMLINK, SUBMODULE}:
                yield Version(path, oid, f"commit {commit[:10]}", commit)


class Blobs:
    """Contents of files, by object id and by place. Use it in a ``with`` block."""

    def __init__(self, git: Git) -> None:
        self._reader = git.blobs()

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def read(self, oid: str) -> bytes | None:
        """The content of a blob; None where it is not there."""
        return self._reader.read([oid]).get(oid)

    def at(self, revision: str, path: str) -> bytes | None:
        """A file, by its path relative to the project's root, as ``revision`` has it; None where it has none."""
        return None if "\n" in path else self.read(f"{revision}:./{path}")


def _spelled(paths: Collection[str]) -> Sequence[str]:
    """Path specifications that take in ``paths``, not too many for a command line."""
    if len(paths) <= _PATHS:
        return sorted(paths)
    parents = {f"/{path}".partition(f"/{STORE}/")[0] for path in paths}
    return sorted(f"{parent}/{STORE}".removeprefix("/") for parent in parents)


def _lines(git: Git, *args: str, sep: str = "\n") -> list[str]:
    """What git prints; nothing where it fails: no commit yet, a clone that lacks what is asked for."""
    try:
        done = Begun(("--literal-pathspecs", *args), git.root, git.env).done()
    except RepositoryError:
        return []
    return [line for line in os.fsdecode(done.stdout).split(sep) if line] if done.ok else []
