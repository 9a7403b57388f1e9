"""The one door to git: reads changes, names and blobs; never writes.

Standard library only. Every command runs in the project's root, so that names are relative to it, with an environment
in which neither the user's locale, pager or configuration nor variables of an outer hook change what is printed.
"""

from __future__ import annotations

import os

from jiti_bot import process
from jiti_bot.blobs import EMPTY, BlobReader, Change, changes, split
from jiti_bot.errors import RepositoryError, ToolError, UsageError
from jiti_bot.layout import STORE
from jiti_bot.listing import Listing
from jiti_bot.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jiti_bot.listing import Seen

INDEX = ":index:"
WORK_TREE = ":work tree:"

# What an outer git command hands to its hooks about *its* repository (`git rev-parse --local-env-vars`, shortened to
# those that lead elsewhere) ...
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE")
# ... and what changes the meaning of the arguments below.
_FOREIGN = (
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
)
_STEADY = {
    "LC_ALL": "C",
    "LANGUAGE": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
}
_OVERRIDES = ("-c", "core.fsmonitor=false", "-c", "submodule.recurse=false", "-c", "color.ui=false")
_DIFF = ("diff", "--raw", "--no-abbrev", "-z", "-M", "--relative", "--no-color", "--no-ext-diff", "--ignore-submodules")
_PYTHON = ("--", "*.py", f":(exclude,glob)**/{STORE}/**")
# Generous: a partial clone may fetch; without a limit a hook could hang for ever.
_TIMEOUT = 120.0


class NoRepositoryError(RepositoryError):
    """There is no repository: what can be done without one may go on."""


class UnrelatedError(RepositoryError):
    """Two revisions have no common commit, as far as this clone knows."""


class Begun:
    """A git command that runs while we do something else."""

    def __init__(self, args: Sequence[str], root: str, env: Mapping[str, str]) -> None:
        try:
            self._child = process.begin(("git", "-C", root, *_OVERRIDES, *args), env=env, fills=True)
        except ToolError as error:
            raise RepositoryError(error.message, remedy=error.remedy) from error

    def done(self, stdin: bytes = b"") -> process.Completed:
        """Wait for it."""
        try:
            return self._child.finish(stdin, _TIMEOUT)
        except ToolError as error:
            raise RepositoryError(error.message, remedy=error.remedy) from error

    def end(self) -> None:
        """Kill it, unless it has ended."""
        self._child.end()


