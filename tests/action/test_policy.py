"""What every workflow that we ship has to keep to, read from the workflows themselves."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.errors import ConfigurationError
from jiti_bot.templates import Pin, workflow
from tests.action import reusable, tables
from tests.action.workflows import SAMPLE, Shipped, action, load, shipped
from tests.repo import ROOT

BIN = Path(sys.executable).parent
#: Each action that we use, with the commit of the tag, as the repositories of `actions` have them.
PINS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/upload-pages-artifact": ("fc324d3547104276b827a68afc52ff2a11cc49c9", "v5.0.0"),
    "actions/deploy-pages": ("cd2ce8fcbc39b97be8ca5fce6e763baed58fa128", "v5.0.0"),
}
#: What publishing the site takes, by a job that does nothing else.
PAGES = {"pages", "id-token"}
#: Stages that run what the repository or a model wrote, and those that run neither.
EXECUTING = {"all", "generate", "validate"}
READING = {"gate", "acknowledge", "check", "plan", "publish", "report"}
#: The one trigger that zizmor warns of and we use, and why it is safe here: see the template.
EXCEPTIONS = {"issue_comment: # zizmor: ignore[dangerous-triggers]"}

WORKFLOWS = pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in shipped()])
JOBS = pytest.mark.parametrize(
    ("name", "job"),
    [pytest.param(name, job, id=f"{one.name}-{name}") for one in shipped() for name, job in one.jobs().items()],
)


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    return job["steps"]


def stages(job: dict[str, Any]) -> set[str]:
    ours = [step for step in steps(job) if step.get("uses", "").startswith("jiti-bot/jiti-bot@")]
    return {step["with"].get("stage", "all") for step in ours}


def executes(job: dict[str, Any]) -> bool:
    """Whether a job runs anything that the repository or a model wrote: a script may, unless it is known."""
    return bool(stages(job) & EXECUTING) or any("run" in step for step in steps(job))


def writes(job: dict[str, Any]) -> set[str]:
    return {name for name, access in job["permissions"].items() if access not in {"read", "none"}}


@JOBS
def test_nothing_is_executed_beside_a_token_that_can_write(name: str, job: dict[str, Any]) -> None:
    assert stages(job) <= EXECUTING | READING
    if executes(job):
        assert writes(job) == set()
        assert "token" not in str([step.get("with", {}) for step in steps(job)])
        assert "github.token" not in str(job)
        assert "GITHUB_TOKEN" not in str(job)


@JOBS
def test_the_key_is_where_nothing_can_be_written(name: str, job: dict[str, Any]) -> None:
    if "secrets." in str(job):
        assert stages(job) == {"generate"}
        assert writes(job) == set()
        given = {
            key: value for step in steps(job) for key, value in step.get("with", {}).items() if "secrets." in str(value)
        }
        assert given == {"anthropic-api-key": "${{ secrets.ANTHROPIC_API_KEY }}"}


@JOBS
def test_permissions_are_said_for_each_job(name: str, job: dict[str, Any]) -> None:
    assert isinstance(job["permissions"], dict)
    if writes(job) == PAGES:
        assert [step["uses"].partition("@")[0] for step in steps(job)] == ["actions/deploy-pages"]
        return
    assert writes(job) <= {"contents", "issues", "pull-requests"}
    if writes(job):
        assert stages(job) in ({"publish"}, {"acknowledge"})
    assert job["timeout-minutes"] <= 120


@JOBS
def test_checkouts_leave_no_credentials(name: str, job: dict[str, Any]) -> None:
    for step in steps(job):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@WORKFLOWS
def test_workflows_as_a_whole(one: Shipped) -> None:
    parsed = one.parsed()
    assert parsed["permissions"] == {}
    assert "concurrency" in parsed
    assert "pull_request_target" not in one.text
    assert "workflow_run" not in parsed["on"]
    assert "secrets: inherit" not in one.text
    assert set(re.findall(r".*zizmor: ignore.*", one.text)) <= {f"  {line}" for line in EXCEPTIONS}


@WORKFLOWS
def test_actions_are_pinned_by_their_full_hash(one: Shipped) -> None:
    uses = re.findall(r"^\s*(?:- )?uses: (\S+)@(\S+) # (\S+)$", one.text, re.MULTILINE)
    assert len(uses) == len(re.findall(r"\buses:", one.text))
    for name, commit, version in uses:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), name
        if name != "jiti-bot/jiti-bot":
            assert PINS[name] == (commit, version)


@WORKFLOWS
def test_scripts_hold_no_expression(one: Shipped) -> None:
    for job in one.jobs().values():
        assert all("${{" not in step.get("run", "") for step in steps(job))


def test_the_action_s_script_holds_no_expression() -> None:
    (step,) = action()["runs"]["steps"]
    assert "${{" not in step["run"]


def test_the_template_pushes_of_the_bot_start_nothing() -> None:
    parsed = shipped()[0].parsed()
    assert parsed["on"]["push"] == {"branches-ignore": ["jiti-bot-**"]}
    assert parsed["on"]["issue_comment"] == {"types": ["created"]}
    assert parsed["concurrency"]["cancel-in-progress"] is False


def test_the_reusable_workflow_is_the_template() -> None:
    assert reusable.FILE.read_text("utf-8") == reusable.text(), "run: python -m tests.action.reusable"
    assert reusable.PIN.commit.strip("0")


def test_a_template_is_filled_in() -> None:
    text = workflow(SAMPLE, install="uv sync --locked")
    assert text.count(f"jiti-bot/jiti-bot@{SAMPLE.commit} # v0.1.0") == text.count("jiti-bot/jiti-bot@") == 8
    assert text.count("run: uv sync --locked") == text.count("run:") == 2


@pytest.mark.parametrize("install", ["pip install -e '.[dev]' # all", "A=b: c", "[ -f x ] && ./x", 'echo "ä" | cat'])
def test_a_command_with_signs_that_yaml_knows_stays_what_it_is(install: str) -> None:
    jobs = load(workflow(SAMPLE, install))["jobs"]
    assert [step["run"] for name in ("generate", "validate") for step in jobs[name]["steps"] if "run" in step] == [
        install
    ] * 2


@pytest.mark.parametrize("pin", [Pin("main", "v1"), Pin("a" * 39, "v1"), Pin("a" * 40, "1 # x"), Pin("A" * 40, "v1")])
def test_a_template_takes_nothing_but_a_full_pin(pin: Pin) -> None:
    with pytest.raises(ConfigurationError):
        workflow(pin)


@pytest.mark.parametrize("install", ["", "  ", "a\n- run: b"])
def test_a_template_takes_one_line_to_install(install: str) -> None:
    with pytest.raises(ConfigurationError):
        workflow(SAMPLE, install)


@pytest.fixture
def written(tmp_path: Path) -> list[Path]:
    """Every workflow as a file where a repository keeps them."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    paths = [folder / f"{one.name.removesuffix('.yml')}.yml" for one in shipped()]
    for path, one in zip(paths, shipped(), strict=True):
        path.write_text(one.text, "utf-8")
    return paths


def test_zizmor_is_silent(written: list[Path]) -> None:
    """The pedantic persona; exceptions stand beside what they except, each with its reason."""
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--persona", "pedantic", "--no-progress", "--color", "never", "--format", "plain",
         ROOT / "action.yml", *written],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_the_schemas_of_actions_and_workflows_hold(written: list[Path]) -> None:
    for schema, paths in (("vendor.github-actions", [ROOT / "action.yml"]), ("vendor.github-workflows", written)):
        done = subprocess.run(
            [BIN / "check-jsonschema", "--builtin-schema", schema, *paths], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_the_page_lists_the_inputs_and_outputs_that_there_are() -> None:
    page = tables.FILE.read_text("utf-8")
    assert page == tables.filled(page), "run: python -m tests.action.tables"


def test_the_page_pins_what_it_shows() -> None:
    page = tables.FILE.read_text("utf-8")
    for name, (commit, version) in PINS.items():
        shown = re.findall(rf"{name}@(\S+) # (\S+)", page)
        assert set(shown) <= {(commit, version)}
