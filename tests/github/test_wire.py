"""Headers, pages, what is held against the description, and that runs repeat."""

import http.client
import re
from pathlib import Path
from typing import Any

import pytest

from tests.github.client import send
from tests.github.hub import GitHub
from tests.github.start import serving


@pytest.fixture
def talk(hub: GitHub) -> GitHub:
    """A conversation of 65 comments."""
    hub.commit("bot", {"x.py": ""})
    hub.open_pull("bot", "main")
    for number in range(65):
        hub.comment(1, f"{number}")
    return hub


@pytest.mark.parametrize(
    ("query", "first", "count", "links"),
    [
        ("", 0, 30, {"next": 2, "last": 3}),
        ("?page=2", 30, 30, {"prev": 1, "next": 3, "last": 3, "first": 1}),
        ("?page=3", 60, 5, {"prev": 2, "first": 1}),
        ("?page=4", None, 0, {"prev": 3, "first": 1}),
        ("?per_page=100", 0, 65, {}),
        ("?per_page=1000", 0, 65, {}),
        ("?per_page=64&page=2", 64, 1, {"prev": 1, "first": 1}),
    ],
)
def test_pages(talk: GitHub, query: str, first: int | None, count: int, links: dict[str, int]) -> None:
    got = send(talk, "GET", f"issues/1/comments{query}")
    bodies = [said["body"] for said in got.body]
    assert (bodies[0] if bodies else None, len(bodies)) == (None if first is None else str(first), count)
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', got.headers.get("link", ""))
    assert {name: int(re.findall(r"[?&]page=(\d+)", url)[0]) for url, name in found} == links
    for url, _ in found:
        path = url.removeprefix(talk.url)
        assert send(talk, "GET", path).status == 200


def test_pages_of_wrapped_lists(hub: GitHub) -> None:
    for number in range(3):
        hub.workflow_run(f"run-{number}")
    got = send(hub, "GET", "actions/runs?per_page=2")
    assert (got.body["total_count"], [run["name"] for run in got.body["workflow_runs"]]) == (3, ["run-2", "run-1"])
    assert 'rel="next"' in got.headers["link"]


def test_what_has_not_changed_is_not_sent_again(talk: GitHub) -> None:
    token = talk.token()
    first = send(talk, "GET", "issues/1/comments", token=token)
    again = send(talk, "GET", "issues/1/comments", token=token, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, None)
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    talk.comment(1, "new")
    later = send(talk, "GET", "issues/1?x", token=token, headers={"If-None-Match": first.headers["etag"]})
    assert later.status == 200
    talk.violations.clear()  # ?x


@pytest.mark.parametrize(
    ("method", "path", "body", "violation"),
    [
        ("GET", "git/refs", None, "GET /repos/acme/demo/git/refs: not in the description"),
        ("DELETE", "", None, "DELETE /repos/acme/demo: not in the description"),
        ("GET", "pulls?stat=open", None, "query stat: not in the description"),
        ("GET", "pulls?state=opened", None, "'opened' is not one of"),
        ("POST", "git/refs", {"ref": "refs/heads/x"}, "'sha' is a required property"),
        ("POST", "git/refs", None, "'ref' is a required property"),
        ("POST", "git/blobs", {"content": 1}, "1 is not of type 'string'"),
        ("PATCH", "pulls/1", {"state": "merged"}, "'merged' is not one of"),
        ("DELETE", "git/refs/heads/bot", {"sha": "x"}, "body: not in the description"),
    ],
)
def test_what_does_not_fit_the_description_is_seen(
    hub: GitHub, method: str, path: str, body: Any, violation: str
) -> None:
    hub.commit("bot", {"x.py": ""})
    hub.open_pull("bot", "main")
    before = hub.snapshot()
    send(hub, method, path, body, token=hub.token())
    assert violation in hub.violations[0]
    assert hub.snapshot() == before
    hub.violations.clear()


def test_answers_are_held_against_the_description_too(hub: GitHub) -> None:
    hub.default_branch = None  # ty: ignore[invalid-assignment]  # what GitHub never says
    send(hub, "GET", "")
    assert "default_branch: None is not of type 'string'" in " ".join(hub.violations)
    hub.violations.clear()


def test_callers_say_what_they_are(hub: GitHub) -> None:
    connection = http.client.HTTPConnection(hub.url.removeprefix("http://"))
    connection.request("GET", "/repos/acme/demo")
    assert connection.getresponse().status == 403
    connection.close()


def test_letter_case_of_names_does_not_matter(hub: GitHub) -> None:
    assert send(hub, "GET", "/repos/ACME/Demo").body["full_name"] == "acme/demo"


def _story(hub: GitHub) -> list[Any]:
    token = hub.token()
    blob = send(hub, "POST", "git/blobs", {"content": "x"}, token=token).body["sha"]
    entries = [{"path": "x", "mode": "100644", "type": "blob", "sha": blob}]
    tree = send(hub, "POST", "git/trees", {"tree": entries}, token=token).body["sha"]
    main = hub.branches()["main"]
    commit = {"message": "m", "tree": tree, "parents": [main]}
    sha = send(hub, "POST", "git/commits", commit, token=token).body["sha"]
    send(hub, "POST", "git/refs", {"ref": "refs/heads/bot", "sha": sha}, token=token)
    pull = send(hub, "POST", "pulls", {"head": "bot", "base": "main", "title": "T"}, token=token).body
    said = send(hub, "POST", "issues/1/comments", {"body": "x"}, token=token).body
    shown = repr([pull, said, hub.snapshot()])
    return [token, sha, shown.replace(hub.url, "")]


def test_runs_repeat(tmp_path: Path) -> None:
    told = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        with serving(folder) as hub:
            told.append(_story(hub))
    assert told[0] == told[1]


def test_nothing_new_changes_nothing(talk: GitHub) -> None:
    before = talk.snapshot()
    for path in ("", "pulls/1", "issues/1/comments", "branches/bot"):
        send(talk, "GET", path)
    assert talk.snapshot() == before
    assert talk.writes == []
    talk.edit_comment(talk.comments[0], "other words")
    assert talk.snapshot() != before
