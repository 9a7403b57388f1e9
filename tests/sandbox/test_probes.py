"""None of the probes succeeds inside; each that can be is seen to succeed outside."""

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Ran, RunCode
from jiti_bot.validation.workbench import Workbench
from tests.sandbox import kit
from tests.sandbox.probes import PRELUDE, PROBES, Probe

IMPOSSIBLE = [probe for probe in PROBES if probe.name != "nothing"]
DONE = "print('it was possible')"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kit.make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def bench(root: Path) -> Generator[Workbench]:
    with kit.bench(root) as running:
        yield running


@pytest.fixture
def around(tmp_path: Path, root: Path) -> Generator[dict[str, str]]:
    with kit.surroundings(tmp_path) as names:
        yield {**names, "root": str(root)}


def program(probe: Probe, around: dict[str, str]) -> str:
    return "\n".join((PRELUDE, probe.code.format(**around), DONE))


def test_there_are_enough_probes() -> None:
    assert len(IMPOSSIBLE) >= 30
    assert len({probe.name for probe in PROBES}) == len(PROBES)


def test_the_self_test_finds_no_leak(bench: Workbench) -> None:
    assert bench.shield.leaks == ()
    assert bench.shield.level == "full"


def test_a_probe_that_tries_nothing_succeeds_inside(bench: Workbench, around: dict[str, str]) -> None:
    result = bench.run(RunCode(program(PROBES[0], around)), timeout=20.0)

    assert (result.output, result.__class__) == ("it was possible\n", Ran)


@pytest.mark.parametrize("probe", IMPOSSIBLE, ids=lambda probe: probe.name)
def test_inside_it_is_impossible(probe: Probe, bench: Workbench, around: dict[str, str]) -> None:
    result = bench.run(RunCode(program(probe, around)), timeout=20.0)

    assert "it was possible" not in result.output
    assert isinstance(result, Ran), result
    assert "Error" in result.output, result.output  # held back by the system, not by a slip in the probe
    assert "SyntaxError" not in result.output
    assert "NameError" not in result.output
    assert sorted(path.name for path in Path(around["outside"]).iterdir()) == ["datagram", "folder", "stream", "victim"]
    assert (Path(around["outside"]) / "victim").read_text() == kit.SECRET


@pytest.mark.parametrize("probe", [probe for probe in PROBES if probe.outside], ids=lambda probe: probe.name)
def test_outside_it_is_possible(probe: Probe, tmp_path: Path, around: dict[str, str]) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    root = kit.make_project(tmp_path / "project")
    ours = str(Path(__file__).parents[2])
    environment = {**os.environ, "JITI_TEST_SECRET": kit.SECRET, "HOME": str(scratch), "PYTHONPATH": ours}
    code = program(probe, {**around, "root": str(root)}).replace(
        "open(sys.modules", "import jiti_bot; open(sys.modules"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=scratch, env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout == "it was possible\n", done.stderr
