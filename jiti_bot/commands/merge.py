"""Fold committed code back into the source and drop @jiti: plain Python stays, with its tests.

A stub gets its body, its helpers stand above it, its imports among the others. Tests lose @jiti.required_for and stay;
tests that a model wrote for a test stub get their body, and those that it wrote for itself move to your suite. What
needs you first (missing, stale, in conflict, malformed) is refused, and then nothing at all is written, unless
--keep-going is given. Files are changed all together or not at all; a merge that was killed is finished by the
next one, or by `jiti merge` alone.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from jiti_bot.commands.farewell import remnants, removed, said
from jiti_bot.commands.terminal import printable
from jiti_bot.errors import EXIT_CODES, OK, StoreError, TargetError, UsageError, without_extra
from jiti_bot.graduation.dissect import dissect
from jiti_bot.graduation.malformed import malformed, meant
from jiti_bot.graduation.plan import Graduation, Planner, Refusal, Wishes
from jiti_bot.graduation.show import patch, readable
from jiti_bot.graduation.uninstall import Removal
from jiti_bot.layout import STORE
from jiti_bot.places import owners
from jiti_bot.source.model import Spec
from jiti_bot.sparse import refuse
from jiti_bot.store import journal
from jiti_bot.store.claims import Claims
from jiti_bot.store.write import ChangedMeanwhile, remove_all
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace, open_workspace

FINDINGS = EXIT_CODES["findings"][0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="a key, module, class, file or folder")
    parser.add_argument("--all", action="store_true", dest="everything", help="every stub: leave jiti")
    parser.add_argument("--dry-run", action="store_true", help="print what would change as a diff, and stop")
    parser.add_argument("--keep-going", action="store_true", help="merge what can be, even if something else cannot")
    parser.add_argument("--prune", action="store_true", help="drop the tests that the model wrote for itself")
    parser.add_argument("--keep-hints", action="store_true", help="keep the comments of the placeholder bodies")
    parser.add_argument(
        "--uninstall", action="store_true", help="with --all: remove dependency, hook and workflow, too"
    )
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")


def run(arguments: argparse.Namespace) -> int:
    """Plan, then write."""
    workspace = open_workspace(arguments.directory, os.environ)
    if bool(arguments.targets) == arguments.everything:
        if not (arguments.targets or arguments.dry_run) and resume(workspace):
            return OK
        raise UsageError("Say what to merge.", remedy="Name stubs, modules or files, or pass --all for all of them.")
    if arguments.uninstall and not arguments.everything:
        raise UsageError("--uninstall goes with --all.", remedy="Merge everything first.")
    resume(workspace, is_dry=arguments.dry_run)
    tree = workspace.work_tree()
    planner = _planner(workspace, tree, Wishes(prune=arguments.prune, hints=arguments.keep_hints))
    found = planner.plan(*_chosen(planner, arguments.targets))
    farewell = () if found.refused or found.left else remnants(workspace, tree)
    if arguments.uninstall:
        found = replace(found, changes=(*found.changes, *removed(tree, farewell)))
    stopped = bool(found.refused) and not arguments.keep_going
    written = bool(found.changes) and not (arguments.dry_run or stopped)
    if written:
        refuse(tree, (change.path for change in found.changes), "nothing was merged")
        _write(workspace, planner, found)
    _show(found, planner, arguments, written=written)
    if arguments.everything and not (arguments.dry_run or found.refused):
        _clean(workspace, tree.stores())  # also what one left that was killed as it had merged everything
    if not (arguments.json or arguments.dry_run or stopped):
        print("\n".join(printable(line) for line in _farewell(workspace, found, farewell, arguments)), end="")
    return FINDINGS if found.refused or (arguments.uninstall and found.left) else OK


def _farewell(
    workspace: Workspace, found: Graduation, farewell: Sequence[Removal], arguments: argparse.Namespace
) -> Iterable[str]:
    every = arguments.everything and not found.refused
    tree = workspace.work_tree()
    told = {one.place.rpartition(":")[0] for one in found.left}
    stored = [
        path
        for store in tree.stores()
        for path in tree.under(store)
        if not _is_own(path, store) and told.isdisjoint(owners(path))
    ]
    if not (found.merged or arguments.uninstall or (every and stored)):
        return ()
    if arguments.uninstall:  # what went is told as it was, what stays as it is
        farewell = [
            *(one for one in farewell if not one.by_hand),
            *(one for one in remnants(workspace, tree) if one.by_hand),
        ]
    return said(found.left, farewell, stored, every=every, done=arguments.uninstall)


def resume(workspace: Workspace, *, is_dry: bool = False) -> bool:
    """Finish what killed merges left undone, or with ``is_dry`` only say so; whether there was one."""
    found = journal.unfinished(workspace.root, workspace.work_tree().stores())
    if found and is_dry:
        print("A merge was stopped half way, or is at work right now: the rest of it comes first.", file=sys.stderr)
        return True
    for store in found:
        with journal.alone(workspace.root, store):
            if not journal.unfinished(workspace.root, [store]):
                continue  # whoever was at work there has just come to the end
            done = journal.finish(workspace.root, store, workspace.git)
        said = ("finished an earlier merge that was stopped", *(f"changed {path}" for path in done))
        print("\n".join(map(printable, said)), file=sys.stderr)
        _clean(workspace, [store])
    return bool(found)


def _planner(workspace: Workspace, tree: Tree, wishes: Wishes) -> Planner:
    from jiti_bot.validation.tidying import tidier

    return Planner(workspace, tree, wishes, tidier(Path(workspace.root), workspace.settings, workspace.env))


def _chosen(planner: Planner, targets: Sequence[str]) -> tuple[list[Spec], frozenset[str]]:
    """What is to be merged, and the files that are meant whole.

    Raises `TargetError` and, without libcst, `ExtraMissingError`.
    """
    try:
        dissect("")  # asked for here, so that nothing has happened yet where libcst is missing
    except ImportError as error:
        raise without_extra(error, "merging") from None
    if not targets:
        return [one.spec for one in planner.standings.values()], frozenset(planner.index.candidates)
    found: dict[str, Spec] = {}
    files: set[str] = set()
    for target in targets:
        _refuse_outside(planner.workspace.root, target)
        whole = meant(planner.index, target)
        files.update(whole)
        try:
            found |= {spec.path: spec for spec in planner.index.find(target)}
        except TargetError:
            if not malformed(planner.index, whole):  # then that is why no stub is there
                raise
    return list(found.values()), frozenset(files)


def _refuse_outside(root: str, target: str) -> None:
    """Raise `TargetError` for a file that a link leads to: nobody looks for stubs out there."""
    path = os.path.join(root, target.partition("::")[0])
    real, root = os.path.realpath(path), os.path.realpath(root)
    if os.path.lexists(path) and real != root and not real.startswith(root + os.sep):
        raise TargetError(
            f"{target} lies out of the project, where no stub is looked for.",
            remedy="Merge it in the project that it belongs to.",
        )


def _write(workspace: Workspace, planner: Planner, found: Graduation) -> None:
    """Make the changes. Raises `StoreError` where somebody else is at work, or changed a file meanwhile."""
    specs = [one.spec for one in planner.standings.values() if one.spec.key in found.merged]
    store = specs[0].store if specs else STORE
    with journal.alone(workspace.root, store), closing(Claims(workspace.root)) as claims:
        for spec in specs:
            if not claims.take(spec):
                raise StoreError(
                    f"{spec.key} is being generated right now; nothing was merged.",
                    remedy="Wait until that is done.",
                    where=f"{spec.stub.file}:{spec.stub.line}",
                )
        outcome = journal.apply(workspace.root, store, found.changes)
    _clean(workspace, dict.fromkeys([store, *(spec.store for spec in specs)]))
    if isinstance(outcome, ChangedMeanwhile):
        raise StoreError(
            f"{', '.join(outcome.paths)} changed meanwhile; nothing was merged.",
            remedy="Run it again.",
            where=f"{outcome.paths[0]}:1",
        )


def _clean(workspace: Workspace, stores: Iterable[str]) -> None:
    """Remove stores that hold nothing any more but what machines keep for themselves."""
    tree = workspace.work_tree()
    for store in stores:
        if all(_is_own(path, store) for path in tree.under(store)):
            remove_all(os.path.join(workspace.root, store))


def _is_own(path: str, store: str) -> bool:
    """Whether a file of a store is one that machines keep for themselves."""
    inside = path.removeprefix(f"{store}/")
    return inside.startswith(".cache/") or inside == ".gitignore" or "__pycache__/" in inside


def _show(found: Graduation, planner: Planner, arguments: argparse.Namespace, *, written: bool) -> None:
    if arguments.json:
        print(_json(found, written=written))
        return
    for refusal in found.refused:
        print(_said(refusal), file=sys.stderr)
    if found.refused and not arguments.keep_going:
        print("Nothing was merged. --keep-going merges the others.", file=sys.stderr)
        return
    if arguments.dry_run and found.changes:
        _show_diff(found)
        return
    where = {one.spec.key: one.spec.stub.file for one in planner.standings.values()}
    lines = [f"merged {key} into {where[key]}" for key in found.merged]
    lines += [f"kept its own tests as {place}" if place else f"dropped {path}" for path, place in found.tests]
    print("\n".join(printable(line) for line in lines) or "Nothing to merge.")


def _show_diff(found: Graduation) -> None:
    """To a person as text, to a file or a pipe as bytes: files may be in another encoding than what is shown."""
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        print(readable(found.changes), end="")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(patch(found.changes))


def _said(refusal: Refusal) -> str:
    return printable(str(refusal))


def _json(found: Graduation, *, written: bool) -> str:
    import json

    refused = [
        {"key": one.key or None, "where": one.where, "reason": one.reason, "remedy": one.remedy}
        for one in found.refused
    ]
    tests = [{"from": path, "to": place or None} for path, place in found.tests]
    changed = [{"path": one.path, "removed": one.after is None} for one in found.changes]
    return json.dumps(
        {
            "written": written,
            "merged": list(found.merged),
            "refused": refused,
            "tests": tests,
            "files": changed,
            "left": [one.place for one in found.left],
        },
        indent=2,
    )
