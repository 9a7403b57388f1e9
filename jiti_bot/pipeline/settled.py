"""Results for units that need no work: known before anything heavy is imported."""

from jiti_bot.pipeline.pending import Pending
from jiti_bot.planning.plan import Action, Step
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.store.state import Condition


def settled(pending: Pending) -> tuple[Result, ...]:
    """Results for the units that need no work, and for those that only a person can decide about."""
    return tuple(_settled(step, pending) for step in pending.plan.steps if not step.is_pending)


def _settled(step: Step, pending: Pending) -> Result:
    spec, state = step.spec, step.state
    if step.action is Action.NOTHING:
        return Result(spec.key, Outcome.CURRENT, spec.path)
    if spec.problems:
        said = "\n".join(str(problem) for problem in spec.problems)
        code = "repository" if all(problem.code == "left-out" for problem in spec.problems) else "configuration"
        return Result(spec.key, Outcome.FAILED, spec.path, reason=said, code=code)
    finding = pending.standings[spec.key].finding()
    reason = str(finding) if finding else state.reason
    if state.condition is Condition.CONFLICT:
        return Result(spec.key, Outcome.CONFLICT, spec.path, reason=reason, code="conflict")
    return Result(spec.key, Outcome.FAILED, spec.path, reason=reason, code="store")
