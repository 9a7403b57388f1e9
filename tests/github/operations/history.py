"""Commits in a row, and what lies between two of them."""

from tests.github import diffs
from tests.github.problems import Problem, not_found, unprocessable
from tests.github.render import git
from tests.github.render.repository import api_url, web_url
from tests.github.request import Json, Listed, Reply, Request, handles


@handles("repos/get-commit")
def get(request: Request) -> Reply:
    """A commit by sha, branch or tag, with what it changes."""
    sha = request.bare.find(request.params["ref"])
    if sha is None:
        raise unprocessable(f"No commit found for SHA: {request.params['ref']}")
    commit = request.bare.commit(sha)
    parent = commit.parents[0] if commit.parents else None
    return Reply(200, git.commit(request.hub, commit, diffs.files(request.bare, parent, sha)))


@handles("repos/list-commits")
def list_commits(request: Request) -> Listed:
    """The commits of a branch, newest first."""
    start = request.query.get("sha", request.hub.default_branch)
    if not request.bare.refs("refs/heads/"):
        raise Problem(409, "Git Repository is empty.")
    sha = request.bare.find(start)
    if sha is None:
        raise not_found()
    found = request.bare.commits(request.bare.between(None, sha, path=request.query.get("path", "")))
    since, until = request.query.get("since", ""), request.query.get("until", "9")
    found = [commit for commit in found if since <= commit.committer.date <= until]
    return Listed(found, lambda commit: git.commit(request.hub, commit))


@handles("repos/compare-commits-with-basehead")
def compare(request: Request) -> Reply:
    """What a head has and a base has not, from where they parted."""
    hub, bare = request.hub, request.bare
    names = request.params["basehead"].split("...")
    ends = [bare.find(name.removeprefix(f"{hub.owner}:")) for name in names]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise not_found()
    base, head = ends[0], ends[1]
    middle = bare.merge_base(base, head)
    if middle is None:
        raise Problem(404, f"No common ancestor between {names[0]} and {names[1]}.")
    ahead, behind = bare.between(base, head), bare.between(head, base)
    page = web_url(hub, "compare", request.params["basehead"])
    shown: Json = {
        "url": api_url(hub, "compare", request.params["basehead"]),
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": git.commit(hub, bare.commit(base)),
        "merge_base_commit": git.commit(hub, bare.commit(middle)),
        "status": _status(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [git.commit(hub, commit) for commit in bare.commits(ahead[:250][::-1])],
        "files": [git.diff_entry(hub, file, head) for file in diffs.files(bare, middle, head)[:300]],
    }
    return Reply(200, shown)


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"
