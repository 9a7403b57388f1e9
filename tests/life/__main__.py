"""``python -m tests.life --sequences N [--full N] [--seed S]``: live more lives, and print what was met."""

import argparse
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.life import lives


def main() -> int:
    """Share the lives among processes; sum up."""
    parser = argparse.ArgumentParser(prog="python -m tests.life", description=__doc__)
    parser.add_argument("--sequences", type=int, default=2_000, metavar="N", help="lives with replayed verdicts")
    parser.add_argument("--full", type=int, default=0, metavar="N", help="lives with sandbox, ruff, ty and pytest")
    parser.add_argument("--seed", type=int, default=None, metavar="S", help="where to begin; another each time if none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes side by side")
    given = parser.parse_args()
    seed = random.randrange(2**32) if given.seed is None else given.seed
    started = time.perf_counter()
    print(f"seed {seed}", flush=True)
    failed = False
    # Spawned: each of them forks runs of its own, and must have no threads then.
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        for kind, count in (("replayed", given.sequences), ("in full", given.full)):
            shares = [len(range(job, count, given.jobs)) for job in range(given.jobs)]
            running = [pool.submit(lives.lived, kind, seed + job, share) for job, share in enumerate(shares) if share]
            tally: Counter[str] = Counter()
            for one in running:
                counts, said = one.result()
                tally += counts
                failed = failed or bool(said)
                print(said, end="")
            if tally:
                print(f"\n{kind}\n{lives.table(tally)}")
    print(f"\n{time.perf_counter() - started:.0f} s")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
