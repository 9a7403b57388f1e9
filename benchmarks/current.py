"""``jiti generate`` against ``jiti check`` in a repository of 1,000 current stubs. Limit: 2x. And memory: see below.

python benchmarks/current.py

A hundred modules of ten stubs, each with a docstring example, and a test file for each module with a gate for each
stub. Beside it the peak memory of ``jiti generate --dry-run`` with nothing pending, with 500 stubs asked for and with
all 1,000 missing: what a plan holds of a stub must not add up.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from _measure import ROOT, clean_environment, compare, verdict
from check import process

sys.path.insert(0, str(ROOT))

from tests.committed import implement
from tests.repo import Repo, environment

LIMIT = 2.0
MEMORY_LIMIT = 200.0  # MB
ROUNDS = 7
MODULES, STUBS = 100, 10
JITI = "import os, sys; sys.stdout = open(os.devnull, 'w'); from jiti_bot.cli import console; console()"
PEAK = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from jiti_bot.cli import console
console()
"""
STUB = '''

@jiti
def part{number}(text: str, limit: int = {number}) -> str:
    """The first {number} words of ``text``, at most ``limit``.

    >>> part{number}("")
    ''
    """
    raise NotImplementedError
'''
GATE = """

@jiti.required_for(part{number})
def test_part{number}() -> None:
    assert part{number}("a b c").split() == "a b c".split()[:{number}]
"""


def make(folder: Path) -> Repo:
    """The repository, nothing implemented."""
    repo = Repo(folder, environment(folder))
    repo.git("init", "-q")
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("src/app/__init__.py", "")
    for module in range(MODULES):
        numbers = range(STUBS)
        stubs = "".join(STUB.format(number=number) for number in numbers)
        repo.write(f"src/app/text{module}.py", f"from jiti import jiti\n{stubs}")
        names = ", ".join(f"part{number}" for number in numbers)
        gates = "".join(GATE.format(number=number) for number in numbers)
        repo.write(
            f"tests/test_text{module}.py", f"from app.text{module} import {names}\nfrom jiti import jiti\n{gates}"
        )
    repo.commit()
    return repo


def peak(repo: Repo, *args: str) -> float:
    """The largest resident size of ``jiti generate --dry-run``, in MB."""
    command = [sys.executable, "-c", PEAK, "generate", "--dry-run", *args]
    done = subprocess.run(command, cwd=repo.path, env=clean_environment(), capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stderr.split()[-1]) * unit / 1e6


def main() -> int:
    """Print both figures; 1 when one is over its limit."""
    with tempfile.TemporaryDirectory() as name:
        repo = make(Path(name))
        half = [f"src/app/text{module}.py" for module in range(MODULES // 2)]
        some, every = peak(repo, *half), peak(repo)
        implement(repo, body='return " ".join(text.split()[:limit])')
        repo.commit()
        nothing = peak(repo)
        for command in ("check", "generate"):
            subprocess.run([sys.executable, "-c", JITI, command], cwd=repo.path, env=clean_environment(), check=True)
        found = compare(
            process(sys.executable, repo.path, "-c", JITI, "check"),
            process(sys.executable, repo.path, "-c", JITI, "generate"),
            ROUNDS,
        )
    total = MODULES * STUBS
    print(f"{total} current stubs: check {found.baseline:.2f} s, generate {found.candidate:.2f} s,", end=" ")
    print(f"{found.ratio:.2f}x (check/check {found.noise:.2f}x) {verdict(found.ratio, LIMIT)}")
    print(
        f"generate --dry-run, peak memory: {nothing:.0f} MB with nothing pending, {some:.0f} MB with {total // 2},",
        end=" ",
    )
    print(f"{every:.0f} MB with {total} {verdict(every, MEMORY_LIMIT)}")
    return 0 if found.ratio <= LIMIT and every <= MEMORY_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
