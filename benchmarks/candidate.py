"""One candidate from submission to verdict, warm, against the four commands a person would type.

    python benchmarks/candidate.py [ROUNDS]

Both ways judge the same candidate in the same project, in turn, so that a busy machine slows both. The commands run in
a copy of the project with the candidate folded in: `ruff check --fix`, `ruff format`, `ty check`, `pytest` on the
stub's gates. The final validation in a fresh process is reported apart, and so are the small changes of the accepted
body that its tests are tried on. Target: at most 0.35 of the commands' time.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from jiti_bot.graduation.fold import fold, prepare
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.validation import evidence, merged
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Candidate
from jiti_bot.validation.project import Project
from tests.validation import projects

TARGET = 0.35
BODY = """\
parts = words(text.lower())
if not parts:
    raise ValueError("empty")
return "-".join(parts)[:LIMIT].strip("-")
"""


def main(rounds: int) -> int:
    """Print both medians and their ratio; 1 where the target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        root = projects.write(Path(folder).resolve())
        found = projects.specs(root)
        spec = found["slugify"]
        spec = replace(spec, gates=tuple(gate for gate in spec.gates if gate.kind is not GateKind.TEST))
        project = projects.project(root)
        with Bench(project, level="auto") as bench:
            bench.red(spec)
            accepted = bench.judge(Candidate(spec, BODY))
            assert isinstance(accepted, Accepted), accepted
            with tempfile.TemporaryDirectory() as other:
                copy = _folded(Path(other), spec, accepted.text)
                warm, commands = _rounds(
                    rounds,
                    lambda: bench.judge(Candidate(spec, BODY)),
                    lambda: _commands(copy, project, spec),
                )
            started = time.perf_counter()
            bench.prove({spec.key: (spec, accepted)})
            fresh = time.perf_counter() - started
            started = time.perf_counter()
            strength = bench.try_mutants(spec, accepted)
            tried = time.perf_counter() - started
            print(f"sandbox                       {bench.workbench.shield}")
    ratio = statistics.median(warm) / statistics.median(commands)
    print(f"bench, warm                   {_milliseconds(warm)}")
    print(f"ruff; ruff; ty; pytest        {_milliseconds(commands)}")
    print(f"ratio                         {ratio:.2f}  (target: at most {TARGET})")
    print(f"final validation, fresh       {fresh * 1000:.0f} ms, once for all units of a run")
    share = f"{strength.noticed} of {strength.tried} noticed"
    print(f"small changes of the body     {tried * 1000:.0f} ms, beside the final validation  ({share})")
    return int(ratio > TARGET)


def _rounds(count: int, one: Callable[[], object], other: Callable[[], object]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(count):
        for work, seconds in zip((one, other), times, strict=True):
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
    return times


def _folded(root: Path, spec: Spec, text: str) -> Path:
    projects.write(root)
    host = root / spec.stub.file
    host.write_text(fold(prepare(host.read_text()), merged.place_of(spec.stub), text).text)
    # The other stubs stay as they are; the gates no longer name one that this project has folded in.
    tests = root / "tests/test_text.py"
    tests.write_text(tests.read_text().replace("@jiti.required_for(slugify)\n", ""))
    return root


def _commands(root: Path, project: Project, spec: Spec) -> None:
    import subprocess

    python = str(project.environment.python)
    nodes = evidence.expected(spec, doctests=True, tests=False).gates
    environ = {**os.environ, "PYTHONPATH": str(project.environment.ours)}
    for command in (
        [project.ruff, "check", "--fix", "--quiet", "--exit-zero", spec.stub.file],
        [project.ruff, "format", "--quiet", spec.stub.file],
        [project.ty, "check", "--python", python, "--quiet", "--exit-zero", spec.stub.file],
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules", spec.stub.file, *nodes],
    ):
        done = subprocess.run(command, cwd=root, env=environ, capture_output=True, check=False)
        if command[1] == "-m":
            assert done.returncode == 0, done.stdout.decode()


def _milliseconds(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1000:6.0f} ms  ({ordered[0] * 1000:.0f} to {ordered[-1] * 1000:.0f})"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
