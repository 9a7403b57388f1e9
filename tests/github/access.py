"""Who may do what, and how GitHub says no."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.github.problems import Problem, not_found
from tests.github.state import Access, Kind, Role, Token, at_least

if TYPE_CHECKING:
    from tests.github.hub import GitHub

_EVERYTHING = ("contents", "pull_requests", "issues", "checks", "statuses", "actions", "metadata")
BOT: dict[str, Access] = {name: "write" for name in _EVERYTHING if name not in {"actions", "metadata"}} | {
    "actions": "read",
    "metadata": "read",
}
FORK: dict[str, Access] = dict.fromkeys(_EVERYTHING, "read")
_PREFIX = {"app": "ghs_", "github_token": "ghs_", "fork": "ghs_", "expired": "ghs_", "pat": "github_pat_"}


@dataclass(frozen=True, slots=True)
class Needs:
    """What an operation takes: one of the permissions (installations), a role (people)."""

    permissions: tuple[str, ...]
    access: Access
    role: Role


def _reads(*permissions: str, role: Role = "read") -> Needs:
    return Needs(permissions, "read", role)


def _writes(*permissions: str, role: Role = "write") -> Needs:
    return Needs(permissions, "write", role)


_CONTENTS = ("contents",)
_TALK = ("issues", "pull_requests")
_FREE = Needs((), "read", "none")
NEEDS: dict[str, Needs] = {
    "users/get-authenticated": _FREE,
    "rate-limit/get": _FREE,
    "repos/get": _reads("metadata"),
    "repos/get-collaborator-permission-level": _reads("metadata", role="write"),
    "repos/get-branch-protection": _reads("administration", role="admin"),
    "repos/get-branch-rules": _reads("metadata"),
    "actions/list-workflow-runs-for-repo": _reads("actions"),
    **dict.fromkeys(
        (
            "git/get-ref",
            "git/list-matching-refs",
            "git/get-blob",
            "git/get-tree",
            "git/get-commit",
            "repos/get-content",
            "repos/get-branch",
            "repos/compare-commits-with-basehead",
            "repos/get-commit",
            "repos/list-commits",
        ),
        _reads(*_CONTENTS),
    ),
    **dict.fromkeys(
        (
            "git/create-ref",
            "git/update-ref",
            "git/delete-ref",
            "git/create-blob",
            "git/create-tree",
            "git/create-commit",
            "repos/create-or-update-file-contents",
        ),
        _writes(*_CONTENTS),
    ),
    **dict.fromkeys(
        (
            "pulls/list",
            "pulls/get",
            "pulls/list-files",
            "pulls/list-commits",
            "pulls/list-reviews",
            "pulls/list-review-comments",
            "pulls/get-review-comment",
            "reactions/list-for-pull-request-review-comment",
        ),
        _reads("pull_requests"),
    ),
    **dict.fromkeys(
        (
            "pulls/create",
            "pulls/update",
            "pulls/create-review-comment",
            "pulls/create-reply-for-review-comment",
            "reactions/create-for-pull-request-review-comment",
        ),
        _writes("pull_requests", role="read"),
    ),
    "pulls/request-reviewers": _writes("pull_requests"),
    **dict.fromkeys(
        (
            "issues/get",
            "issues/list-for-repo",
            "issues/list-comments",
            "issues/get-comment",
            "issues/list-labels-on-issue",
            "issues/list-labels-for-repo",
            "issues/get-label",
            "reactions/list-for-issue-comment",
        ),
        _reads(*_TALK),
    ),
    **dict.fromkeys(
        (
            "issues/create-comment",
            "issues/update-comment",
            "issues/delete-comment",
            "issues/update",
            "reactions/create-for-issue-comment",
        ),
        _writes(*_TALK, role="read"),
    ),
    "issues/create": _writes("issues", role="read"),
    **dict.fromkeys(
        (
            "issues/add-labels",
            "issues/set-labels",
            "issues/remove-label",
            "issues/add-assignees",
        ),
        _writes(*_TALK, role="triage"),
    ),
    "issues/create-label": _writes(*_TALK),
    "checks/get": _reads("checks"),
    "checks/list-for-ref": _reads("checks"),
    "checks/create": _writes("checks"),
    "checks/update": _writes("checks"),
    "repos/get-combined-status-for-ref": _reads("statuses"),
    "repos/create-commit-status": _writes("statuses"),
}


def make_token(hub: "GitHub", login: str | None, permissions: Mapping[str, Access] | None, kind: Kind) -> Token:
    """A token that the hub knows from now on."""
    names = {"app": "jiti-bot[bot]", "pat": hub.owner}
    given = FORK if kind == "fork" else BOT if permissions is None else {"metadata": "read", **permissions}
    secret = f"{_PREFIX[kind]}{len(hub.state.tokens) + 1:036d}"
    token = Token(secret, login or names.get(kind, "github-actions[bot]"), kind, given)
    hub.state.person(token.login)
    hub.state.tokens[secret] = token
    return token


def authenticate(hub: "GitHub", header: str | None) -> Token | None:
    """The token in an Authorization header.

    Raises `Problem`: it is none, or none any more.
    """
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    token = hub.state.tokens.get(secret.strip())
    if scheme.lower() not in {"token", "bearer"} or token is None or token.kind == "expired":
        raise Problem(401, "Bad credentials")
    return token


def authorise(hub: "GitHub", token: Token | None, operation: str, *, reads: bool) -> None:
    """Let a caller through.

    Raises `Problem`: as GitHub refuses it (401, 403, or 404 for what it had better not know).
    """
    needs = NEEDS[operation]
    if token is None:
        if hub.private and needs.permissions:
            raise not_found()
        if not reads or operation == "users/get-authenticated":
            raise Problem(401, "Requires authentication")
        return
    if token.is_app:
        _installation(hub, token, needs, reads=reads)
    else:
        _person(hub, token, operation, needs, reads=reads)


def _installation(hub: "GitHub", token: Token, needs: Needs, *, reads: bool) -> None:
    public = reads and not hub.private and "administration" not in needs.permissions
    if public or not needs.permissions or any(_gives(token, name, needs.access) for name in needs.permissions):
        return
    raise Problem(403, "Resource not accessible by integration", headers=_accepted(needs))


def _person(hub: "GitHub", token: Token, operation: str, needs: Needs, *, reads: bool) -> None:
    role = hub.state.person(token.login).role
    if hub.private and role == "none" and needs.permissions:
        raise not_found()
    if operation in {"checks/create", "checks/update"}:
        raise Problem(403, "You must authenticate via a GitHub App.")
    if operation == "repos/get-collaborator-permission-level" and not at_least(role, needs.role):
        raise Problem(403, "Must have push access to view repository collaborators.")
    wanted = "none" if needs.role == "read" and not hub.private else needs.role
    if not at_least(role, wanted):
        raise not_found()
    allowed = not needs.permissions or any(_gives(token, name, needs.access) for name in needs.permissions)
    if not allowed and not (reads and not hub.private):
        raise Problem(403, "Resource not accessible by personal access token", headers=_accepted(needs))


def _gives(token: Token, permission: str, access: Access) -> bool:
    given = token.permissions.get(permission)
    return given == "write" or (given == "read" and access == "read")


def _accepted(needs: Needs) -> dict[str, str]:
    return {"X-Accepted-GitHub-Permissions": "; ".join(f"{name}={needs.access}" for name in needs.permissions)}
