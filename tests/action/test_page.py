"""docs/action.md says what the template, the code and the command line do."""

import ast
import re
from typing import Any

import pytest

from jiti_bot.cli import COMMANDS
from jiti_bot.commands import ci
from jiti_bot.forge import words
from jiti_bot.forge.commands import parse
from jiti_bot.forge.model import Help, Keep, Regenerate, Retry
from jiti_bot.stages import files, schema
from tests.action.act import ONE_JOB
from tests.action.test_policy import executes, stages, steps
from tests.action.workflows import Shipped, action, load, shipped
from tests.repo import ROOT

FILE = ROOT / "docs" / "action.md"
PAGE = FILE.read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)]


def section(title: str) -> str:
    """What stands under a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip().strip("*`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(name: str) -> Shipped:
    return next(one for one in shipped() if one.name == name)


def ours(step: dict[str, Any]) -> bool:
    return step.get("uses", "").startswith("jiti-bot/jiti-bot@")


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", PAGE)
    assert links
    for link, heading in links:
        target = FILE.parent / link
        assert target.exists(), link
        titles = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if heading else []
        assert heading in {"", *(title.lower().replace(" ", "-") for title in titles)}, heading


def test_commands_are_offered() -> None:
    words = set(re.findall(r"`jiti ([a-z]+)", PAGE))
    assert {"check", "ci", "plan", "pr"} <= words <= COMMANDS.keys()
    assert all((ROOT / "jiti_bot" / "commands" / f"{word}.py").exists() for word in words)


@pytest.mark.parametrize("name", ["tests.action.chain", "tests/action/test_chain.py"])
def test_what_is_run_is_there(name: str) -> None:
    assert name in PAGE
    assert (ROOT / (name if name.endswith(".py") else f"{name.replace('.', '/')}.py")).exists()


def test_the_table_of_jobs_is_the_template() -> None:
    told = {row[0]: row[2:] for row in rows("The jobs, and who holds what")}
    jobs = named("template").jobs()
    assert list(told) == list(jobs)
    for name, job in jobs.items():
        runs, key, token = told[name]
        assert (runs == "yes") is executes(job), name
        assert (key == "yes") is ("secrets." in str(job)), name
        writes = [right.replace("-", " ") for right, access in job["permissions"].items() if access == "write"]
        rights = f"writes {', '.join(f'{one}s' if one == 'pull request' else one for one in writes)}"
        assert token == (rights if writes else "reads" if job["permissions"] else "none"), name


def test_every_event_of_the_template_is_told() -> None:
    told = " ".join(row[0] for row in rows("What each event does")).replace(" ", "_")
    words = {"push": "push", "pull_request": "pull_request", "issue_comment": "comment",
             "pull_request_review_comment": "comment", "workflow_dispatch": "workflow_dispatch"}  # fmt: skip
    events = named("template").parsed()["on"]
    assert set(events) == set(words)
    assert all(words[event] in told for event in events)


def test_the_call_of_the_reusable_workflow_can_be_made() -> None:
    caller = next(block for block in BLOCKS if isinstance(block, dict) and "on" in block)
    assert caller["on"] == named("template").parsed()["on"]
    assert caller["permissions"] == {}
    (job,) = caller["jobs"].values()
    taken = named("bot.yml").parsed()["on"]["workflow_call"]
    assert set(job["with"]) <= set(taken["inputs"])
    assert set(job["secrets"]) == set(taken["secrets"])
    needed = {
        right
        for one in named("bot.yml").jobs().values()
        for right, access in one["permissions"].items()
        if access == "write"
    }
    assert job["permissions"] == dict.fromkeys(sorted(needed), "write")


def test_steps_use_inputs_that_there_are() -> None:
    (one_job,) = (block for block in BLOCKS if isinstance(block, dict) and "steps" in block)
    (app,) = (block for block in BLOCKS if isinstance(block, list))
    used = [step for step in (*steps(one_job), *app) if ours(step)]
    assert [step["with"].get("stage", "all") for step in used] == ["gate", "all", "publish"]
    assert all(set(step["with"]) <= set(action()["inputs"]) for step in used)
    assert stages(one_job) == {"gate", "all"}
    (tested,) = load(ONE_JOB)["jobs"].values()
    assert _shown(one_job)[:-1] == _shown(tested)[:-1]  # what the project needs is installed, and it is named, besides
    assert one_job["permissions"] == tested["permissions"]


def _shown(job: dict[str, Any]) -> list[tuple[str, Any]]:
    """A job's steps without what sets the machine up."""
    used = [step for step in steps(job) if "uses" in step and "setup-python" not in step["uses"]]
    return [(step["uses"].partition("@")[0], step.get("with")) for step in used]


def test_the_table_of_stages_is_the_command_line() -> None:
    told = rows("Other runners")
    assert [row[0] for row in told] == list(ci._STAGES)
    kinds = {re.sub(r"-N$", "", name) for row in told for name in re.findall(r"([\w-]+)\.json", f"{row[1]} {row[2]}")}
    assert kinds == {"gate", "plan", "shard", "validated", "published", "report"} <= set(schema.kinds())
    assert f"at most {files.MAX_BYTES // 2**20} MiB" in PAGE


@pytest.mark.parametrize(
    ("said", "kind"),
    [("regenerate KEY [hint]", Regenerate), ("keep KEY", Keep), ("retry", Retry), ("help", Help)],
)
def test_the_table_of_comments_is_the_bot_s_own_help(said: str, kind: type) -> None:
    lines = [line for line in words.HELP.splitlines() if line.startswith(f"| `/jiti {said}`")]
    assert lines
    assert all(line in section("Talk to it").splitlines() for line in lines)
    assert isinstance(parse(f"/jiti {said}".replace("[hint]", "shorter")), kind)


def test_messages_are_those_of_the_code() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "jiti_bot").rglob("*.py")]
    texts = [
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    messages = [row[0] for row in rows("When it does not go")]
    assert messages
    for message in messages:
        assert any(message in text for text in texts), message


def test_the_readme_points_here() -> None:
    assert "(docs/action.md)" in README
    assert "(docs/pull-request.png)" in README