@dataclass(frozen=True, slots=True)
class Git:
    """A repository as seen from ``root``, a folder inside its work tree. ``env`` is what git is run with."""

    root: str
    env: Mapping[str, str]

    def staged(self) -> tuple[Change, ...]:
        """What the next commit changes. In a repository without commits, everything staged is added.

        What `git add -N` announced has status N: the index names it, and no commit would hold it.
        """
        return self.begin_staged()[1]()

    def begin_staged(self) -> tuple[Begun, Callable[[], tuple[Change, ...]]]:
        """`staged`, asked now and answered when called."""
        # The dot: without it git 2.39 crashes in a folder while files outside of it are in conflict.
        begun = self.begin(*_DIFF, "--cached", "--ita-visible-in-index", "--", ".")
        return begun, lambda: self._told_apart(changes(self.output(begun)))

    def between(self, base: str, head: str, *, since_fork: bool = False) -> tuple[Change, ...]:
        """What differs between two revisions, or with ``since_fork`` between ``head`` and where it left ``base``.

        A ``base`` of zeros (a branch pushed for the first time) compares with nothing.
        """
        new = self.commit(head)
        if not base.strip("0"):
            return self._between(self._empty_tree(), new)
        old = self.commit(base)
        if since_fork:
            done = self._run("merge-base", old, new)
            if not done.ok:
                raise UnrelatedError(
                    f"{base} and {head} have no common commit here.",
                    remedy="Fetch the whole history (actions/checkout: fetch-depth: 0).",
                )
            old = done.stdout.decode().split()[0]
        return self._between(old, new)

    def commit(self, revision: str) -> str:
        """The id of the commit that ``revision`` names."""
        if revision.startswith("-") or not revision:
            raise UsageError(f"{revision!r} is not the name of a revision.", remedy="Write --diff BASE..HEAD.")
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if not done.ok:
            raise RepositoryError(
                f"There is no commit {revision!r} here.",
                remedy="Check the name, or fetch it first: shallow clones lack older commits.",
            )
        return done.stdout.decode().strip()

    def branch(self) -> str:
        """The branch that is checked out; '' for none."""
        done = self._run("symbolic-ref", "--quiet", "--short", "HEAD")
        return os.fsdecode(done.stdout).strip() if done.ok else ""

    def remote_url(self, name: str = "origin") -> str:
        """Where a remote is fetched from; '' where there is none."""
        done = self._run("config", "--get", f"remote.{name}.url")
        return os.fsdecode(done.stdout).strip() if done.ok else ""

    def prefix(self) -> str:
        """``root`` in its repository as the start of a path: '' or ``services/api/``."""
        return os.fsdecode(self._read("rev-parse", "--show-prefix")).rstrip("\n")

    def index(self) -> Listing:
        """Every path in the index. Of a file in conflict, our side."""
        return self.begin_index()[1]()

    def begin_index(self, seen: Callable[[], Seen | None] | None = None) -> tuple[Begun, Callable[[], Listing]]:
        """`index`, asked now and answered when called; ``seen`` gives the one that was looked through last."""
        begun = self.begin("ls-files", "--stage", "-z")
        return begun, lambda: Listing(self.output(begun), seen)

    def tree(self, revision: str) -> Listing:
        """Every path in a revision."""
        return Listing(self._read("ls-tree", "-r", "-z", revision))

    def tracked(self, *paths: str) -> tuple[str, ...]:
        """Every tracked file, or those among ``paths``."""
        return tuple(split(self._read("ls-files", "-z", "--", *map(":(literal){}".format, paths))))

    def mentioning(self, word: str, where: str = WORK_TREE) -> tuple[str, ...]:
        """Python files outside stores that contain ``word``: in the index, a revision, or what is tracked on disk."""
        return self.begin_mentioning(word, where)()

    def begin_mentioning(self, word: str, where: str = WORK_TREE) -> Callable[[], tuple[str, ...]]:
        """`mentioning`, asked now and answered when called."""
        scope = {WORK_TREE: (), INDEX: ("--cached",)}.get(where)
        ends = (where,) if scope is None else scope
        begun = self.begin("grep", "-lzF", "--no-color", "--no-full-name", "-e", word, *ends, *_PYTHON)
        prefix = f"{where}:" if scope is None else ""
        return lambda: tuple(path.removeprefix(prefix) for path in split(self.output(begun, fine=(0, 1))))

    def begin(self, *args: str) -> Begun:
        """Start a git command."""
        return Begun(args, self.root, self.env)

    def ignores(self, path: str) -> bool:
        """Whether git would leave ``path`` out of ``git add``."""
        return self._run("check-ignore", "-q", "--", path).ok

    def ignored(self, folders: Iterable[str]) -> frozenset[str]:
        """Those of ``folders`` that git would leave out of ``git add``, and in which nothing is tracked."""
        asked = sorted(folders)
        if not asked:
            return frozenset()
        out = split(self._run("check-ignore", "-z", "--stdin", stdin=os.fsencode("\0".join(asked))).stdout)
        return frozenset(folder for folder in out if not self.tracked(folder))

    def kept_out(self) -> frozenset[str]:
        """The tracked files that a sparse checkout does without."""
        return frozenset(line[2:] for line in split(self._read("ls-files", "-t", "-z")) if line.startswith("S "))

    def blobs(self) -> BlobReader:
        """A reader of blobs; close it after use."""
        args = ("git", "-C", self.root, *_OVERRIDES, "cat-file", "--batch")
        return BlobReader(lambda: process.begin(args, env=self.env, mute=True))

    def unstaged(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of ``paths`` that are another on disk than in the index, sorted."""
        only = ("--name-only", "-z", "--relative", "--no-ext-diff", "--ignore-submodules", "--")
        return tuple(split(self._read("diff", *only, *map(":(literal){}".format, paths))))

    def _told_apart(self, found: tuple[Change, ...]) -> tuple[Change, ...]:
        """``found`` with status N for those empty files that are announced only."""
        empty = [change.path for change in found if change.status == "A" and change.after in EMPTY]
        if not empty:
            return found
        only = ("--diff-filter=A", "--name-only", "-z", "--relative", "--")
        announced = {*split(self._read("diff-files", *only, *map(":(literal){}".format, empty)))}
        return tuple(replace(change, status="N") if change.path in announced else change for change in found)

    def _empty_tree(self) -> str:
        return self._read("hash-object", "-t", "tree", "--stdin").decode().strip()

    def _between(self, old: str, new: str) -> tuple[Change, ...]:
        return changes(self._read(*_DIFF, old, new, "--"))

    def _read(self, *args: str, stdin: bytes = b"") -> bytes:
        return self.output(self.begin(*args), stdin)

    def output(self, begun: Begun, stdin: bytes = b"", fine: tuple[int, ...] = (0,)) -> bytes:
        """What a command printed, once it has ended. Raises `RepositoryError` for a code that is not ``fine``."""
        done = begun.done(stdin)
        if done.code not in fine:
            raise self._error(done)
        return done.stdout

    def _run(self, *args: str, stdin: bytes = b"") -> process.Completed:
        return self.begin(*args).done(stdin)

    def _error(self, done: process.Completed) -> RepositoryError:
        # Some commands take a folder that git refuses for no repository at all, and complain of something else.
        asked = Begun(("rev-parse", "--git-dir"), self.root, self.env).done()
        return _explain(done if asked.ok else asked, self.root)


def locate(folder: str, env: Mapping[str, str]) -> Git:
    """The repository that ``folder`` lies in, its commands run in ``folder``.

    Raises `NoRepositoryError` where there is none, `RepositoryError` where it has no work tree.
    """
    folder = os.path.abspath(folder)
    found = marker(folder)
    # Without a `.git`, GIT_DIR and GIT_WORK_TREE name a repository: they are meant.
    own = _environment(env, found) if found else _without(env, _FOREIGN)
    if found and not _may_be_bare(found):
        return Git(folder, own)
    try:
        done = Begun(("rev-parse", "--is-inside-work-tree", "--absolute-git-dir"), folder, own).done()
    except RepositoryError as error:
        raise NoRepositoryError(error.message, remedy=error.remedy) from error
    if not done.ok:
        raise _explain(done, folder)
    inside, git_dir = done.stdout.decode("utf-8", "surrogateescape").splitlines()[:2]
    if inside != "true":
        raise RepositoryError(
            f"{git_dir} has no work tree.",
            remedy="Run jiti in a checkout: `git worktree add PATH BRANCH` or `git clone` makes one.",
        )
    return Git(folder, own)


def marker(folder: str) -> str | None:
    """The `.git` that the walk up from ``folder`` meets; None inside of one."""
    while True:
        candidate = os.path.join(folder, ".git")
        if os.path.isfile(candidate) or os.path.exists(os.path.join(candidate, "HEAD")):
            return candidate
        parent = os.path.dirname(folder)
        if parent == folder or os.path.basename(folder) == ".git":
            return None
        folder = parent


def _may_be_bare(marker: str) -> bool:
    """Whether a `.git` leads to a repository that has no index: one whose work trees stand elsewhere, or a new one."""
    try:
        with open(marker, encoding="utf-8", errors="surrogateescape") as file:
            home = os.path.join(os.path.dirname(marker), file.read().removeprefix("gitdir:").strip())
    except OSError:
        return False  # a folder, as usual; of what cannot be read git says so
    return not os.path.exists(os.path.join(home, "index"))


def _environment(env: Mapping[str, str], marker: str) -> dict[str, str]:
    """``env`` for the repository whose `.git` is ``marker``: an outer git's variables count only if they mean it."""
    kept = _without(env, _ELSEWHERE + _FOREIGN)
    index = env.get("GIT_INDEX_FILE")
    if index:
        # `git commit FILE` and `git commit -a` run their hooks on an index of their own, written relative to the top.
        path = os.path.join(os.path.dirname(marker), index)
        if os.path.exists(path) and _belongs(os.path.dirname(path), env, marker):
            kept["GIT_INDEX_FILE"] = path
        else:
            del kept["GIT_INDEX_FILE"]
    return kept


def _belongs(folder: str, env: Mapping[str, str], marker: str) -> bool:
    """Whether an index in ``folder`` is meant for the repository of ``marker``: it lies in no other one's `.git`."""
    at = os.path.realpath(folder)
    while not _is_git_folder(at):
        parent = os.path.dirname(at)
        if parent == at:
            return True  # somebody's own, as of a tool that prepares a commit beside the index
        at = parent
    home = marker
    if os.path.isfile(marker):
        done = Begun(("rev-parse", "--absolute-git-dir"), os.path.dirname(marker), _without(env, _ELSEWHERE)).done()
        home = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    return at == os.path.realpath(home)


def _is_git_folder(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "HEAD")) and any(
        os.path.exists(os.path.join(folder, name)) for name in ("objects", "commondir")
    )


def _without(env: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {**{name: value for name, value in env.items() if name not in names}, **_STEADY}


def _explain(done: process.Completed, folder: str) -> RepositoryError:
    said = done.complaint.removeprefix("fatal: ").rstrip(".")
    everything = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in everything:
        return RepositoryError(
            f"Git does not trust {folder}, which belongs to another user.",
            remedy=f"If you do: git config --global --add safe.directory {folder}",
        )
    if "must be run in a work tree" in everything:
        return RepositoryError(
            f"{folder} is not in a work tree: the repository is bare, or this is inside .git.",
            remedy="Run jiti in a checkout: `git worktree add PATH BRANCH` or `git clone` makes one.",
        )
    if "not a git repository" in everything:
        return NoRepositoryError(f"{folder} is not in a git repository.", remedy="Run `git init` here, or go to one.")
    return RepositoryError(f"git failed in {folder}: {said}.", remedy="Run `git status` there to see why.")
