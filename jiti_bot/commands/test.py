"""The tests that a model wrote for itself, .jiti/tests/.../test_scratch_*.py: keep some, prune the others.

`jiti test keep` moves tests into your suite, as gates of their stub: from then on they are yours, and every
implementation that is generated later has to pass them. `jiti test prune` deletes the others. The committed code stays.
"""

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.commands.merge import resume
from jiti_bot.errors import OK, StoreError, TargetError, without_extra
from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from jiti_bot.sparse import refuse
from jiti_bot.store import journal
from jiti_bot.store.journal import Change
from jiti_bot.store.survey import is_scratch, scratch_of
from jiti_bot.store.write import ChangedMeanwhile
from jiti_bot.trees import Node, Tree
from jiti_bot.workspace import Workspace, open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="{keep,prune}")
    keep = verbs.add_parser("keep", help="move tests into your suite, as gates", allow_abbrev=False)
    keep.add_argument("targets", nargs="+", metavar="TARGET", help="a stub, a file of tests, or the name of a test")
    prune = verbs.add_parser("prune", help="delete them", allow_abbrev=False)
    prune.add_argument("targets", nargs="*", metavar="TARGET", help="a stub, a module, a file of tests; all if none")
    for verb in (keep, prune):
        verb.add_argument("--dry-run", action="store_true", help="say what would be done, and stop")
        verb.add_argument("--json", action="store_true", help="print machine-readable JSON")


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of the agent's tests, its stub if that is there, and the tests in it that are meant."""

    path: str
    data: bytes
    spec: Spec | None
    names: tuple[str, ...] = ()


def run(arguments: argparse.Namespace) -> int:
    """Keep or prune."""
    workspace = open_workspace(arguments.directory, os.environ)
    resume(workspace, is_dry=arguments.dry_run)
    tree = workspace.work_tree()
    index = workspace.index(tree)
    files = _files(tree, index.specs())
    chosen = _chosen(index, files, arguments.targets)
    if arguments.verb == "prune":
        changes, said = [Change(one.path, one.data, None) for one in chosen], "delete"
    else:
        changes, said = list(_kept(workspace, tree, index, chosen)), "write"
    if changes and not arguments.dry_run:
        refuse(tree, (change.path for change in changes), "nothing was done")
        _write(workspace, changes)
    if arguments.json:
        print(_json(changes, written=bool(changes) and not arguments.dry_run))
    elif arguments.dry_run or not changes:
        print("\n".join(_planned(change) for change in changes) or f"There is nothing to {said}.")
    else:
        print("\n".join(f"{'deleted' if one.after is None else 'wrote'} {one.path}" for one in changes))
        if arguments.verb == "keep":
            print("`jiti generate` proves the committed code by them; no model is asked where it passes.")
    return OK


def _json(changes: Sequence[Change], *, written: bool) -> str:
    files = [{"path": one.path, "removed": one.after is None} for one in changes]
    return json.dumps({"written": written, "files": files}, indent=2)


def _files(tree: Tree, specs: Iterable[Spec]) -> dict[str, _Found]:
    """Every file of the agent's tests, by path."""
    stubs = {scratch_of(spec): spec for spec in specs}
    found: dict[str, _Found] = {}
    for store in tree.stores():
        for path in tree.under(store):
            if is_scratch(path) and tree.node(path) is Node.FILE:
                found[path] = _Found(path, tree.read(path) or b"", stubs.get(path))
    return found


def _chosen(index: Index, files: Mapping[str, _Found], targets: Sequence[str]) -> list[_Found]:
    """What the targets name, each file once. Raises `TargetError`."""
    chosen: dict[str, _Found] = {} if targets else dict(files)
    for target in targets:
        for one in _named(index, files, target):
            earlier = chosen.get(one.path)
            names = (*earlier.names, *one.names) if earlier and earlier.names and one.names else one.names
            whole = earlier is not None and not earlier.names
            chosen[one.path] = _Found(one.path, one.data, one.spec, () if whole else names)
    return list(chosen.values())


def _named(index: Index, files: Mapping[str, _Found], target: str) -> list[_Found]:
    """A file, the files of a stub or module, or a test by its name, alone or behind the file's: ``FILE::NAME``."""
    file, _, name = target.replace("\\", "/").removeprefix("./").rpartition("::")
    if not file and name in files:
        return [files[name]]
    within = [one for one in files.values() if file in {"", one.path} and name in _tests(one)]
    if within:
        return [_Found(one.path, one.data, one.spec, (name,)) for one in within]
    paths = {scratch_of(spec) for spec in index.find(target)}
    found = [one for one in files.values() if one.path in paths]
    if not found:
        raise TargetError(f"No model wrote tests for itself for {target}.", remedy="`ls -R .jiti/tests` shows them.")
    return found


def _tests(one: _Found) -> tuple[str, ...]:
    from jiti_bot.graduation.scratch import tests_in

    try:
        return tests_in(one.data.decode())
    except (SyntaxError, UnicodeDecodeError):
        return ()


def _kept(workspace: Workspace, tree: Tree, index: Index, chosen: Sequence[_Found]) -> Iterator[Change]:
    """The user's new files, and what is left of the agent's."""
    from jiti_bot.graduation import scratch, suite
    from jiti_bot.validation.tidying import tidier

    tidy = tidier(Path(workspace.root), workspace.settings, workspace.env)
    taken: set[str] = set()
    for one in chosen:
        if one.spec is None:
            raise StoreError(
                "the stub of these tests is gone.", remedy="`jiti test prune` deletes them.", where=one.path
            )
        place = suite.place(workspace, tree, one.spec, taken)
        taken.add(place)
        module = suite.import_name(index.resolver.roots, tree, one.spec.stub.file)
        try:
            found = scratch.take(one.data.decode(), one.spec.stub, module, one.names or _tests(one))
        except ImportError as error:
            raise without_extra(error, "keeping tests") from None
        except (SyntaxError, UnicodeDecodeError) as error:
            raise StoreError(f"these tests cannot be read: {error}.", remedy="Mend them.", where=one.path) from None
        if not (one.names or _tests(one)):
            raise StoreError("there is no test in this file.", remedy="`jiti test prune` deletes it.", where=one.path)
        yield Change(place, None, tidy(place, b"", found.kept.encode()))
        yield Change(one.path, one.data, found.left.encode() if found.left else None)


def _planned(change: Change) -> str:
    return f"would {'delete' if change.after is None else 'write'} {change.path}"


def _write(workspace: Workspace, changes: Sequence[Change]) -> None:
    store = next(f"/{one.path}".partition("/.jiti/")[0].removeprefix("/") for one in changes if is_scratch(one.path))
    place = f"{store}/.jiti".removeprefix("/")
    with journal.alone(workspace.root, place):
        outcome = journal.apply(workspace.root, place, changes)
    if isinstance(outcome, ChangedMeanwhile):
        raise StoreError(f"{', '.join(outcome.paths)} changed meanwhile; nothing was done.", remedy="Run it again.")
