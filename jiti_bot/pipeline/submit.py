"""What somebody else wrote, through the same gate: judged, proved in a fresh process, stored.

Stubs whose tests need each other are handed in together: each is judged with all in place, and all are stored or none.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jiti_bot.errors import ConflictError
from jiti_bot.pipeline import submission
from jiti_bot.pipeline.classes import base_of
from jiti_bot.pipeline.keep import Keeper, Order
from jiti_bot.pipeline.looking import Looking
from jiti_bot.pipeline.material import settings_of
from jiti_bot.pipeline.pending import Pending
from jiti_bot.pipeline.red import Tried, try_gates
from jiti_bot.pipeline.weighing import survivors, weigh
from jiti_bot.planning.plan import Step
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.store.state import Condition, State
from jiti_bot.store.write import open_store
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Base, Candidate, Refused, Verdict, Waits
from jiti_bot.validation.project import open_project
from jiti_bot.validation.strength import Strength
from jiti_bot.workspace import Workspace

_BY_HAND = frozenset({Condition.EDITED, Condition.CONFLICT, Condition.MALFORMED})


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in: its text, the name of its place for messages, and who wrote it.

    ``replaces`` says that a hand edit or a broken file in the store may be overwritten by it.
    """

    text: str
    where: str
    by: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """What was handed in for one unit."""

    step: Step
    by: str
    seen: Entry | Broken | None
    candidate: Candidate

    @property
    def key(self) -> str:
        return self.step.spec.key


@dataclass(frozen=True, slots=True)
class _Judged:
    """What came of it, by key. Where all passed the verdicts are those of a fresh process."""

    tried: Mapping[str, Tried]
    verdicts: Mapping[str, Verdict]
    strengths: Mapping[str, Strength]


def submit(workspace: Workspace, pending: Pending, handed: Sequence[tuple[Step, Handed]]) -> tuple[Result, ...]:
    """Judge what was handed in, each for its step's unit, and store all of it if all of it passes.

    Raises `UsageError`, `ConflictError`, `ConfigurationError`, `ToolError` or `SandboxError`.
    """
    started = time.monotonic()
    root = Path(workspace.root)
    parts = [_part(workspace, pending, step, one) for step, one in handed]
    for store in sorted({part.step.spec.store for part in parts}):
        open_store(str(root / store))
    project = open_project(root, workspace.settings, workspace.env)
    specs = {key: one.spec for key, one in pending.standings.items()}
    with Bench(project, level=workspace.settings.sandbox, specs=specs) as bench:
        judged = _judge(bench, parts)
    seconds = time.monotonic() - started
    results = [replace(one, attempts=1, seconds=seconds) for one in _told(parts, judged)]
    if not all(one.good for one in results):
        return tuple(results)
    keeper = Keeper(root, Looking(workspace), pending.standings)
    refused = keeper.write([_order(keeper, part, judged) for part in parts])
    if refused:
        return tuple(replace(one, outcome=Outcome.CONFLICT, reason=refused, code="conflict") for one in results)
    left = [tuple(survivors(root, part.step.spec, judged.strengths[part.key])) for part in parts]
    return tuple(replace(one, flags=(*one.flags, *more)) for one, more in zip(results, left, strict=True))


def _part(workspace: Workspace, pending: Pending, step: Step, handed: Handed) -> _Part:
    spec = step.spec
    settings_of(spec, workspace.settings)  # what cannot be read of `@jiti(...)` could not be checked either
    read = submission.read(handed.text, spec.stub, handed.where)
    seen = pending.standings[spec.key].committed
    base = _base(spec, read, seen, step.state, handed)
    in_the_way = step.state.condition in _BY_HAND and not (base and step.state.methods)
    if in_the_way and not handed.replaces:
        raise _in_the_way(spec, step.state)
    return _Part(step, handed.by, seen, Candidate(spec, read.body, read.helpers, read.tests, base=base))


