"""Every request of a run, met by every kind of trouble: in the end one pull request, one branch, one answer each."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.forge import comments, state
from jiti_bot.forge.publish import publish
from tests.forge.kit import BRANCH, SLUG, TITLE, body_of, main, one, open_hub, path_of, stored
from tests.github.faults import Answer, Fault, LostReply, PrimaryLimit, SecondaryLimit
from tests.github.hub import GitHub
from tests.github.start import serving

FAULTS = {
    "lost-reply": LostReply(),
    "502": Answer(502),
    "primary-limit": PrimaryLimit(),
    "secondary-limit": SecondaryLimit(),
}


def first(github: GitHub) -> None:
    """A run where there is nothing yet."""
    publish(open_hub(github), one(github, {SLUG: "2", TITLE: "1"}))


def later(github: GitHub) -> None:
    """A run with an open pull request, a base that moved on, and comments that wait for an answer."""
    hub = open_hub(github)
    seen = comments.wishes_for(hub, "main")
    assert seen is not None
    comments.acknowledge(hub, seen)
    found = one(github, {SLUG: "2", TITLE: "1"})
    published = publish(hub, replace(found, head_sha=seen.head_sha))
    results = {section.result.key: section.result for section in found.sections}
    comments.answer(hub, seen, results, published)


def farewell(github: GitHub) -> None:
    """A run that finds nothing left to propose."""
    publish(open_hub(github), replace(one(github), files=(), sections=()))


def proposed(github: GitHub) -> None:
    """What `later` and `farewell` begin with."""
    publish(open_hub(github), one(github))
    github.person("mallory", "read")
    github.comment(1, f"/jiti regenerate {SLUG} louder")
    github.comment(1, "/jiti retry", login="mallory")
    github.review_comment(1, path_of(SLUG), 1, "/jiti help")
    github.commit("main", {"src/app/text.py": "x = 1\n"})


RUNS: dict[str, tuple[Callable[[GitHub], object], Callable[[GitHub], None]]] = {
    "first": (lambda github: None, first),
    "later": (proposed, later),
    "farewell": (proposed, farewell),
}
_PUBLISHING = """git/create-commit git/create-tree git/get-commit git/get-ref git/get-tree pulls/list"""
OPERATIONS = {
    "first": f"{_PUBLISHING} git/create-ref pulls/create",
    "later": f"""{_PUBLISHING} git/get-blob git/update-ref issues/create-comment issues/list-comments pulls/get
        pulls/list-review-comments pulls/create-reply-for-review-comment pulls/update
        reactions/create-for-issue-comment reactions/create-for-pull-request-review-comment
        repos/compare-commits-with-basehead repos/get-collaborator-permission-level""",
    "farewell": """git/get-ref issues/create-comment issues/list-comments pulls/list pulls/list-review-comments
        pulls/update""",
}
SWEEP = [(name, operation) for name, operations in OPERATIONS.items() for operation in operations.split()]


@pytest.mark.parametrize("name", RUNS)
def test_every_operation_is_swept(tmp_path: Path, name: str) -> None:
    before, run = RUNS[name]
    with serving(tmp_path) as github:
        before(github)
        begun = len(github.log)
        run(github)
        assert {call.operation for call in github.log[begun:]} == set(OPERATIONS[name].split())
        check(github, name)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(("name", "operation"), SWEEP)
def test_trouble(tmp_path: Path, name: str, operation: str, fault: Fault) -> None:
    before, run = RUNS[name]
    with serving(tmp_path) as github:
        before(github)
        github.fail(fault, on=operation)
        run(github)
        check(github, name)


def check(github: GitHub, name: str) -> None:
    """The end of each run, whatever happened on the way."""
    assert set(github.branches()) == {"main", BRANCH}
    (pull,) = github.pulls
    if name == "farewell":
        assert (pull.state, state.read(pull.body or "").obsolete) == ("closed", True)
        assert sum("nothing left to propose" in " ".join(one.body.split()) for one in github.comments) == 1
        return
    assert (pull.state, pull.base_sha) == ("open", main(github))
    assert stored(github) == {path_of(SLUG): body_of(SLUG, "2"), path_of(TITLE): body_of(TITLE)}
    if name == "later":
        said = [one.body for one in (*github.comments, *github.review_comments)]
        assert [sum(word in one for one in said) for word in ("was written again", "opens it again |")] == [1, 1]
        reactions = [one.content for comment in github.comments for one in comment.reactions]
        assert sorted(reactions) == ["-1", "eyes"]
        assert [one.content for one in github.review_comments[0].reactions] == ["eyes"]
