"""The agent on the real bench: brief, model, sandbox, ruff, ty, pytest and transcript, with stored words."""

import os
import shutil
from pathlib import Path

import pytest

from jiti_bot.agent import brief as briefs
from jiti_bot.agent.brief import Material
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.client import connect
from jiti_bot.agent.events import Checked, Event
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.agent.loop import work
from jiti_bot.agent.outcome import Done
from jiti_bot.agent.transcript import Transcript
from jiti_bot.commands.brief import brief_of
from jiti_bot.errors import TargetError, UsageError
from jiti_bot.loopback import Loopback, Sessions
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.project import open_project
from jiti_bot.workspace import Workspace, open_workspace

EXAMPLE = Path(__file__).parents[2] / "examples" / "semver"
TEST = "tests.test_parsing.test_rejects_leading_zeros"
STUB = "semver.parsing.parse_version"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    project = tmp_path / "semver"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("expected", "replies", ".*_cache", "__pycache__"))
    return open_workspace(str(project), os.environ)


def test_a_test_and_then_what_it_tests(workspace: Workspace) -> None:
    root = Path(workspace.root)
    specs = {spec.key: spec for spec in workspace.index(workspace.work_tree()).specs()}
    files = ProjectFiles.of(root, workspace.work_tree().names())
    (root / ".jiti").mkdir()
    staged: dict[str, str] = {}
    seen: list[Event] = []
    with (
        Loopback(Sessions.read(EXAMPLE / "replies")) as server,
        Bench(open_project(root, workspace.settings, workspace.env), specs=specs) as bench,
    ):
        model = connect("claude-sonnet-5-5", {"ANTHROPIC_BASE_URL": server.url})
        for key, targets in ((TEST, (specs[STUB].stub,)), (STUB, ())):
            material = Material(specs[key], lambda file: (root / file).read_text("utf-8"), targets=targets)
            outcome = work(
                briefs.write(material), bench, model, Budget(), Transcript(), seen.append, files=files, staged=staged
            )
            assert isinstance(outcome, Done), outcome
            staged[specs[key].path] = outcome.accepted.text
        model.close()

    verdicts = [(event.key, event.ok) for event in seen if isinstance(event, Checked)]
    assert verdicts[0] == (TEST, True)
    assert verdicts[-1] == (STUB, True)
    assert (STUB, False) in verdicts
    assert "def parse_version(text: str) -> Version:" in staged[specs[STUB].path]


def test_the_brief_of_a_stub(workspace: Workspace) -> None:
    told = brief_of(workspace, STUB)

    assert told.first.startswith(f"Implement `{STUB}`")
    assert "`test_rejects_leading_zeros` in `tests/test_parsing.py`" in told.first
    assert told.tools[-1] == "dispute"


def test_the_brief_of_a_stub_with_its_own_engine(workspace: Workspace) -> None:
    assert brief_of(workspace, "semver.ranges.parse_range").limits.quality_threshold == 8


def test_the_brief_of_a_test_shows_the_interface(workspace: Workspace) -> None:
    told = brief_of(workspace, TEST)

    assert "# What it tests\n\n`parse_version` in `src/semver/parsing.py`" in told.first
    assert told.submits == "submit_test"


def test_the_brief_of_nothing(workspace: Workspace) -> None:
    with pytest.raises(TargetError):
        brief_of(workspace, "parse_nothing")
    with pytest.raises(UsageError, match="names several stubs"):
        brief_of(workspace, "semver.ranges")
