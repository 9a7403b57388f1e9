"""What stands finished in a work tree's store and differs from a base, as a publication. Reads git and files only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiti_bot.errors import StoreError
from jiti_bot.forge import state
from jiti_bot.forge.merge import blob_sha
from jiti_bot.forge.model import File, Publication
from jiti_bot.forge.sections import sections
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source.model import PARTS, GateKind, Spec
from jiti_bot.store.entry import Entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, scratch_of, strays, survey
from jiti_bot.trees import BlobTree, WorkTree
from jiti_bot.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Finished:
    """A publication, and why which keys are left out of it."""

    publication: Publication
    left_out: Mapping[str, str]


def finished(workspace: Workspace, base: str, base_sha: str) -> Finished:
    """The units whose committed files fit their stubs here and on ``base_sha``, and are not there yet.

    Raises `RepositoryError` where the commit is not in this clone.
    """
    git = workspace.repository()
    prefix = git.prefix()
    tree = workspace.work_tree()
    index = workspace.index(tree)
    standings = {one.spec.key: one for one in survey(tree, index.specs(), index.interface)}
    with workspace.revision_tree(base_sha) as there:
        known = {spec.key: spec for spec in workspace.index(there).specs()}
        files: dict[str, str | None] = {}
        left_out: dict[str, str] = {}
        results = []
        for key, one in standings.items():
            changed = {path: text for path, text in _files(tree, one).items() if _text(there, path) != text}
            if not changed:
                continue
            why = _why_not(one, known.get(key), base)
            if why:
                left_out[key] = why
                continue
            files |= changed
            flags = ("its body was edited by hand after it was proved",) if _is_edited(one) else ()
            results.append(Result(key, Outcome.CURRENT, one.spec.path, flags=flags))
        files |= dict.fromkeys(_dropped(tree, there, known.values(), standings))
    return Finished(
        Publication(
            base=base,
            base_sha=base_sha,
            files=tuple(File(prefix + path, text) for path, text in sorted(files.items())),
            sections=sections(standings, results, index.dependencies, prefix),
            specs={one.key: state.asked(known[one.key].digests) for one in results},
            trailer=workspace.settings.trailer,
            aside=_aside(workspace, prefix, known.values(), files),
        ),
        left_out,
    )


def _files(tree: WorkTree, standing: Standing) -> dict[str, str]:
    """The committed file of a unit and its own tests, as they are on disk."""
    found = {path: _text(tree, path) for path in (standing.spec.path, scratch_of(standing.spec)) if path}
    return {path: text for path, text in found.items() if text is not None}


def _why_not(standing: Standing, there: Spec | None, base: str) -> str:
    """Why a unit cannot be published; '' where it can."""
    state, spec = standing.state, standing.spec
    if state.condition not in {Condition.CURRENT, Condition.EDITED} or state.stale_parts:
        return f"it is {state.condition.value} here: generate it first"
    if there is None:
        return f"its stub is not on {base}: push it first"
    parts = [part for part in PARTS if part != "gates" and getattr(there.digests, part) != getattr(spec.digests, part)]
    parts += ["gates"] if _gates(there) != _gates(spec) else []
    return f"its stub on {base} is another one ({', '.join(parts)}): push it first" if parts else ""


def _gates(spec: Spec) -> set[tuple[str, str, str]]:
    """The gates that people wrote: those that a model wrote are published with the rest."""
    return {(gate.file, gate.name, gate.digest) for gate in spec.gates if gate.kind is not GateKind.TEST}


def _is_edited(standing: Standing) -> bool:
    return isinstance(standing.committed, Entry) and standing.committed.is_edited


def _dropped(tree: WorkTree, there: BlobTree, known: Iterable[Spec], standings: Mapping[str, Standing]) -> list[str]:
    """Files of the base's stores whose stubs are gone on both sides, and that were removed here."""
    here = [one.spec for one in standings.values()]
    orphans = [stray.path for store in there.stores() for stray in strays(there, [*known, *here], there.under(store))]
    return [path for path in orphans if not tree.exists(path)]


def _aside(workspace: Workspace, prefix: str, known: Iterable[Spec], files: Mapping[str, object]) -> dict[str, str]:
    """The places of the base's stubs that are not published, with the blob that lies there in the work tree."""
    tree = workspace.work_tree()
    places = [place for spec in known for place in (spec.path, scratch_of(spec)) if place and place not in files]
    held = {place: _text(tree, place) for place in places}
    return {prefix + place: "" if text is None else blob_sha(text) for place, text in held.items()}


def _text(tree: WorkTree | BlobTree, path: str) -> str | None:
    data = tree.read(path)
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError as error:
        raise StoreError("this file of the store is not UTF-8.", remedy="Restore it from git.", where=path) from error
