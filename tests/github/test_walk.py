"""Every operation that the server offers, one after the other, held against GitHub's description."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.github.access import NEEDS
from tests.github.client import send
from tests.github.description import load
from tests.github.hub import GitHub
from tests.github.operations import HANDLERS
from tests.github.start import make_bare


@dataclass(frozen=True, slots=True)
class Step:
    """One request; ``{names}`` in path and body are filled in, ``keep`` takes names from the answer."""

    operation: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    keep: dict[str, str] = field(default_factory=dict)


USER = {"name": "Ann", "email": "ann@example.org", "date": "2026-01-02T03:04:05Z"}
STEPS = (
    Step("users/get-authenticated", "GET", "/user"),
    Step("rate-limit/get", "GET", "/rate_limit"),
    Step("repos/get", "GET", ""),
    Step("repos/get-collaborator-permission-level", "GET", "collaborators/alice/permission"),
    Step("git/get-ref", "GET", "git/ref/heads/main", keep={"main": "object.sha"}),
    Step("git/get-commit", "GET", "git/commits/{main}", keep={"root": "tree.sha"}),
    Step("git/get-tree", "GET", "git/trees/{root}?recursive=1"),
    Step("git/create-blob", "POST", "git/blobs", {"content": "x = 1\n"}, 201, {"blob": "sha"}),
    Step("git/create-blob", "POST", "git/blobs", {"content": "AAEC/w==", "encoding": "base64"}, 201, {"bytes": "sha"}),
    Step("git/get-blob", "GET", "git/blobs/{bytes}"),
    Step(
        "git/create-tree",
        "POST",
        "git/trees",
        {
            "base_tree": "{root}",
            "tree": [
                {"path": "a b/x.py", "mode": "100644", "type": "blob", "sha": "{blob}"},
                {"path": "data.bin", "mode": "100755", "type": "blob", "sha": "{bytes}"},
                {"path": "link", "mode": "120000", "type": "blob", "content": "README.md"},
                {"path": "src/app/text.py", "mode": "100644", "type": "blob", "sha": None},
            ],
        },
        201,
        {"tree": "sha"},
    ),
    Step(
        "git/create-commit",
        "POST",
        "git/commits",
        {"message": "Add x", "tree": "{tree}", "parents": ["{main}"], "author": USER},
        201,
        {"head": "sha"},
    ),
    Step("git/create-ref", "POST", "git/refs", {"ref": "refs/heads/bot", "sha": "{main}"}, 201),
    Step("git/update-ref", "PATCH", "git/refs/heads/bot", {"sha": "{head}"}),
    Step("git/list-matching-refs", "GET", "git/matching-refs/heads/b"),
    Step("repos/get-branch", "GET", "branches/bot"),
    Step("repos/get-branch-rules", "GET", "rules/branches/bot"),
    Step("repos/get-commit", "GET", "commits/{head}"),
    Step("repos/list-commits", "GET", "commits?sha=bot"),
    Step("repos/compare-commits-with-basehead", "GET", "compare/main...bot"),
    Step("repos/get-content", "GET", "contents/a%20b/x.py?ref=bot"),
    Step("repos/get-content", "GET", "contents/src?ref=main"),
    Step("repos/get-content", "GET", "contents/link?ref=bot"),
    Step("pulls/create", "POST", "pulls", {"head": "bot", "base": "main", "title": "Add x", "body": "Text"}, 201),
    Step("pulls/list", "GET", "pulls?head=acme:bot&base=main&state=all&sort=updated&direction=desc"),
    Step("pulls/get", "GET", "pulls/1"),
    Step("pulls/update", "PATCH", "pulls/1", {"title": "Add x and data", "body": "More"}),
    Step("pulls/list-files", "GET", "pulls/1/files"),
    Step("pulls/list-commits", "GET", "pulls/1/commits"),
    Step("pulls/request-reviewers", "POST", "pulls/1/requested_reviewers", {"reviewers": ["alice"]}, 201),
    Step("pulls/list-reviews", "GET", "pulls/1/reviews"),
    Step(
        "pulls/create-review-comment",
        "POST",
        "pulls/1/comments",
        {"body": "why", "commit_id": "{head}", "path": "a b/x.py", "line": 1, "side": "RIGHT"},
        201,
        {"line": "id"},
    ),
    Step("pulls/create-reply-for-review-comment", "POST", "pulls/1/comments/{line}/replies", {"body": "so"}, 201),
    Step("pulls/get-review-comment", "GET", "pulls/comments/{line}"),
    Step("pulls/list-review-comments", "GET", "pulls/1/comments"),
    Step(
        "reactions/create-for-pull-request-review-comment",
        "POST",
        "pulls/comments/{line}/reactions",
        {"content": "+1"},
        201,
    ),
    Step("reactions/list-for-pull-request-review-comment", "GET", "pulls/comments/{line}/reactions"),
    Step("issues/get", "GET", "issues/1"),
    Step("issues/update", "PATCH", "issues/1", {"labels": ["one", {"name": "two"}]}),
    Step("issues/create", "POST", "issues", {"title": "Broken", "labels": ["bug"]}, 201),
    Step("issues/update", "PATCH", "issues/2", {"state": "closed"}),
    Step("issues/list-for-repo", "GET", "issues?state=all&labels=one"),
    Step("issues/add-assignees", "POST", "issues/1/assignees", {"assignees": ["alice"]}, 201),
    Step("issues/create-comment", "POST", "issues/1/comments", {"body": "hello"}, 201, {"said": "id"}),
    Step("issues/get-comment", "GET", "issues/comments/{said}"),
    Step("issues/update-comment", "PATCH", "issues/comments/{said}", {"body": "hello again"}),
    Step("reactions/create-for-issue-comment", "POST", "issues/comments/{said}/reactions", {"content": "eyes"}, 201),
    Step("reactions/create-for-issue-comment", "POST", "issues/comments/{said}/reactions", {"content": "eyes"}, 200),
    Step("reactions/list-for-issue-comment", "GET", "issues/comments/{said}/reactions?content=eyes"),
    Step("issues/list-comments", "GET", "issues/1/comments"),
    Step("issues/delete-comment", "DELETE", "issues/comments/{said}", None, 204),
    Step("issues/create-label", "POST", "labels", {"name": "jiti", "color": "00ff00", "description": "d"}, 201),
    Step("issues/get-label", "GET", "labels/jiti"),
    Step("issues/add-labels", "POST", "issues/1/labels", {"labels": ["jiti"]}),
    Step("issues/add-labels", "POST", "issues/1/labels", ["bare"]),
    Step("issues/list-labels-on-issue", "GET", "issues/1/labels"),
    Step("issues/remove-label", "DELETE", "issues/1/labels/bare"),
    Step("issues/set-labels", "PUT", "issues/1/labels", {"labels": ["jiti"]}),
    Step("issues/list-labels-for-repo", "GET", "labels"),
    Step(
        "checks/create",
        "POST",
        "check-runs",
        {"name": "jiti", "head_sha": "{head}", "status": "in_progress"},
        201,
        {"check": "id"},
    ),
    Step(
        "checks/update",
        "PATCH",
        "check-runs/{check}",
        {
            "conclusion": "neutral",
            "output": {
                "title": "t",
                "summary": "s",
                "annotations": [
                    {
                        "path": "a b/x.py",
                        "start_line": 1,
                        "end_line": 1,
                        "annotation_level": "notice",
                        "message": "m",
                    }
                ],
            },
        },
    ),
    Step("checks/get", "GET", "check-runs/{check}"),
    Step("checks/list-for-ref", "GET", "commits/bot/check-runs?check_name=jiti"),
    Step(
        "repos/create-commit-status",
        "POST",
        "statuses/{head}",
        {"state": "success", "context": "jiti", "description": "fine", "target_url": "https://example.org"},
        201,
    ),
    Step("repos/get-combined-status-for-ref", "GET", "commits/bot/status"),
    Step("actions/list-workflow-runs-for-repo", "GET", "actions/runs?branch=main"),
    Step(
        "repos/create-or-update-file-contents",
        "PUT",
        "contents/new.txt",
        {"message": "Add", "content": "aGVsbG8=", "branch": "bot"},
        201,
    ),
    Step("repos/get-branch-protection", "GET", "branches/main/protection"),
    Step("git/delete-ref", "DELETE", "git/refs/heads/bot", None, 204),
    Step("pulls/list", "GET", "pulls?state=closed"),
)
# People and apps may do different things.
AS_PERSON = frozenset({"users/get-authenticated", "repos/get-branch-protection"})


def test_every_operation_answers_as_described(hub: GitHub) -> None:
    bot = hub.token()
    person = hub.token("acme", {"administration": "read"}, kind="pat")
    hub.protect("main", create=True)
    hub.workflow_run("jiti")
    known: dict[str, Any] = {}

    for step in STEPS:
        got = send(
            hub,
            step.method,
            step.path.format(**known),
            _filled(step.body, known),
            token=person if step.operation in AS_PERSON else bot,
        )
        assert got.status == step.status, (step, got.body)
        for name, path in step.keep.items():
            value = got.body
            for part in path.split("."):
                value = value[part]
            known[name] = value

    assert [call.operation for call in hub.log] == [step.operation for step in STEPS]
    assert {call.operation for call in hub.log} == set(HANDLERS)
    assert hub.violations == [], "\n".join(hub.violations)


def test_the_whole_description_is_served() -> None:
    described = {operation.id for operation in load().operations}
    assert set(HANDLERS) == described
    assert set(NEEDS) == described


@pytest.mark.parametrize("private", [False, True])
def test_documents_hold_for_a_repository_that_has_nothing(tmp_path: Path, private: bool) -> None:
    with GitHub(make_bare(tmp_path), private=private) as hub:
        token = hub.token()
        for path, status in {
            "": 200,
            "pulls": 200,
            "issues": 200,
            "labels": 200,
            "git/ref/heads/main": 409,
            "git/matching-refs/heads": 409,
            "commits": 409,
            "branches/main": 404,
            "pulls/1": 404,
            "issues/1/comments": 404,
            "contents/README.md": 404,
        }.items():
            assert (path, send(hub, "GET", path, token=token).status) == (path, status)
        assert hub.violations == [], "\n".join(hub.violations)


def _filled(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return value.format(**known) if value.startswith("{") else value
    if isinstance(value, list):
        return [_filled(entry, known) for entry in value]
    if isinstance(value, dict):
        return {name: _filled(entry, known) for name, entry in value.items()}
    return value
