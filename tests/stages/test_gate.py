"""gate against a GitHub: what the branch and the comments say, and how far gate.json is believed afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.errors import CredentialsError, StageError
from jiti_bot.forge import comments, state
from jiti_bot.forge.branch import branch_name
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.publish import publish
from jiti_bot.stages.event import Occasion, Task
from jiti_bot.stages.gate import confirm, decide, seen
from jiti_bot.stages.model import Decision
from tests.forge.kit import open_hub, publication
from tests.github.hub import GitHub
from tests.github.start import serving
from tests.stages import events
from tests.stages.events import OTHER

BOT = branch_name("main")
KEY = "app.text.shout"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with serving(tmp_path) as github:
        github.person("mallory", "read")
        yield github


@pytest.fixture
def hub(github: GitHub) -> Hub:
    return open_hub(github)


def main(github: GitHub) -> str:
    return github.branches()["main"]


def pushed(github: GitHub) -> Occasion:
    return Occasion("push", events.push(after=main(github)))


def opened(github: GitHub, hub: Hub) -> int:
    """The bot's pull request."""
    publish(hub, publication(main(github), {KEY: "1"}))
    return github.pulls[-1].number


def said(github: GitHub, number: int, text: str, login: str = "alice") -> Occasion:
    comment = github.comment(number, text, login=login)
    return Occasion("issue_comment", events.issue_comment(text, number=number, comment=comment.id))


def test_a_push_without_a_branch_of_ours(github: GitHub, hub: Hub) -> None:
    found = decide(pushed(github), hub)
    assert found == Decision(Task.GENERATE, "main was pushed to", "main", main(github))
    assert seen(found, hub) is None


def test_a_push_with_our_branch_and_a_comment_nobody_answered(github: GitHub, hub: Hub) -> None:
    number = opened(github, hub)
    comment = github.comment(number, f"/jiti regenerate {KEY} louder")
    found = decide(pushed(github), hub)
    assert (found.head_sha, found.hints, found.orders) == (github.branches()[BOT], {KEY: "louder"}, (comment.id,))


def test_a_push_after_a_person_said_no(github: GitHub, hub: Hub) -> None:
    number = opened(github, hub)
    assert decide(pushed(github), hub).declined == {}
    github.close(number)
    found = decide(pushed(github), hub)
    assert found.declined == {KEY: state.short(f"spec of {KEY} 1")}
    confirm(found, pushed(github), hub)
    github.comment(number, "/jiti retry")
    assert decide(pushed(github), hub).declined == {}


def test_a_push_after_the_bot_closed_it_itself(github: GitHub, hub: Hub) -> None:
    opened(github, hub)
    publish(hub, publication(main(github), {}))
    assert github.pulls[-1].state == "closed"
    assert decide(pushed(github), hub).declined == {}


def test_without_a_token_a_push_is_worked_on_and_a_comment_refused(github: GitHub, hub: Hub) -> None:
    assert decide(pushed(github), None).task is Task.GENERATE
    with pytest.raises(StageError, match="without a token"):
        decide(said(github, opened(github, hub), "/jiti retry"), None)


@pytest.mark.parametrize(
    ("text", "login", "task"),
    [
        pytest.param(f"/jiti regenerate {KEY} louder", "alice", Task.GENERATE, id="regenerate"),
        pytest.param(f"/jiti keep {KEY}", "alice", Task.GENERATE, id="keep"),
        pytest.param("/jiti retry", "alice", Task.GENERATE, id="retry"),
        pytest.param("/jiti help", "alice", Task.ANSWER, id="help"),
        pytest.param("/jiti dance", "alice", Task.ANSWER, id="no-such-command"),
        pytest.param(f"/jiti regenerate {KEY}", "mallory", Task.ANSWER, id="nobody-who-may"),
    ],
)
def test_a_comment(github: GitHub, hub: Hub, text: str, login: str, task: Task) -> None:
    number = opened(github, hub)
    found = decide(said(github, number, text, login), hub)
    assert (found.task, found.base, found.sha, found.number) == (task, "main", main(github), number)
    assert bool(found.hints or found.keep or found.retry) is (task is Task.GENERATE)


def test_a_stranger_s_comment_is_shown_by_its_own_event_alone(github: GitHub, hub: Hub) -> None:
    number = opened(github, hub)
    stranger = said(github, number, "/jiti retry", "mallory")
    answered = said(github, number, "nothing for us")
    small_talk = Occasion("issue_comment", {**answered.payload, "comment": {"id": 1, "body": "/jiti help", "user": {}}})
    assert decide(stranger, hub).task is Task.ANSWER
    assert decide(small_talk, hub).task is Task.NOTHING


def test_gate_writes_nothing(github: GitHub, hub: Hub) -> None:
    number = opened(github, hub)
    occasion = said(github, number, f"/jiti regenerate {KEY} louder")
    before = github.snapshot()
    reader = open_hub(github, github.token(permissions={"contents": "read", "issues": "read", "pull_requests": "read"}))
    assert decide(occasion, reader).task is Task.GENERATE
    assert github.snapshot() == before


