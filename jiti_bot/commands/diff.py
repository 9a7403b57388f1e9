"""Show what changed between a stub and its committed code, and what was edited by hand.

The first part compares what the stub asks for now with what the code was written for; the second the code as it stands
with the code as it was generated, where git's history still holds that. Nothing is changed.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jiti_bot import past
from jiti_bot.commands.terminal import Screen, printable, screen
from jiti_bot.errors import OK, JitiError
from jiti_bot.source.compose import interface
from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry, parse_entry
from jiti_bot.store.state import DEPENDENCIES
from jiti_bot.store.survey import Standing, survey
from jiti_bot.workspace import Workspace, open_workspace

_COMMITS = 8  # how far back to look for the stub that a body was written for


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a spec, then and now. ``before`` is None where it cannot be told any more.

    Of a stub that the code uses, ``dependency`` is the place, ``file::unit``.
    """

    part: str
    before: str | None
    now: str
    dependency: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed about one unit. ``generated`` is the code as it was generated, None where that is lost."""

    standing: Standing
    changes: tuple[Change, ...]
    generated: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("key", metavar="KEY", help="the key of a stub, or a file, module or class for all of its stubs")
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")


def run(arguments: argparse.Namespace) -> int:
    """Compare and print."""
    workspace = open_workspace(arguments.directory, os.environ)
    tree = workspace.work_tree()
    index = workspace.index(tree)
    standings = survey(tree, index.find(arguments.key), index.interface)
    found = [compare(workspace, index, standing) for standing in standings]
    if arguments.json:
        print(_json(found))
    else:
        where = screen(sys.stdout, os.environ)
        print("\n\n".join("\n".join(_render(difference, where)) for difference in found))
    return OK


def compare(workspace: Workspace, index: Index, standing: Standing) -> Difference:
    """What changed about one unit."""
    entry = standing.committed
    if not isinstance(entry, Entry):
        return Difference(standing, (), None)
    own = [part for part in standing.state.stale_parts if part != DEPENDENCIES]
    former = _former_spec(workspace, standing.spec, entry) if own else None
    changes = [
        Change(part, _described(former, part) if former else None, _described(standing.spec, part)) for part in own
    ]
    changes += [_dependency(workspace, index, standing.spec, entry, name) for name in standing.state.dependencies]
    return Difference(
        standing, tuple(changes), _generated(workspace, standing.spec, entry) if entry.is_edited else entry.code
    )


def _generated(workspace: Workspace, spec: Spec, entry: Entry) -> str | None:
    """The code as it was generated, from git's history."""
    methods = {part.name: part.body for part in entry.header.parts if part.name in entry.edited and part.name}
    if not methods or methods.keys() != {*entry.edited}:
        return next((old.code for old in _versions(workspace, entry) if old.body == entry.header.body), None)
    from jiti_bot.source.revise import kept

    code = entry.code  # of a class other methods may have been written anew since: put back those that were edited
    for old in _versions(workspace, entry):
        found = {name for name, digest in old.parts if methods.get(name) == digest}
        code = kept(spec.stub, old.code, code, {f"{spec.stub.unit}.{name}" for name in found})
        methods = {name: digest for name, digest in methods.items() if name not in found}
        if not methods:
            return code
    return None


def _versions(workspace: Workspace, entry: Entry) -> Iterator[Entry]:
    """The committed file as git's history knows it, newest first."""
    if workspace.git is None:
        return
    reader = workspace.git.blobs()
    try:
        for _, oid in past.versions(workspace.git, entry.path):
            raw = reader.read((oid,)).get(oid)
            old = parse_entry(entry.path, raw) if raw is not None else None
            if isinstance(old, Entry):
                yield old
    finally:
        reader.close()


def _former_spec(workspace: Workspace, spec: Spec, entry: Entry) -> Spec | None:
    """The stub that the code was written for, from the commits that changed either."""
    for index in _earlier(workspace, entry.path, spec.stub.file):
        for old in index.specs():
            if old.path == spec.path and old.digests == entry.header.digests:
                return old
    return None


def _dependency(workspace: Workspace, index: Index, spec: Spec, entry: Entry, name: str) -> Change:
    """What a stub that the code uses promised when that was written, and what it promises now."""
    known = dict(entry.header.dependencies)
    digest = known.get(spec.told(name), known.get(name))
    now = _promise(index, name) or "(it is gone)"
    for old in _earlier(workspace, entry.path, name.partition("::")[0]):
        if old.interface(name) == digest:
            return Change(DEPENDENCIES, _promise(old, name), now, name)
    return Change(DEPENDENCIES, None, now, name)