def _judge(bench: Bench, parts: Sequence[_Part]) -> _Judged:
    tried = {part.key: try_gates(bench, part.step.spec, "whatever the body is") for part in parts}
    if any(one.broken for one in tried.values()):
        return _Judged(tried, {}, {})
    if len(parts) == 1:
        verdicts: Mapping[str, Verdict] = {part.key: bench.judge(part.candidate) for part in parts}
    else:
        verdicts = bench.judge_together([part.candidate for part in parts])
    accepted = {key: one for key, one in verdicts.items() if isinstance(one, Accepted)}
    if len(accepted) < len(parts):
        return _Judged(tried, verdicts, {})
    proved, strengths = weigh(bench, {part.key: (part.step.spec, accepted[part.key]) for part in parts})
    return _Judged(tried, proved, strengths)


def _told(parts: Sequence[_Part], judged: _Judged) -> list[Result]:
    """What came of each; where one fails, all do."""
    refused = {key: one for key, one in judged.verdicts.items() if not isinstance(one, Accepted)}
    bad = [part.key for part in parts if judged.tried[part.key].broken] or list(refused)
    results = []
    for part in parts:
        tried, verdict = judged.tried[part.key], judged.verdicts.get(part.key)
        flags = (*tried.notes, *(verdict.flags if isinstance(verdict, Accepted) and not bad else ()))
        result = Result(
            part.key,
            Outcome.FAILED if bad else Outcome.GENERATED,
            part.step.spec.path,
            checks=tuple((check.name, check.ok) for check in verdict.checks) if verdict else (),
            reason=_reason(parts, tried, refused.get(part.key)) if part.key in bad else "",
            code="incomplete" if bad else "",
            model=part.by,
            flags=tuple(dict.fromkeys(flag.detail for flag in flags)),
        )
        if bad and part.key not in bad:
            result = replace(result, reason=f"all are stored or none, and {', '.join(bad)} did not pass")
        results.append(result)
    return results


def _reason(parts: Sequence[_Part], tried: Tried, verdict: Refused | Waits | None) -> str:
    """Why one did not pass; where it waits for others, how to hand them in with it."""
    if verdict is None:
        return tried.broken
    keys = dict.fromkeys([*(part.key for part in parts), *verdict.keys] if isinstance(verdict, Waits) else [])
    if len(keys) <= len(parts):
        return f"{verdict.report}{tried.doubts}"
    pairs = " ".join(f"{key} FILE" for key in keys)
    return f"{verdict.report}\nGenerate or hand in what is missing first, or all together: jiti submit {pairs}"


def _order(keeper: Keeper, part: _Part, judged: _Judged) -> Order:
    """What is stored of one, with all that its header is to say."""
    proved = judged.verdicts[part.key]
    assert isinstance(proved, Accepted), "all passed"
    flags = dict.fromkeys((*proved.flags, *judged.tried[part.key].notes))
    noted = replace(proved, flags=tuple(flags), notes=judged.strengths[part.key].words)
    afresh = part.candidate.base is None
    return keeper.fresh(part.step, part.seen, noted, model=part.by, attempts=1, afresh=afresh)


def _in_the_way(spec: Spec, state: State) -> ConflictError:
    return ConflictError(
        f"{spec.path} is {state.condition}: {state.reason or 'a person changed it'}",
        remedy=f"`jiti diff {spec.key}` shows it. To have it judged as it stands, submit that file itself; to drop it "
        "for this one, add --replace.",
    )


def _base(
    spec: Spec, parts: submission.Submission, seen: Entry | Broken | None, state: State, handed: Handed
) -> Base | None:
    """What of a committed class stays where only some of its methods were handed in; None where all were."""
    if isinstance(parts.body, str) or handed.replaces:
        return None
    base = base_of(spec.stub, seen, state)
    return base.opened() if base and not parts.body.keys() >= {one.unit for one in spec.stub.members} else None
