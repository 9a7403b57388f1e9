"""The base of a pull request: it moves, goes, is rewritten, or has an odd name."""

from dataclasses import replace

import pytest

from jiti_bot.forge import comments
from jiti_bot.forge.branch import branch_name
from jiti_bot.forge.model import (
    NothingToDo,
    Obsolete,
    Opened,
    Outdated,
    Unchanged,
)
from jiti_bot.forge.publish import publish
from tests.forge.kit import (
    BRANCH,
    SLUG,
    TITLE,
    body_of,
    is_ancestor,
    main,
    one,
    open_hub,
    path_of,
    publication,
    stored,
)
from tests.github.hub import GitHub


def test_projects_of_one_repository_stay_out_of_each_others_way(github: GitHub) -> None:
    """Each has a pull request of its own: what one has nothing more to propose closes its own alone."""
    api, web = open_hub(github), open_hub(github)
    web.project = "services/web"
    opened = publish(api, one(github))
    other = publish(web, one(github, {TITLE: "1"}))
    assert isinstance(opened, Opened)
    assert isinstance(other, Opened)
    assert opened.number != other.number
    assert (comments.wishes(web, opened.number), comments.wishes(api, other.number)) == (None, None)
    branch = branch_name("main", "services/web")
    assert set(stored(github, branch)) == {path_of(TITLE)}
    assert publish(web, publication(main(github), {})) == Obsolete(other.number, other.url)
    assert isinstance(publish(api, one(github)), Unchanged)


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
