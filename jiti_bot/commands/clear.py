"""Drop committed code: that of the given stubs, or everything.

Removes the committed files and the agent's own tests; transcripts stay. What you have edited by hand is removed only
after a question, or with --yes.
"""

import argparse
import os
import sys
from collections.abc import Sequence

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


def run(arguments: argparse.Namespace) -> int:
    """Ask where it matters, then remove."""
    workspace = open_workspace(arguments.directory, os.environ)
    tree = workspace.work_tree()
    if arguments.orphans and arguments.keys:
        raise UsageError("--orphans takes no keys.", remedy="Name what is to go, or pass --orphans for all of them.")
    if not arguments.keys and not arguments.orphans:
        return _everything(workspace, tree, sure=arguments.yes, dry=arguments.dry_run)
    items = _orphans(workspace, tree) if arguments.orphans else _chosen(workspace, tree, arguments.keys)
    if arguments.dry_run:
        return _would_remove([path for item in items for path in _files(item) if tree.node(path) is not None])
    edited = [_key(item) for item in items if _is_edited(item)]
    if edited and not arguments.yes:
        _ask(f"{_count(len(edited), 'of them was', 'of them were')} edited by hand: {', '.join(edited)}. Remove?")
    removed = _remove(workspace, tree, items)
    print("\n".join(f"removed {path}" for path in removed) or "Nothing to remove.")
    return OK


def _would_remove(paths: Sequence[str]) -> int:
    print("\n".join(f"would remove {path}" for path in paths) or "Nothing to remove.")
    return OK


def _orphans(workspace: Workspace, tree: Tree) -> list[Item]:
    """What belongs to no stub any more, without what a stub will take over."""
    from jiti_bot.pipeline.former import left_behind, moved

    specs = workspace.index(tree).specs()
    standings = survey(tree, specs)
    by_key = {spec.key: spec for spec in specs}
    kept: set[str] = set()
    for key, stray in moved(tree, standings).taken.items():
        kept |= {stray.path, left_behind(by_key[key], stray)}
        print(f"kept {stray.path}: `jiti generate` moves it to {key}")
    every = strays(tree, specs, [path for store in tree.stores() for path in tree.under(store)])
    return [stray for stray in every if stray.state.condition is Condition.ORPHAN and stray.path not in kept]


def _everything(workspace: Workspace, tree: Tree, *, sure: bool, dry: bool) -> int:
    stores = [os.path.join(workspace.root, store) for store in tree.stores()]
    if not stores:
        print("There is no store here.")
        return OK
    if dry:
        return _would_remove([path for store in tree.stores() for path in tree.under(store) if path.endswith(".py")])
    refuse(tree, (path for store in tree.stores() for path in tree.under(store)), "nothing was removed")
    if not sure:
        files = [path for store in tree.stores() for path in tree.under(store) if path.endswith(".py")]
        _ask(f"Remove all committed code, {_count(len(files), 'file', 'files')} in {', '.join(tree.stores())}?")
    removed = [path for store in stores for path in remove_all(store)]
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
        removed += [os.path.relpath(path, workspace.root).replace(os.sep, "/") for path in outcome.paths]
    return removed


def _ask(question: str) -> None:
    """Go on only after a yes. Raises `UsageError` where nobody can be asked, or on any other answer."""
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nothing was removed.", remedy="Pass --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise UsageError("Nothing was removed.")


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
