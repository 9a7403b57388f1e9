"""One pull request and one branch for a base, whatever came before, whoever works at the same time."""

from dataclasses import replace

import pytest

from jiti_bot.forge.model import (
    NothingToDo,
    Opened,
    Unchanged,
    Updated,
)
from jiti_bot.forge.publish import publish
from jiti_bot.planning.result import Outcome
from tests.forge.kit import (
    BRANCH,
    SLUG,
    TITLE,
    URL,
    body_of,
    is_ancestor,
    main,
    message_of,
    one,
    open_hub,
    path_of,
    publication,
    stored,
)
from tests.github.hub import GitHub


def test_no_op(github: GitHub) -> None:
    before = github.snapshot()
    assert publish(open_hub(github), publication(main(github), {})) == NothingToDo("Nothing is missing or stale.")
    assert github.snapshot() == before


def test_first_time(github: GitHub) -> None:
    outcome = publish(open_hub(github), one(github))
    [pull] = github.pulls
    assert outcome == Opened(1, URL, github.branches()[BRANCH])
    assert (pull.head, pull.base, pull.state, pull.title) == (BRANCH, "main", "open", f"Implement {SLUG}")
    assert stored(github) == {path_of(SLUG): body_of(SLUG)}
    assert github.files(BRANCH)["README.md"] == github.files("main")["README.md"]


def test_again_with_nothing_new_touches_nothing(github: GitHub) -> None:
    publish(open_hub(github), one(github))
    before, writes = github.snapshot(), len(github.writes)
    again = publication(main(github), {SLUG: "1"}, outcome=Outcome.RESTORED)
    assert publish(open_hub(github), again) == Unchanged(1, URL)
    assert (github.snapshot(), len(github.writes)) == (before, writes)


def test_more_stubs_go_on_top(github: GitHub) -> None:
    publish(open_hub(github), one(github))
    first = github.branches()[BRANCH]
    outcome = publish(open_hub(github), one(github, {SLUG: "1", TITLE: "1"}))
    assert outcome == Updated(1, URL, github.branches()[BRANCH])
    assert set(stored(github)) == {path_of(SLUG), path_of(TITLE)}
    assert is_ancestor(github, first, BRANCH)
    assert github.pulls[0].title == "Implement 2 stubs"


def test_a_stub_that_is_gone_leaves_with_its_file(github: GitHub) -> None:
    publish(open_hub(github), one(github, {SLUG: "1", TITLE: "1"}))
    publish(open_hub(github), one(github))
    assert stored(github) == {path_of(SLUG): body_of(SLUG)}


def test_what_earlier_runs_paid_is_still_told(github: GitHub) -> None:
    publish(open_hub(github), one(github))
    both = publication(main(github), {SLUG: "1", TITLE: "1"}, outcome=Outcome.RESTORED)
    free = tuple(replace(part, result=replace(part.result, usd=0.0)) for part in both.sections)
    publish(open_hub(github), replace(both, sections=free))
    assert "Cost: $0.01." in (github.pulls[0].body or "")


def test_commit_says_who_and_on_what(github: GitHub) -> None:
    publish(open_hub(github), one(github))
    message = message_of(github, BRANCH)
    assert message.splitlines()[0] == f"Implement {SLUG}"
    assert "Generated-by: jiti-bot" in message
    assert f"Jiti-Base: {main(github)}" in message


@pytest.mark.parametrize(("trailer", "said"), [("", "Generated-by"), ("Assisted-by: me", "Generated-by")])
def test_the_trailer_is_a_setting(github: GitHub, trailer: str, said: str) -> None:
    publish(open_hub(github), replace(one(github), trailer=trailer))
    assert said not in message_of(github, BRANCH)
    assert trailer in message_of(github, BRANCH)


class TestPartly:
    """What failed is told, what is green is shipped."""

    def test_one_of_two(self, github: GitHub) -> None:
        publish(open_hub(github), publication(main(github), {SLUG: "1"}, failed={TITLE: "gates:\nassert 1 == 2"}))
        body = github.pulls[0].body or ""
        assert "**1 of 2** stubs" in body
        assert "assert 1 == 2" in body

    def test_none(self, github: GitHub) -> None:
        before = github.snapshot()
        failed = publication(main(github), {}, failed={SLUG: "no"})
        assert publish(open_hub(github), failed) == NothingToDo("No stub was implemented.")
        assert github.snapshot() == before

    def test_none_where_one_is_open(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        failed = publication(main(github), {}, failed={SLUG: "its gates fail"})
        assert isinstance(publish(open_hub(github), failed), Updated)
        assert "its gates fail" in (github.pulls[0].body or "")
        assert isinstance(publish(open_hub(github), failed), Unchanged)


def test_hundreds_of_files_in_few_requests(github: GitHub) -> None:
    bodies = {f"app.many.f{number}": "1" for number in range(300)}
    publish(open_hub(github), publication(main(github), bodies))
    assert len(stored(github)) == 300
    assert len(github.writes) < 10
