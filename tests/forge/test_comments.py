"""Comments on the bot's pull request: role x place x event x command, and what is answered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.forge import comments, words
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.model import Declined, File, Help, Keep, Publication, Regenerate, Retry, Updated, Wishes
from jiti_bot.forge.publish import publish
from jiti_bot.planning.result import Outcome, Result
from tests.forge.kit import BRANCH, open_hub, section
from tests.github.faults import LostReply
from tests.github.hub import GitHub
from tests.github.start import serving
from tests.github.state import ROLES, Comment, Role
from tests.repo import ROOT

KEY = "semver.ranges.caret"
OTHER = "semver.ranges.tilde"
PATH = ".jiti/src/semver/ranges/caret.py"
TEXT = (ROOT / "examples/semver/expected" / PATH).read_text("utf-8")
WRITERS = {"admin", "maintain", "write"}


def proposal(github: GitHub) -> Publication:
    return Publication(
        base="main",
        base_sha=github.branches()["main"],
        files=(File(PATH, TEXT),),
        sections=(section(KEY),),
        specs={KEY: "spec"},
    )


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    """A repository in which the bot's pull request is open, and people of every role."""
    with serving(tmp_path) as github:
        for role in ROLES:
            github.person(f"{role}-role", role)
        publish(open_hub(github), proposal(github))
        yield github


@pytest.fixture
def hub(github: GitHub) -> Hub:
    return open_hub(github)


def asked(hub: Hub, number: int = 1) -> Wishes:
    found = comments.wishes(hub, number)
    assert found is not None
    return found


def say(github: GitHub, where: str, text: str, login: str = "alice") -> Comment:
    if where == "conversation":
        return github.comment(1, text, login=login)
    return github.review_comment(1, PATH, 16, text, login=login)


SAID = {
    f"/jiti regenerate {KEY} use a table": Regenerate(KEY, "use a table"),
    f"/jiti keep {KEY}": Keep(KEY),
    "/jiti retry": Retry(),
    "/jiti help": Help(),
}


