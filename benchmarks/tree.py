"""``jiti check`` in repositories of real Python files: the hook, the whole tree, memory, and what makes it dear.

python benchmarks/tree.py [--keep FOLDER] [--rounds N] [--only PART...]

The largest repository has 10,000 files of 100 MB and more: the standard library and the site-packages of the running
interpreter, copied until they are enough, each copy made distinct; among them 100 stubs in 50 files, their code
committed, and 50 test files that gate them. With --keep the repositories are made once and used again. Parts:

hook        20 staged files, 5 with stubs, against ``python -c pass``. Limit: 3x. What is remembered is each time what
            the hook of another commit left.
pre-commit  the same under pre-commit, against a hook that does nothing. Limit: 1.2x.
cold        the whole tree, nothing remembered, against ``git grep -lF jiti -- '*.py'`` (limit: 4x) and
            against ``ruff check --select F401 --no-cache`` (limit: 0.25x).
warm        the same once more, against the same ``git grep``. Limit: 1x.
memory      the peak at 100, 1,000 and 10,000 files. Limit: 1.25x of what 100 files need.
growth      staged checks of 1, 20 and 200 changed files at 100, 1,000 and 10,000 files. Limit: 1.5x from 100 files
            to 10,000 with as many changes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from _measure import ROOT, Comparison, clean_environment, compare, verdict

sys.path.insert(0, str(ROOT))

from tests.committed import implement
from tests.repo import Repo, environment

SIZES = (100, 1_000, 10_000)
BYTES_EACH = 10_000  # on average, at least
MODULES, STUBS = 50, 2
CHANGED = (1, 20, 200)
PARTS = ("hook", "pre-commit", "cold", "warm", "memory", "growth")
HOOK, PRE_COMMIT, COLD_GREP, COLD_RUFF, WARM, MEMORY, GROWTH = 3.0, 1.2, 4.0, 0.25, 1.0, 1.25, 1.5
JITI = "from jiti_bot.cli import console; console()"
# Linux only: elsewhere a process is told the size of the one that started it.
PEAK = """
import gc, sys
from jiti_bot.cli import main
gc.disable()
main()
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""
STUB = '''

@jiti
def part{number}(text: str, limit: int = {number}) -> str:
    """The first words of ``text``, at most ``limit``.

    >>> part{number}("")
    \'\'
    """
    raise NotImplementedError
'''
GATE = """

@jiti.required_for(part{number})
def test_part{number}() -> None:
    assert part{number}("a b c").split() == "a b c".split()[:{number}]
"""
CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: hook
        name: hook
        entry: {entry}
        language: system
        files: \\.py$
        types: []
        always_run: true
        require_serial: true
