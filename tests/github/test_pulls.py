"""What becomes of a pull request, whoever moves its branches."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from tests.github.client import send
from tests.github.hub import GitHub
from tests.github.problems import Problem
from tests.github.state import Pull

FILES = {"x.py": "x = 1\n"}


def _opened(hub: GitHub) -> Pull:
    hub.commit("bot", FILES)
    return hub.open_pull("bot", "main", login="jiti-bot[bot]")


def _push(hub: GitHub) -> None:
    hub.commit("bot", {"y.py": "y = 1\n"})


def _beside(hub: GitHub) -> None:
    hub.bare.move("refs/heads/bot", None)


def _deleted(hub: GitHub) -> None:
    assert send(hub, "DELETE", "git/refs/heads/bot", token=hub.token()).status == 204


def _replaced(hub: GitHub) -> None:
    hub.move_branch("bot", hub.commit("new", {"y.py": ""}))


def _fast_forward(hub: GitHub) -> None:
    hub.move_branch("main", hub.branches()["bot"])


def _emptied(hub: GitHub) -> None:
    hub.move_branch("bot", hub.branches()["main"])


def _base_gone(hub: GitHub) -> None:
    hub.move_branch("next", hub.branches()["main"])
    send(hub, "PATCH", "pulls/1", {"base": "next"}, token=hub.token())
    hub.delete_branch("next")


@dataclass(frozen=True, slots=True)
class Life:
    """Something that happens, and what the pull request is then."""

    name: str
    happens: Callable[[GitHub], object]
    state: str
    merged: bool = False


LIVES = (
    Life("nothing", lambda _: None, "open"),
    Life("base moves on", lambda hub: hub.commit("main", {"z.py": ""}), "open"),
    Life("head moves on", _push, "open"),
    Life("closed", lambda hub: hub.close(1), "closed"),
    Life("head deleted", lambda hub: hub.delete_branch("bot"), "closed"),
    Life("head deleted by git beside the server", _beside, "closed"),
    Life(
        "head deleted through the API",
        lambda hub: send(hub, "DELETE", "git/refs/heads/bot", token=hub.token()),
        "closed",
    ),
    Life("base deleted", _base_gone, "closed"),
    Life("merged", lambda hub: hub.merge(1), "closed", merged=True),
    Life("merged as one commit", lambda hub: hub.merge(1, squash=True), "closed", merged=True),
    Life("merged by a push", _fast_forward, "closed", merged=True),
    Life("nothing left of it", _emptied, "closed"),
)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_life(hub: GitHub, life: Life) -> None:
    _opened(hub)
    life.happens(hub)
    got = send(hub, "GET", "pulls/1").body
    assert (got["state"], got["merged"], got["merged_at"] is not None) == (life.state, life.merged, life.merged)
    assert (got["closed_at"] is None) == (life.state == "open")


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (lambda _: None, None),
        (lambda hub: hub.commit("bot", {"y.py": ""}), None),
        (lambda hub: hub.delete_branch("bot"), "The bot branch has been deleted."),
        (
            lambda hub: hub.move_branch("bot", hub.commit("new", {"y.py": ""})),
            "The bot branch was force-pushed or recreated.",
        ),
        (lambda hub: hub.open_pull("bot", "main"), "There is already an open pull request from acme:bot to main."),
    ],
)
def test_reopening(hub: GitHub, meanwhile: Callable[[GitHub], object], why: str | None) -> None:
    _opened(hub)
    hub.close(1)
    meanwhile(hub)
    got = send(hub, "PATCH", "pulls/1", {"state": "open"}, token=hub.token())
    assert got.status == (200 if why is None else 422)
    if why is not None:
        assert got.body["errors"][0]["message"] == f"state cannot be changed. {why}"


def test_a_merged_one_stays_closed(hub: GitHub) -> None:
    _opened(hub)
    hub.merge(1)
    with pytest.raises(Problem):
        hub.reopen(1)


def test_shas_follow_pushes_of_the_head_only(hub: GitHub) -> None:
    _opened(hub)
    first, old = hub.pulls[0].head_sha, hub.branches()["main"]
    new = hub.commit("main", {"z.py": ""})
    assert (hub.pulls[0].head_sha, hub.pulls[0].base_sha) == (first, old)
    _push(hub)
    assert (hub.pulls[0].head_sha, hub.pulls[0].base_sha) == (hub.branches()["bot"], new)
    assert hub.bare.ref("refs/pull/1/head") == hub.branches()["bot"]


def test_a_closed_one_keeps_its_sha(hub: GitHub) -> None:
    _opened(hub)
    sha = hub.branches()["bot"]
    hub.close(1)
    _push(hub)
    assert hub.pulls[0].head_sha == sha


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [3, 2]),
        ("?state=open", [3, 2]),
        ("?state=closed", [1]),
        ("?state=all", [3, 2, 1]),
        ("?state=all&direction=asc", [1, 2, 3]),
        ("?head=acme:bot", [3]),
        ("?head=acme:bot&state=all", [3, 1]),
        ("?head=mallory:bot", [2]),
        ("?head=acme:none", []),
        ("?head=bot", [3, 2]),  # a head without an owner is no filter
        ("?base=main", [3, 2]),
        ("?base=other", []),
        ("?per_page=1&page=2", [2]),
    ],
)
def test_finding(hub: GitHub, query: str, numbers: list[int]) -> None:
    _opened(hub)
    hub.close(1)
    hub.open_pull("bot", "main", login="mallory", owner="mallory", head_sha=hub.branches()["bot"])
    hub.open_pull("bot", "main")
    assert [pull["number"] for pull in send(hub, "GET", f"pulls{query}").body] == numbers


def test_a_fork_is_another_repository(hub: GitHub) -> None:
    hub.commit("bot", FILES)
    hub.open_pull("bot", "main", login="mallory", owner="mallory", head_sha=hub.branches()["bot"])
    hub.delete_branch("bot")
    got = send(hub, "GET", "pulls/1").body
    assert (got["state"], got["head"]["label"], got["head"]["repo"]["full_name"]) == (
        "open",
        "mallory:bot",
        "mallory/demo",
    )
    assert got["head"]["repo"]["fork"]
    assert not got["base"]["repo"]["fork"]


@pytest.mark.parametrize(
    ("other", "mergeable", "state"),
    [({"z.py": ""}, True, "clean"), ({"x.py": "x = 2\n"}, False, "dirty")],
)
def test_merge_state(hub: GitHub, other: dict[str, str], mergeable: bool, state: str) -> None:
    _opened(hub)
    hub.commit("main", other)
    got = send(hub, "GET", "pulls/1").body
    assert (got["mergeable"], got["mergeable_state"]) == (mergeable, state)


def test_merge_state_may_come_late(hub: GitHub) -> None:
    hub.slow_merge_state = True
    _opened(hub)
    assert [send(hub, "GET", "pulls/1").body["mergeable"] for _ in range(3)] == [None, True, True]
    _push(hub)
    assert [send(hub, "GET", "pulls/1").body["mergeable"] for _ in range(2)] == [None, True]


def test_files_and_numbers(hub: GitHub) -> None:
    hub.commit("main", {"old.py": "a\nb\nc\nd\n", "gone.py": "x\n", "same.py": ""})
    hub.commit(
        "bot", {"old.py": None, "new.py": "a\nb\nc\ne\n", "gone.py": None, "in/x.py": "1\n2\n", "same.py": "s\n"}
    )
    hub.open_pull("bot", "main")
    found = {file["filename"]: file for file in send(hub, "GET", "pulls/1/files").body}
    assert {name: (file["status"], file["additions"], file["deletions"]) for name, file in found.items()} == {
        "gone.py": ("removed", 0, 1),
        "in/x.py": ("added", 2, 0),
        "new.py": ("renamed", 1, 1),
        "same.py": ("modified", 1, 0),
    }
    assert found["new.py"]["previous_filename"] == "old.py"
    assert found["in/x.py"]["patch"] == "@@ -0,0 +1,2 @@\n+1\n+2"
    whole = send(hub, "GET", "pulls/1").body
    assert [whole[name] for name in ("changed_files", "additions", "deletions", "commits")] == [4, 4, 2, 1]


def test_lines_of_a_diff_can_be_talked_about(hub: GitHub) -> None:
    hub.commit("main", {"x.py": "".join(f"{line}\n" for line in range(30))})
    hub.commit("bot", {"x.py": "".join(f"{line if line != 14 else 'new'}\n" for line in range(30))})
    hub.open_pull("bot", "main")
    said = hub.review_comment(1, "x.py", 15, "/jiti shorter")
    assert said.hunk.splitlines()[-2:] == ["-14", "+new"]
    assert hub.review_comment(1, "x.py", 15, "old", side="LEFT").hunk.splitlines()[-1] == "-14"
    with pytest.raises(Problem):
        hub.review_comment(1, "x.py", 1, "too far from the change")


BRANCHES = ('zzz";echo${IFS}"x";#', "a/b/c", "größe", "50%", "a+b&c=d", "x'y")


@pytest.mark.parametrize("branch", BRANCHES)
def test_any_branch_name_that_git_allows(hub: GitHub, branch: str) -> None:
    token, name = hub.token(), quote(branch, safe="")
    sha = hub.commit(branch, FILES)
    assert send(hub, "GET", f"git/ref/heads/{name}").body["object"]["sha"] == sha
    assert send(hub, "GET", f"branches/{name}").body["commit"]["sha"] == sha
    assert send(hub, "GET", f"compare/main...{name}").body["ahead_by"] == 1
    assert send(hub, "GET", f"commits/{name}/status").body["sha"] == sha
    assert send(hub, "POST", "pulls", {"head": branch, "base": "main", "title": "T"}, token=token).status == 201
    assert [pull["number"] for pull in send(hub, "GET", f"pulls?head=acme:{name}").body] == [1]
    assert send(hub, "DELETE", f"git/refs/heads/{name}", token=token).status == 204
    assert branch not in hub.branches()
