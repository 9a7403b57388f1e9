"""The sandbox's price: the same validations in a worker with every layer on and in one with none.

    python benchmarks/sandbox.py [ROUNDS]

Both workers run the same job in turn, round by round: one gate of a small project against a candidate, from request to
result. A job that forks and changes modes, which the sandbox asks its supervisor about, and the start of a worker are
reported apart. Target: at most 30 ms more per validation.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._measure import compare, verdict
from jiti_bot.validation.environment import inspect_environment
from jiti_bot.validation.jobs import Job, RunCode, RunTests, unproved
from jiti_bot.validation.workbench import Level, Workbench
from tests.worker import project

TARGET_MS = 30.0
JOB = RunTests(nodes=("tests/test_text.py",), staged={project.SLUGIFY: project.GOOD})
BUSY = RunCode(
    "import os, subprocess, sys\n"
    "for n in range(20):\n"
    "    subprocess.run(['/bin/true'])\n"
    "    path = os.environ['HOME'] + f'/{n}'\n"
    "    open(path, 'w').close(); os.chmod(path, 0o600); os.utime(path)\n"
)


def main(rounds: int) -> int:
    """Print both sides; 1 where the target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        root = project.make(Path(folder).resolve())
        environment = inspect_environment(root, Path(sys.executable), os.environ)

        def timed(bench: Workbench, job: Job) -> Callable[[], float]:
            def once() -> float:
                started = time.perf_counter()
                result = bench.run(job, timeout=60.0)
                seconds = time.perf_counter() - started
                assert not isinstance(job, RunTests) or not unproved(result, job.nodes), result
                return seconds

            return once

        def start(level: Level) -> float:
            started = time.perf_counter()
            with Workbench(environment, level=level):
                return time.perf_counter() - started

        with Workbench(environment, level="off") as bare, Workbench(environment, level="auto") as closed:
            for bench in (bare, closed):
                for _ in range(3):
                    bench.run(JOB, timeout=60.0, learn=True)
            one = compare(timed(bare, JOB), timed(closed, JOB), rounds)
            busy = compare(timed(bare, BUSY), timed(closed, BUSY), max(3, rounds // 5))
            shield = closed.shield
        starts = compare(lambda: start("off"), lambda: start("auto"), max(3, rounds // 8))
    price = (one.candidate - one.baseline) * 1000
    print(f"sandbox                         {shield}")
    print(f"validation, no sandbox          {one.baseline * 1000:8.1f} ms")
    print(
        f"validation, sandbox             {one.candidate * 1000:8.1f} ms   x{one.ratio:.2f} (itself x{one.noise:.2f})"
    )
    print(f"price of the sandbox            {price:8.1f} ms   target {TARGET_MS:.0f}: {verdict(price, TARGET_MS)}")
    print(f"20 processes and 40 changes     {busy.baseline * 1000:8.1f} ms -> {busy.candidate * 1000:.1f} ms")
    print(f"start of a worker, once a run   {starts.baseline * 1000:8.1f} ms -> {starts.candidate * 1000:.1f} ms")
    return 0 if price <= TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
