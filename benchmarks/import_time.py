"""``import jiti`` in a fresh process against ``pass``. Limit: 1.10x.

python benchmarks/import_time.py [INTERPRETER...]
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from _measure import clean_environment, compare, interpreters, verdict

LIMIT = 1.10
ROUNDS = 80
STATEMENTS = ("import jiti", "from jiti import jiti")


def process(python: str, statement: str, folder: str) -> Callable[[], float]:
    """A function that starts ``python -c statement`` and returns the seconds until it ended."""
    environment = clean_environment()

    def run() -> float:
        start = time.perf_counter()
        subprocess.run([python, "-c", statement], env=environment, cwd=folder, check=True)
        return time.perf_counter() - start

    return run


def main() -> int:
    """Print a table; 1 when a figure is over the limit."""
    worst = 0.0
    print(f"{'python':30} {'statement':22} {'pass ms':>8} {'import ms':>10} {'ratio':>7} {'pass/pass':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for python in interpreters(sys.argv[1:]):
            for statement in STATEMENTS:
                process(python, statement, folder)()  # writes the bytecode
                found = compare(process(python, "pass", folder), process(python, statement, folder), ROUNDS)
                row = f"{python[-30:]:30} {statement:22} {found.baseline * 1e3:8.2f} {found.candidate * 1e3:10.2f}"
                print(row, f"{found.ratio:6.3f}x {found.noise:9.3f}x", verdict(found.ratio, LIMIT))
                worst = max(worst, found.ratio)
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
