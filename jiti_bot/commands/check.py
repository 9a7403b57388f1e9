"""Find what needs a person: malformed stubs and gates, conflicts, tampered or orphaned committed files.

Offline and from syntax alone: none of your code is imported. Without arguments everything on disk is judged; with
--staged or --diff, what the change touches, as git holds it. Exit code 0: nothing found; 1: see the lines printed.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping

from jiti_bot.errors import EXIT_CODES, OK, UsageError
from jiti_bot.findings import Finding
from jiti_bot.git import Change, Git
from jiti_bot.planning.before import Before
from jiti_bot.planning.touched import Edit, Touched, edit_of, touched
from jiti_bot.source.model import Digests, Spec
from jiti_bot.store.entry import Entry, read
from jiti_bot.store.state import judge
from jiti_bot.store.survey import Standing, strays, survey
from jiti_bot.trees import BlobTree, Node, Tree
from jiti_bot.values import dataclass, replace
from jiti_bot.workspace import Workspace, open_workspace

# What pre-commit says about its own run (https://pre-commit.com/#pre-commit-run).
_FROM, _TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and how many stubs were looked at."""

    findings: tuple[Finding, ...]
    stubs: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="judge these files or folders only")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--staged", action="store_true", help="judge what the next commit changes, as it is staged")
    what.add_argument(
        "--diff", metavar="A..B", help="judge what changed from A to B, as it is in B (A...B: since the fork)"
    )
    what.add_argument("--pre-commit", action="store_true", help="as --staged or --diff, whichever pre-commit is about")
    parser.add_argument("--strict", action="store_true", help="missing and stale implementations are findings, too")
    parser.add_argument("--format", choices=("text", "github", "json"), default="text", help="how findings are printed")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")


def run(arguments: argparse.Namespace) -> int:
    """Judge, print, and say by the exit code whether anything was found."""
    workspace = open_workspace(arguments.directory, os.environ)
    report = check(workspace, arguments)
    _print(report, arguments.format)
    return EXIT_CODES["findings"][0] if report.findings else OK


def check(workspace: Workspace, arguments: argparse.Namespace) -> Report:
    """The report that the command line asks for."""
    files = [workspace.relative(path, arguments.directory) for path in arguments.files]
    strict: bool = arguments.strict or workspace.settings.strict
    diff: str | None = arguments.diff
    if arguments.pre_commit and workspace.env.get(_FROM) and workspace.env.get(_TO):
        diff = f"{workspace.env[_FROM]}...{workspace.env[_TO]}"
        files = []  # pre-commit names files of the same change
    if diff is not None:
        return _of_revisions(workspace, diff, strict)
    if arguments.staged or arguments.pre_commit:
        git = workspace.repository()
        with workspace.staged_tree() as tree:
            return _of_changes(workspace, tree, git.staged(), files, strict)
    tree = workspace.work_tree()
    if files:
        edit = Edit(tuple(_expanded(tree, files)))
        return _of_edit(workspace, tree, edit, strict, None)
    return _of_everything(workspace, tree, strict)


def _of_everything(workspace: Workspace, tree: Tree, strict: bool) -> Report:
    index = workspace.index(tree)
    specs = index.specs()
    stored = [path for store in tree.stores() for path in tree.under(store)]
    found = {*index.findings(), *_states(survey(tree, specs), strict)}
    found.update(stray.finding() for stray in strays(tree, specs, stored))
    return Report(tuple(sorted(found)), len(specs))


def _of_revisions(workspace: Workspace, diff: str, strict: bool) -> Report:
    base, dots, head = diff.partition("...") if "..." in diff else diff.partition("..")
    if not dots or not base:
        raise UsageError(
            f"{diff!r} names no two revisions.", remedy="Write --diff A..B, or A...B for B since the fork."
        )
    git = workspace.repository()
    changes = git.between(base, head or "HEAD", since_fork=dots == "...")
    with workspace.revision_tree(head or "HEAD") as tree:
        return _of_changes(workspace, tree, changes, (), strict)


def _of_changes(
    workspace: Workspace, tree: BlobTree, changes: Iterable[Change], more: Iterable[str], strict: bool
) -> Report:
    changes = tuple(changes)
    before = _former(workspace.repository(), changes)
    edit = edit_of(changes, before, more)
    tree.prefetch(path for path in edit.files if path.endswith(".py"))
    return _of_edit(workspace, tree, edit, strict, Before(tree, edit) if strict else None)


