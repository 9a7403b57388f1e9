"""Real runs of the template: each event as GitHub documents it, on a project in which nothing is pending."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.forge.branch import branch_name
from jiti_bot.forge.publish import publish
from tests.action.act import ONE_JOB, TEMPLATE, Ran, Runner
from tests.action.workflows import load
from tests.forge.kit import open_hub, path_of, publication
from tests.github.hub import GitHub
from tests.github.start import serving
from tests.stages import events
from tests.stages.events import FORK, NOTHING

KEY = "app.text.shout"
ODD = 'zzz";echo${IFS}"x";#'
FILES = {"pyproject.toml": "", "app/text.py": "def shout(text):\n    return text.upper()\n"}


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    with serving(tmp_path_factory.mktemp("github"), FILES) as github:
        yield github


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, github: GitHub) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner"), github)


def head(github: GitHub, branch: str = "main") -> str:
    return github.branches()[branch]


def ran_quietly(ran: Ran) -> dict[str, Any]:
    """What gate decided, of a run in which nothing else was done."""
    assert ran.code == 0, ran.log
    assert {name for name, result in ran.jobs.items() if result == "success"} == {"gate"}, ran.log
    return ran.file("jiti-gate", "gate")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param({}, "main was pushed to", id="push"),
        pytest.param({"before": NOTHING, "created": True}, "main was pushed for the first time", id="first-push"),
        pytest.param({"forced": True}, "main was pushed over", id="force-push"),
    ],
)
def test_pushes(runner: Runner, github: GitHub, more: dict[str, Any], said: str) -> None:
    sha = head(github)
    ran = runner.run("push", events.push(after=sha, **more))
    gate = ran_quietly(ran)
    assert (gate["task"], gate["base"], gate["sha"], gate["reason"]) == ("generate", "main", sha, said)
    assert ran.file("jiti-gate", "plan")["shards"] == []


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param(events.push(after=NOTHING, deleted=True), "main was deleted", id="branch-deletion"),
        pytest.param(events.push("refs/tags/v1.0"), "v1.0 is a tag", id="tag"),
        pytest.param(events.push(f"refs/heads/{branch_name('main')}"), "writes itself", id="own-branch"),
    ],
)
def test_pushes_that_ask_for_nothing(runner: Runner, payload: dict[str, Any], said: str) -> None:
    gate = ran_quietly(runner.run("push", payload))
    assert gate["task"] == "nothing"
    assert said in gate["reason"]


@pytest.mark.parametrize("source", [pytest.param(FORK, id="fork"), pytest.param(events.REPOSITORY, id="same")])
def test_a_pull_request_is_checked_and_nothing_else(runner: Runner, github: GitHub, source: dict[str, Any]) -> None:
    before = len(github.log)
    ran = runner.run("pull_request", events.pull_request(head=source, sha=head(github)))
    assert ran.code == 0, ran.log
    assert {name for name, result in ran.jobs.items() if result == "success"} == {"gate", "check"}
    assert github.log[before:] == []


def test_a_pull_request_that_breaks_a_stub_fails_on_its_line(tmp_path: Path) -> None:
    broken = {**FILES, "app/text.py": "from jiti import jiti\n\n\n@jiti\ndef shout(text):\n    return text.upper()\n"}
    with serving(tmp_path, broken) as github:
        ran = Runner(tmp_path, github, token=github.token(kind="fork")).run(
            "pull_request", events.pull_request(head=FORK, sha=head(github))
        )
    assert ran.code != 0
    assert ran.jobs == {"gate": "success", "check": "failure"}
    assert "::error file=app/text.py,line=5,title=jiti%3A stub-real-body::" in ran.log


def test_a_run_started_by_hand(runner: Runner, github: GitHub) -> None:
    gate = ran_quietly(runner.run("workflow_dispatch", events.dispatch()))
    assert (gate["task"], gate["base"], gate["sha"]) == ("generate", "main", head(github))


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        pytest.param("issue_comment", events.issue_comment("/jiti retry", number=1), id="conversation"),
        pytest.param("pull_request_review_comment", events.review_comment("/jiti shorter", number=1), id="line"),
    ],
)
def test_comments_under_another_pull_request(
    runner: Runner, github: GitHub, event: str, payload: dict[str, Any]
) -> None:
    if not github.pulls:
        github.commit("topic", {"app/new.py": "x = 1\n"})
        assert github.open_pull("topic", "main").number == 1
    gate = ran_quietly(runner.run(event, payload))
    assert (gate["task"], gate["reason"]) == ("nothing", "#1 is not the bot's pull request")


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(events.issue_comment("/jiti retry", pull=False), id="under-an-issue"),
        pytest.param(events.issue_comment("Thank you!"), id="small-talk"),
    ],
)
def test_a_comment_for_others_starts_no_job(runner: Runner, payload: dict[str, Any]) -> None:
    # Of act's exit code nothing is said: it evaluates the matrix of a job before it knows that it is skipped.
    ran = runner.run("issue_comment", payload)
    assert ran.names() == set()
    assert "success" not in ran.jobs.values()


class TestComments:
    """Comments on the bot's own pull request that ask for words alone: nothing is generated, one answer is given."""

    @pytest.fixture
    def github(self, tmp_path: Path) -> Iterator[GitHub]:
        with serving(tmp_path, FILES) as github:
            github.person("mallory", "read")
            publish(open_hub(github, github.token(kind="github_token")), publication(head(github), {KEY: "1"}))
            yield github

    @pytest.fixture
    def runner(self, tmp_path: Path, github: GitHub) -> Runner:
        return Runner(tmp_path, github)

    def answered(self, ran: Ran) -> None:
        assert ran.code == 0, ran.log
        done = {name for name, result in ran.jobs.items() if result == "success"}
        assert done == {"gate", "acknowledge", "publish"}

    def test_in_the_conversation(self, runner: Runner, github: GitHub) -> None:
        said = github.comment(1, "/jiti help")
        event = events.issue_comment(said.body, number=1, comment=said.id)
        self.answered(runner.run("issue_comment", event))
        assert [one.content for one in said.reactions] == ["eyes"]
        assert "| `/jiti retry` |" in github.comments[-1].body
        before = github.snapshot()
        assert ran_quietly(runner.run("issue_comment", event))["task"] == "nothing"
        assert github.snapshot() == before

    def test_in_one_job_for_a_base_that_is_not_the_default(self, runner: Runner, github: GitHub) -> None:
        base = github.commit("release", {"more.txt": "more\n"})
        publish(open_hub(github, github.token(kind="github_token")), publication(base, {KEY: "1"}, base="release"))
        number = github.pulls[-1].number
        said = github.comment(number, "/jiti retry")
        event = events.issue_comment(said.body, number=number, comment=said.id)
        ran = runner.run("issue_comment", event, text=ONE_JOB)
        assert ran.code == 0, ran.log
        assert github.comments[-1].body.endswith("There was nothing left to do. Nothing is left to propose.")
        assert github.pulls[-1].state == "closed"

    def test_on_a_line(self, runner: Runner, github: GitHub) -> None:
        said = github.review_comment(1, path_of(KEY), 1, "/jiti help")
        event = events.review_comment(said.body, number=1, comment=said.id)
        self.answered(runner.run("pull_request_review_comment", event))
        assert [one.content for one in said.reactions] == ["eyes"]
        assert github.review_comments[-1].reply_to == said.id

    def test_by_somebody_who_may_not_write(self, runner: Runner, github: GitHub) -> None:
        said = github.comment(1, "/jiti retry", login="mallory")
        event = events.issue_comment(said.body, number=1, comment=said.id, user={"login": "mallory", "type": "User"})
        self.answered(runner.run("issue_comment", event))
        assert [one.content for one in said.reactions] == ["-1"]
        assert github.comments == [said]


