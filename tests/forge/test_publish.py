"""One pull request and one branch for a base, whatever came before, whoever works at the same time."""

from dataclasses import replace

import pytest

from jiti_bot.errors import CredentialsError, JitiError, RepositoryError, ServiceError, StoreError
from jiti_bot.forge import state
from jiti_bot.forge.branch import branch_name
from jiti_bot.forge.model import (
    Declined,
    File,
    NothingToDo,
    Obsolete,
    Opened,
    Outdated,
    Publication,
    Unchanged,
    Updated,
)
from jiti_bot.forge.publish import publish
from jiti_bot.planning.result import Outcome
from tests.forge.kit import (
    BRANCH,
    Naps,
    body_of,
    count,
    is_ancestor,
    message_of,
    open_hub,
    parents_of,
    path_of,
    publication,
    squash,
    tree_of,
)
from tests.github.faults import Answer, Garbled, LostReply, PrimaryLimit, SecondaryLimit, Unreached
from tests.github.hub import GitHub

SLUG = "app.text.slug"
TITLE = "app.text.title"
URL = "https://github.com/acme/demo/pull/1"


def main(github: GitHub) -> str:
    return github.branches()["main"]


def stored(github: GitHub, branch: str = BRANCH) -> dict[str, str]:
    return github.files(branch, ".jiti")


def one(github: GitHub, bodies: dict[str, str] | None = None) -> Publication:
    return publication(main(github), bodies or {SLUG: "1"})


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
    assert "Cost: $0.0100." in (github.pulls[0].body or "")


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


