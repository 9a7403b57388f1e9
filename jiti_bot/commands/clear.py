"""Drop committed code: that of the given stubs, or everything.

Removes the committed files and the agent's own tests; transcripts stay. What you have edited by hand is removed only
after a question, or with --yes.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence

from jiti_bot.errors import OK, StoreError, TargetError, UsageError
from jiti_bot.sparse import refuse
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, Stray, scratch_of, strays, survey
from jiti_bot.store.write import ChangedMeanwhile, Drop, commit, remove_all
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace, open_workspace

Item = Standing | Stray


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("keys", nargs="*", metavar="KEY", help="a stub, or a file, module or class; everything if none")
    parser.add_argument("--orphans", action="store_true", help="only what belongs to no stub any more")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and stop")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON, and do not ask either")


def run(arguments: argparse.Namespace) -> int:
    """Ask where it matters, then remove."""
    workspace = open_workspace(arguments.directory, os.environ)
    tree = workspace.work_tree()
    if arguments.orphans and arguments.keys:
        raise UsageError("--orphans takes no keys.", remedy="Name what is to go, or pass --orphans for all of them.")
    if not arguments.keys and not arguments.orphans:
        return _everything(workspace, tree, arguments)
    items, kept = _orphans(workspace, tree) if arguments.orphans else (_chosen(workspace, tree, arguments.keys), {})
    if arguments.dry_run:
        paths = [path for item in items for path in _files(item) if tree.node(path) is not None]
        return _tell(arguments, paths, kept)
    edited = [_key(item) for item in items if _is_edited(item)]
    if edited and not arguments.yes:
        told = f"{_count(len(edited), 'of them was', 'of them were')} edited by hand: {', '.join(edited)}. Remove?"
        _ask(told, may_ask=not arguments.json)
    return _tell(arguments, _remove(workspace, tree, items), kept)


def _tell(arguments: argparse.Namespace, paths: Sequence[str], kept: Mapping[str, str]) -> int:
    """What was removed, or would be. ``kept`` are files that a stub will take over, with its key."""
    if arguments.json:
        waiting = [{"path": path, "key": key} for path, key in kept.items()]
        print(json.dumps({"written": not arguments.dry_run, "removed": list(paths), "kept": waiting}, indent=2))
        return OK
    said = "would remove" if arguments.dry_run else "removed"
    lines = [f"kept {path}: `jiti generate` moves it to {key}" for path, key in kept.items()]
    print("\n".join(lines + ([f"{said} {path}" for path in paths] or ["Nothing to remove."])))
    return OK


def _orphans(workspace: Workspace, tree: Tree) -> tuple[list[Item], dict[str, str]]:
    """What belongs to no stub any more, and apart from it what a stub will take over, each with that stub's key."""
    from jiti_bot.pipeline.former import left_behind, moved

    specs = workspace.index(tree).specs()
    standings = survey(tree, specs)
    by_key = {spec.key: spec for spec in specs}
    kept: dict[str, str] = {}
    passed: set[str] = set()
    for key, stray in moved(tree, standings).taken.items():
        kept[stray.path] = key
        passed.add(left_behind(by_key[key], stray))
    every = strays(tree, specs, [path for store in tree.stores() for path in tree.under(store)])
    passed |= kept.keys()
    return [one for one in every if one.state.condition is Condition.ORPHAN and one.path not in passed], kept


def _everything(workspace: Workspace, tree: Tree, arguments: argparse.Namespace) -> int:
    stores = [os.path.join(workspace.root, store) for store in tree.stores()]
    if not stores and not arguments.json:
        print("There is no store here.")
        return OK
    files = [path for store in tree.stores() for path in tree.under(store) if path.endswith(".py")]
    if arguments.dry_run:
        return _tell(arguments, files, {})
    refuse(tree, (path for store in tree.stores() for path in tree.under(store)), "nothing was removed")
    if stores and not arguments.yes:
        told = f"Remove all committed code, {_count(len(files), 'file', 'files')} in {', '.join(tree.stores())}?"
        _ask(told, may_ask=not arguments.json)
    removed = [os.path.join(store, path) for store in stores for path in remove_all(store)]
    if arguments.json:
        return _tell(arguments, [_relative(workspace, path) for path in removed], {})
    print(f"Removed {_count(len(removed), 'file', 'files')}.")
    return OK


def _chosen(workspace: Workspace, tree: Tree, keys: Sequence[str]) -> list[Item]:
    """What the keys name: stubs with their code, and code without a stub. Raises `TargetError`."""
    index = workspace.index(tree)
    specs = index.specs()
    lost = strays(tree, specs, [path for store in tree.stores() for path in tree.under(store)])
    chosen: dict[str, Item] = {}
    for key in keys:
        found: list[Item] = [stray for stray in lost if key in {stray.key, stray.path}]
        try:
            found += survey(tree, index.find(key))
        except TargetError:
            if not found:
                raise
        chosen |= {_path(item): item for item in found}
    return list(chosen.values())


def _remove(workspace: Workspace, tree: Tree, items: Sequence[Item]) -> list[str]:
    drops: dict[str, list[Drop]] = {}
    for item in items:
        for path in _files(item):
            seen = tree.read(path)
            if isinstance(item.committed, Broken) and item.committed.raw is None and path == _path(item):
                raise StoreError(item.committed.finding.message, remedy="Remove it yourself.", where=f"{path}:1")
            if seen is not None:
                store = f"{path}/".partition("/.jiti/")[0] + "/.jiti" if "/.jiti/" in path else ".jiti"
                drops.setdefault(store, []).append(Drop(os.path.join(workspace.root, path), seen))
    refuse(tree, (path for item in items for path in _files(item)), "nothing was removed")
    removed = []
    for store, changes in drops.items():
        outcome = commit(os.path.join(workspace.root, store), changes)
        if isinstance(outcome, ChangedMeanwhile):
            raise StoreError(
                f"{', '.join(outcome.paths)} changed meanwhile; nothing was removed.", remedy="Run it again."
            )
        removed += [_relative(workspace, path) for path in outcome.paths]
    return removed


def _relative(workspace: Workspace, path: str) -> str:
    return os.path.relpath(path, workspace.root).replace(os.sep, "/")


def _ask(question: str, *, may_ask: bool) -> None:
    """Go on only after a yes. Raises `UsageError` where nobody can be asked, or on any other answer."""
    if not may_ask or not sys.stdin.isatty():
        raise UsageError(f"{question} Nothing was removed.", remedy="Pass --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise UsageError("Nothing was removed.", remedy="Answer y, or pass --yes, if it is to go.")


def _files(item: Item) -> tuple[str, ...]:
    if isinstance(item, Stray):
        return (item.path,)
    return tuple(filter(None, (item.spec.path, scratch_of(item.spec))))


def _path(item: Item) -> str:
    return item.path if isinstance(item, Stray) else item.spec.path


def _key(item: Item) -> str:
    return item.key if isinstance(item, Stray) else item.spec.key


def _is_edited(item: Item) -> bool:
    if isinstance(item.committed, Entry):
        return item.committed.is_edited
    return item.state.condition is Condition.MALFORMED


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