def _promise(index: Index, name: str) -> str:
    stubs = index.module(name.partition("::")[0]).stubs
    return next((interface(stub) for stub in stubs if f"{stub.file}::{stub.unit}" == name), "")


def _earlier(workspace: Workspace, *files: str) -> Iterator[Index]:
    """The project as it was in the commits that changed one of ``files``, those of the first file before the others."""
    if workspace.git is None:
        return
    versions = [version for file in files for version in past.versions(workspace.git, file, _COMMITS)]
    for commit in dict.fromkeys(commit for commit, _ in versions):
        with workspace.revision_tree(commit) as tree:
            try:
                yield workspace.index(tree)
            except JitiError:
                continue  # its pyproject.toml could not be read


def _described(spec: Spec, part: str) -> str:
    """One part of a spec in words or source."""
    stub = spec.stub
    match part:
        case "signature":
            text = "\n".join(
                (*(member.header for member in stub.members), stub.header) if stub.members else (stub.header,)
            )
        case "docstring":
            text = "\n\n".join(filter(None, (stub.docstring, *(member.docstring for member in stub.members))))
        case "hints":
            text = "\n".join(f"# {hint}" for hint in stub.hints)
        case "decorators":
            text = "\n".join(f"@{decorator.removeprefix('@')}" for decorator in stub.decorators)
        case "context":
            text = "\n".join(stub.owner_headers)
        case "gates":
            text = "\n".join(f"{gate.name} in {gate.file} ({gate.kind}, {gate.digest})" for gate in spec.gates)
        case _:
            text = "\n".join(use.spelled for use in spec.uses)
    return text


def _render(difference: Difference, where: Screen) -> Iterator[str]:
    standing = difference.standing
    state = standing.state
    yield where.paint(f"{printable(standing.spec.key)}: {state.condition}", "bold")
    if standing.committed is None:
        yield "Nothing is committed for it yet."
        return
    if isinstance(standing.committed, Broken):
        yield printable(str(standing.committed.finding))
        return
    if not difference.changes and not standing.committed.is_edited:
        yield "The stub and its committed code agree."
    for change in difference.changes:
        yield ""
        yield from _change(change, standing.spec, where)
    if standing.committed.is_edited:
        yield ""
        yield from _edits(difference, standing.committed, where)


def _change(change: Change, spec: Spec, where: Screen) -> Iterator[str]:
    place = change.dependency or f"{spec.stub.file}:{spec.stub.line}"
    if change.before is None or change.before == change.now:
        yield where.paint(f"{change.part} changed ({place})", "bold")
        yield from (f"  {printable(line)}" for line in change.now.splitlines())
        return
    yield where.paint(f"{change.part} ({place})", "bold")
    yield from _painted(_unified(change.before, change.now, "when generated", "now"), where)


def _edits(difference: Difference, entry: Entry, where: Screen) -> Iterator[str]:
    yield where.paint(f"edited by hand ({entry.path})", "bold")
    if difference.generated is None:
        yield "  The code as it was generated is not in git's history; this is how it stands:"
        yield from (f"  {printable(line)}" for line in entry.code.splitlines())
        return
    yield from _painted(_unified(difference.generated, entry.code, "as generated", "as edited"), where)


def _unified(before: str, now: str, was: str, is_now: str) -> list[str]:
    import difflib

    return list(difflib.unified_diff(before.splitlines(), now.splitlines(), was, is_now, lineterm=""))


def _painted(lines: Iterable[str], where: Screen) -> Iterator[str]:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        text = f"  {printable(line)}"
        yield where.paint(text, colours[line[0]]) if line[:1] in colours else text


def _json(differences: Iterable[Difference]) -> str:
    import json

    return json.dumps({"stubs": [_facts(difference) for difference in differences]}, indent=2)


def _facts(difference: Difference) -> dict[str, object]:
    standing = difference.standing
    entry = standing.committed if isinstance(standing.committed, Entry) else None
    edited = entry is not None and entry.is_edited
    return {
        "key": standing.spec.key,
        "state": str(standing.state.condition),
        "stale_parts": list(standing.state.stale_parts),
        "changes": [
            {"part": item.part, "before": item.before, "now": item.now, "dependency": item.dependency or None}
            for item in difference.changes
        ],
        "generated": difference.generated,
        "edited": entry.code if entry is not None and edited else None,
    }