"""


def make(folder: Path, files: int) -> Repo:
    """A repository with so many files, or the one that was made before."""
    repo = Repo(folder, environment(folder.parent))
    if (folder / ".git" / "made").exists():
        return repo
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "gc.auto", "0")
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    for module in range(_modules(files)):
        numbers = range(STUBS)
        repo.write(f"src/app/text{module}.py", _stubs(module))
        names = ", ".join(f"part{number}" for number in numbers)
        gates = "".join(GATE.format(number=number) for number in numbers)
        head = f"from app.text{module} import {names}\nfrom jiti import jiti\n"
        repo.write(f"tests/test_text{module}.py", head + gates)
    _fill(repo, files - 2 * _modules(files))
    implement(repo, body='return " ".join(text.split()[:limit])')
    repo.commit()
    repo.git("gc", "-q")
    repo.git("status")  # what git knows of each file is on record from now on
    (folder / ".git" / "made").touch()
    return repo


def _modules(files: int) -> int:
    return min(MODULES, files // 20)


def _stubs(module: int) -> str:
    head = f'"""Words, part {module}."""\n\nfrom jiti import jiti\n'
    return head + "".join(STUB.format(number=number) for number in range(STUBS))


def _fill(repo: Repo, files: int) -> None:
    """Write real code until there are so many files of the size wanted on average."""
    written = 0
    for number, (name, data) in zip(range(files), _library(), strict=False):
        missing = BYTES_EACH * (number + 1) - written
        # What is left over in the last files: the library's are a little smaller than they should be on average.
        more = data * max(0, missing // max(1, len(data))) if number > files - files // 10 else b""
        content = data + more
        repo.write(name, content)
        written += len(content)


def _library() -> Iterator[tuple[str, bytes]]:
    """Real files, by the path to give them, over and over, no two the same."""
    tops = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))]
    found = [(number, top, file) for number, top in enumerate(tops) for file in sorted(top.rglob("*.py"))]
    # Spread over both, so that few of them are like many.
    found = [one for one in found if one[0] == 1 or "site-packages" not in one[2].parts]
    found = [one for one in found if "jiti" not in str(one[2].relative_to(one[1]))]
    found = [found[index * 7919 % len(found)] for index in range(len(found))]
    for copy in count():
        for number, top, file in found:
            data = file.read_bytes()
            if b"jiti" not in data and data:
                path = file.relative_to(top).as_posix()
                yield f"vendor/copy{copy}/part{number}/{path}", data + f"\n# {copy} {number} {path}\n".encode()


def stage(repo: Repo, *, plain: int, stubs: int, tests: int) -> None:
    """Change so many files of each kind in the index, and nothing else."""
    repo.git("reset", "-q", "--hard")
    for module in range(stubs):
        repo.write(f"src/app/text{module}.py", _stubs(module).replace("first words", "leading words"))
    for module in range(tests):
        file = repo.path / f"tests/test_text{module}.py"
        file.write_bytes(file.read_bytes() + b"\n\n# More to come.\n")
    for name in repo.git("ls-files", "vendor").splitlines()[:plain]:
        file = repo.path / name
        # A name goes: for all that can be seen in this file, a gate may need it.
        data = file.read_bytes().replace(b"def ", b"def new_", 1)
        file.write_bytes(data + b"\nCHANGED = 3\n")
    repo.git("add", "-A")


def timed(
    folder: Path, *command: str, before: Callable[[], object] | None = None, passes: bool = False
) -> Callable[[], float]:
    """A function that runs a command and returns the seconds until it ended; with ``passes`` that has to be well."""
    env = clean_environment() | {"GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(folder.parent / "pre-commit")}

    def run() -> float:
        if before is not None:
            before()
        start = time.perf_counter()
        subprocess.run(command, env=env, cwd=folder, check=passes, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return run


def jiti(folder: Path, *args: str, before: Callable[[], object] | None = None) -> Callable[[], float]:
    """A function that times our command."""
    return timed(folder, sys.executable, "-c", JITI, *args, before=before)


def remember(repo: Repo) -> Callable[[], None]:
    """A function that puts back what the check of another change left."""
    ours, kept = repo.path / ".git" / "jiti", repo.path.parent / "remembered"
    stage(repo, plain=1, stubs=0, tests=0)
    jiti(repo.path, "check", "--staged", before=forget(repo))()
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(ours, kept)

    def put_back() -> None:
        shutil.rmtree(ours, ignore_errors=True)
        shutil.copytree(kept, ours)

    return put_back


def forget(repo: Repo) -> Callable[[], None]:
    """A function that removes what a check remembers."""
    return lambda: shutil.rmtree(repo.path / ".git" / "jiti", ignore_errors=True)


def hook(repo: Repo, rounds: int) -> bool:
    """The hook as git runs it."""
    check = jiti(repo.path, "check", "--staged", before=remember(repo))
    stage(repo, plain=10, stubs=5, tests=5)
    check()
    found = compare(timed(repo.path, sys.executable, "-c", "pass"), check, rounds * 3)
    good = _row("hook, 20 staged", "python -c pass", found, HOOK)
    stage(repo, plain=20, stubs=0, tests=0)
    found = compare(timed(repo.path, sys.executable, "-c", "pass"), check, rounds * 3)
    return _row("hook, 20 plain", "python -c pass", found, HOOK) and good


def under_pre_commit(repo: Repo, rounds: int) -> bool:
    """The hook as pre-commit runs it."""
    put_back = remember(repo)
    stage(repo, plain=10, stubs=5, tests=5)
    ours = repo.path.parent / "jiti-hook"
    ours.write_text(f"#!{sys.executable}\n{JITI}\n")
    ours.chmod(0o755)
    for name, entry in (("ours", f"{ours} check --pre-commit"), ("idle", "'true'")):
        (repo.path.parent / f"{name}.yaml").write_text(CONFIG.format(entry=entry))
    configs = [str(repo.path.parent / f"{name}.yaml") for name in ("idle", "ours")]
    commands = [(sys.executable, "-m", "pre_commit", "run", "-c", config) for config in configs]
    for command in commands:
        timed(repo.path, *command, passes=True)()
    runs = [timed(repo.path, *command, before=put_back) for command in commands]
    return _row("under pre-commit", "a hook of `true`", compare(*runs, rounds * 2), PRE_COMMIT)


def _grep(repo: Repo) -> Callable[[], float]:
    return timed(repo.path, "git", "grep", "-lF", "jiti", "--", "*.py")


def cold(repo: Repo, rounds: int) -> bool:
    """The whole tree, nothing remembered."""
    repo.git("reset", "-q", "--hard")
    check = jiti(repo.path, "check", before=forget(repo))
    check()
    good = _row("tree, cold", "git grep", compare(_grep(repo), check, rounds), COLD_GREP)
    ruff = timed(
        repo.path,
        str(Path(sys.executable).with_name("ruff")),
        "check",
        "--select",
        "F401",
        "--no-cache",
        "--quiet",
        ".",
    )
    return _row("tree, cold", "ruff F401", compare(ruff, check, max(4, rounds // 2)), COLD_RUFF) and good


def warm(repo: Repo, rounds: int) -> bool:
    """The whole tree once more."""
    repo.git("reset", "-q", "--hard")
    check = jiti(repo.path, "check")
    check()
    return _row("tree, warm", "git grep", compare(_grep(repo), check, rounds * 2), WARM)


def _row(what: str, against: str, found: Comparison, limit: float) -> bool:
    print(
        f"{what:20} {found.candidate * 1e3:9.1f} ms   {against:18} {found.baseline * 1e3:9.1f} ms"
        f"   {found.ratio:6.2f}x   (itself {found.noise:.2f}x)   limit {limit:g}x {verdict(found.ratio, limit)}",
        flush=True,
    )
    return found.ratio <= limit


def peak(repo: Repo, *args: str) -> float:
    """The largest resident size of ``jiti check``, in MB."""
    env = clean_environment() | {"GIT_CONFIG_GLOBAL": os.devnull}
    command = [sys.executable, "-c", PEAK, "check", *args]
    done = subprocess.run(command, cwd=repo.path, env=env, capture_output=True, text=True, check=True)
    return int(done.stderr.split()[-1]) * 1024 / 1e6


def memory(repos: dict[int, Repo]) -> bool:
    """The peak by the size of the tree."""
    print(f"{'peak memory, MB':24}", *(f"{files:>8} files" for files in repos), flush=True)
    good = True
    for what, args, fresh in (
        ("check --staged, 20 files", ("--staged",), False),
        ("check, cold", (), True),
        ("check, warm", (), False),
    ):
        peaks = []
        for repo in repos.values():
            if args:
                remember(repo)
            stage(repo, plain=10 if args else 0, stubs=5 if args else 0, tests=5 if args else 0)
            if fresh:
                forget(repo)()
            peaks.append(peak(repo, *args))
        ratio = peaks[-1] / peaks[0]
        good = good and ratio <= MEMORY
        print(f"{what:24}", *(f"{each:14.1f}" for each in peaks), f"   {ratio:.2f}x {verdict(ratio, MEMORY)}")
    return good


def growth(repos: dict[int, Repo], rounds: int) -> bool:
    """Staged checks by the number of changes and the size of the tree."""
    print(f"{'staged check, ms':24}", *(f"{files:>8} files" for files in repos), flush=True)
    good = True
    for changed in CHANGED:
        times = []
        for files, repo in repos.items():
            if changed > files // 2:
                times.append(None)
                continue
            check = jiti(repo.path, "check", "--staged", before=remember(repo))
            stage(repo, plain=changed, stubs=0, tests=0)
            check()
            times.append(compare(check, check, rounds).candidate * 1e3)
        known = [each for each in times if each is not None]
        ratio = known[-1] / known[0]
        good = good and ratio <= GROWTH
        shown = (f"{each:14.1f}" if each is not None else f"{'-':>14}" for each in times)
        print(f"{changed:>11} plain changes", *shown, f"   {ratio:.2f}x {verdict(ratio, GROWTH)}", flush=True)
    return good


def main() -> int:
    """Print what each part found; 1 when a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make the repositories here, once")
    parser.add_argument("--rounds", type=int, default=12, metavar="N", help="more is steadier")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure only these")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        top: Path = options.keep.absolute() if options.keep else Path(scratch)
        sizes = SIZES if {"memory", "growth"} & {*options.only} else SIZES[-1:]
        repos = {files: make(top / str(files), files) for files in sizes}
        large = repos[SIZES[-1]]
        single = {"hook": hook, "pre-commit": under_pre_commit, "cold": cold, "warm": warm}
        good = [run(large, options.rounds) for part, run in single.items() if part in options.only]
        good += [memory(repos)] if "memory" in options.only else []
        good += [growth(repos, options.rounds)] if "growth" in options.only else []
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
