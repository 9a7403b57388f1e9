"""The layers that stand in where Landlock is older, or where nobody can answer for the kernel.

Each case enters the sandbox in a process of its own, told that the kernel has less than it has.
"""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.validation import grants
from jiti_bot.validation.environment import inspect_environment
from jiti_bot.validation.jobs import Cause, RunCode, Stopped
from jiti_bot.validation.launcher import Launcher, make_scratch
from jiti_bot.validation.workbench import Workbench
from tests.sandbox import kit
from tests.sandbox.probes import PRELUDE, PROBES, Probe

ENTER = """
import errno, json, os, sys
from jiti_bot.validation.sandbox import enter, landlock, seccomp
settings = json.load(sys.stdin)
present = landlock.abi()
landlock.abi = lambda: min(present, settings["abi"])
install = seccomp.install
def alone(rules, *, listen=False):
    if listen:
        raise OSError(errno.EBUSY, "somebody else listens")
    return install(rules)
seccomp.install = alone
os.environ["HOME"] = settings["write"][0]
for name, code in settings["probes"]:
    sys.stdout.flush()
    if os.fork():
        os.wait()
        continue
    layers = enter.enter(settings)
    enter.enter_job(settings["write"], layers.landlock)
    try:
        if not layers.problems:
            exec(code, {"__name__": "__main__"})
        print(f"{name}: possible {layers.problems}")
    except (OSError, AssertionError) as error:
        print(f"{name}: {type(error).__name__}")
    except BaseException as error:
        print(f"{name}: unexpected {error!r}")
    sys.stdout.flush()
    os._exit(0)
"""
# Without Landlock nothing rules files: those probes are for kernels that have it.
OF_FILES = (
    "file", "listing", "dot env", "ignored", "git", "shadow", "write", "append", "create", "make", "remove",
    "rename", "link", "hard", "truncate", "shared memory", "environment of", "memory of", "command line", "working",
    "descriptors", "another job", "our own", "the worker's", "mode of", "device node",
)  # fmt: skip
WORKER_ONLY = ("secret in", "more descriptors", "the worker's canary")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kit.make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def around(tmp_path: Path, root: Path) -> Generator[dict[str, str]]:
    with kit.surroundings(tmp_path) as names:
        yield {**names, "root": str(root)}


def chosen(version: int) -> list[Probe]:
    probes = [probe for probe in PROBES if probe.name != "nothing" and not probe.name.startswith(WORKER_ONLY)]
    return probes if version else [probe for probe in probes if not probe.name.startswith(OF_FILES)]


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4, 5])
def test_none_of_the_probes_succeeds(version: int, tmp_path: Path, root: Path, around: dict[str, str]) -> None:
    environment = inspect_environment(root, Path(sys.executable), {**os.environ, "VIRTUAL_ENV": ""})
    jobs = tmp_path / "place" / "jobs"
    jobs.mkdir(parents=True)
    probes = [(probe.name, PRELUDE + probe.code.format(**around)) for probe in chosen(version)]
    settings = {
        **grants.policy(environment, tmp_path / "place" / "shim", [jobs]),
        "limits": kit.LIMITS.plain(),
        "abi": version,
        "probes": probes,
    }
    variables = {**os.environ, "PYTHONPATH": str(environment.ours)}

    done = subprocess.run(
        [sys.executable, "-c", ENTER],
        input=json.dumps(settings),
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )

    outcomes = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert set(outcomes) == {name for name, _ in probes}
    wrong = {name: outcome for name, outcome in outcomes.items() if outcome.startswith(("possible", "unexpected"))}
    assert wrong == {}


class Older(Launcher):
    """Tells its workers that the kernel is that of Ubuntu 22.04, and that nobody answers."""

    def settings(self, policy: Mapping[str, list[str]], place: Path, preload: Sequence[str]) -> dict[str, Any]:
        return {**super().settings(policy, place, preload), "abi": 4, "listen": False}


class OldBench(Workbench):
    def _make_launcher(self) -> Launcher:
        return Older(self.environment, self.level, self.limits, self._environ, make_scratch())


def test_an_older_kernel_still_makes_a_whole_sandbox(root: Path) -> None:
    environment = inspect_environment(root, Path(sys.executable), {**os.environ, "VIRTUAL_ENV": ""})
    forks = RunCode("import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(30)")

    with OldBench(environment, level="required", limits=kit.LIMITS) as bench:
        shield = bench.shield
        own = bench.run(RunCode("import os; os.kill(os.getpid(), 0); print('fine')"), timeout=20.0)
        modes = bench.run(RunCode("import os; os.chmod(os.environ['HOME'], 0o700)"), timeout=20.0)
        bomb = bench.run(forks, timeout=20.0)

    assert shield.level == "full"
    assert "Landlock 4" in shield.parts
    assert own.output == "fine\n"
    assert "PermissionError" in modes.output
    assert isinstance(bomb, Stopped)
    assert bomb.cause in {Cause.PROCESSES, Cause.MEMORY}
