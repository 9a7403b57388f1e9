"""``python -m tests.graduation [--library] [-k WORD]``: play every case, merge all that came of it, and compare.

With ``--library``: make stubs of what the standard library defines, merge, and compare each file with what it was.
"""

import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.graduation import library
from tests.graduation.equivalence import CASES, one


def _library(word: str, jobs: int) -> int:
    names = [name for name in library.modules() if word in name]
    shares = [names[at : at + 10] for at in range(0, len(names), 10)]
    kinds: Counter[str] = Counter()
    files = identical = 0
    problems: list[str] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for report in pool.map(library.alone, shares):
            kinds += report.kinds
            files, identical = files + report.files, identical + report.identical
            problems += report.problems
            print(f"{kinds.total()} definitions, {identical} of {files} files as they were", flush=True)
    print("".join(f"{problem}\n" for problem in problems), end="")
    print(f"{kinds.total()} definitions in {files} files, {identical} of them as they were: {dict(kinds)}")
    return bool(problems)


def main() -> int:
    """Share the cases among processes; sum up."""
    parser = argparse.ArgumentParser(prog="python -m tests.graduation", description=__doc__)
    parser.add_argument("-k", default="", metavar="WORD", help="only cases with this in their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes side by side")
    parser.add_argument("--library", action="store_true", help="the standard library instead of the cases")
    given = parser.parse_args()
    if given.library:
        return _library(given.k, given.jobs)
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
