"""What is looked for before anybody is paid: the implementation that a pending stub had elsewhere or before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jiti_bot import past
from jiti_bot.forge.branch import PREFIX
from jiti_bot.planning.plan import Action, Plan, Step
from jiti_bot.planning.reuse import Former, Moves, fits, moves, place_of
from jiti_bot.source.model import Spec
from jiti_bot.source.renamed import renamed_code, renamed_tests
from jiti_bot.store import header as headers
from jiti_bot.store.entry import Entry, defines, keys, parse_entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, Stray, scratch_at, scratch_of, strays
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace

_REFERENCES = 10  # base branches and bot branches that are looked into


@dataclass(frozen=True, slots=True)
class Lookout:
    """Where is looked. ``revisions`` come before the branches that git knows of; no ``git``: only in the stores.

    Without ``edited``, what a person changed by hand is neither taken out of git nor spelled anew for another name.
    """

    revisions: tuple[str, ...] = ()
    git: bool = True
    edited: bool = True


def moved(tree: Tree, standings: Iterable[Standing]) -> Moves:
    """Which missing stubs take over what stubs that are gone left in the stores of ``tree``."""
    every = tuple(standings)
    missing = [one.spec for one in every if one.state.condition is Condition.MISSING]
    if not missing:
        return Moves({}, {})
    specs = [one.spec for one in every]
    return moves(missing, strays(tree, specs, [path for store in tree.stores() for path in tree.under(store)]))


def with_formers(plan: Plan, tree: Tree, workspace: Workspace, standings: Mapping[str, Standing], out: Lookout) -> Plan:
    """``plan`` with a former implementation for each unit that has one: that is validated before a model is asked.

    Raises `RepositoryError` for a revision of ``out`` that does not exist.
    """
    steps = [step for step in plan.steps if _may_have_one(step)]
    if not steps:
        return plan
    shifts = moved(tree, standings.values())
    found = {
        key: former for key, stray in shifts.taken.items() if (former := left(tree, standings[key].spec, stray, out))
    }
    wanted = [step for step in steps if step.spec.key not in found]
    if out.git and workspace.git is not None and wanted:
        found |= _known_to_git(workspace, wanted, out)
    return Plan(tuple(_with(step, found, shifts) if step in steps else step for step in plan.steps))


def left_behind(spec: Spec, stray: Stray) -> str:
    """Where the agent's own tests lie for what ``spec`` takes over; '' where there can be none."""
    place = place_of(stray.path, spec)
    return scratch_at(spec.store, place.file, place.unit) if place is not None and scratch_of(spec) else ""


def _may_have_one(step: Step) -> bool:
    """Whether a model would be asked for all of the unit. What a person edited stays where it is."""
    conditions = {Condition.MISSING, Condition.STALE}
    return step.action is Action.GENERATE and step.state.condition in conditions


def _with(step: Step, found: Mapping[str, Former], shifts: Moves) -> Step:
    key = step.spec.key
    if key not in found:
        return replace(step, note=shifts.open.get(key, ""))
    state = replace(step.state, reason=found[key].words)
    return replace(step, action=Action.RESTORE, state=state, former=found[key])


def left(tree: Tree, spec: Spec, stray: Stray, out: Lookout) -> Former | None:
    """What a stub that is gone left behind in ``tree``, as it would stand for ``spec``; None where it cannot."""
    entry, place = stray.committed, place_of(stray.path, spec)
    if not isinstance(entry, Entry) or place is None:
        return None
    own = left_behind(spec, stray)
    tests = tree.read(own) if own else None
    try:
        code = renamed_code(spec.stub, place.unit, entry.code)
        text = renamed_tests(spec.stub, place.unit, place.file, tests.decode()) if tests else ""
    except (SyntaxError, UnicodeDecodeError):
        return None
    if entry.is_edited and code != entry.code and not out.edited:
        return None
    gone = ((stray.path, entry.raw), *(((own, tests),) if tests is not None else ()))
    return Former(f"moved from {entry.header.key}", entry, code, text, gone)


def _known_to_git(workspace: Workspace, steps: Sequence[Step], out: Lookout) -> dict[str, Former]:
    """Implementations by key, from the given revisions, from base and bot branches, else from before."""
    git = workspace.repository()
    given = {name: git.commit(name) for name in out.revisions}
    branches = past.revisions(git, *_patterns(git.branch()))
    places = {**given, **dict(list(branches.items())[:_REFERENCES])}
    found: dict[str, Former] = {}
    with past.Blobs(git) as blobs:
        for name, revision in places.items():
            left = {step.spec.path: step.spec for step in steps if step.spec.key not in found}
            found |= _fitting(blobs, left, past.held(git, name, revision, left), out)
        left = {step.spec.path: step.spec for step in steps if step.spec.key not in found}
        found |= _fitting(blobs, left, past.earlier(git, left) if left else (), out)
    return found


def _patterns(branch: str) -> tuple[str, ...]:
    """Base branches as they are known here, the bot's after them."""
    names = dict.fromkeys(filter(None, ("main", "master", branch)))
    bases = [f"{where}/{name}" for name in names for where in ("refs/remotes/origin", "refs/heads")]
    return ("refs/remotes/origin/HEAD", *bases, f"refs/remotes/origin/{PREFIX}*", f"refs/heads/{PREFIX}*")


def _fitting(
    blobs: past.Blobs, specs: Mapping[str, Spec], versions: Iterable[past.Version], out: Lookout
) -> dict[str, Former]:
    """The first version of each path that answers what is asked there; one that was made for the same gates wins."""
    best: dict[str, Former] = {}
    for version in versions:
        spec = specs[version.path]
        known = best.get(spec.key)
        if known is not None and known.entry.header.digests == spec.digests:
            continue
        former = _former(blobs, spec, version, out)
        if former is not None and (known is None or former.entry.header.digests == spec.digests):
            best[spec.key] = former
    return best


def _former(blobs: past.Blobs, spec: Spec, version: past.Version, out: Lookout) -> Former | None:
    raw = blobs.read(version.oid)
    if raw is None or not _is_worth_parsing(spec, raw):
        return None
    entry = parse_entry(spec.path, raw)
    if not isinstance(entry, Entry) or not defines(entry.tree, spec.stub) or (entry.is_edited and not out.edited):
        return None
    own = scratch_of(spec)
    tests = blobs.at(version.revision, own) if own else None
    return Former(f"as in {version.where}", entry, entry.code, tests.decode("utf-8", "replace") if tests else "")


def _is_worth_parsing(spec: Spec, raw: bytes) -> bool:
    split = headers.split(raw.decode("utf-8", "replace").replace("\r\n", "\n"))
    if isinstance(split, headers.HeaderError):
        return False
    return fits(spec.digests, split[0].digests) and split[0].key in {headers.single(key) for key in keys(spec)}
