"""What GitHub holds, as far as it concerns us: frozen values, made by the door and by nobody else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a git tree. ``kind`` is blob, tree or commit (a submodule)."""

    mode: str
    kind: str
    sha: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. ``tree`` is the sha of its tree; ``author`` the account that its author's address is of, '' for none.

    Only comparisons and histories name the account.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: str = ""
    by_bot: bool = False


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that differs between two commits; ``sha`` is its blob in the newer one, '' where it is gone."""

    path: str
    sha: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``head`` has over ``base``: from their last common commit, oldest commit first.

    ``behind`` counts the commits of ``base`` that ``head`` lacks. Not ``complete``: GitHub left some of it out.
    """

    merge_base: str
    behind: int
    commits: tuple[Commit, ...]
    files: tuple[Touched, ...]
    complete: bool

    @property
    def ahead(self) -> bool:
        """Whether ``head`` has commits that ``base`` lacks."""
        return bool(self.commits) or not self.complete


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request.

    ``head_repository`` is '' where its fork is gone, ``closed`` a time in ISO 8601, '' while it is open.
    """

    number: int
    url: str
    title: str
    body: str
    is_open: bool
    is_merged: bool
    author: str
    by_bot: bool
    head: str
    head_sha: str
    head_repository: str
    base: str
    closed: str = ""
