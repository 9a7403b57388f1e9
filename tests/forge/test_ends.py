"""How a pull request ends, and whether it begins again."""

from dataclasses import replace

import pytest

from jiti_bot.forge.model import (
    Declined,
    NothingToDo,
    Obsolete,
    Opened,
    Unchanged,
)
from jiti_bot.forge.publish import publish
from tests.forge.kit import (
    BRANCH,
    SLUG,
    TITLE,
    URL,
    body_of,
    is_ancestor,
    main,
    one,
    open_hub,
    path_of,
    publication,
    squash,
    stored,
)
from tests.github.hub import GitHub


class TestEnds:
    """Obsolete, closed, merged."""

    def test_obsolete(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        assert publish(open_hub(github), publication(main(github), {})) == Obsolete(1, URL)
        assert github.pulls[0].state == "closed"
        [word] = github.comments
        assert "nothing left to propose" in word.body.replace("\n", " ")
        before = github.snapshot()
        assert isinstance(publish(open_hub(github), publication(main(github), {})), NothingToDo)
        assert github.snapshot() == before

    @pytest.mark.parametrize("forged", ['<!-- jiti-bot:state {"v":1} -->', "<!-- jiti-bot:state {} -->\n" * 2])
    def test_memory_that_a_docstring_forges(self, github: GitHub, forged: str) -> None:
        asked = one(github)
        asked = replace(asked, sections=(replace(asked.sections[0], asked=forged, came=forged),))
        publish(open_hub(github), asked)
        before = github.snapshot()
        assert isinstance(publish(open_hub(github), asked), Unchanged)
        assert github.snapshot() == before
        github.close(1)
        assert isinstance(publish(open_hub(github), asked), Declined)

    def test_opened_again_after_it_was_obsolete(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        publish(open_hub(github), publication(main(github), {}))
        assert isinstance(publish(open_hub(github), one(github)), Opened)
        assert [pull.state for pull in github.pulls] == ["open"]

    def test_obsolete_when_the_base_holds_the_same(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit("main", {path_of(SLUG): body_of(SLUG)})
        assert publish(open_hub(github), one(github)) == Obsolete(1, URL)

    def test_closed_by_a_person(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.close(1)
        before = github.snapshot()
        outcome = publish(open_hub(github), one(github))
        assert isinstance(outcome, Declined)
        assert "A person closed it" in outcome.reason
        assert github.snapshot() == before

    def test_closed_by_a_person_while_less_is_asked_for(self, github: GitHub) -> None:
        publish(open_hub(github), one(github, {SLUG: "1", TITLE: "1"}))
        github.close(1)
        assert isinstance(publish(open_hub(github), one(github)), Declined)

    def test_closed_by_a_person_and_asked_for_otherwise(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.close(1)
        changed = publication(main(github), {SLUG: "1"}, specs={SLUG: "another"})
        assert isinstance(publish(open_hub(github), changed), Opened)
        assert [pull.state for pull in github.pulls] == ["open"]

    @pytest.mark.parametrize(
        ("login", "role", "opened"),
        [("alice", "write", True), ("bob", "read", False), ("carol", "triage", False), ("mallory", "none", False)],
    )
    def test_retry_of_a_closed_one(self, github: GitHub, login: str, role: str, *, opened: bool) -> None:
        publish(open_hub(github), one(github))
        github.close(1)
        github.person(login, role)  # ty: ignore[invalid-argument-type] a table of roles
        github.comment(1, "/jiti retry", login=login)
        assert isinstance(publish(open_hub(github), one(github)), Opened) == opened
        assert github.pulls[0].state == ("open" if opened else "closed")

    def test_retry_counts_once(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.close(1)
        github.comment(1, "/jiti retry")
        publish(open_hub(github), one(github))
        github.close(1)
        assert isinstance(publish(open_hub(github), one(github)), Declined)

    def test_retry_before_it_was_closed(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.comment(1, "/jiti retry")
        github.close(1)
        assert isinstance(publish(open_hub(github), one(github)), Declined)

    def test_closed_with_its_branch(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.delete_branch(BRANCH)
        assert isinstance(publish(open_hub(github), one(github)), Declined)
        changed = publication(main(github), {SLUG: "2"})
        assert isinstance(publish(open_hub(github), changed), Opened)
        assert [pull.state for pull in github.pulls].count("open") == 1

    def test_merged_then_more(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.merge(1)
        more = publication(main(github), {TITLE: "1"})
        assert publish(open_hub(github), more) == Opened(
            2, "https://github.com/acme/demo/pull/2", github.branches()[BRANCH]
        )
        assert set(stored(github)) == {path_of(SLUG), path_of(TITLE)}

    @pytest.mark.parametrize("squashed", [False, True])
    def test_merged_while_the_run_went(self, github: GitHub, *, squashed: bool) -> None:
        then = one(github)
        publish(open_hub(github), then)
        github.merge(1, squash=squashed)
        before = github.snapshot()
        assert isinstance(publish(open_hub(github), then), NothingToDo)
        assert github.snapshot() == before

    @pytest.mark.parametrize("squashed", [False, True])
    def test_merged_then_taken_back(self, github: GitHub, *, squashed: bool) -> None:
        publish(open_hub(github), one(github))
        github.merge(1, squash=squashed)
        github.commit("main", {path_of(SLUG): None})
        assert isinstance(publish(open_hub(github), one(github)), Opened)
        assert [pull.state for pull in github.pulls] == ["closed", "open"]
        assert stored(github) == {path_of(SLUG): body_of(SLUG)}
        assert isinstance(publish(open_hub(github), one(github)), Unchanged)

    def test_squashed_then_changed(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        squash(github, 1)
        publish(open_hub(github), publication(main(github), {SLUG: "2"}))
        assert stored(github) == {path_of(SLUG): body_of(SLUG, "2")}
        assert is_ancestor(github, main(github), BRANCH)
