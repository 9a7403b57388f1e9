"""A project before `jiti merge --all` and after it, without jiti: the same tests pass, ruff and ty find nothing new."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jiti_bot.errors import EXIT_CODES
from tests.cases.case import read
from tests.cases.stage import play
from tests.repo import Done, Repo, make

CASES = Path(__file__).parent.parent / "cases"
BIN = Path(sys.executable).parent
_LONGEST = 60.0  # seconds for the tests of one case: some are about a test that never ends
_QUIET = "ignore:The configuration option"  # pytest-asyncio, to projects that do not configure it
# Of the user's own signatures: an async generator looks like a coroutine function as long as it has no body.
_OWN = frozenset({"deprecated"})
_WITH = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
# As where nobody has installed it: neither the package nor its plugin can be had.
_WITHOUT = f"import sys; sys.modules |= dict.fromkeys(('jiti', 'jiti_bot')); {_WITH}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tools say: each test's outcome in pytest's word, and findings by tool, file and code."""

    tests: Mapping[str, str]
    findings: Counter[tuple[str, str, str]]
    said: str = ""

    @property
    def passed(self) -> frozenset[str]:
        """The tests that passed."""
        return frozenset(name for name, outcome in self.tests.items() if outcome == "PASSED")


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge of everything did to a project: problems in words, none if it kept its promise.

    ``keys`` are the stubs merged; ``refused`` those that could not be, each with its reason, and places that are left
    to a person: with any of them jiti stays installed. ``tests`` passed before and were looked at again, ``moved`` came
    out of the store.
    """

    keys: tuple[str, ...]
    tests: int
    moved: int
    refused: tuple[str, ...]
    problems: tuple[str, ...]


def compare(repo: Repo, patience: float | None = None) -> Merged:
    """Merge everything in ``repo`` and look; where some of it is refused, merge the rest and look.

    ``patience`` is how many seconds its tests are given, None for as long as they take.
    """
    before = look(repo, with_jiti=True, patience=patience)
    files = _sources(repo)
    report, done = _merge(repo, "--uninstall")
    if report is None:
        said = f"merge ended with {done.code}: {done.out}{done.err}"
        is_told = done.code == EXIT_CODES["configuration"][0]
        return Merged((), 0, 0, (said,) if is_told else (), () if is_told else (said,))
    problems: list[str] = []
    if report["refused"]:
        if _sources(repo) != files:
            problems.append("a merge that refused something wrote something, too")
        report, done = _merge(repo, "--keep-going")
        assert report is not None, done
    refused = tuple(f"{one['key']}: {one['reason']}" for one in report["refused"])
    refused = refused or tuple(f"{place}: left to a person" for place in report["left"])
    if not report["merged"]:
        return Merged((), 0, 0, refused, tuple(problems))
    after = look(repo, with_jiti=bool(refused), patience=patience)
    # An import that is left to a person, because a file that cannot be read may take it from there, is one too many.
    told = Counter(("ruff", place.partition(":")[0].rpartition("/")[2], "F401") for place in report["left"])
    problems += _worse(before, replace(after, findings=after.findings - told))
    problems += [] if refused else _left(repo)
    files = _sources(repo)
    again, done = _merge(repo, *(["--keep-going"] if refused else []))
    if again is None or again["merged"] or _sources(repo) != files:
        problems.append(f"a second merge did something: {done}")
    moved = after.passed - before.tests.keys()
    return Merged(tuple(report["merged"]), len(before.passed), len(moved), refused, tuple(problems))


def apart(repo: Repo, merged: Repo, keys: Sequence[str]) -> Iterator[str]:
    """Merge ``keys`` one after the other in ``repo``, and look where it is not then as ``merged``, at once, is."""
    before = look(repo, with_jiti=True)
    for key in keys:
        done = repo.jiti("merge", key)
        if re.search(r"has changed since \((context|gates|context, gates)\)", done.err):
            return  # a gate names one target less, a class shows what it does at first: `jiti generate` proves it anew
        if done.code not in {0, EXIT_CODES["target"][0]}:  # a test may have come along with what it gates
            yield f"merging {key} alone ended with {done.code}: {done.out}{done.err}"
            return
    repo.jiti("merge", "--all", "--uninstall")
    if _sources(repo) != _sources(merged):
        found = look(repo, with_jiti=False)
        yield from (f"one by one: {problem}" for problem in (*_worse(before, found), *_left(repo)))


def _merge(repo: Repo, *words: str) -> tuple[dict[str, Any] | None, Done]:
    """Merge everything; what is reported, None where it ends before that."""
    done = repo.jiti("merge", "--all", *words, "--json")
    said = json.loads(done.out) if done.out.startswith("{") else {}
    return (said if "merged" in said else None), done


def _sources(repo: Repo) -> dict[str, bytes]:
    """The project's files but what Python and git keep for themselves."""
    skipped = {".git", ".cache", "__pycache__"}
    return {
        path.relative_to(repo.path).as_posix(): path.read_bytes()
        for path in repo.path.rglob("*")
        if path.is_file() and skipped.isdisjoint(path.relative_to(repo.path).parts)
    }