class TestConfirm:
    def test_what_gate_said(self, github: GitHub, hub: Hub) -> None:
        confirm(decide(pushed(github), hub), pushed(github), hub)
        number = opened(github, hub)
        confirm(decide(pushed(github), hub), pushed(github), hub)
        occasion = said(github, number, "/jiti retry")
        confirm(decide(occasion, hub), occasion, hub)

    def test_a_branch_that_moved_on_meanwhile(self, github: GitHub, hub: Hub) -> None:
        opened(github, hub)
        found = decide(pushed(github), hub)
        github.commit(BOT, {".jiti/x.py": "# mine\n"})
        confirm(found, pushed(github), hub)

    @pytest.mark.parametrize(
        "forged",
        [
            pytest.param({"base": "release"}, id="other-base"),
            pytest.param({"sha": OTHER}, id="other-commit"),
            pytest.param({"task": Task.ANSWER}, id="other-task"),
            pytest.param({"head_sha": OTHER}, id="head-that-is-none"),
        ],
    )
    def test_what_somebody_else_wrote(self, github: GitHub, hub: Hub, forged: dict[str, object]) -> None:
        opened(github, hub)
        found = replace(decide(pushed(github), hub), **forged)
        with pytest.raises(StageError, match=r"gate\.json"):
            confirm(found, pushed(github), hub)

    def test_a_head_that_is_a_stranger_s_commit(self, github: GitHub, hub: Hub) -> None:
        opened(github, hub)
        stranger = github.commit("topic", {"evil.py": "x = 1\n"})
        found = replace(decide(pushed(github), hub), head_sha=stranger)
        with pytest.raises(StageError, match="nor an earlier one"):
            confirm(found, pushed(github), hub)

    @pytest.mark.parametrize(
        ("name", "payload"),
        [
            pytest.param("push", events.push("refs/tags/v1"), id="tag"),
            pytest.param("pull_request", events.pull_request(), id="pull-request"),
            pytest.param("issue_comment", events.issue_comment("/jiti retry", number=99), id="unknown-number"),
        ],
    )
    def test_an_event_that_asks_for_nothing(
        self, github: GitHub, hub: Hub, name: str, payload: dict[str, object]
    ) -> None:
        found = decide(pushed(github), hub)
        with pytest.raises(StageError, match="asks for something else"):
            confirm(found, Occasion(name, payload), hub)


def test_a_token_that_is_refused(github: GitHub) -> None:
    with pytest.raises(CredentialsError):
        decide(pushed(github), open_hub(github, "ghs_nobody"))


@pytest.mark.parametrize("command", ["/jiti retry", f"/jiti regenerate {KEY} louder", f"/jiti keep {KEY}"])
def test_a_base_that_is_gone_meanwhile(github: GitHub, hub: Hub, command: str) -> None:
    github.commit("release", {"a.py": "x = 1\n"})
    publish(hub, publication(github.branches()["release"], {KEY: "1"}, base="release"))
    occasion = said(github, github.pulls[-1].number, command)
    github.delete_branch("release")
    assert "The branch `release` is gone." in answered(github, hub, occasion)


def test_a_command_after_a_person_said_no(github: GitHub, hub: Hub) -> None:
    number = opened(github, hub)
    github.close(number)
    early = said(github, number, f"/jiti regenerate {KEY} louder")
    assert "`/jiti retry` comes first" in answered(github, hub, early)
    assert decide(said(github, number, "/jiti retry"), hub).task is Task.GENERATE
    found = decide(said(github, number, f"/jiti regenerate {KEY} louder"), hub)
    assert (found.task, found.hints) == (Task.GENERATE, {KEY: "louder"})


@pytest.mark.parametrize("name", ["issue_comment", "pull_request_review_comment"])
def test_a_command_after_it_was_merged_is_heard(github: GitHub, hub: Hub, name: str) -> None:
    number = opened(github, hub)
    github.merge(number)
    payload = dict(said(github, number, f"/jiti regenerate {KEY} louder").payload)
    under = {"number": number, "state": "closed", "merged_at": "2026-01-01T00:00:00Z"}
    payload |= {"pull_request": under, "issue": {**under, "pull_request": {"merged_at": under["merged_at"]}}}
    found = decide(Occasion(name, payload), hub)
    assert (found.task, found.hints, found.tried) == (Task.GENERATE, {KEY: "louder"}, {})
    publish(hub, publication(main(github), {KEY: "2"}, head_sha=found.head_sha))
    assert [pull.state for pull in github.pulls] == ["closed", "open"]


def test_what_failed_is_known_by_what_was_asked(github: GitHub, hub: Hub) -> None:
    asked = publication(main(github), {KEY: "1"}, failed={"app.text.odd": "no", "app.text.free": "no gate runs"})
    paid = [replace(one, result=replace(one.result, turns=3)) for one in asked.sections if "free" not in one.result.key]
    publish(hub, replace(asked, sections=(*paid, *asked.sections[2:])))
    assert decide(pushed(github), hub).tried == {"app.text.odd": state.short("spec of app.text.odd ")}
    assert decide(said(github, 1, "/jiti retry"), hub).retry


def answered(github: GitHub, hub: Hub, occasion: Occasion) -> str:
    """What the bot says to a command that it does not carry out: a reaction and words, and no work."""
    found = decide(occasion, hub)
    assert found.task is Task.ANSWER
    confirm(found, occasion, hub)
    left = seen(found, hub)
    assert left is not None
    comments.acknowledge(hub, left)
    comments.answer(hub, left, {}, None)
    assert github.comments[0].reactions
    assert decide(occasion, hub).task is Task.NOTHING
    return github.comments[-1].body