def _of_edit(workspace: Workspace, tree: Tree, edit: Edit, strict: bool, before: Before | None) -> Report:
    what = touched(tree, edit)
    if strict:
        index = workspace.index(tree)
        specs = index.specs()
        former = _former_digests(workspace, before)
        standings = survey(tree, (spec for spec in specs if _concerns(spec, what) or _differs(spec, former, what)))
        findings = _relevant(index.findings(), what)
    else:
        index = workspace.index(tree, only=what.files)
        specs = index.specs(gates=False)
        standings = tuple(_without_gates(tree, spec) for spec in specs if _concerns(spec, what))
        findings = _relevant(index.findings(), what)
    found = {*findings, *_states(standings, strict)}
    found.update(stray.finding() for stray in strays(tree, specs, what.stored))
    return Report(tuple(sorted(found)), len(standings))


def _relevant(findings: Iterable[Finding], what: Touched) -> Iterator[Finding]:
    """Findings in the files that changed, and gates elsewhere that lead nowhere any more."""
    sources, gates = set(what.sources), set(what.gates)
    for found in findings:
        if found.file in sources or (found.file in gates and found.code.startswith("gate-")):
            yield found


def _differs(spec: Spec, former: Mapping[tuple[str, str], Digests], what: Touched) -> bool:
    """Whether an edit elsewhere changed what is asked of a stub: by a gate, or by what a gate or ``uses`` reaches."""
    old = former.get((spec.stub.file, spec.stub.unit))
    if old is not None:
        return old != spec.digests
    return any(gate.file in what.sources for gate in spec.gates)


def _concerns(spec: Spec, what: Touched) -> bool:
    return spec.stub.file in what.sources or spec.path in what.stored


def _states(standings: Iterable[Standing], strict: bool) -> Iterator[Finding]:
    for standing in standings:
        found = standing.finding(strict=strict)
        if found is not None:
            yield found


def _without_gates(tree: Tree, spec: Spec) -> Standing:
    """Where a stub stands as far as one can tell without knowing its gates, which decide no conflict."""
    committed = read(tree, spec)
    digests = spec.digests
    if isinstance(committed, Entry):
        digests = replace(digests, gates=committed.header.digests.gates)
    return Standing(spec, committed, judge(digests, committed))


def _former_digests(workspace: Workspace, before: Before | None) -> dict[tuple[str, str], Digests]:
    """The digests of every stub before the edit."""
    if before is None:
        return {}
    return {(spec.stub.file, spec.stub.unit): spec.digests for spec in workspace.index(before).specs()}


def _former(git: Git, changes: Iterable[Change]) -> Mapping[str, bytes]:
    """The former contents of changed Python files, by object id."""
    reader = git.blobs()
    try:
        return reader.read(sorted({change.before for change in changes if change.before and _is_python(change)}))
    finally:
        reader.close()


def _is_python(change: Change) -> bool:
    return (change.old or change.path).endswith(".py")


def _expanded(tree: Tree, names: Iterable[str]) -> Iterator[str]:
    """Files as they are, folders as what they hold. Raises `UsageError` for a name that is neither."""
    for name in names:
        match tree.node(name):
            case None:
                raise UsageError(
                    f"There is no file or folder {name}.", remedy="Name what is there, or nothing for all."
                )
            case Node.FOLDER:
                start = "" if name == "." else f"{name}/"
                yield from (file for file in tree.names() if file.startswith(start))
                stores = (store for store in tree.stores() if f"{store}/".startswith(start) or name.startswith(store))
                yield from (path for store in stores for path in tree.under(store) if path.startswith(start))
            case _:
                yield name


def _print(report: Report, form: str) -> None:
    match form:
        case "json":
            print(_json(report))
        case "github":
            for found in report.findings:
                print(_annotation(found))
        case _:
            for found in report.findings:
                print(found)
            if report.findings:
                print(_summary(report), file=sys.stderr)


def _summary(report: Report) -> str:
    count = len(report.findings)
    return f"{count} finding{'s' if count != 1 else ''}."


def _json(report: Report) -> str:
    import json

    keys = ("file", "line", "code", "level", "message", "remedy")
    findings = [{key: getattr(found, key) for key in keys} for found in report.findings]
    return json.dumps({"findings": findings, "stubs": report.stubs}, indent=2)


def _annotation(found: Finding) -> str:
    """A workflow command of GitHub Actions; values are escaped as its toolkit does."""
    properties = {"file": found.file, "line": str(found.line), "title": f"jiti: {found.code}"}
    fields = ",".join(
        f"{name}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items()
    )
    return (
        f"::{'error' if found.level == 'error' else 'warning'} {fields}::{_escaped(f'{found.message} {found.remedy}')}"
    )


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
