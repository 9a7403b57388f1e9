"""Replies are lost, limits are hit, others are quicker: one branch, one pull request, all of it or nothing."""

from dataclasses import replace

import pytest

from jiti_bot.errors import ServiceError
from jiti_bot.forge.model import (
    Obsolete,
    Opened,
    Unchanged,
    Updated,
)
from jiti_bot.forge.publish import publish
from tests.forge.kit import (
    BRANCH,
    SLUG,
    TITLE,
    URL,
    Naps,
    body_of,
    count,
    main,
    one,
    open_hub,
    path_of,
    publication,
    stored,
)
from tests.github.faults import Answer, Garbled, LostReply, PrimaryLimit, SecondaryLimit, Unreached
from tests.github.hub import GitHub

_WRITES = ("git/create-tree", "git/create-commit", "git/create-ref", "git/update-ref", "pulls/create", "pulls/update")


class TestTrouble:
    """Replies are lost, limits are hit, others are quicker: one branch, one pull request, all of it or nothing."""

    @pytest.mark.parametrize("fault", [LostReply(), Unreached(), Garbled(), Answer(502), Answer(503, body="<html>")])
    @pytest.mark.parametrize("operation", [*_WRITES, "git/get-ref", "pulls/list", "git/get-tree", "git/get-commit"])
    def test_at_each_call(self, github: GitHub, operation: str, fault: object) -> None:
        publish(open_hub(github), one(github))
        github.merge(1)
        github.fail(fault, on=operation, times=1)  # ty: ignore[invalid-argument-type] a table of faults
        first = publish(open_hub(github), publication(main(github), {TITLE: "1"}))
        second = publish(open_hub(github), publication(main(github), {TITLE: "2"}))
        assert isinstance(first, Opened)
        assert isinstance(second, Updated)
        assert [pull.state for pull in github.pulls] == ["closed", "open"]
        assert stored(github)[path_of(TITLE)] == body_of(TITLE, "2")

    @pytest.mark.parametrize("operation", ["issues/create-comment", "pulls/update", "issues/list-comments"])
    def test_at_each_call_of_a_farewell(self, github: GitHub, operation: str) -> None:
        publish(open_hub(github), one(github))
        github.fail(LostReply(), on=operation)
        assert publish(open_hub(github), publication(main(github), {})) == Obsolete(1, URL)
        assert len(github.comments) == 1

    @pytest.mark.parametrize("fault", [PrimaryLimit(), SecondaryLimit(), SecondaryLimit(status=429)])
    def test_limit_at_every_call(self, github: GitHub, fault: object) -> None:
        naps = Naps()
        github.fail(fault, each=True)  # ty: ignore[invalid-argument-type] a table of faults
        assert isinstance(publish(open_hub(github, naps=naps), one(github)), Opened)
        assert len(github.pulls) == 1
        assert naps.slept

    def test_limit_that_lasts(self, github: GitHub) -> None:
        github.fail(PrimaryLimit(reset_in=3000), on="git/create-tree", times=9)
        with pytest.raises(ServiceError, match="limit of requests for this token is used up until"):
            publish(open_hub(github), one(github))
        assert set(github.branches()) == {"main"}

    def test_service_that_stays_away(self, github: GitHub) -> None:
        github.fail(Unreached(), on="pulls/create", times=99)
        with pytest.raises(ServiceError, match="none of 8 attempts"):
            publish(open_hub(github), one(github))
        assert set(github.branches()) == {"main"}
        assert github.pulls == []

    def test_two_at_once_with_the_same(self, github: GitHub) -> None:
        github.before("git/create-ref", lambda hub: publish(open_hub(hub), one(hub)))
        assert isinstance(publish(open_hub(github), one(github)), Updated | Unchanged)
        assert len(github.pulls) == 1
        assert count(github, BRANCH, "main") == 1

    def test_two_at_once_with_different_bodies(self, github: GitHub) -> None:
        github.before("pulls/create", lambda hub: publish(open_hub(hub), one(hub, {SLUG: "2"})))
        publish(open_hub(github), one(github))
        assert len(github.pulls) == 1
        assert stored(github)[path_of(SLUG)] in {body_of(SLUG), body_of(SLUG, "2")}

    def test_a_person_pushes_between_look_and_write(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.before("git/update-ref", lambda hub: hub.commit(BRANCH, {path_of(SLUG): "mine\n"}))
        seen = github.branches()[BRANCH]
        publish(open_hub(github), replace(one(github, {SLUG: "2", TITLE: "1"}), head_sha=seen))
        assert stored(github)[path_of(SLUG)] == "mine\n"
