"""Other people on the branch and in the pull request: nobody's work is lost."""

from dataclasses import replace

import pytest

from jiti_bot.errors import RepositoryError
from jiti_bot.forge import state
from jiti_bot.forge.model import (
    Declined,
    Opened,
)
from jiti_bot.forge.publish import publish
from tests.forge.kit import (
    BRANCH,
    SLUG,
    TITLE,
    body_of,
    is_ancestor,
    main,
    message_of,
    one,
    open_hub,
    parents_of,
    path_of,
    publication,
    stored,
    tree_of,
)
from tests.github.hub import GitHub


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
