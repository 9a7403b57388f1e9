"""Partial clones, in which git fetches what a file holds when it is first read.

Standard library only. It does so file by file, each with a connection of its own: ten thousand of them take an hour.
Before a diff it gets all at once what the diff is going to show, so a diff is asked for.
"""

from __future__ import annotations

from jiti_bot.errors import RepositoryError
from jiti_bot.git import INDEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.git import Git

FEW = 3  # files: fewer are fetched one by one
_PROMISES = r"^(extensions\.partialclone|remote\..*\.promisor)$"


def bring(git: Git, where: str, count: int) -> None:
    """Have git fetch the Python files of the index or a revision, ``count`` of which may be missing here.

    Raises `RepositoryError` where they cannot be had. Does nothing in a clone that has everything.
    """
    if count <= FEW or not git.begin("config", "--get-regexp", _PROMISES).done().ok:
        return
    nothing = git.output(git.begin("hash-object", "-t", "tree", "--stdin")).decode().strip()
    what = ("diff-index", "--cached") if where == INDEX else ("diff-tree", "-r")
    ends = (nothing,) if where == INDEX else (nothing, where)
    done = git.begin(*what, "--numstat", "--no-ext-diff", "--no-textconv", *ends, "--", "*.py").done()
    if not done.ok:
        said = done.complaint.removeprefix("fatal: ").rstrip(".")
        raise RepositoryError(
            f"This partial clone lacks what some files hold, and git could not fetch it: {said}.",
            remedy="Run it again where the remote can be reached; what was fetched once stays.",
        )