class TestPeople:
    """What others did meanwhile stays."""

    def test_commit_outside_of_the_store(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        theirs = github.commit(BRANCH, {"notes.md": "mine\n"})
        publish(open_hub(github), one(github, {SLUG: "2"}))
        assert github.files(BRANCH)["notes.md"] == "mine\n"
        assert is_ancestor(github, theirs, BRANCH)
        assert stored(github)[path_of(SLUG)] == body_of(SLUG, "2")

    def test_edit_that_the_run_did_not_see(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        seen = github.branches()[BRANCH]
        github.commit(BRANCH, {path_of(SLUG): "mine\n"})
        publish(open_hub(github), replace(one(github, {SLUG: "2", TITLE: "1"}), head_sha=seen))
        assert stored(github)[path_of(SLUG)] == "mine\n"
        assert stored(github)[path_of(TITLE)] == body_of(TITLE)
        assert "was changed by a person meanwhile" in (github.pulls[0].body or "")

    def test_edit_that_the_run_did_see_may_be_written_over(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        seen = github.commit(BRANCH, {path_of(SLUG): "mine\n"})
        publish(open_hub(github), replace(one(github, {SLUG: "2"}), head_sha=seen))
        assert stored(github)[path_of(SLUG)] == body_of(SLUG, "2")

    def test_file_of_their_own_in_the_store(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit(BRANCH, {".jiti/tests/conftest.py": "mine\n"})
        publish(open_hub(github), one(github, {SLUG: "2"}))
        assert stored(github)[".jiti/tests/conftest.py"] == "mine\n"

    def test_file_that_they_removed_meanwhile(self, github: GitHub) -> None:
        publish(open_hub(github), one(github, {SLUG: "1", TITLE: "1"}))
        seen = github.branches()[BRANCH]
        github.commit(BRANCH, {path_of(SLUG): None})
        publish(open_hub(github), replace(one(github, {SLUG: "1", TITLE: "2"}), head_sha=seen))
        assert stored(github) == {path_of(TITLE): body_of(TITLE, "2")}

    @pytest.mark.parametrize("login", ["alice", "github-actions[bot]"])
    def test_commit_that_says_it_is_the_bots(self, github: GitHub, login: str) -> None:
        publish(open_hub(github), one(github))
        seen = github.branches()[BRANCH]
        draft = github.commit(BRANCH, {path_of(SLUG): "mine\n"})
        message = message_of(github, seen).replace(tree_of(github, seen), tree_of(github, draft))
        github.move_branch(BRANCH, seen)
        github.commit(BRANCH, {path_of(SLUG): "mine\n"}, message=message, login=login)
        publish(open_hub(github), replace(one(github, {SLUG: "2", TITLE: "1"}), head_sha=seen))
        assert (stored(github)[path_of(SLUG)] == "mine\n") is (login == "alice")

    def test_title_of_their_own(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.pulls[0].title = "Slugs for everybody"
        publish(open_hub(github), one(github, {SLUG: "2"}))
        assert github.pulls[0].title == "Slugs for everybody"

    def test_pull_request_of_somebody_else_on_the_branch(self, github: GitHub) -> None:
        github.commit(BRANCH, {"a.txt": "a\n"})
        github.open_pull(BRANCH, "main")
        with pytest.raises(RepositoryError, match="#1 was opened from jiti-bot-main by alice"):
            publish(open_hub(github), one(github))
        assert len(github.pulls) == 1

    def test_text_of_their_own_without_our_mark(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.pulls[0].body = "All about slugs."
        before = github.snapshot()
        with pytest.raises(RepositoryError, match="#1 was opened from jiti-bot-main by") as caught:
            publish(open_hub(github), one(github, {SLUG: "2"}))
        assert state.MARKER in caught.value.remedy
        assert github.snapshot() == before

    def test_branch_that_they_set_back_to_the_base(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.move_branch(BRANCH, main(github))
        assert isinstance(publish(open_hub(github), one(github, {SLUG: "2"})), Opened)
        assert parents_of(github, BRANCH) == [main(github)]
        assert stored(github) == {path_of(SLUG): body_of(SLUG, "2")}

    @pytest.mark.parametrize("at", ["git/update-ref", "pulls/update"])
    @pytest.mark.parametrize("how", ["merged", "squashed"])
    def test_merged_while_the_run_publishes(self, github: GitHub, at: str, how: str) -> None:
        publish(open_hub(github), one(github))
        github.before(at, lambda hub: hub.merge(1, squash=how == "squashed"))
        publish(open_hub(github), one(github, {SLUG: "1", TITLE: "1"}))
        proposed = {path for pull in github.pulls if pull.state == "open" for path in stored(github, pull.head)}
        assert path_of(TITLE) in proposed | set(github.files("main"))

    @pytest.mark.parametrize("at", ["git/update-ref", "pulls/update"])
    def test_closed_while_the_run_publishes(self, github: GitHub, at: str) -> None:
        publish(open_hub(github), one(github))
        github.before(at, lambda hub: hub.close(1))
        same = {SLUG: "one", TITLE: "two"}
        again = publication(main(github), {SLUG: "2", TITLE: "1"}, specs=same)
        assert isinstance(publish(open_hub(github), again), Declined)
        assert [pull.state for pull in github.pulls] == ["closed"]

    def test_forged_pull_request_from_a_fork(self, github: GitHub) -> None:
        github.person("mallory")
        sha = github.commit("elsewhere", {"a.txt": "a\n"})
        github.open_pull(BRANCH, "main", login="mallory", owner="mallory", body=state.MARKER, head_sha=sha)
        assert isinstance(publish(open_hub(github), one(github)), Opened)
        assert [pull.head_owner for pull in github.pulls if pull.login != "mallory"] == ["acme"]


class TestBase:
    """The base moves, or goes."""

    def test_moved_on(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit("main", {"src/app/text.py": "x = 1\n"})
        publish(open_hub(github), one(github, {SLUG: "2"}))
        assert is_ancestor(github, main(github), BRANCH)
        assert github.files(BRANCH)["src/app/text.py"] == "x = 1\n"

    def test_moved_on_without_anything_new(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit("main", {"README.md": "more\n"})
        before = github.snapshot()
        assert isinstance(publish(open_hub(github), one(github)), Unchanged)
        assert github.snapshot() == before

    def test_moved_on_while_the_run_went(self, github: GitHub) -> None:
        then = one(github)
        github.commit("main", {"README.md": "more\n"})
        assert isinstance(publish(open_hub(github), then), Opened)

    def test_moved_on_where_people_changed_the_branch(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit(BRANCH, {"notes.md": "mine\n", "README.md": "mine\n"})
        github.commit("main", {"src/app/text.py": "x = 1\n"})
        publish(open_hub(github), one(github, {SLUG: "2"}))
        held = github.files(BRANCH)
        assert (held["notes.md"], held["README.md"], held["src/app/text.py"]) == ("mine\n", "mine\n", "x = 1\n")
        assert is_ancestor(github, main(github), BRANCH)

    def test_moved_on_where_only_a_person_can_merge(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit(BRANCH, {"README.md": "mine\n"})
        github.commit("main", {"README.md": "theirs\n"})
        publish(open_hub(github), one(github, {SLUG: "2"}))
        assert github.files(BRANCH)["README.md"] == "mine\n"
        assert not is_ancestor(github, main(github), BRANCH)
        assert stored(github)[path_of(SLUG)] == body_of(SLUG, "2")

    def test_rewritten(self, github: GitHub) -> None:
        root = main(github)
        then = replace(one(github), base_sha=github.commit("main", {"README.md": "more\n"}))
        github.move_branch("main", root)
        assert publish(open_hub(github), then) == Outdated("The branch main was rewritten.")
        assert github.writes == []

    def test_gone(self, github: GitHub) -> None:
        github.commit("next", {"README.md": "more\n"})
        then = publication(github.branches()["next"], {SLUG: "1"}, base="next")
        github.delete_branch("next")
        assert publish(open_hub(github), then) == Outdated("The branch next is gone.")
        assert github.writes == []

    def test_protected(self, github: GitHub) -> None:
        github.protect("main")
        assert isinstance(publish(open_hub(github), one(github)), Opened)

    def test_turned_to_another_one_by_a_person(self, github: GitHub) -> None:
        publish(open_hub(github), one(github))
        github.commit("next", {"README.md": "more\n"})
        github.pulls[0].base = "next"
        assert isinstance(publish(open_hub(github), one(github, {SLUG: "2"})), Opened)
        assert [(pull.base, pull.state) for pull in github.pulls] == [("next", "open"), ("main", "open")]
        assert isinstance(publish(open_hub(github), one(github, {SLUG: "2"})), Unchanged)

    def test_gone_between_the_branch_and_the_pull_request(self, github: GitHub) -> None:
        github.commit("next", {"README.md": "more\n"})
        then = publication(github.branches()["next"], {SLUG: "1"}, base="next")
        github.before("pulls/create", lambda hub: hub.delete_branch("next"))
        assert isinstance(publish(open_hub(github), then), Outdated)
        assert set(github.branches()) == {"main"}
        assert github.pulls == []

    def test_later_run_was_quicker(self, github: GitHub) -> None:
        then = one(github)
        github.commit("main", {"README.md": "more\n"})
        publish(open_hub(github), one(github, {SLUG: "2"}))
        assert isinstance(publish(open_hub(github), then), Outdated)
        assert stored(github)[path_of(SLUG)] == body_of(SLUG, "2")

    @pytest.mark.parametrize(
        "base",
        [
            "main",
            'zzz";echo${IFS}"x";#',
            "release/1.0",
            "Main",
            "jiti-bot",
            "a" * 200,
            "%2e%2e",
            "ünïcode/😀",
            "x&y=z",
            "a+b",
        ],
    )
    def test_names(self, github: GitHub, base: str) -> None:
        sha = main(github)
        if base != "main":
            sha = github.commit(base, {"README.md": "other\n"})
        outcome = publish(open_hub(github), publication(sha, {SLUG: "1"}, base=base))
        assert isinstance(outcome, Opened)
        assert isinstance(publish(open_hub(github), publication(sha, {SLUG: "1"}, base=base)), Unchanged)
        assert [pull.base for pull in github.pulls] == [base]
        assert set(stored(github, branch_name(base))) == {path_of(SLUG)}

    def test_each_has_its_own(self, github: GitHub) -> None:
        github.commit("next", {"README.md": "more\n"})
        publish(open_hub(github), one(github))
        publish(open_hub(github), publication(github.branches()["next"], {SLUG: "1"}, base="next"))
        assert sorted(pull.base for pull in github.pulls) == ["main", "next"]

    def test_our_own_branch_starts_nothing(self, github: GitHub) -> None:
        assert isinstance(publish(open_hub(github), publication(main(github), {SLUG: "1"}, base=BRANCH)), NothingToDo)


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


class TestRefused:
    """Nothing half published, and the message says what to do."""

    @pytest.mark.parametrize(
        "said",
        [
            "Protected branch update failed for refs/heads/jiti-bot-main.",
            "Changes must be made through a pull request.",
            "6 of 6 required status checks are expected.",
            "At least 1 approving review is required by reviewers with write access.",
            "This branch must not contain merge commits.",
        ],
    )
    def test_rules_in_other_words(self, github: GitHub, said: str) -> None:
        publish(open_hub(github), one(github))
        github.fail(Answer(422, said), on="git/update-ref", times=99)
        naps = Naps()
        with pytest.raises(CredentialsError, match="rule of the repository forbids"):
            publish(open_hub(github, naps=naps), one(github, {SLUG: "2"}))
        assert naps.slept == []

    def check(self, github: GitHub, token: str, kind: type[JitiError], message: str, remedy: str) -> None:
        before = github.snapshot()
        with pytest.raises(kind, match=message) as caught:
            publish(open_hub(github, token), one(github))
        assert remedy in caught.value.remedy
        assert github.snapshot() == before

    def test_expired(self, github: GitHub) -> None:
        token = github.token()
        github.expire(token)
        self.check(github, token, CredentialsError, "refused the token", "wrong or has expired")

    def test_of_a_fork(self, github: GitHub) -> None:
        self.check(github, github.token(kind="fork"), CredentialsError, "does not let this token", "from a fork")

    @pytest.mark.parametrize(
        "permissions",
        [
            pytest.param({"contents": "read", "pull_requests": "write"}, id="no contents"),
            pytest.param({"contents": "write", "pull_requests": "read"}, id="no pull requests"),
        ],
    )
    def test_without_permission(self, github: GitHub, permissions: dict[str, str]) -> None:
        token = github.token(permissions=permissions)  # ty: ignore[invalid-argument-type] a table of permissions
        self.check(github, token, CredentialsError, "does not let this token", "write access")

    def test_pull_requests_not_allowed_to_actions(self, github: GitHub) -> None:
        github.actions_open_pulls = False
        token = github.token(kind="github_token")
        self.check(github, token, CredentialsError, "open pull requests", "Settings > Actions")

    @pytest.mark.parametrize("allowed", ["create", "update"])
    def test_protected_branch(self, github: GitHub, allowed: str) -> None:
        if allowed == "create":
            publish(open_hub(github), one(github))
        github.protect("jiti-bot-*", create=allowed == "create", update=allowed == "update")
        before = github.snapshot()
        with pytest.raises(CredentialsError, match="rule of the repository forbids") as caught:
            publish(open_hub(github), one(github, {SLUG: "2"}))
        assert "bypass" in caught.value.remedy
        assert github.snapshot() == before

    @pytest.mark.parametrize(
        "path",
        [
            "src/app/text.py",
            ".jiti/../src/app/text.py",
            ".jiti",
            "/etc/.jiti/x.py",
            ".jiti//x.py",
            ".jiti/.git/hooks/x",
            ".jiti/a\nb.py",
            "..\\.jiti/x.py",
            "",
        ],
    )
    def test_file_outside_of_a_store(self, github: GitHub, path: str) -> None:
        with pytest.raises(StoreError, match="lies in no store"):
            publish(open_hub(github), replace(one(github), files=(File(path, "x\n"),)))
        assert github.log == []

    @pytest.mark.parametrize(
        "files",
        [
            (File(path_of(SLUG), "x\n"), File(path_of(SLUG), "y\n")),
            (File(path_of(SLUG), "\ud800"),),
            (File(path_of(SLUG), "x" * 1_000_001),),
        ],
    )
    def test_file_that_cannot_be(self, github: GitHub, files: tuple[File, ...]) -> None:
        with pytest.raises(StoreError):
            publish(open_hub(github), replace(one(github), files=files))
        assert github.log == []


def test_hundreds_of_files_in_few_requests(github: GitHub) -> None:
    bodies = {f"app.many.f{number}": "1" for number in range(300)}
    publish(open_hub(github), publication(main(github), bodies))
    assert len(stored(github)) == 300
    assert len(github.writes) < 10
