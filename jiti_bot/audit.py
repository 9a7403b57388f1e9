"""What a person has to look at: in a whole project, or in what an edit touches.

Works on any tree and imports none of the user's code.
"""

from __future__ import annotations

from jiti_bot.errors import ConfigurationError
from jiti_bot.findings import Finding, Report, finding
from jiti_bot.store.entry import Entry, read
from jiti_bot.store.survey import Standing, half_merged, state_of, strays, survey
from jiti_bot.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jiti_bot.planning.before import Before
    from jiti_bot.planning.touched import Touched
    from jiti_bot.source.model import Digests, Spec
    from jiti_bot.store.survey import Interface
    from jiti_bot.trees import Tree
    from jiti_bot.workspace import Workspace


# Findings about what is named in one file and defined in another.
_LEADING = ("gate-", "uses-", "engine-")


def everything(workspace: Workspace, tree: Tree, *, strict: bool) -> Report:
    """The whole tree. With ``strict`` missing and stale implementations are findings, too."""
    stored = [path for store in tree.stores() for path in tree.under(store)]  # first, while git looks for candidates
    index = workspace.index(tree)
    specs = index.specs()
    # What the committed code uses of other stubs can only make it stale.
    standings = survey(tree, specs, index.interface if strict else None)
    found = {*index.findings(), *_states(standings, strict=strict)}
    found.update(stray.finding() for stray in strays(tree, specs, stored, index.leaves_out))
    found.update(finding("merge-unfinished", path, 1) for path in half_merged(tree))
    return Report(tuple(sorted(found)), len(specs), is_settled=not found and _all_settled(standings, index.interface))


def _all_settled(standings: Iterable[Standing], interface: Interface) -> bool:
    """Whether nothing is missing or stale, be it by what the committed code uses of other stubs."""
    for one in standings:
        if one.finding(strict=True) is not None:
            return False
        if isinstance(one.committed, Entry) and one.committed.header.dependencies:
            state = state_of(one.spec, one.committed, interface=interface)
            if replace(one, state=state).finding(strict=True) is not None:
                return False
    return True


def what_is_touched(workspace: Workspace, tree: Tree, what: Touched) -> Report:
    """What an edit touches, as far as it can be told without knowing every gate."""
    index = workspace.index(tree, only=what.files)
    specs = index.specs(gates=False)
    standings = tuple(_without_gates(tree, spec) for spec in specs if _concerns(spec, what))
    found = {*_relevant(index.findings(), what), *_states(standings, strict=False)}
    found.update(stray.finding() for stray in strays(tree, specs, what.stored, index.leaves_out))
    return Report(tuple(sorted(found)), len(standings))


def what_is_touched_strictly(workspace: Workspace, tree: Tree, what: Touched, before: Before | None) -> Report:
    """What an edit touches, by its gates and what they reach as well. ``before`` is the tree without the edit."""
    index = workspace.index(tree)
    specs = index.specs()
    former = _former_digests(workspace, before)
    every = survey(tree, specs, index.interface) if _promises_differ(specs, former) else ()
    behind = {one.spec.key for one in every if one.state.dependencies}
    chosen = (one for one in specs if one.key in behind or _concerns(one, what) or _differs(one, former, what))
    standings = survey(tree, chosen, index.interface)
    found = {*_relevant(index.findings(), what), *_states(standings, strict=True)}
    found.update(stray.finding() for stray in strays(tree, specs, what.stored, index.leaves_out))
    return Report(tuple(sorted(found)), len(standings))


def _relevant(findings: Iterable[Finding], what: Touched) -> Iterator[Finding]:
    """Findings in the files that changed, and what leads nowhere any more elsewhere."""
    sources, dependents = set(what.sources), set(what.dependents)
    for found in findings:
        if found.file in sources or (found.file in dependents and found.code.startswith(_LEADING)):
            yield found


def _differs(spec: Spec, former: Mapping[tuple[str, str], Digests], what: Touched) -> bool:
    """Whether an edit elsewhere changed what is asked of a stub: by a gate, or by what a gate or ``uses`` reaches."""
    old = former.get((spec.stub.file, spec.stub.unit))
    if old is not None:
        return old != spec.digests
    return any(gate.file in what.sources for gate in spec.gates)


def _promises_differ(specs: Iterable[Spec], former: Mapping[tuple[str, str], Digests]) -> bool:
    """Whether an edit changed what some stub promises, or took one away: only then is it asked who uses it."""
    now = {(spec.stub.file, spec.stub.unit): spec.digests for spec in specs}
    return any(
        unit not in now or {"signature", "docstring"} & {*now[unit].changed(digests)}
        for unit, digests in former.items()
    )


def _concerns(spec: Spec, what: Touched) -> bool:
    return spec.stub.file in what.sources or spec.path in what.stored


def _states(standings: Iterable[Standing], *, strict: bool) -> Iterator[Finding]:
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
    return Standing(spec, committed, state_of(spec, committed, digests))


def _former_digests(workspace: Workspace, before: Before | None) -> dict[tuple[str, str], Digests]:
    """The digests of every stub before the edit; none where the settings could not be read then."""
    if before is None:
        return {}
    try:
        return {(spec.stub.file, spec.stub.unit): spec.digests for spec in workspace.index(before).specs()}
    except ConfigurationError:
        return {}  # whoever mends them would be told of what is mended
