"""What GitHub refuses, in its own words; nothing of it may be in the repository afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.github.client import send
from tests.github.hub import GitHub
from tests.github.start import serving

NOWHERE = "1" * 40


@dataclass(frozen=True, slots=True)
class Case:
    """A request and its refusal; ``MAIN``, ``BOT``, ``TREE`` and ``BLOB`` stand for shas."""

    name: str
    method: str
    path: str
    body: Any
    status: int
    message: str
    error: str = ""


def ref(name: str, ref: str, message: str, sha: str = "MAIN") -> Case:
    return Case(name, "POST", "git/refs", {"ref": ref, "sha": sha}, 422, message)


def tree(name: str, entry: dict[str, Any], message: str, base: str = "MAIN") -> Case:
    given = {"mode": "100644", "type": "blob", **entry}
    return Case(name, "POST", "git/trees", {"base_tree": base, "tree": [given]}, 422, message)


def pull(name: str, error: str, **body: Any) -> Case:
    given = {"head": "bot", "base": "main", "title": "T", **body}
    return Case(name, "POST", "pulls", given, 422, "Validation Failed", error)


CASES = (
    ref("ref exists", "refs/heads/main", "Reference already exists"),
    ref("ref of nothing", "refs/heads/x", "Object does not exist", NOWHERE),
    ref("ref of no sha", "refs/heads/x", "Object does not exist", "main"),
    ref("ref without refs/", "heads/x", "Reference name must start with 'refs/'"),
    ref("ref too short", "refs/x", "Reference name must contain at least three slash-separated components."),
    ref("ref that git has not", "refs/heads/a..b", "refs/heads/a..b is not a valid ref name."),
    ref("ref below a branch", "refs/heads/bot/x", "Reference update failed"),
    Case("no ref", "GET", "git/ref/heads/no", None, 404, "Not Found"),
    Case("a ref's beginning is no ref", "GET", "git/ref/heads/mai", None, 404, "Not Found"),
    Case("move no ref", "PATCH", "git/refs/heads/no", {"sha": "MAIN"}, 422, "Reference does not exist"),
    Case("move to nothing", "PATCH", "git/refs/heads/bot", {"sha": NOWHERE}, 422, "Object does not exist"),
    Case("move back", "PATCH", "git/refs/heads/bot", {"sha": "MAIN"}, 422, "Update is not a fast forward"),
    Case("delete no ref", "DELETE", "git/refs/heads/no", None, 422, "Reference does not exist"),
    Case("delete the default", "DELETE", "git/refs/heads/main", None, 422, "Cannot delete the default branch"),
    Case("no base64", "POST", "git/blobs", {"content": "a", "encoding": "base64"}, 422, "content is not valid Base64"),
    Case("no blob", "GET", f"git/blobs/{NOWHERE}", None, 404, "Not Found"),
    Case("a tree is no blob", "GET", "git/blobs/TREE", None, 404, "Not Found"),
    Case("no tree", "GET", f"git/trees/{NOWHERE}", None, 404, "Not Found"),
    Case("empty tree", "POST", "git/trees", {"tree": []}, 422, "Invalid tree info"),
    tree("tree on nothing", {"path": "x", "content": ""}, "base_tree is not a valid tree oid", NOWHERE),
    tree("tree of nothing", {"path": "x", "sha": NOWHERE}, f"tree.sha {NOWHERE} is not a valid blob"),
    tree("a tree as a blob", {"path": "x", "sha": "TREE"}, "tree.sha TREE is not a valid blob"),
    tree("remove what is not there", {"path": "no.py", "sha": None}, "GitRPC::BadObjectState"),
    tree("path up", {"path": "../x", "content": ""}, "tree.path contains a malformed path component"),
    tree("path from the root", {"path": "/x", "content": ""}, "tree.path contains a malformed path component"),
    tree("path into git", {"path": "a/.GIT/x", "content": ""}, "tree.path contains a malformed path component"),
    tree("neither", {"path": "x"}, "Must supply either tree.sha or tree.content"),
    tree("both", {"path": "x", "sha": "BLOB", "content": ""}, "Must supply either tree.sha or tree.content, not both"),
    Case("commit of nothing", "POST", "git/commits", {"message": "m", "tree": NOWHERE}, 422, "Tree SHA does not exist"),
    Case(
        "commit on nothing",
        "POST",
        "git/commits",
        {"message": "m", "tree": "TREE", "parents": [NOWHERE]},
        422,
        "Parent SHA does not exist or is not a commit object",
    ),
    Case("no commit", "GET", f"git/commits/{NOWHERE}", None, 404, "Not Found"),
    Case("no revision", "GET", "commits/no", None, 422, "No commit found for SHA: no"),
    Case("no branch", "GET", "branches/no", None, 404, "Branch not found"),
    Case("compare with nothing", "GET", "compare/main...no", None, 404, "Not Found"),
    Case("no file", "GET", "contents/no.py", None, 404, "Not Found"),
    Case("no file's revision", "GET", "contents/README.md?ref=no", None, 404, "No commit found for the ref no"),
    Case(
        "file without its sha",
        "PUT",
        "contents/README.md",
        {"message": "m", "content": ""},
        422,
        'Invalid request.\n\n"sha" wasn\'t supplied.',
    ),
    Case(
        "file with another sha",
        "PUT",
        "contents/README.md",
        {"message": "m", "content": "", "sha": NOWHERE},
        409,
        f"README.md does not match {NOWHERE}",
    ),
    pull("pull exists", "A pull request already exists for acme:bot."),
    pull("pull of nothing new", "No commits between main and same", head="same"),
    pull("pull of strangers", "The alien branch has no history in common with main", head="alien"),
    pull("pull from nowhere", "head invalid", head="no"),
    pull("pull into nowhere", "base invalid", base="no"),
    pull("pull without a title", "title missing_field", title=" "),
    pull("pull with a long title", "title is too long (maximum is 256 characters)", head="other", title="x" * 257),
    pull("pull too long", "body is too long (maximum is 65536 characters)", head="other", body="é" * 65_537),
    Case("no pull", "GET", "pulls/99", None, 404, "Not Found"),
    Case("no number", "GET", "pulls/x", None, 404, "Not Found"),
    Case("an issue is no pull", "GET", "pulls/2", None, 404, "Not Found"),
    Case("no issue", "GET", "issues/99", None, 404, "Not Found"),
    Case("comment nowhere", "POST", "issues/99/comments", {"body": "x"}, 404, "Not Found"),
    Case("empty comment", "POST", "issues/1/comments", {"body": " "}, 422, "Validation Failed", "Body cannot be blank"),
    Case(
        "long comment",
        "POST",
        "issues/1/comments",
        {"body": "x" * 65_537},
        422,
        "Validation Failed",
        "body is too long (maximum is 65536 characters)",
    ),
    Case("no comment", "PATCH", "issues/comments/1", {"body": "x"}, 404, "Not Found"),
    Case(
        "comment on another line",
        "POST",
        "pulls/1/comments",
        {"body": "x", "commit_id": "BOT", "path": "bot.py", "line": 9},
        422,
        "Line could not be resolved",
    ),
    Case(
        "comment on another file",
        "POST",
        "pulls/1/comments",
        {"body": "x", "commit_id": "BOT", "path": "README.md", "line": 1},
        422,
        "Path could not be resolved",
    ),
    Case("label exists", "POST", "labels", {"name": "KNOWN"}, 422, "Validation Failed", "name already_exists"),
    Case("no color", "POST", "labels", {"name": "x", "color": "red"}, 422, "Validation Failed", "color invalid"),
    Case("no label", "GET", "labels/no", None, 404, "Not Found"),
    Case("not so labelled", "DELETE", "issues/1/labels/known", None, 404, "Label does not exist"),
    Case(
        "reviewer from outside",
        "POST",
        "pulls/1/requested_reviewers",
        {"reviewers": ["mallory"]},
        422,
        "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
        "collaborator of the acme/demo repository.",
    ),
    Case(
        "check of nothing",
        "POST",
        "check-runs",
        {"name": "x", "head_sha": NOWHERE},
        422,
        f"No commit found for SHA: {NOWHERE}",
    ),
    Case(
        "status of nothing",
        "POST",
        f"statuses/{NOWHERE}",
        {"state": "error"},
        422,
        f"No commit found for SHA: {NOWHERE}",
    ),
    Case("unknown person", "GET", "collaborators/nobody/permission", None, 404, "nobody is not a user"),
    Case("another repository", "GET", "/repos/acme/other", None, 404, "Not Found"),
    Case("another owner", "GET", "/repos/other/demo/pulls", None, 404, "Not Found"),
    Case("no protection", "GET", "branches/main/protection", None, 404, "Branch not protected"),
    Case("broken JSON", "POST", "git/blobs", b'{"content": ', 400, "Problems parsing JSON"),
)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GitHub, dict[str, str]]]:
    """One hub for all cases: nothing that is refused changes it."""
    with serving(tmp_path_factory.mktemp("hub")) as hub:
        yield hub, _prepare(hub)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refusal(refusing: tuple[GitHub, dict[str, str]], case: Case) -> None:
    hub, shas = refusing
    token = hub.token(permissions={"administration": "read", **dict.fromkeys(_WRITES, "write")})
    before = hub.snapshot()

    got = send(hub, case.method, _filled(case.path, shas), _filled(case.body, shas), token=token)

    assert (got.status, got.message) == (case.status, _filled(case.message, shas))
    assert case.error in [_words(error) for error in got.body.get("errors", [{}])]
    assert hub.snapshot() == before
    assert hub.writes == []


_WRITES = ("contents", "issues", "pull_requests", "checks", "statuses")


def _prepare(hub: GitHub) -> dict[str, str]:
    main = hub.branches()["main"]
    bot = hub.commit("bot", {"bot.py": "x = 1\n"}, login="jiti-bot[bot]")
    hub.commit("other", {"other.py": "x = 1\n"})
    hub.move_branch("same", main)
    tree = hub.bare.commit(main).tree
    hub.move_branch("alien", hub.bare.write_commit(tree, [], "Alone", *[hub.bare.commit(main).author] * 2))
    hub.open_pull("bot", "main", login="jiti-bot[bot]")
    token = hub.token("acme", kind="pat")
    send(hub, "POST", "issues", {"title": "An issue", "labels": ["Known"]}, token=token)
    hub.person("mallory")
    hub.log.clear()
    blob = next(entry.sha for entry in hub.bare.entries(tree) if entry.type == "blob")
    return {"MAIN": main, "BOT": bot, "TREE": tree, "BLOB": blob}


def _filled(value: Any, shas: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, sha in shas.items():
            value = value.replace(name, sha)
        return value
    if isinstance(value, list):
        return [_filled(entry, shas) for entry in value]
    if isinstance(value, dict):
        return {name: _filled(entry, shas) for name, entry in value.items()}
    return value


def _words(error: dict[str, str]) -> str:
    return error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip()
