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
from tests.graduation.equivalence import CASES, Merged, one


def _library(word: str, jobs: int) -> int:
    names = [name for name in library.modules() if word in name]
    shares = [names[at : at + 10] for at in range(0, len(names), 10)]
    kinds: Counter[str] = Counter()
    files = identical = 0
    problems: list[str] = []
    refused: list[str] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for report in pool.map(library.alone, shares):
            kinds += report.kinds
            files, identical = files + report.files, identical + report.identical
            problems += report.problems
            refused += report.refused
            print(f"{kinds.total()} definitions, {identical} of {files} files as they were", flush=True)
    print("".join(f"{problem}\n" for problem in (*(f"refused {one}" for one in refused), *problems)), end="")
    print(f"{len(refused)} definitions refused, {len(problems)} problems")
    print(f"{kinds.total()} definitions in {files} files, {identical} of them as they were: {dict(kinds)}")
    return bool(problems)


def _cases(word: str, jobs: int) -> int:
    paths = [path for path in sorted(CASES.glob("*/*.md")) if word in path.as_posix()]
    kinds: Counter[str] = Counter()
    stubs = tests = moved = 0
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for path, found in zip(paths, pool.map(one, paths), strict=True):
            kind, words = _told(found)
            kinds[kind] += 1
            print(f"{kind:8}{path.relative_to(CASES).with_suffix('').as_posix()}: {words}", flush=True)
            if isinstance(found, Merged):
                stubs, tests, moved = stubs + len(found.keys), tests + found.tests, moved + found.moved
    print(f"{len(paths)} cases: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}")
    print(f"{stubs} stubs merged, {tests} tests compared, {moved} more moved out of the store")
    return bool(kinds["FAIL"])


def _told(found: Merged | str) -> tuple[str, str]:
    """In a word and in words: merged and equal (all, in part, or with no test to tell), nothing merged, or worse."""
    if isinstance(found, str):
        return "skipped", found
    refused = "".join(f"\n        refused {one}" for one in found.refused)
    counts = f"{len(found.keys)} stubs, {found.tests} tests, {found.moved} moved{refused}"
    if found.problems:
        return "FAIL", "\n".join((counts, *found.problems))
    if found.keys and not found.tests:
        return "untold", counts
    if found.keys:
        return "part" if found.refused else "equal", counts
    return "nothing", f"to merge{refused}"


def main() -> int:
    """Share the work among processes; sum up."""
    parser = argparse.ArgumentParser(prog="python -m tests.graduation", description=__doc__)
    parser.add_argument("-k", default="", metavar="WORD", help="only cases with this in their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes side by side")
    parser.add_argument("--library", action="store_true", help="the standard library instead of the cases")
    given = parser.parse_args()
    return (_library if given.library else _cases)(given.k, given.jobs)


if __name__ == "__main__":
    sys.exit(main())
