"""Events as GitHub documents them (docs.github.com/webhooks/webhook-events-and-payloads), cut to what is usual."""

from typing import Any

NOTHING = "0" * 40
SHA = "5f1c0e8d3a9b7264c1d0e9f8a7b6c5d4e3f2a1b0"
OTHER = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
REPOSITORY: dict[str, Any] = {
    "id": 1296269,
    "name": "demo",
    "full_name": "acme/demo",
    "private": False,
    "default_branch": "main",
    "owner": {"login": "acme", "id": 1, "type": "Organization"},
}
FORK: dict[str, Any] = {**REPOSITORY, "id": 99, "full_name": "mallory/demo", "fork": True}
ALICE = {"login": "alice", "id": 2, "type": "User"}
BOT = {"login": "jiti-bot[bot]", "id": 3, "type": "Bot"}


def push(ref: str = "refs/heads/main", before: str = OTHER, after: str = SHA, **more: Any) -> dict[str, Any]:
    """A push; by default an ordinary one to main."""
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == NOTHING,
        "deleted": after == NOTHING,
        "forced": False,
        "base_ref": None,
        "compare": f"https://github.com/acme/demo/compare/{before[:12]}...{after[:12]}",
        "commits": [],
        "head_commit": None if after == NOTHING else {"id": after, "message": "Change", "distinct": True},
        "pusher": {"name": "alice", "email": "alice@example.org"},
        "repository": REPOSITORY,
        "sender": ALICE,
        **more,
    }


def pull_request(action: str = "opened", head: dict[str, Any] | None = REPOSITORY, sha: str = SHA) -> dict[str, Any]:
    """A pull request; ``head`` is the repository it comes from, None where that is gone."""
    return {
        "action": action,
        "number": 7,
        "pull_request": {
            "number": 7,
            "state": "open",
            "draft": False,
            "merged": False,
            "head": {"ref": "topic", "sha": sha, "repo": head, "user": ALICE, "label": "alice:topic"},
            "base": {"ref": "main", "sha": OTHER, "repo": REPOSITORY, "user": ALICE, "label": "acme:main"},
            "user": ALICE,
        },
        "repository": REPOSITORY,
        "sender": ALICE,
    }


def issue_comment(
    body: str, *, number: int = 7, comment: int = 501, action: str = "created", user: Any = None, pull: bool = True
) -> dict[str, Any]:
    """A comment in the conversation of a pull request, or of an issue."""
    issue: dict[str, Any] = {"number": number, "state": "open", "title": "Implement 2 stubs", "user": BOT}
    if pull:
        issue["pull_request"] = {"url": f"https://api.github.com/repos/acme/demo/pulls/{number}", "merged_at": None}
    return {
        "action": action,
        "issue": issue,
        "comment": {"id": comment, "body": body, "user": user or ALICE, "author_association": "MEMBER"},
        "repository": REPOSITORY,
        "sender": user or ALICE,
    }


def review_comment(body: str, *, number: int = 7, comment: int = 502, action: str = "created") -> dict[str, Any]:
    """A comment on a line of a pull request."""
    return {
        "action": action,
        "comment": {
            "id": comment,
            "body": body,
            "user": ALICE,
            "path": ".jiti/src/app/text/slugify.py",
            "line": 20,
            "commit_id": SHA,
            "author_association": "MEMBER",
        },
        "pull_request": {**pull_request()["pull_request"], "number": number},
        "repository": REPOSITORY,
        "sender": ALICE,
    }


def dispatch(ref: str = "refs/heads/main") -> dict[str, Any]:
    """A person started the workflow by hand."""
    return {
        "ref": ref,
        "inputs": None,
        "workflow": ".github/workflows/jiti.yml",
        "repository": REPOSITORY,
        "sender": ALICE,
    }
