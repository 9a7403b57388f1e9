"""What a command is to work on: targets, a diff or everything, as a plan over the project on disk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jiti_bot.errors import UsageError
from jiti_bot.findings import Finding, finding
from jiti_bot.pipeline.former import Lookout, with_formers
from jiti_bot.planning.plan import Action, Plan, Step, make
from jiti_bot.source.model import Spec
from jiti_bot.sparse import command, lacking_of, some
from jiti_bot.store.survey import Standing, survey
from jiti_bot.trees import WorkTree
from jiti_bot.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Pending:
    """A plan with the standings that it was made from, by key, and what discovery complained about.

    ``spare`` are the steps of pending units that nobody asked for, by key.
    """

    plan: Plan
    spare: Mapping[str, Step]
    standings: Mapping[str, Standing]
    findings: tuple[Finding, ...]

    @property
    def undecided(self) -> tuple[Step, ...]:
        """The steps that only a person can take."""
        return tuple(step for step in self.plan.steps if step.action is Action.DECIDE)

    @property
    def obstacles(self) -> tuple[Finding, ...]:
        """What is wrong with the stubs of those."""
        return tuple(dict.fromkeys(problem for step in self.undecided for problem in step.spec.problems))


def pending(
    workspace: Workspace, targets: Sequence[str] = (), diff: str | None = None, out: Lookout | None = None
) -> Pending:
    """The plan for ``targets`` (as people type them), for what ``diff`` (``A..B``) touches, or for everything.

    With ``out``, what is missing or out of date is looked for where it says. Raises `TargetError`, `UsageError` and,
    for a revision that does not exist, `RepositoryError`.
    """
    tree = workspace.work_tree()
    index = workspace.index(tree)
    specs = tuple(_here(tree, spec) for spec in index.specs())
    standings = {one.spec.key: one for one in survey(tree, specs, index.interface)}
    wanted: set[str] | None = None
    if targets:
        wanted = {spec.key for target in targets for spec in index.find(target)}
    if diff is not None:
        touched = set(_touched(workspace, diff, standings.values()))
        wanted = touched if wanted is None else wanted & touched
    units = [(one.spec, one.state) for one in standings.values()]
    plan = make(units, wanted)
    asked = {step.spec.key for step in plan.steps}
    spare = {step.spec.key: step for step in make(units).pending if step.spec.key not in asked} if wanted else {}
    if out is not None:
        every = with_formers(Plan((*plan.steps, *spare.values())), tree, workspace, standings, out).steps
        plan, spare = Plan(every[: len(plan.steps)]), {step.spec.key: step for step in every[len(plan.steps) :]}
    return Pending(plan, spare, standings, index.findings())


def _here(tree: WorkTree, spec: Spec) -> Spec:
    """``spec``, with a problem where its source, gates or committed code are no files on disk, only in git."""
    needed = (spec.stub.file, spec.path, *(gate.file for gate in spec.gates), *_used(spec))
    lacking = lacking_of(tree, needed)
    if not lacking:
        return spec
    stub = spec.stub
    problem = finding(
        "left-out", stub.file, stub.line, unit=stub.unit, lacking=some(lacking), command=command(tree, lacking)
    )
    return replace(spec, problems=(*spec.problems, problem))


def _used(spec: Spec) -> Iterable[str]:
    return (use.target.partition("::")[0] for use in spec.uses if use.target)


def _touched(workspace: Workspace, diff: str, standings: Iterable[Standing]) -> Iterable[str]:
    """Keys of units whose stub, gate or committed file differs between two revisions."""
    base, dots, head = diff.partition("...") if "..." in diff else diff.partition("..")
    if not dots or not base:
        raise UsageError(
            f"{diff!r} names no two revisions.", remedy="Write --diff A..B, or A...B for B since the fork."
        )
    changes = workspace.repository().between(base, head or "HEAD", since_fork=dots == "...")
    files = {path for change in changes for path in (change.path, change.old) if path}
    for one in standings:
        spec = one.spec
        if files & {spec.stub.file, spec.path, *(gate.file for gate in spec.gates)}:
            yield spec.key
