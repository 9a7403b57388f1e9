"""One unit, from its plan's step to its committed file: validate again, or ask a model; prove; store."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from jiti_bot.agent import brief as briefs
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.loop import work
from jiti_bot.agent.outcome import Dispute, Done, GaveUp, Kept, Postponed, Settled, Spent
from jiti_bot.agent.outcome import Outcome as Ended
from jiti_bot.errors import BudgetError, ConfigurationError
from jiti_bot.pipeline.classes import lasting
from jiti_bot.pipeline.dispute import Disputes
from jiti_bot.pipeline.keep import Keeper, committed_tests
from jiti_bot.pipeline.material import gather, limits_of, settings_of
from jiti_bot.pipeline.meanwhile import meanwhile
from jiti_bot.pipeline.proof import Changed as Unwritten
from jiti_bot.pipeline.proof import Proof, Stored
from jiti_bot.pipeline.red import try_gates
from jiti_bot.pipeline.rejudge import Passed, rejudge
from jiti_bot.pipeline.restore import Changed, Restored, is_by_hand, restore
from jiti_bot.pipeline.run import Pause
from jiti_bot.pipeline.shop import Shop, spent_on, too_large
from jiti_bot.pipeline.together import Together
from jiti_bot.planning.plan import Action, Step
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.settings import Settings
from jiti_bot.source.compose import interface
from jiti_bot.source.model import Gate, Spec
from jiti_bot.store.entry import Entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing
from jiti_bot.validation.model import Check, Flag, Refused, Waits


@dataclass(slots=True)
class _Course:
    """How far the work on one unit has come; kept while it waits for others."""

    step: Step
    started: float
    flags: list[str] = field(default_factory=list)
    noted: tuple[Flag, ...] = ()  # about gates, for the reviewer
    doubts: str = ""  # about gates, worth telling if the unit fails
    budget: Budget | None = None
    talk: Postponed | None = None
    refused: str = ""  # what was said of an implementation that was to be restored
    told: tuple[Spent, str] | None = None  # what the conversation has cost, and the model's name

    @property
    def spec(self) -> Spec:
        return self.step.spec


class Implementer:
    """Works on one unit at a call; see `jiti_bot.pipeline.run.Implement`."""

    def __init__(self, shop: Shop, units: Mapping[str, Standing]) -> None:
        self._shop = shop
        self._units = dict(units)
        self._keeper = Keeper(shop.root, shop.look, units)
        self.disputes = Disputes(shop, self._units, self._keeper)
        self._proof = Proof(shop, self._keeper, self.disputes)

    def __call__(self, step: Step, resume: object | None, /) -> Result | Pause:
        """Implement the step's unit."""
        with self._shop.doubting(step.spec):
            ended = self._work(step, resume if isinstance(resume, _Course) else None)
        if isinstance(ended, Result) and ended.outcome is not Outcome.SKIPPED:
            self._shop.forget(step.spec)
        return ended

    def _work(self, step: Step, course: _Course | None) -> Result | Pause:
        changed = meanwhile(self._shop.root, step, self._units, self._shop.look)
        if isinstance(changed, Result):
            return changed if course is None or course.told is None else spent_on(changed, *course.told)
        if course is None or course.talk is None or changed is not step:
            step = changed
            if course is not None:
                course.step, course.talk = step, None
        course = course or _Course(step, time.monotonic(), [step.note] if step.note else [])
        if course.talk is None and step.action in {Action.REVALIDATE, Action.RESTORE}:
            ended = self._restore(course) if step.action is Action.RESTORE else self._revalidate(course)
            if ended is not None:
                return ended
        try:
            return self._generate(course)
        except ConfigurationError as error:
            engine = step.spec.stub.engine
            if engine is None or error.where not in {"", f"{engine.file}:{engine.line}"}:
                raise  # it concerns all stubs
            return self._failed(course, str(error), code=error.code)

    def together(
        self, steps: tuple[Step, ...], paused: tuple[Pause, ...], resume: object | None, /
    ) -> tuple[Result, ...] | Pause:
        """Implement units whose tests need each other; see `jiti_bot.pipeline.run.ImplementTogether`."""
        return Together(self._shop, self._units, self._keeper, self.disputes, self._go_on).work(steps, paused, resume)

    def _go_on(self, resume: object, staged: Mapping[str, str]) -> tuple[Ended, str] | None:
        """Go on with a conversation that waits, ``staged`` texts in place; None if there is none."""
        if not isinstance(resume, _Course) or resume.talk is None:
            return None
        return self._talk(resume, settings_of(resume.spec, self._shop.settings), staged)

    def _revalidate(self, course: _Course) -> Result | Pause | None:
        """Judge the committed body by the spec as it is now; None where it has to be written again."""
        entry = self._committed(course)
        verdict = self._rejudge(course, entry)
        match verdict:
            case Passed():
                return self._keep(course, entry, verdict)
            case Waits(keys=keys):
                failed = self._failed(course, verdict.report, verdict.checks)
                return Pause(keys, course, failed, drafts=verdict.drafts)
            case Refused() if course.step.state.condition is Condition.EDITED:
                what = "edited by hand, and no longer passes" if entry.is_edited else "it does not pass as it stands"
                reason = f"{what}; nothing was changed\n{verdict.report}"
                return replace(self._failed(course, reason, verdict.checks), outcome=Outcome.CONFLICT, code="conflict")
            case _:
                return None

    def _restore(self, course: _Course) -> Result | Pause | None:
        """Judge an implementation that was found; None where it has to be written anew, which starts from it."""
        former = course.step.former
        assert former is not None, "there is something to restore"
        seen = self._units[course.spec.key].committed
        found = restore(self._shop.root, self._shop.bench, self._keeper, course.step, seen)
        match found:
            case Restored(accepted=accepted, told=told):
                course.flags += told
                return self._result(course, Outcome.RESTORED, accepted.checks, reason=former.words)
            case Changed(reason=reason, accepted=accepted):
                return self._failed(course, reason, accepted.checks, code="conflict")
            case Waits(keys=keys):
                return Pause(keys, course, self._failed(course, found.report, found.checks), drafts=found.drafts)
            case Refused() if is_by_hand(former):
                reason = f"edited by hand and {former.words}, it does not pass; nothing was changed\n{found.report}"
                return replace(self._failed(course, reason, found.checks), outcome=Outcome.CONFLICT, code="conflict")
            case Refused():
                course.flags.append(f"its implementation {former.words} did not pass: the new one started from it")
                course.refused = found.report
        return None

    def _generate(self, course: _Course) -> Result | Pause:
        if course.talk is None:
            broken = too_large("its stub", interface(course.spec.stub)) or self._try_gates(course)
            if broken:
                return self._failed(course, broken)
            self._shop.bench.workbench.expect_proofs()
        settings = settings_of(course.spec, self._shop.settings)
        outcome, model = self._talk(course, settings, staged={})
        match outcome:
            case Done():
                return self._done(course, outcome, model)
            case Kept():
                return self._kept(course, outcome, model)
            case GaveUp():
                words = f"{outcome.reason}\n{outcome.last_report}".rstrip() + course.doubts
                course.flags += [flag.detail for flag in self.disputes.flags(course.spec, outcome.disputes)]
                failed = self._failed(course, words, outcome.checks, attempts=outcome.attempts, code=outcome.code)
                if outcome.code == BudgetError.code and self._is_poor(course, settings, outcome.spent):
                    failed = replace(failed, outcome=Outcome.SKIPPED)  # of its own there is more: another run goes on
                return spent_on(failed, outcome.spent, model)
            case Postponed():
                course.talk, course.told = outcome, (outcome.spent, model)
                waits = f"its tests call {', '.join(outcome.keys)}, which has no implementation"
                failed = self._failed(course, waits, attempts=outcome.attempts)
                failed = spent_on(failed, outcome.spent, model)
                return Pause(outcome.keys, course, failed, drafts=outcome.drafts, noted=course.noted)

    def _talk(self, course: _Course, settings: Settings, staged: Mapping[str, str]) -> tuple[Ended, str]:
        """Have the model implement the unit; how it ended, and the model's name."""
        model = self._shop.model(course.spec, settings)
        if course.budget is None:
            course.budget = self._shop.allowance.child(Decimal(str(settings.max_usd)))
        with self._shop.talks:
            outcome = work(
                briefs.write(self._material(course, settings), limits_of(settings)),
                self._shop.bench,
                model,
                course.budget,
                self._shop.transcript(course.spec, settings),
                self._shop.emit,
                files=self._shop.files,
                stop=self._shop.stop,
                staged=staged,
                settle=partial(self._settle, course),
                resume=course.talk,
            )
        return outcome, model.name

    def _material(self, course: _Course, settings: Settings) -> briefs.Material:
        """What the model is told about a unit."""
        hint = self._shop.hints.get(course.spec.key, "")
        material = gather(self._shop.root, self._units, course.spec.key, settings, python=self._shop.python, hint=hint)
        material = replace(material, observed=course.spec.key in self._shop.bench.observed)
        if course.step.former is not None and course.refused:
            material = replace(material, committed=course.step.former.code, refused=course.refused, base=None)
        return material

    def _settle(self, course: _Course, spec: Spec, gate: Gate, numbers: tuple[int, ...], dispute: Dispute) -> Settled:
        """Settle a dispute; what is stored in the end is proved by the same spec as the model is told."""
        settled = self.disputes.settle(spec, gate, numbers, dispute)
        course.step = replace(course.step, spec=settled.spec)
        return settled

    def _is_poor(self, course: _Course, settings: Settings, spent: Spent) -> bool:
        """Whether the run's money ended it, and not what the unit itself was allowed."""
        left, own = self._shop.allowance.left(), course.budget
        if left is None or own is None or own.max_usd is None or spent.turns >= settings.max_turns:
            return False
        return left < own.max_usd - own.spent

    def _try_gates(self, course: _Course) -> str:
        """Run the gates red, before a token is spent; what makes every attempt hopeless, in words."""
        tried = try_gates(self._shop.bench, course.spec)
        course.flags += [flag.detail for flag in tried.notes]
        course.noted = tried.notes
        course.doubts = tried.doubts
        return tried.broken

    def _done(self, course: _Course, done: Done, model: str) -> Result:
        """Prove what was accepted in a fresh process, then store it."""
        accepted = done.accepted
        large = too_large("what was written", accepted.text) or too_large("its own tests", accepted.tests)
        if large:
            return spent_on(self._failed(course, large, attempts=done.attempts), done.spent, model)
        flags = (*accepted.flags, *course.noted, *self.disputes.flags(course.spec, done.disputes))
        accepted = replace(accepted, flags=flags)
        seen = self._units[course.spec.key].committed
        match self._proof.store(course.step, seen, accepted, model=model, attempts=done.attempts):
            case Stored(accepted=proved, told=told):
                course.flags += [*(flag.detail for flag in proved.flags), *told]
                outcome, reason = Outcome.GENERATED, done.note
                result = self._result(course, outcome, proved.checks, attempts=done.attempts, reason=reason)
            case Unwritten(reason=reason, accepted=proved):
                result = self._failed(course, reason, proved.checks, attempts=done.attempts, code="conflict")
            case verdict:
                words = f"it passed while it was worked on, but not in a fresh process\n{verdict.report}"
                result = self._failed(course, words, verdict.checks, attempts=done.attempts)
        return spent_on(result, done.spent, model)

    def _kept(self, course: _Course, kept: Kept, model: str) -> Result:
        """The model says that the committed body still does all that is asked: then it has to pass."""
        entry = self._committed(course)
        verdict = self._rejudge(course, entry)
        if not isinstance(verdict, Passed):
            words = f"the model kept the committed body ({kept.reason}), which does not pass\n{verdict.report}"
            return spent_on(self._failed(course, words, verdict.checks), kept.spent, model)
        return spent_on(self._keep(course, entry, verdict), kept.spent, model)

    def _keep(self, course: _Course, entry: Entry, passed: Passed) -> Result:
        """Stamp the committed file anew; a hand edit stays recognisable as one."""
        checks = passed.accepted.checks
        refused = self._keeper.restamp(course.step, entry, passed.accepted)
        if refused:
            return self._failed(course, refused, checks, code="conflict")
        course.flags += passed.told(self._shop.root, course.spec)
        return self._result(course, Outcome.REVALIDATED, checks)

    def _rejudge(self, course: _Course, entry: Entry) -> Passed | Refused | Waits:
        tests = committed_tests(self._shop.root, course.spec)
        return rejudge(self._shop.bench, course.spec, entry, lasting(course.spec.stub, entry), tests)

    def _committed(self, course: _Course) -> Entry:
        entry = self._units[course.spec.key].committed
        assert isinstance(entry, Entry), "only what can be read is validated again"
        return entry

    def _result(
        self, course: _Course, outcome: Outcome, checks: tuple[Check, ...], *, attempts: int = 0, reason: str = ""
    ) -> Result:
        return Result(
            course.spec.key,
            outcome,
            course.spec.path,
            attempts=attempts,
            seconds=time.monotonic() - course.started,
            checks=tuple((check.name, check.ok) for check in checks),
            reason=reason,
            flags=tuple(dict.fromkeys(course.flags)),
        )

    def _failed(
        self,
        course: _Course,
        reason: str,
        checks: tuple[Check, ...] = (),
        *,
        attempts: int = 0,
        code: str = "incomplete",
    ) -> Result:
        return replace(self._result(course, Outcome.FAILED, checks, attempts=attempts, reason=reason), code=code)