def test_a_branch_whose_name_would_be_a_script(runner: Runner, github: GitHub) -> None:
    sha = github.commit(ODD, {**FILES, "odd.txt": "odd\n"})
    gate = ran_quietly(runner.run("push", events.push(f"refs/heads/{ODD}", after=sha)))
    assert (gate["task"], gate["base"], gate["sha"]) == ("generate", ODD, sha)
    assert not [path for path in runner.folder.rglob("*") if path.name.startswith('x"')]


def test_where_nothing_can_be_planned_no_other_job_begins(tmp_path: Path) -> None:
    with serving(tmp_path, {**FILES, "pyproject.toml": "[tool.jiti\n"}) as github:
        ran = Runner(tmp_path, github).run("push", events.push(after=head(github)))
    assert ran.code != 0
    assert ran.jobs == {"gate": "failure"}
    assert "::error title=jiti%3A plan::" in ran.log


GROUP = """\
on: [push, pull_request, issue_comment, pull_request_review_comment]
permissions: {{}}
jobs:
  group:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "[$GROUP]"
        env:
          GROUP: {group}
"""


@pytest.mark.parametrize(
    ("event", "payload", "said"),
    [
        pytest.param("push", events.push(), "[jiti-refs/heads/main]", id="push"),
        pytest.param("pull_request", events.pull_request(), "[jiti-check-7]", id="pull-request"),
        pytest.param("issue_comment", events.issue_comment("/jiti retry"), "[jiti-7]", id="command"),
        pytest.param("pull_request_review_comment", events.review_comment("/jiti x"), "[jiti-7]", id="line-command"),
        pytest.param("issue_comment", events.issue_comment("Nice."), "[jiti-1]", id="small-talk-by-the-run-s-number"),
    ],
)
def test_who_waits_for_whom(runner: Runner, event: str, payload: dict[str, Any], said: str) -> None:
    """GitHub keeps one waiting run of a group: small talk and checks may not push a command out of it."""
    group = " ".join(load(TEMPLATE)["concurrency"]["group"].split())
    ran = runner.run(event, payload, text=GROUP.format(group=json.dumps(group)))
    assert said in ran.log


def test_a_token_that_github_refuses_is_said_with_the_next_step(tmp_path: Path) -> None:
    with serving(tmp_path, FILES) as github:
        ran = Runner(tmp_path, github, token="ghs_expired").run("push", events.push(after=head(github)))
    assert ran.code != 0
    assert ran.jobs == {"gate": "failure"}
    assert "::error title=jiti%3A gate::" in ran.log
    assert "ghs_expired" not in ran.log.replace("::add-mask::ghs_expired", "")
