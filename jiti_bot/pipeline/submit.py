"""What somebody else wrote, through the same gate: judged, proved in a fresh process, stored."""

import time
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.errors import ConflictError
from jiti_bot.pipeline import submission
from jiti_bot.pipeline.classes import base_of
from jiti_bot.pipeline.keep import Keeper
from jiti_bot.pipeline.material import settings_of
from jiti_bot.pipeline.pending import Pending, look
from jiti_bot.planning.plan import Step
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.store.state import Condition, State
from jiti_bot.store.write import open_store
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.flags import UNREACHED
from jiti_bot.validation.model import Accepted, Base, Candidate, Check
from jiti_bot.validation.project import open_project
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


def submit(workspace: Workspace, pending: Pending, step: Step, handed: Handed) -> Result:
    """Judge what was handed in for the step's unit and store it if it passes.

    Raises `UsageError`, `ConfigurationError`, `ToolError` or `SandboxError`.
    """
    started = time.monotonic()
    spec = step.spec
    root = Path(workspace.root)
    settings_of(spec, workspace.settings)  # what cannot be read of `@jiti(...)` could not be checked either
    parts = submission.read(handed.text, spec.stub, handed.where)
    seen = pending.standings[spec.key].committed
    base = _base(spec, parts, seen, step.state, handed)
    in_the_way = step.state.condition in _BY_HAND and not (base and step.state.methods)
    if in_the_way and not handed.replaces:
        raise _in_the_way(spec, step.state)
    open_store(str(root / spec.store))
    project = open_project(root, workspace.settings, workspace.env)
    specs = {key: one.spec for key, one in pending.standings.items()}

    def result(outcome: Outcome, checks: tuple[Check, ...], reason: str = "", code: str = "") -> Result:
        return Result(
            spec.key,
            outcome,
            spec.path,
            attempts=1,
            seconds=time.monotonic() - started,
            checks=tuple((check.name, check.ok) for check in checks),
            reason=reason,
            code=code,
            model=handed.by,
            flags=tuple(flag.detail for flag in flags),
        )

    with Bench(project, level=workspace.settings.sandbox, specs=specs) as bench:
        red = bench.red(spec)
        flags = tuple(flag for flag in red if flag.code != UNREACHED)
        broken = [flag.detail for flag in flags if flag.code == "broken-gate"]
        if broken:
            words = "its gates cannot be run, whatever the body is:\n" + "\n".join(broken)
            flags = ()
            return result(Outcome.FAILED, (), words, "incomplete")
        verdict = bench.judge(Candidate(spec, parts.body, parts.helpers, parts.tests, base=base))
        if isinstance(verdict, Accepted):
            flags = (*flags, *verdict.flags)
            verdict = bench.prove({spec.key: (spec, verdict)})[spec.key]
    if not isinstance(verdict, Accepted):
        flags = red
        return result(Outcome.FAILED, verdict.checks, verdict.report, "incomplete")
    keeper = Keeper(root, lambda: look(workspace), pending.standings)
    refused = keeper.store(step, seen, verdict, model=handed.by, attempts=1, afresh=base is None)
    if refused:
        return result(Outcome.CONFLICT, verdict.checks, refused, "conflict")
    return result(Outcome.GENERATED, verdict.checks)


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
