"""Which event asks for what: one table over events as GitHub documents them."""

from typing import Any

import pytest

from jiti_bot.errors import StageError
from jiti_bot.forge.branch import branch_name, is_ours
from jiti_bot.stages.event import Asked, Checked, Ignored, Occasion, Pushed, Said, read
from tests.stages import events
from tests.stages.events import FORK, NOTHING, SHA

ODD = 'zzz";echo${IFS}"x";#'


def asked(name: str, payload: Any, ref: str = "refs/heads/main", sha: str = SHA) -> Asked:
    return read(Occasion(name, payload, ref, sha), is_ours)


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        pytest.param("push", events.push(after=NOTHING), "main was deleted", id="branch-deletion"),
        pytest.param("push", events.push("refs/tags/v1"), "v1 is a tag", id="tag"),
        pytest.param("push", events.push("refs/tags/v1", after=NOTHING), "v1 is a tag", id="tag-deletion"),
        pytest.param("push", events.push("refs/notes/x"), "refs/notes/x is no branch", id="notes"),
        pytest.param("push", events.push(f"refs/heads/{branch_name('main')}"), "writes itself", id="own-branch"),
        pytest.param("push", events.push(f"refs/heads/{branch_name('a/b')}"), "writes itself", id="own-flat-branch"),
        pytest.param("push", {}, "names no branch", id="push-of-nothing"),
        pytest.param("push", events.push(after="HEAD"), "names no commit", id="push-without-commit"),
        pytest.param("push", {"ref": 3, "after": [SHA], "deleted": "no"}, "names no branch", id="push-misshapen"),
        pytest.param("pull_request", events.pull_request("closed"), "was closed", id="pull-closed"),
        pytest.param("pull_request", {"action": "labeled"}, "was labeled", id="pull-labelled"),
        pytest.param("issue_comment", events.issue_comment("/jiti help", pull=False), "under an issue", id="issue"),
        pytest.param("issue_comment", events.issue_comment("Nice."), "begin with /jiti", id="small-talk"),
        pytest.param("issue_comment", events.issue_comment("> /jiti retry"), "begin with /jiti", id="quotation"),
        pytest.param("issue_comment", events.issue_comment("/jitibug"), "begin with /jiti", id="other-word"),
        pytest.param("issue_comment", events.issue_comment("/jiti retry", action="edited"), "was edited", id="edited"),
        pytest.param("issue_comment", events.issue_comment("/jiti x", action="deleted"), "was deleted", id="removed"),
        pytest.param("issue_comment", events.issue_comment("/jiti x", user=events.BOT), "a bot", id="bot"),
        pytest.param("issue_comment", {"action": "created"}, "under an issue", id="comment-misshapen"),
        pytest.param("pull_request_review_comment", {"action": "created", "comment": {"body": "/jiti x"}}, "no pull",
                     id="review-comment-misshapen"),
        pytest.param("pull_request_review_comment", events.review_comment("Why?"), "begin with", id="review-question"),
    ],
)  # fmt: skip
def test_asks_for_nothing(name: str, payload: Any, said: str) -> None:
    found = asked(name, payload)
    assert isinstance(found, Ignored)
    assert said in found.reason


@pytest.mark.parametrize(
    ("payload", "base", "said"),
    [
        pytest.param(events.push(), "main", "was pushed to", id="push"),
        pytest.param(events.push(before=NOTHING), "main", "for the first time", id="first-push"),
        pytest.param(events.push(forced=True), "main", "was pushed over", id="force-push"),
        pytest.param(events.push("refs/heads/release/1.0"), "release/1.0", "pushed to", id="branch-with-slash"),
        pytest.param(events.push(f"refs/heads/{ODD}"), ODD, "pushed to", id="branch-that-would-be-a-script"),
        pytest.param(
            events.push("refs/heads/refs/heads/x"), "refs/heads/x", "pushed to", id="branch-that-looks-nested"
        ),
        pytest.param(events.push(after="c" * 64), "main", "pushed to", id="sha256"),
    ],
)
def test_pushes_are_worked_on(payload: dict[str, Any], base: str, said: str) -> None:
    found = asked("push", payload)
    assert found == Pushed(base, payload["after"], found.reason)
    assert said in found.reason


@pytest.mark.parametrize(
    ("head", "said"),
    [
        pytest.param(events.REPOSITORY, "pushes are what", id="same-repository"),
        pytest.param(FORK, "from a fork", id="fork"),
        pytest.param(None, "from a fork", id="fork-that-is-gone"),
        pytest.param({}, "from a fork", id="head-misshapen"),
    ],
)
@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened"])
def test_pull_requests_are_only_checked(head: Any, said: str, action: str) -> None:
    found = asked("pull_request", events.pull_request(action, head))
    assert isinstance(found, Checked)
    assert said in found.reason


def test_a_comment_asks_who_wrote_it() -> None:
    found = asked("issue_comment", events.issue_comment("/jiti retry"))
    assert found == Said(7, 501, found.reason)


def test_a_review_comment_asks_who_wrote_it() -> None:
    found = asked("pull_request_review_comment", events.review_comment("/jiti shorter, please"))
    assert found == Said(7, 502, found.reason)


@pytest.mark.parametrize("name", ["workflow_dispatch", "schedule"])
def test_a_run_started_by_hand_or_clock_is_about_its_ref(name: str) -> None:
    found = asked(name, events.dispatch("refs/heads/topic"), "refs/heads/topic")
    assert isinstance(found, Pushed)
    assert (found.base, found.sha) == ("topic", SHA)
    assert isinstance(asked(name, events.dispatch("refs/tags/v1"), "refs/tags/v1"), Ignored)


@pytest.mark.parametrize("name", ["pull_request_target", "release", ""])
def test_an_event_that_it_is_not_made_for_is_refused(name: str) -> None:
    with pytest.raises(StageError) as refused:
        asked(name, events.pull_request())
    assert refused.value.remedy