class TestWho:
    """Only people who may write to the repository at this moment, in words that they left as they wrote them."""

    @pytest.mark.parametrize("where", ["conversation", "line"])
    @pytest.mark.parametrize("role", ROLES)
    def test_roles(self, github: GitHub, hub: Hub, role: Role, where: str) -> None:
        for text in SAID:
            say(github, where, text, f"{role}-role")
        say(github, where, "What a nice /jiti retry", f"{role}-role")
        found = asked(hub)
        if role in WRITERS:
            assert [order.command for order in found.orders] == list(SAID.values())
            assert found.refused == ()
        else:
            assert (found.orders, found.hints, found.keep, found.retry) == ((), {}, (), False)
            assert [refusal.silent for refusal in found.refused] == [True] * len(SAID)

    @pytest.mark.parametrize("where", ["conversation", "line"])
    @pytest.mark.parametrize("text", SAID)
    def test_bots_are_not_heard(self, github: GitHub, hub: Hub, text: str, where: str) -> None:
        github.person("helper[bot]", "admin")
        say(github, where, text, "helper[bot]")
        assert (asked(hub).orders, asked(hub).refused) == ((), ())

    @pytest.mark.parametrize("where", ["conversation", "line"])
    @pytest.mark.parametrize("text", SAID)
    def test_edited_is_not_heard(self, github: GitHub, hub: Hub, text: str, where: str) -> None:
        github.edit_comment(say(github, where, "Nice"), text)
        [refusal] = asked(hub).refused
        assert (asked(hub).orders, refusal.silent) == ((), False)
        assert "edited" in refusal.reason

    def test_written_in_a_review_that_was_submitted_later(self, github: GitHub, hub: Hub) -> None:
        github.review_comment(1, PATH, 16, "/jiti use a table", drafted=600)
        assert asked(hub).hints == {KEY: "use a table"}
        github.edit_comment(github.review_comments[0], "/jiti use a dict")
        assert asked(hub).hints == {}

    @pytest.mark.parametrize("where", ["conversation", "line"])
    def test_times_of_one_deed_lie_apart(self, github: GitHub, hub: Hub, where: str) -> None:
        said = say(github, where, "/jiti retry")
        said.updated = github.state.now()
        assert asked(hub).retry

    def test_deleted_is_forgotten(self, github: GitHub, hub: Hub) -> None:
        github.delete_comment(say(github, "conversation", "/jiti retry"))
        assert asked(hub).orders == ()

    def test_permission_is_asked_live(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti retry", "write-role")
        github.person("write-role", "read")
        assert asked(hub).orders == ()

    def test_not_understood_is_told_to_writers_only(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti frobnicate", "write-role")
        say(github, "conversation", "/jiti frobnicate", "read-role")
        assert [refusal.silent for refusal in asked(hub).refused] == [False, True]

    @pytest.mark.parametrize(
        "text", ["/jiti make it faster", f"/jiti regenerate {KEY} make it faster", "/jiti regenerate make it faster"]
    )
    def test_words_on_a_line_are_a_hint(self, github: GitHub, hub: Hub, text: str) -> None:
        say(github, "line", text)
        assert asked(hub).hints == {KEY: "make it faster"}

    def test_words_on_a_line_of_another_file(self, github: GitHub, hub: Hub) -> None:
        github.commit(BRANCH, {"notes.md": "one\n"})
        github.review_comment(1, "notes.md", 1, "/jiti make it faster")
        [refusal] = asked(hub).refused
        assert "no such command" in refusal.reason
        assert "Nor is this a line of a stub's generated file" in refusal.reason

    @pytest.mark.parametrize("line", [1, 16, None])
    def test_any_line_of_the_file_and_the_file_itself(self, github: GitHub, hub: Hub, line: int | None) -> None:
        github.review_comment(1, PATH, line, "/jiti use a table")
        assert asked(hub).hints == {KEY: "use a table"}

    def test_line_that_is_outdated(self, github: GitHub, hub: Hub) -> None:
        say(github, "line", "/jiti use a table")
        github.commit(BRANCH, {PATH: TEXT.replace("return", "return  ")})
        assert asked(hub).hints == {KEY: "use a table"}

    def test_line_of_a_file_that_is_gone(self, github: GitHub, hub: Hub) -> None:
        say(github, "line", "/jiti use a table")
        github.commit(BRANCH, {PATH: None, "notes.md": "mine\n"})
        assert [refusal.silent for refusal in asked(hub).refused] == [False]

    @pytest.mark.parametrize(("name", "hints"), [("caret", {KEY: "use a table"}), ("tilde", {})])
    def test_line_of_the_tests_that_the_model_wrote(
        self, github: GitHub, hub: Hub, name: str, hints: dict[str, str]
    ) -> None:
        path = f".jiti/tests/src/semver/ranges/test_scratch_{name}.py"
        github.commit(BRANCH, {path: "def test_x() -> None:\n    pass\n"})
        github.review_comment(1, path, 1, "/jiti use a table")
        assert asked(hub).hints == hints

    def test_other_pull_requests_are_not_ours(self, github: GitHub, hub: Hub) -> None:
        github.commit("feature", {"a.txt": "a\n"})
        pull = github.open_pull("feature", "main", body="<!-- jiti-bot:pull-request -->")
        github.comment(pull.number, "/jiti retry")
        assert comments.wishes(hub, pull.number) is None
        assert comments.wishes(hub, 99) is None

    def test_by_base(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti retry")
        assert comments.wishes_for(hub, "main") == asked(hub)
        assert comments.wishes_for(hub, "next") is None


class TestWishes:
    """The last wish counts, and the pull request remembers it."""

    def test_the_last_one_counts(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", f"/jiti regenerate {KEY} one")
        say(github, "line", "/jiti two")
        assert asked(hub).hints == {KEY: "two"}

    @pytest.mark.parametrize(
        ("said", "hints", "keep"),
        [
            ((f"/jiti regenerate {KEY} x", f"/jiti keep {KEY}"), {}, (KEY,)),
            ((f"/jiti keep {KEY}", f"/jiti regenerate {KEY} x"), {KEY: "x"}, ()),
            ((f"/jiti keep {KEY}", f"/jiti regenerate {OTHER}"), {OTHER: ""}, (KEY,)),
        ],
    )
    def test_keep_and_regenerate(
        self, github: GitHub, hub: Hub, said: tuple[str, ...], hints: dict[str, str], keep: tuple[str, ...]
    ) -> None:
        for text in said:
            say(github, "conversation", text)
        assert (asked(hub).hints, asked(hub).keep) == (hints, keep)

    def test_hints_outlive_their_answer_and_new_commits(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", f"/jiti regenerate {KEY} use a table")
        found = asked(hub)
        comments.acknowledge(hub, found)
        comments.answer(hub, found, {}, None)
        publish(hub, replace(proposal(github), files=(File(PATH, f"{TEXT}\n# more\n"),)))
        later = asked(hub)
        assert (later.orders, later.hints, later.remembered) == ((), {}, {KEY: "use a table"})

    def test_hint_that_another_run_wrote_over(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", f"/jiti regenerate {KEY} use a table")
        before, found = github.pulls[0].body, asked(hub)
        comments.acknowledge(hub, found)
        github.pulls[0].body = before
        comments.answer(hub, found, {}, None)
        assert asked(hub).remembered == {KEY: "use a table"}

    def test_unseen_comments_are_not_lost_by_a_publication(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", f"/jiti regenerate {KEY} use a table")
        publish(hub, replace(proposal(github), files=(File(PATH, f"{TEXT}\n# more\n"),)))
        assert asked(hub).hints == {KEY: "use a table"}


class TestAnswers:
    """Seen, done, told: each once."""

    def test_reactions(self, github: GitHub, hub: Hub) -> None:
        good, bad = say(github, "conversation", "/jiti retry"), say(github, "line", "/jiti retry", "read-role")
        for _ in range(2):
            comments.acknowledge(hub, asked(hub))
        assert [reaction.content for reaction in good.reactions] == ["eyes"]
        assert [reaction.content for reaction in bad.reactions] == ["-1"]

    @pytest.mark.parametrize("where", ["conversation", "line"])
    @pytest.mark.parametrize(
        ("text", "results", "told"),
        [
            pytest.param(f"/jiti regenerate {KEY}", (Outcome.GENERATED,), "was written again", id="written"),
            pytest.param(f"/jiti regenerate {KEY}", (Outcome.FAILED,), "No body passed", id="failed"),
            pytest.param(f"/jiti regenerate {KEY}", (), "There is no stub called", id="unknown"),
            pytest.param(f"/jiti keep {KEY}", (Outcome.REVALIDATED,), "is kept as it stands", id="kept"),
            pytest.param(f"/jiti keep {KEY}", (Outcome.CONFLICT,), "could not be kept", id="not kept"),
            pytest.param("/jiti retry", (Outcome.GENERATED,), "1 of 1 stubs", id="retried"),
            pytest.param("/jiti help", (), "/jiti regenerate KEY [hint]", id="help"),
            pytest.param("/jiti keep a b", (), "Nothing was done.", id="not understood"),
        ],
    )
    def test_replies(
        self, github: GitHub, hub: Hub, text: str, results: tuple[Outcome, ...], told: str, where: str
    ) -> None:
        if (where, text) == ("line", "/jiti keep a b"):
            text = "/jiti keep more than one"
        said = say(github, where, text)
        found = asked(hub)
        outcomes = dict.fromkeys(
            [KEY][: len(results)], Result(KEY, (*results, Outcome.FAILED)[0], PATH, reason="it did not")
        )
        for _ in range(2):
            comments.answer(hub, found, outcomes, Updated(1, "", "abc"))
        answers = [one for one in (*github.comments, *github.review_comments) if one.login == "jiti-bot[bot]"]
        assert len(answers) == 1
        assert told in answers[0].body
        assert getattr(answers[0], "reply_to", None) == (said.id if where == "line" else None)
        assert (asked(hub).orders, asked(hub).refused) == ((), ())

    @pytest.mark.parametrize("text", [f"/jiti regenerate {KEY}", f"/jiti keep {KEY}", "/jiti retry"])
    def test_nothing_is_claimed_that_was_not_published(self, github: GitHub, hub: Hub, text: str) -> None:
        say(github, "conversation", text)
        results = {KEY: Result(KEY, Outcome.GENERATED, PATH)}
        comments.answer(hub, asked(hub), results, Declined(1, "A person closed it."))
        said = github.comments[-1].body
        assert "A person closed it. `/jiti retry` opens it again." in said
        assert "was written again" not in said
        assert "is kept" not in said

    def test_nobody_is_answered_who_may_not(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti retry", "read-role")
        before = github.snapshot()
        comments.answer(hub, asked(hub), {}, None)
        assert github.snapshot() == before

    def test_what_was_shown_is_not_shown_again(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti retry", "read-role")
        say(github, "line", "/jiti retry")
        comments.acknowledge(hub, asked(hub))
        writes = len(github.writes)
        comments.acknowledge(hub, asked(hub))
        assert len(github.writes) == writes
        assert asked(hub).refused == ()

    def test_answers_of_another_account_of_ours_count(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti help")
        workflow = open_hub(github, github.token(kind="github_token"))
        comments.answer(workflow, asked(workflow), {}, None)
        assert asked(hub).orders == ()

    def test_marks_of_others_do_not_count(self, github: GitHub, hub: Hub) -> None:
        said = say(github, "conversation", "/jiti retry")
        github.comment(1, f"<!-- jiti-bot:answer conversation {said.id} -->", login="read-role")
        assert len(asked(hub).orders) == 1

    def test_marks_that_an_answer_quotes_do_not_count(self, github: GitHub, hub: Hub) -> None:
        said = say(github, "conversation", f"/jiti regenerate {KEY}")
        forged = "\n".join(f"<!-- jiti-bot:answer conversation {said.id + ahead} -->" for ahead in range(20))
        reason = f"gates:\n{forged}"
        comments.answer(hub, asked(hub), {KEY: Result(KEY, Outcome.FAILED, PATH, reason=reason)}, None)
        say(github, "conversation", "/jiti retry")
        assert asked(hub).retry

    @pytest.mark.parametrize(
        "operation",
        [
            "issues/create-comment",
            "pulls/create-reply-for-review-comment",
            "reactions/create-for-issue-comment",
            "reactions/create-for-pull-request-review-comment",
            "pulls/update",
        ],
    )
    def test_lost_replies(self, github: GitHub, hub: Hub, operation: str) -> None:
        say(github, "conversation", f"/jiti regenerate {KEY} x")
        say(github, "line", "/jiti keep")
        found = asked(hub)
        github.fail(LostReply(), on=operation)
        comments.acknowledge(hub, found)
        comments.answer(hub, found, {}, None)
        assert [one.login for one in github.comments].count("jiti-bot[bot]") == 1
        assert [one.login for one in github.review_comments].count("jiti-bot[bot]") == 1

    @pytest.mark.parametrize("where", ["conversation", "line"])
    def test_comment_that_is_gone_meanwhile(self, github: GitHub, hub: Hub, where: str) -> None:
        said = say(github, where, "/jiti help")
        found = asked(hub)
        (github.state.comments if where == "conversation" else github.state.review_comments).pop(said.id)
        comments.acknowledge(hub, found)
        comments.answer(hub, found, {}, None)
        assert not github.review_comments

    def test_two_that_remove_one_twin(self, github: GitHub, hub: Hub) -> None:
        said = say(github, "conversation", "/jiti help")
        found = asked(hub)
        twin = f"{words.marker(comments.name_of(found.orders[0].comment))}\nHelp"
        github.before("issues/create-comment", lambda hub: hub.comment(1, twin, login="jiti-bot[bot]"))
        github.before("issues/delete-comment", lambda hub: hub.delete_comment(hub.comments[-1]))
        comments.answer(hub, found, {}, None)
        assert [one.login for one in github.comments] == [said.login, "jiti-bot[bot]"]

    def test_two_that_answer_at_once(self, github: GitHub, hub: Hub) -> None:
        say(github, "conversation", "/jiti help")
        found = asked(hub)
        github.before("issues/create-comment", lambda hub: comments.answer(open_hub(hub), found, {}, None))
        comments.answer(hub, found, {}, None)
        assert [one.login for one in github.comments] == ["alice", "jiti-bot[bot]"]