def _worse(before: Outcome, after: Outcome) -> Iterator[str]:
    bad = {"FAILED", "ERROR"}
    changed = [
        f"{name}: {was}, now {after.tests.get(name, 'gone')}"
        for name, was in before.tests.items()
        if was not in bad and after.tests.get(name) != was
    ]
    changed += [f"{name}: new, and {now}" for name, now in after.tests.items() if now in bad - {before.tests.get(name)}]
    if changed:
        yield "\n".join([*dict.fromkeys(changed), after.said])
    if new := after.findings - before.findings:
        yield f"new findings: {dict(new)}"


def _left(repo: Repo) -> Iterator[str]:
    left = [path for path in sorted(repo.path.rglob("*.py")) if _imports_jiti(path)]
    if left:
        yield "\n".join(f"jiti is left in {path.name}:\n{path.read_text('utf-8', 'replace')}" for path in left)
    kept = {".gitignore", ".cache"}  # what the model was told is nobody's to throw away
    if left := [path for path in (repo.path / ".jiti").glob("*") if path.name not in kept]:
        yield f"the store is left: {left}"


def _imports_jiti(path: Path) -> bool:
    return re.search(rb"^\s*(from|import) jiti", path.read_bytes(), re.MULTILINE) is not None


def look(repo: Repo, *, with_jiti: bool, patience: float | None = None) -> Outcome:
    """Run pytest, ruff and ty."""
    tests = _pytest(repo, with_jiti=with_jiti, patience=patience)
    found = re.findall(r"^(\S*::.*?)(?: <- \S+)? (PASSED|FAILED|ERROR|XFAIL|XPASS|SKIPPED)", tests.out, re.MULTILINE)
    outcomes = dict(found) | dict.fromkeys(re.findall(r"^ERROR (\S+)", tests.out, re.MULTILINE), "ERROR")
    findings = Counter([*_ruff(repo), *_unformatted(repo), *_ty(repo)])
    return Outcome(outcomes, findings, tests.out + tests.err)


def _pytest(repo: Repo, *, with_jiti: bool, patience: float | None) -> Done:
    options = ["-vv", "--doctest-modules", "--continue-on-collection-errors", "-p", "no:cacheprovider"]
    options += ["-o", "addopts=", "-W", _QUIET]
    # Looking for examples imports what it finds, and some cases keep a script in their root.
    options += sorted(path.name for path in repo.path.glob("[!.]*") if path.is_dir() or path.match("test_*.py"))
    options += [] if with_jiti else ["-p", "no:jiti"]
    code = _WITH if with_jiti else _WITHOUT
    path = repo.env["PYTHONPATH"] if with_jiti else ""
    env = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(filter(None, (str(repo.path), path)))}
    command = [repo.python, "-c", code, *options]
    try:
        done = subprocess.run(
            command, cwd=repo.path, env={**repo.env, **env}, capture_output=True, check=False, timeout=patience
        )
    except subprocess.TimeoutExpired:
        return Done(124, "", "")  # a case may be about a test that never ends
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def _ruff(repo: Repo) -> Iterator[tuple[str, str, str]]:
    done = repo.run(str(BIN / "ruff"), "check", "--no-cache", "--exclude", ".jiti", "--output-format", "json")
    for found in json.loads(done.out or "[]"):
        yield "ruff", Path(found["filename"]).name, found["code"] or "syntax"


def _unformatted(repo: Repo) -> Iterator[tuple[str, str, str]]:
    done = repo.run(str(BIN / "ruff"), "format", "--no-cache", "--exclude", ".jiti", "--check")
    for name in re.findall(r"^Would reformat: (.+)", done.out, re.MULTILINE):
        yield "ruff", Path(name).name, "format"


def _ty(repo: Repo) -> Iterator[tuple[str, str, str]]:
    done = repo.run(
        str(BIN / "ty"), "check", "--exclude", ".jiti", "--output-format", "concise", "--python", repo.python
    )
    for found in re.finditer(r"^(.*?):\d+:\d+: \w+\[([\w-]+)\]", done.out, re.MULTILINE):
        if found[2] not in _OWN:
            yield "ty", Path(found[1]).name, found[2]


def one(path: Path) -> Merged | str:
    """Play a case and merge; in words why it cannot be played here."""
    case = read(path, CASES)
    if sys.version_info[:2] < case.needs:
        return f"needs Python {case.needs[0]}.{case.needs[1]}"
    with tempfile.TemporaryDirectory() as folder:
        repo = make(Path(folder))
        try:
            play(case, repo)
        except AssertionError as error:
            return f"could not be played: {str(error).splitlines()[0]}"
        copy = Repo(repo.path.with_name("copy"), repo.env)
        shutil.copytree(repo.path, copy.path, symlinks=True)
        try:
            found = compare(repo, _LONGEST)
            problems = () if found.refused else tuple(apart(copy, repo, found.keys))
            return replace(found, problems=(*found.problems, *problems))
        except Exception:  # noqa: BLE001 - a report of every case is worth more than the first traceback
            return Merged((), 0, 0, (), (traceback.format_exc(),))
