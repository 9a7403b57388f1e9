"""The checkout that a stage works on: its stores as the base commit has them, the bot branch's proposals on top.

Every stage begins here, on a fresh machine or on one where another stage has been: what it finds is the same.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jiti_bot.errors import RepositoryError, StageError
from jiti_bot.forge import state
from jiti_bot.pipeline.looking import look
from jiti_bot.store import paths
from jiti_bot.store.entry import Entry, read_path
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, scratch_of
from jiti_bot.store.write import MAX_FILE, ChangedMeanwhile, Drop, Put, commit
from jiti_bot.trees import BlobTree
from jiti_bot.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies under a stage, by path relative to the project's root.

    ``base`` holds the stores' files in the base commit, ``proposed`` those that the bot's branch holds otherwise.
    """

    workspace: Workspace
    base: Mapping[str, bytes] = field(default_factory=dict)
    proposed: Mapping[str, bytes] = field(default_factory=dict)

    def differs(self, standing: Standing) -> bool:
        """Whether what is committed for a unit, or its own tests, is not what the base commit holds."""
        return any(self.current(path) != self.base.get(path) for path in places(standing))

    def current(self, path: str) -> bytes | None:
        """A file of a store as it is on disk now."""
        try:
            with open(os.path.join(self.workspace.root, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def put(self, store: str, texts: Mapping[str, bytes | None]) -> None:
        """Make files of one store hold what is given, None removing one. Raises `StoreError`, `StageError`."""
        changes: list[Put | Drop] = []
        folder = os.path.join(self.workspace.root, store)
        for path, data in texts.items():
            paths.refuse_obstacles(folder, path.removeprefix(f"{store}/"))
            full, seen = os.path.join(self.workspace.root, path), self.current(path)
            if data is None and seen is not None:
                changes.append(Drop(full, seen))
            elif data is not None and data != seen:
                changes.append(Put(full, _text(path, data), seen))
        if not changes:
            return
        paths.make_store(folder)
        if isinstance(commit(folder, changes), ChangedMeanwhile):
            raise StageError(f"{store} is written by somebody else at the same moment.", remedy="Run the job again.")


def lay(workspace: Workspace, sha: str, head_sha: str) -> Ground:
    """Make the stores of the checkout those of the commit ``sha`` with the proposals of ``head_sha`` on top.

    Raises `StageError` where the checkout is another commit, `RepositoryError` where a commit is not there.
    """
    git = workspace.repository()
    here = git.commit("HEAD")
    if here != sha:
        raise StageError(
            f"This checkout is at {here[:12]}, and the run is about {sha[:12]}.",
            remedy="Give actions/checkout the commit that gate names: `ref: ${{ needs.gate.outputs.sha }}`, or in one "
            "job `ref: ${{ steps.event.outputs.sha }}` after a step `event` with `stage: gate`.",
        )
    with workspace.revision_tree(sha) as tree:
        stores = sorted({*tree.stores(), *workspace.work_tree().stores()})
        base = {path: data for store in stores for path, data in _files(tree, store).items()}
    ground = Ground(workspace, base)
    for store in stores:
        on_disk = [path for path in workspace.work_tree().under(store) if _counts(path)]
        wanted = {path: data for path, data in base.items() if path.startswith(f"{store}/")}
        ground.put(store, {**dict.fromkeys(on_disk), **wanted})
    return _with_proposals(ground, sha, head_sha) if head_sha else ground


def asked(workspace: Workspace, sha: str) -> dict[str, str]:
    """A digest, by key, of all that is asked of each stub in the commit ``sha``; its stores are laid as it has them.

    What the bot's branch holds does not change it.
    """
    lay(workspace, sha, "")
    specs = {key: one.spec for key, one in look(workspace).items()}
    return {key: state.asked(one.digests) for key, one in specs.items()}


def places(standing: Standing) -> tuple[str, ...]:
    """Where a unit and the agent's own tests for it are committed."""
    scratch = scratch_of(standing.spec)
    return (standing.spec.path, scratch) if scratch else (standing.spec.path,)


def _with_proposals(ground: Ground, sha: str, head_sha: str) -> Ground:
    """Lay what the bot's branch changed since it left the base over what the base has not changed itself since."""
    workspace = ground.workspace
    git = workspace.repository()
    try:
        theirs = {change.path for change in git.between(sha, head_sha, since_fork=True) if change.status != "D"}
        ours = {path for change in git.between(head_sha, sha, since_fork=True) for path in (change.path, change.old)}
    except RepositoryError as error:
        raise RepositoryError(
            f"The bot's branch cannot be compared with its base: {error.message}",
            remedy="Fetch the whole history of all branches: give actions/checkout `fetch-depth: 0`.",
        ) from error
    proposed: dict[str, bytes] = {}
    with workspace.revision_tree(head_sha) as tree:
        for standing in look(workspace).values():
            unit = standing.spec.path
            wanted = unit in theirs and (not _is_settled(standing) or unit not in ours)
            if wanted and isinstance(read_path(tree, unit), Entry):
                held = _held(tree, places(standing))
                _refuse_large(held)
                proposed |= held
                ground.put(standing.spec.store, held)
    return Ground(workspace, ground.base, proposed)


def _refuse_large(held: Mapping[str, bytes]) -> None:
    """Raise `StageError` for a person's file on the bot's branch that could never be published."""
    for path, data in held.items():
        if len(_text(path, data)) > MAX_FILE:
            raise StageError(
                f"On the bot's branch this file has more than {MAX_FILE:,} characters.",
                remedy="Make it smaller there, or remove it: then it is written again.",
                where=path,
            )


def _is_settled(standing: Standing) -> bool:
    """Whether the base needs nothing for a unit."""
    state = standing.state
    return state.condition is Condition.CURRENT or (state.condition is Condition.EDITED and not state.stale_parts)


def _held(tree: BlobTree, wanted: Iterable[str]) -> dict[str, bytes]:
    found = {path: tree.read(path) for path in wanted}
    return {path: data for path, data in found.items() if data is not None}


def _files(tree: BlobTree, store: str) -> dict[str, bytes]:
    return _held(tree, (path for path in tree.under(store) if _counts(path)))


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StageError("This file of the store is not UTF-8.", remedy="Restore it from git.", where=path) from error


def _counts(path: str) -> bool:
    """Whether a file of a store is one that git keeps: neither bytecode nor transcripts."""
    names = path.split("/")
    return paths.CACHE not in names and "__pycache__" not in names and names[-1] != paths.GITIGNORE
