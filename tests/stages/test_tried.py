"""What was paid for and failed is left alone until somebody asks, or something about it is new."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.forge import state
from jiti_bot.pipeline.pending import Pending
from jiti_bot.planning.plan import Plan
from jiti_bot.planning.result import TRIED, Outcome, Result
from jiti_bot.stages import files, ground, plan
from jiti_bot.stages.event import Task
from jiti_bot.stages.model import Decision, merged
from jiti_bot.stages.validate import validate
from tests.repo import Repo
from tests.stages import project
from tests.stages.events import SHA
from tests.stages.project import CLASS, SHOUT, SHOUT_FILE, SLUGIFY, opened, outcomes
from tests.stages.test_plan import step

A, B, C = "app.a", "app.b", "app.c"  # b needs a, c needs b
STEPS = (step(A), step(B, frozenset({A})), step(C, frozenset({B})))
ASKED = {key: f"spec of {key}" for key in (A, B, C)}
SAME = {key: state.short(digest) for key, digest in ASKED.items()}
OTHER = "0" * 12


@pytest.mark.parametrize(
    ("tried", "wishes", "idle"),
    [
        pytest.param({}, {}, "", id="nothing-was-tried"),
        pytest.param({A: SAME[A]}, {}, "a b c", id="what-needs-it-waits"),
        pytest.param({A: OTHER, B: SAME[B]}, {}, "", id="a-change-wakes-what-needs-it"),
        pytest.param({B: SAME[B]}, {}, "", id="what-it-needs-was-not-tried"),
        pytest.param(SAME, {}, "a b c", id="all"),
        pytest.param(SAME, {"retry": True}, "", id="retry"),
        pytest.param(SAME, {"hints": {A: ""}}, "", id="hint-wakes-what-needs-it"),
        pytest.param(SAME, {"hints": {C: "shorter"}}, "a b", id="hint-for-the-last-one"),
        pytest.param(SAME, {"remembered": {A: "shorter"}}, "a b c", id="old-hint"),
        pytest.param(SAME, {"keep": (C,)}, "a b", id="keep-costs-nothing"),
    ],
)
def test_left_alone(tried: Mapping[str, str], wishes: dict[str, object], idle: str) -> None:
    asked = replace(Decision(Task.GENERATE, "", "main", SHA, tried=tried), **wishes)
    found = plan.aside(Pending(Plan(STEPS), {}, {}, ()), asked, ASKED)
    assert " ".join(key.removeprefix("app.") for key in found) == idle


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return project.write(repo)


@pytest.fixture
def tried(repo: Repo) -> dict[str, str]:
    """Shout was tried, as it stands."""
    return {SHOUT: state.short(ground.asked(opened(repo), project.head(repo))[SHOUT])}


def test_plan_and_validate_leave_it_alone(repo: Repo, tmp_path: Path, tried: dict[str, str]) -> None:
    asked = project.decision(repo, tried=tried)
    files.write(tmp_path, "gate", "gate", asked.as_json())
    done = repo.jiti("ci", "plan", "--dir", str(tmp_path), CI="true")
    assert done.code == 0, done.err
    assert sorted(files.read(tmp_path, "plan", "plan")["shards"][0]) == [CLASS, SLUGIFY]
    assert f"{SHOUT}: left alone: it was tried and did not pass; `/jiti retry`" in done.out
    found = validate(opened(repo), asked, merged([]))
    (told,) = [one for one in found.results if one.key == SHOUT]
    assert (told.outcome, told.code) == (Outcome.SKIPPED, TRIED)


def test_what_was_tried_after_all_is_told(repo: Repo, tried: dict[str, str]) -> None:
    again = Result(SHOUT, Outcome.FAILED, SHOUT_FILE, attempts=3, turns=4, reason="it gave up", code="incomplete")
    claims = replace(project.claims(repo, SLUGIFY), texts={}, results=(again,))
    assert outcomes(validate(opened(repo), project.decision(repo, tried=tried), claims))[SHOUT] == "failed"


def test_another_gate_is_a_change(repo: Repo, tmp_path: Path, tried: dict[str, str]) -> None:
    repo.write("tests/test_text.py", f'{project.GATE}    assert shout("a") == "A!"\n')
    repo.commit("tests/test_text.py")
    files.write(tmp_path, "gate", "gate", project.decision(repo, tried=tried).as_json())
    assert repo.jiti("ci", "plan", "--dir", str(tmp_path), CI="true").code == 0
    assert SHOUT in files.read(tmp_path, "plan", "plan")["shards"][0]
