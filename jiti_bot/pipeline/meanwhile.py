"""Whether somebody else has done a unit's work since the plan was made: another run, or a person."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path

from jiti_bot.planning.plan import Action, Step, action_of
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.store.survey import Standing


def meanwhile(
    root: Path, step: Step, units: MutableMapping[str, Standing], look: Callable[[], Mapping[str, Standing]]
) -> Step | Result:
    """The step as it is to be done now, ``units`` brought up to date; a result where there is nothing left to do.

    Only the committed file's bytes are compared: as long as those are what the plan has seen, the plan stands.
    """
    known = units.get(step.spec.key)
    path = root / step.spec.path
    data = path.read_bytes() if path.is_file() else None
    if known is None or data == (known.committed.raw if known.committed else None):
        return step
    now = look().get(step.spec.key)
    if now is None:
        return step  # its stub is gone: that is told when something is to be stored
    units[step.spec.key] = now
    action = action_of(now.state)
    if action is Action.NOTHING:
        return Result(step.spec.key, Outcome.CURRENT, step.spec.path)
    if action is Action.DECIDE:
        reason = f"{step.spec.path} was changed meanwhile: {now.state.reason}"
        return Result(step.spec.key, Outcome.CONFLICT, step.spec.path, reason=reason, code="conflict")
    return replace(step, spec=now.spec, state=now.state, action=action, former=None)
