"""Importing a module with 100 committed stubs against the same module without the decorator.

Limit: 100 microseconds a stub, warm. Shown beside it: the first import, which compiles, and the warm one with
bytecode checked by hash, as `jiti compile` writes it.

    python benchmarks/load.py [INTERPRETER...]
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _measure import clean_environment, interpreters, verdict

LIMIT = 100.0
STUBS = 100
RUNS = 25

BODY = '''    """Return the words of a text, lowered, that are longer than ``least`` letters."""
'''
HELPERS = """import re

_WORD = re.compile(r"[a-z]+")


def _words(text):
    return _WORD.findall(text.lower())


"""


def write_project(folder: Path) -> None:
    """A host with `STUBS` stubs, the same host without the decorator, and small committed files with a helper."""
    head = "def words_{0}(text: str, least: int = 3) -> list[str]:\n"
    defs = [head.format(number) + BODY + "    raise NotImplementedError\n" for number in range(STUBS)]
    (folder / "plain.py").write_text("import re\n" + "".join(defs))
    (folder / "host.py").write_text("import re\nfrom jiti import jiti\n" + "".join(f"@jiti\n{text}" for text in defs))
    store = folder / ".jiti" / "host"
    store.mkdir(parents=True)
    for number in range(STUBS):
        ending = "    return [word for word in _words(text) if len(word) > least]\n"
        (store / f"words_{number}.py").write_text(HELPERS + head.format(number) + BODY + ending)


def inside(module: str) -> float:
    """Processor seconds to import ``module`` once the decorator is there.

    Nothing waits here: on an idle machine this is the time on the clock. On a busy one the clock measures the others.
    """
    import jiti

    assert jiti.jiti
    start = time.process_time()
    __import__(module)
    return time.process_time() - start


def run(python: str, folder: str, module: str) -> float:
    """Seconds that ``module`` took to import in a fresh process."""
    command = [python, __file__, "--inside", folder, module]
    done = subprocess.run(command, env=clean_environment(), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def per_stub(python: str, folder: str) -> tuple[float, float, float]:
    """Medians of interleaved runs: microseconds of the plain and of the stub module, and of their difference a stub."""
    times = [(run(python, folder, "plain"), run(python, folder, "host")) for _ in range(RUNS)]
    plain, host = (statistics.median(column) * 1e6 for column in zip(*times, strict=True))
    return plain, host, statistics.median(stub - base for base, stub in times) * 1e6 / STUBS


def main() -> int:
    """Print a table; 1 when the warm figure is over the limit."""
    if sys.argv[1:2] == ["--inside"]:
        sys.path.insert(0, sys.argv[2])
        print(json.dumps(inside(sys.argv[3])))
        return 0
    worst = 0.0
    print(f"{'python':30} {'state':16} {'plain us':>9} {'stubs us':>9} {'us a stub':>10}")
    for python in interpreters(sys.argv[1:]):
        with tempfile.TemporaryDirectory() as name:
            write_project(Path(name))
            run(python, name, "plain")
            cold = run(python, name, "host") * 1e6
            print(f"{python[-30:]:30} {'first import':16} {'':9} {cold:9.0f} {cold / STUBS:10.1f}")
            plain, host, warm = per_stub(python, name)
            row = f"{python[-30:]:30} {'warm':16} {plain:9.0f} {host:9.0f} {warm:10.1f}"
            print(row, verdict(warm, LIMIT))
            worst = max(worst, warm)
            shutil.rmtree(Path(name, ".jiti", "host", "__pycache__"))
            subprocess.run(
                [
                    python,
                    "-c",
                    "import sys; from jiti_bot.bytecode import *; compile_store(sys.argv[1])",
                    f"{name}/.jiti",
                ],
                env=clean_environment(),
                check=True,
                stdout=subprocess.DEVNULL,
            )
            plain, host, ahead = per_stub(python, name)
            print(f"{python[-30:]:30} {'compiled ahead':16} {plain:9.0f} {host:9.0f} {ahead:10.1f}")
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
