"""A call through ``@jiti`` against the same function undecorated. Limit: 1.05x.

python benchmarks/dispatch.py [INTERPRETER...]
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _measure import clean_environment, compare, interpreters, verdict

LIMIT = 1.05
ROUNDS = 301
CALLS = 20_000

# What is measured: the definition (plain, and as committed) and the statement that calls it as `f`.
KINDS = {
    "function": ("def work(text):\n    return text\n", "f('x')"),
    "method": ("def work(self, text):\n    return text\n", "thing.work('x')"),
    "async": ("async def work(text):\n    return text\n", "await f('x')"),
    "generator": ("def work(text):\n    yield text\n", "for _ in f('x'): pass"),
}


def write_project(folder: Path) -> None:
    """A host module per kind with the plain definition, the stub of the same name, and its committed file."""
    for kind, (source, _) in KINDS.items():
        head = source.splitlines()[0]
        stub = f"@jiti\n{head}\n    raise NotImplementedError\n"
        unit = "work"
        plain, committed = source, source
        if kind == "method":
            stub, plain, committed = (_in_class(text) for text in (stub, plain, committed))
            unit = "Thing.work"
        (folder / f"{kind}_stub.py").write_text(f"from jiti import jiti\n{stub}")
        (folder / f"{kind}_plain.py").write_text(plain)
        store = folder / ".jiti" / f"{kind}_stub"
        store.mkdir(parents=True)
        (store / f"{unit}.py").write_text(committed)


def _in_class(source: str) -> str:
    return "class Thing:\n" + "".join(f"    {line}\n" for line in source.splitlines())


def timer(kind: str, module: str) -> Callable[[], float]:
    """A function that makes `CALLS` calls and returns the seconds of one.

    Its loop is compiled anew for every side, since the interpreter specialises a loop to what it calls.
    """
    host = __import__(module)
    keyword = "async def" if kind == "async" else "def"
    source = f"{keyword} loop(f, thing, calls):\n    for _call in calls:\n        {KINDS[kind][1]}\n"
    scope: dict[str, Callable[..., object]] = {}
    exec(compile(source, f"<{module}>", "exec"), scope)
    loop = scope["loop"]
    target = getattr(host, "work", None)
    thing = host.Thing() if kind == "method" else None

    def run() -> float:
        calls = range(CALLS)
        start = time.perf_counter()
        running = loop(target, thing, calls)
        if kind == "async":
            _finish(running)
        return (time.perf_counter() - start) / CALLS

    return run


def _finish(coroutine: object) -> None:
    try:
        coroutine.send(None)  # ty: ignore[missing-attribute]  a coroutine that never waits
    except StopIteration:
        return
    raise AssertionError("the loop waited")


def measure() -> dict[str, list[float]]:
    """Run inside the interpreter that is measured: per kind plain ns, stub ns, ratio, noise."""
    results = {}
    for kind in KINDS:
        found = compare(timer(kind, f"{kind}_plain"), timer(kind, f"{kind}_stub"), ROUNDS)
        results[kind] = [found.baseline * 1e9, found.candidate * 1e9, found.ratio, found.noise]
    return results


def main() -> int:
    """Print a table; 1 when a figure is over the limit."""
    if sys.argv[1:2] == ["--inside"]:
        sys.path.insert(0, sys.argv[2])
        print(json.dumps(measure()))
        return 0
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        write_project(Path(name))
        print(f"{'python':30} {'kind':10} {'plain ns':>9} {'@jiti ns':>9} {'ratio':>7} {'plain/plain':>12}")
        for python in interpreters(sys.argv[1:]):
            command = [python, __file__, "--inside", name]
            run = subprocess.run(command, env=clean_environment(), check=True, capture_output=True, text=True)
            for kind, (plain, stub, ratio, noise) in json.loads(run.stdout).items():
                row = f"{python[-30:]:30} {kind:10} {plain:9.1f} {stub:9.1f} {ratio:6.3f}x {noise:11.3f}x"
                print(row, verdict(ratio, LIMIT))
                worst = max(worst, ratio)
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
