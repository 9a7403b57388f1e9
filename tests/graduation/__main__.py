"""``python -m tests.graduation [-k WORD]``: play every case, merge all that came of it, and look what is left."""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.graduation.equivalence import CASES, one


def main() -> int:
    """Share the cases among processes; sum up."""
    parser = argparse.ArgumentParser(prog="python -m tests.graduation", description=__doc__)
    parser.add_argument("-k", default="", metavar="WORD", help="only cases with this in their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes side by side")
    given = parser.parse_args()
    paths = [path for path in sorted(CASES.glob("*/*.md")) if given.k in path.as_posix()]
    bad = stubs = tests = same = 0
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        for path, found in zip(paths, pool.map(one, paths), strict=True):
            name = path.relative_to(CASES).with_suffix("").as_posix()
            if isinstance(found, str):
                print(f"-     {name}: {found}", flush=True)
                continue
            stubs, tests = stubs + found.stubs, tests + found.tests
            same += not found.problems
            bad += bool(found.problems)
            print(
                f"{'FAIL' if found.problems else 'ok  '}  {name}: {found.stubs} stubs, {found.tests} tests", flush=True
            )
            print("".join(f"{problem}\n" for problem in found.problems), end="", flush=True)
    print(f"{same} projects as good as before, {bad} not; {stubs} stubs merged, {tests} tests compared")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
