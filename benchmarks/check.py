"""``jiti check --staged`` on 20 staged files in a repository of 1,000 files against ``pass``. Limit: 4x.

python benchmarks/check.py [INTERPRETER...]

The files: 600 plain modules, 200 with a stub whose code is committed, 200 tests that gate them. Staged are changes to 8
plain modules, 7 with a stub (whose docstring changed) and 5 tests. Beside it, without a limit: the same with 20 stubs,
and with 20 plain modules. With JITI_BENCHMARK_IMPORTS=1 the import times of check are printed instead.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _measure import ROOT, clean_environment, compare, interpreters, verdict

sys.path.insert(0, str(ROOT))

from tests.committed import implement
from tests.repo import Repo, environment

LIMIT = 4.0
ROUNDS = 60
LIMITED = "8 plain, 7 stubs, 5 tests"
# plain modules, modules with a stub, tests
STAGED = {LIMITED: (8, 7, 5), "20 stubs": (0, 20, 0), "20 plain": (20, 0, 0)}
CHECK = "from jiti_bot.cli import console; console()"

PLAIN = '''\
"""Plain code, as most files are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Price{number}:
    """An amount in cents."""

    cents: int

    def with_tax(self, rate: float) -> "Price{number}":
        return Price{number}(round(self.cents * (1 + rate)))


def total(prices: list[Price{number}]) -> int:
    return sum(price.cents for price in prices)
'''
STUB = '''\
"""A stub beside plain code."""

from app.plain{plain} import Price{plain}
from jiti import jiti

LIMIT = {number}


@jiti
def cheapest(prices: list[Price{plain}], below: int = LIMIT) -> Price{plain} | None:
    """The cheapest price below a limit, None where there is none."""
    raise NotImplementedError


def is_cheap(price: Price{plain}) -> bool:
    return price.cents < LIMIT
'''
TEST = """\
from app.plain{plain} import Price{plain}
from app.stub{number} import cheapest
from jiti import jiti


@jiti.required_for(cheapest)
def test_cheapest() -> None:
    prices = [Price{plain}(3), Price{plain}(2)]
    assert cheapest(prices, 5) == Price{plain}(2)


@jiti.required_for(cheapest)
def test_none() -> None:
    assert cheapest([], 5) is None
"""


def make(folder: Path) -> Repo:
    """The repository with its staged changes."""
    repo = Repo(folder, environment(folder))
    repo.git("init", "-q")
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("src/app/__init__.py", "")
    for number in range(599):
        repo.write(f"src/app/plain{number}.py", PLAIN.format(number=number))
    for number in range(200):
        repo.write(f"src/app/stub{number}.py", STUB.format(number=number, plain=number))
        repo.write(f"tests/test_stub{number}.py", TEST.format(number=number, plain=number))
    implement(repo, body="return min(prices, key=lambda price: price.cents, default=None)")
    repo.commit()
    repo.git("gc", "-q")
    return repo


def stage(repo: Repo, *, plain: int, stubs: int, tests: int) -> None:
    """Change so many files of each kind, and stage nothing else."""
    repo.git("reset", "-q", "--hard")
    for number in range(plain):
        repo.write(f"src/app/plain{number}.py", PLAIN.format(number=number) + "\n\nCHEAP = 3\n")
    for number in range(stubs):
        text = STUB.format(number=number, plain=number)
        repo.write(f"src/app/stub{number}.py", text.replace("cheapest price", "lowest price"))
    for number in range(tests):
        text = TEST.format(number=number, plain=number)
        repo.write(f"tests/test_stub{number}.py", text.replace("(3)", "(4)") + "\n\n# More to come.\n")
    repo.git("add", "-A")


def process(python: str, folder: Path, *args: str) -> Callable[[], float]:
    """A function that starts Python with ``args`` and returns the seconds until it ended."""
    env = {**clean_environment(), "GIT_CONFIG_GLOBAL": os.devnull}

    def run() -> float:
        start = time.perf_counter()
        subprocess.run([python, *args], env=env, cwd=folder, check=True)
        return time.perf_counter() - start

    return run


def main() -> int:
    """Print a table; 1 when a figure is over the limit."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        repo = make(Path(name))
        folder = repo.path
        if os.environ.get("JITI_BENCHMARK_IMPORTS"):
            process(sys.executable, folder, "-X", "importtime", "-c", CHECK, "check", "--staged")()
            return 0
        print(f"{'python':30} {'staged':26} {'pass ms':>8} {'check ms':>9} {'ratio':>7} {'pass/pass':>10}")
        for python in interpreters(sys.argv[1:]):
            for kind, (plain, stubs, tests) in STAGED.items():
                stage(repo, plain=plain, stubs=stubs, tests=tests)
                check = process(python, folder, "-c", CHECK, "check", "--staged")
                check()  # writes the bytecode
                found = compare(process(python, folder, "-c", "pass"), check, ROUNDS)
                row = f"{python[-30:]:30} {kind:26} {found.baseline * 1e3:8.2f} {found.candidate * 1e3:9.2f}"
                judged = verdict(found.ratio, LIMIT) if kind == LIMITED else ""
                print(row, f"{found.ratio:6.2f}x {found.noise:9.2f}x", judged)
                worst = max(worst, found.ratio) if kind == LIMITED else worst
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
