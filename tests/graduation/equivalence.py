"""A project before `jiti merge --all` and after it, without jiti: the same tests pass, ruff and ty find nothing new."""

import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cases.case import read
from tests.cases.stage import play
from tests.repo import Done, Repo, make

CASES = Path(__file__).parent.parent / "cases"
BIN = Path(sys.executable).parent
_LONGEST = 120.0  # seconds for the tests of one project
_QUIET = "ignore:The configuration option"  # pytest-asyncio, to projects that do not configure it
# Of the user's own signatures: an async generator looks like a coroutine function as long as it has no body.
_OWN = frozenset({"deprecated"})
_WITH = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
# As where nobody has installed it: neither the package nor its plugin can be had.
_WITHOUT = f"import sys; sys.modules |= dict.fromkeys(('jiti', 'jiti_bot')); {_WITH}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tools say: the tests by outcome, and findings by tool, file and code."""

    passed: frozenset[str]
    failed: frozenset[str]
    findings: Counter[tuple[str, str, str]]
    said: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge of everything did to a project: problems in words, none if it kept its promise."""

    stubs: int
    tests: int
    problems: tuple[str, ...]


def compare(repo: Repo) -> Merged | None:
    """Merge everything in ``repo`` and look; None where something has to be done by a person first."""
    before = look(repo, with_jiti=True)
    done = repo.jiti("merge", "--all", "--json")
    report = json.loads(done.out) if done.out.startswith("{") else None
    if report is None:
        return Merged(0, 0, (f"merge ended with {done.code}: {done.out}{done.err}",))
    if report["refused"]:
        return None
    after = look(repo, with_jiti=False)
    problems = list(_problems(repo, before, after))
    again = repo.jiti("merge", "--all")
    if (again.code, again.out.strip()) != (0, "Nothing to merge."):
        problems.append(f"a second merge: {again.code} {again.out}{again.err}")
    return Merged(len(report["merged"]), len(before.passed), tuple(problems))


def _problems(repo: Repo, before: Outcome, after: Outcome) -> Iterator[str]:
    if before.passed - after.passed:
        yield f"tests that passed do not any more: {sorted(before.passed - after.passed)}\n{after.said}"
    if after.failed - before.failed:
        yield f"tests fail that did not: {sorted(after.failed - before.failed)}\n{after.said}"
    if new := after.findings - before.findings:
        yield f"new findings: {dict(new)}"
    left = [path for path in sorted(repo.path.rglob("*.py")) if _imports_jiti(path)]
    if left:
        yield "\n".join(f"jiti is left in {path.name}:\n{path.read_text('utf-8', 'replace')}" for path in left)
    kept = {".gitignore", ".cache"}  # what the model was told is nobody's to throw away
    if left := [path for path in (repo.path / ".jiti").glob("*") if path.name not in kept]:
        yield f"the store is left: {left}"


def _imports_jiti(path: Path) -> bool:
    return re.search(rb"^\s*(from|import) jiti", path.read_bytes(), re.MULTILINE) is not None


def look(repo: Repo, *, with_jiti: bool) -> Outcome:
    """Run pytest, ruff and ty."""
    tests = _pytest(repo, with_jiti=with_jiti)
    outcomes = dict(
        re.findall(r"^(\S*::.*?)(?: <- \S+)? (PASSED|FAILED|ERROR|XFAIL|XPASS|SKIPPED)", tests.out, re.MULTILINE)
    )
    failed = {name for name, outcome in outcomes.items() if outcome in {"FAILED", "ERROR"}}
    failed |= set(re.findall(r"^ERROR (\S+)", tests.out, re.MULTILINE))
    passed = frozenset(outcomes) - failed
    return Outcome(passed, frozenset(failed), Counter([*_ruff(repo), *_ty(repo)]), tests.out + tests.err)


def _pytest(repo: Repo, *, with_jiti: bool) -> Done:
    options = ["-vv", "--doctest-modules", "--continue-on-collection-errors", "-p", "no:cacheprovider"]
    options += ["-o", "addopts=", "-W", _QUIET]
    # Looking for examples imports what it finds, and some cases keep a script in their root.
    options += sorted(path.name for path in repo.path.glob("[!.]*") if path.is_dir() or path.match("test_*.py"))
    options += [] if with_jiti else ["-p", "no:jiti"]
    code = _WITH if with_jiti else _WITHOUT
    path = repo.env["PYTHONPATH"] if with_jiti else ""
    env = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(filter(None, (str(repo.path), path)))}
    command = [sys.executable, "-c", code, *options]
    try:
        done = subprocess.run(
            command, cwd=repo.path, env={**repo.env, **env}, capture_output=True, check=False, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        return Done(124, "", "")  # a case may be about a test that never ends
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def _ruff(repo: Repo) -> Iterator[tuple[str, str, str]]:
    done = repo.run(str(BIN / "ruff"), "check", "--no-cache", "--exclude", ".jiti", "--output-format", "json")
    for found in json.loads(done.out or "[]"):
        yield "ruff", Path(found["filename"]).name, found["code"] or "syntax"


def _ty(repo: Repo) -> Iterator[tuple[str, str, str]]:
    done = repo.run(
        str(BIN / "ty"), "check", "--exclude", ".jiti", "--output-format", "concise", "--python", sys.prefix
    )
    for found in re.finditer(r"^(.*?):\d+:\d+: \w+\[([\w-]+)\]", done.out, re.MULTILINE):
        if found[2] not in _OWN:
            yield "ty", Path(found[1]).name, found[2]


def one(path: Path) -> Merged | str:
    """Play a case and merge; in words why there is nothing to compare."""
    case = read(path, CASES)
    if sys.version_info[:2] < case.needs:
        return "needs a newer Python"
    with tempfile.TemporaryDirectory() as folder:
        repo = make(Path(folder))
        try:
            play(case, repo)
        except AssertionError as error:
            return f"could not be played: {str(error).splitlines()[0]}"
        try:
            return compare(repo) or "needs a person first"
        except Exception:  # noqa: BLE001 - a report of every case is worth more than the first traceback
            return Merged(0, 0, (traceback.format_exc(),))
