"""plan: what is pending on the ground, divided into shards that can be worked on apart. Nothing of the project runs."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jiti_bot.forge.state import Remembered, asks_for_more, short
from jiti_bot.pipeline.former import Lookout
from jiti_bot.pipeline.pending import Pending, pending
from jiti_bot.planning.plan import Action, Plan, Step
from jiti_bot.stages.model import Decision
from jiti_bot.store.state import Condition, State
from jiti_bot.workspace import Workspace

#: GitHub runs at most this many jobs of one matrix.
MOST_SHARDS = 256


def todo(workspace: Workspace, decision: Decision, targets: Sequence[str] = ()) -> Pending:
    """What is to be done, people's wishes among it."""
    # What a person wrote counts as theirs where it lies in a commit under this run, not where it once lay.
    revisions = (decision.head_sha,) if decision.head_sha else ()
    found = pending(workspace, targets, out=Lookout(revisions, edited=False))
    return replace(
        found,
        plan=Plan(tuple(wished(step, decision) for step in found.plan.steps)),
        spare={key: wished(step, decision) for key, step in found.spare.items()},
    )


def open_to(found: Pending, decision: Decision, asked: Mapping[str, str]) -> Pending:
    """``found`` without work on what a person turned down, as long as nothing else is asked for since.

    ``asked`` are digests by key, as `ground.asked` gives them: what was made for them would not be published.
    """
    now = {step.spec.key: asked.get(step.spec.key, "") for step in found.plan.pending}
    if not decision.declined or decision.orders or asks_for_more(now, Remembered(decision.declined)):
        return found
    return without(found, now)


def aside(found: Pending, decision: Decision, asked: Mapping[str, str]) -> dict[str, str]:
    """The pending units that are left alone, with why: they were tried and failed, and nothing about them is new.

    ``asked`` as for `open_to`. What people ask for is done; so is what needs something that is tried, and nothing is
    done that would wait for what is left alone.
    """
    if decision.retry:
        return {}
    idle: dict[str, str] = {}
    awake: set[str] = set()
    for step in found.plan.pending:
        key, blocked = step.spec.key, sorted(step.needs & idle.keys())
        same = decision.tried.get(key) == short(asked.get(key, ""))
        if key in decision.hints or key in decision.keep:
            awake.add(key)
        elif same and not step.needs & awake:
            idle[key] = "it was tried and did not pass; `/jiti retry`, or a change to the stub or a gate, tries again"
        elif blocked:
            idle[key] = f"needs {blocked[0]}, which has no implementation"
        else:
            awake.add(key)
    return idle


def without(found: Pending, keys: Container[str]) -> Pending:
    """``found`` with nothing to do for ``keys``."""
    steps = (replace(one, action=Action.NOTHING) if one.spec.key in keys else one for one in found.plan.steps)
    return replace(found, plan=Plan(tuple(steps)))


def shards(steps: Iterable[Step], most: int) -> tuple[tuple[str, ...], ...]:
    """The keys of ``steps`` in at most ``most`` groups of about one size, none of which needs another.

    Units that wait for each other stay together, in the order in which they will be worked on. The longest group is
    placed first, on the shortest shard (R. L. Graham's rule: at most 4/3 of the best possible).
    """
    every = tuple(steps)
    order = {step.spec.key: place for place, step in enumerate(every)}
    groups = sorted(_connected(every), key=lambda group: (-len(group), order[group[0]]))
    bins: list[list[str]] = [[] for _ in range(max(1, min(most, MOST_SHARDS, len(groups))))]
    for group in groups:
        min(bins, key=len).extend(group)
    filled = [sorted(keys, key=order.__getitem__) for keys in bins if keys]
    return tuple(tuple(keys) for keys in sorted(filled, key=lambda keys: order[keys[0]]))


def as_json(found: Pending, decision: Decision, most: int, prefix: str = "") -> dict[str, Any]:
    """The members of plan.json. ``prefix`` is the project's folder in its repository: '' or ``services/api/``.

    Places in source are told as GitHub knows them, by the path in the repository.
    """
    return {
        "base": decision.base,
        "sha": decision.sha,
        "stubs": [_stub(step, prefix) for step in found.plan.steps],
        "shards": [list(keys) for keys in shards(found.plan.pending, most)],
        "findings": [
            {"file": f"{prefix}{one.file}", "line": one.line, "message": f"{one.message} {one.remedy}"[:10_000]}
            for one in found.findings[:10_000]
        ],
    }


def matrix(count: int) -> dict[str, list[int]]:
    """The matrix of a workflow's job, for ``count`` shards."""
    return {"shard": list(range(1, count + 1))}


def wished(step: Step, decision: Decision) -> Step:
    """A step as people asked for it: written again, or kept if it passes and never overwritten."""
    key = step.spec.key
    if key in decision.keep and step.state.condition in {Condition.STALE, Condition.EDITED, Condition.CONFLICT}:
        kept = State(Condition.EDITED, step.state.stale_parts, step.state.reason)
        return replace(step, action=Action.REVALIDATE, state=kept)
    if key in decision.hints and step.action is Action.RESTORE:
        return replace(step, action=Action.GENERATE, former=None)
    if key in decision.hints and step.state.condition in {Condition.CURRENT, Condition.STALE, Condition.EDITED}:
        return replace(step, action=Action.GENERATE)
    return step


def _connected(steps: Sequence[Step]) -> list[tuple[str, ...]]:
    """The keys in groups: those that need each other, or had better come one after the other, are in one."""
    leader = {step.spec.key: step.spec.key for step in steps}

    def find(key: str) -> str:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for step in steps:
        for other in (step.needs | step.after) & leader.keys():
            leader[find(other)] = find(step.spec.key)
    groups: dict[str, list[str]] = {}
    for step in steps:
        groups.setdefault(find(step.spec.key), []).append(step.spec.key)
    return [tuple(keys) for keys in groups.values()]


def _stub(step: Step, prefix: str) -> Mapping[str, object]:
    spec = step.spec
    return {
        "key": spec.key,
        "action": step.action.value,
        "state": (step.state.reason or step.state.condition.value)[:1000],
        "file": f"{prefix}{spec.stub.file}",
        "line": spec.stub.line,
        "path": spec.path,
        "needs": sorted(step.needs),
    }
