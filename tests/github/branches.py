"""Moving refs under the rules, and what a moved branch means for pull requests."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from tests.github.bare import GitError
from tests.github.problems import Problem, unprocessable
from tests.github.state import Pull

if TYPE_CHECKING:
    from tests.github.world import World

HEADS = "refs/heads/"
_WHY = {
    "create": "Cannot create ref due to creations being restricted.",
    "update": "Changes must be made through a pull request.",
    "delete": "Cannot delete this branch",
}


def check_rules(hub: "World", ref: str, what: Literal["create", "update", "delete"], login: str) -> None:
    """Hold a change of a ref against the rules.

    Raises `Problem`: a rule forbids it.
    """
    if not ref.startswith(HEADS):
        return
    branch = ref.removeprefix(HEADS)
    for rule in hub.state.protections:
        if login in rule.bypass or not fnmatchcase(branch, rule.pattern):
            continue
        if not {"create": rule.create, "update": rule.update, "delete": rule.delete}[what]:
            raise unprocessable(f"Repository rule violations found\n\n{_WHY[what]}\n\n")


def protected(hub: "World", branch: str) -> bool:
    """Whether any rule stands over the branch."""
    return any(fnmatchcase(branch, rule.pattern) for rule in hub.state.protections)


def move(hub: "World", ref: str, sha: str | None, old: str) -> None:
    """Create, move or delete a ref that stood at ``old`` ("" for nowhere).

    Raises `Problem`: another ref is in the way, or it has moved meanwhile.
    """
    try:
        hub.bare.move(ref, sha, old)
    except GitError as error:
        raise unprocessable("Reference update failed") from error
    sync(hub)


def sync(hub: "World") -> None:
    """Let open pull requests follow the branches, whoever moved those: a push, this server or git beside it."""
    opened = [pull for pull in hub.state.pulls() if pull.state == "open"]
    if not opened:
        return
    refs = hub.bare.refs(HEADS)
    for pull in opened:
        _follow(hub, pull, refs)


def close(hub: "World", pull: Pull, login: str) -> None:
    """Close a pull request."""
    pull.state, pull.closed_by = "closed", login
    pull.closed = pull.updated = hub.state.now()


def merged(hub: "World", pull: Pull, sha: str, login: str) -> None:
    """Close it as merged."""
    close(hub, pull, login)
    pull.merged, pull.merged_by, pull.merge_sha = pull.closed, login, sha


def remember(hub: "World", pull: Pull, head: str, base: str) -> None:
    """Note where both sides stand; the head stays reachable as GitHub's refs/pull/N/head."""
    pull.head_sha, pull.base_sha = head, base
    hub.bare.move(f"refs/pull/{pull.number}/head", head)


def _follow(hub: "World", pull: Pull, refs: dict[str, str]) -> None:
    fork = pull.head_owner != hub.owner
    base = refs.get(HEADS + pull.base)
    head = pull.head_sha if fork else refs.get(HEADS + pull.head)
    if base is None or head is None:
        close(hub, pull, hub.owner)
        return
    pushed = head != pull.head_sha
    if base != pull.base_sha and not pushed and hub.bare.is_ancestor(head, base):
        merged(hub, pull, base, hub.owner)
        return
    if not pushed:
        return
    remember(hub, pull, head, base)
    pull.updated = hub.state.now()
    if hub.bare.is_ancestor(head, base):
        close(hub, pull, hub.owner)


def open_again(hub: "World", pull: Pull) -> None:
    """Reopen a pull request.

    Raises `Problem`: GitHub does not for this one.
    """
    if pull.merged:
        raise _stuck("The pull request has been merged.")
    head = pull.head_sha if pull.head_owner != hub.owner else hub.bare.ref(HEADS + pull.head)
    base = hub.bare.ref(HEADS + pull.base)
    gone = pull.head if head is None else pull.base
    if head is None or base is None:
        raise _stuck(f"The {gone} branch has been deleted.")
    if not hub.bare.is_ancestor(pull.head_sha, head):
        raise _stuck(f"The {pull.head} branch was force-pushed or recreated.")
    same = [other for other in hub.state.pulls() if other.state == "open" and sides(other) == sides(pull)]
    if same:
        raise _stuck(f"There is already an open pull request from {pull.head_owner}:{pull.head} to {pull.base}.")
    pull.state, pull.closed, pull.closed_by = "open", None, None
    remember(hub, pull, head, base)


def sides(pull: Pull) -> tuple[str, str, str]:
    """What at most one open pull request has."""
    return pull.head_owner, pull.head, pull.base


def _stuck(why: str) -> Problem:
    error = {
        "resource": "PullRequest",
        "code": "invalid",
        "field": "state",
        "message": f"state cannot be changed. {why}",
    }
    return Problem(422, "Validation Failed", errors=[error])
