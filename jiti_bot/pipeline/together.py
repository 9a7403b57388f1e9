"""Units whose tests need each other: judged with each other in place, written in one conversation, stored at once."""

import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from jiti_bot.agent import joint
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.events import Joined
from jiti_bot.agent.loop import work
from jiti_bot.agent.outcome import Dispute, Done, GaveUp, Outcome, Postponed, Settled, Spent
from jiti_bot.errors import ConfigurationError
from jiti_bot.pipeline.dispute import Disputes
from jiti_bot.pipeline.keep import Keeper, Order
from jiti_bot.pipeline.material import gather, limits_of, settings_of
from jiti_bot.pipeline.meanwhile import meanwhile
from jiti_bot.pipeline.red import try_gates
from jiti_bot.pipeline.run import Pause
from jiti_bot.pipeline.shares import added, shared
from jiti_bot.pipeline.shop import Shop, spent_on, too_large
from jiti_bot.pipeline.weighing import survivors, weigh
from jiti_bot.planning.plan import Action, Step
from jiti_bot.planning.result import Outcome as Ended
from jiti_bot.planning.result import Result
from jiti_bot.source import aside
from jiti_bot.source.model import Gate, Spec
from jiti_bot.store.entry import Entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing
from jiti_bot.validation.model import Accepted, Check, Flag, Refused, Waits
from jiti_bot.validation.strength import Strength
from jiti_bot.validation.together import Standing as Part
from jiti_bot.validation.together import joined

#: Goes on with one unit's own conversation, other texts in place: how it ended, and the model's name.
GoOn = Callable[[object, Mapping[str, str]], tuple[Outcome, str] | None]
_NOTE = "written together, since their tests need each other: "


@dataclass(slots=True)
class _Knot:
    """How far the work on all of them has come; kept while they wait for others."""

    steps: tuple[Step, ...]
    started: float
    drafts: dict[str, Accepted]  # what was submitted for them one by one, by key
    before: dict[str, Result]  # what each has cost until then
    own: dict[str, object]  # their conversations
    doubts: str = ""
    report: str = ""
    budget: Budget | None = None
    talk: Postponed | None = None
    model: str = ""
    noted: dict[str, tuple[Flag, ...]] = field(default_factory=dict)  # about gates, for the reviewer
    settled: list[Result] = field(default_factory=list)  # what others have done meanwhile

    @property
    def keys(self) -> tuple[str, ...]:
        """Those that are still worked on."""
        return tuple(step.spec.key for step in self.steps)

    @property
    def fixed(self) -> frozenset[str]:
        """Those that a person changed: they are judged, never written."""
        return frozenset(one.spec.key for one in self.steps if one.state.condition is Condition.EDITED)


class Together:
    """Works on several units at a call."""

    def __init__(
        self, shop: Shop, units: MutableMapping[str, Standing], keeper: Keeper, disputes: Disputes, go_on: GoOn
    ) -> None:
        self._shop = shop
        self._disputes = disputes
        self._units = units
        self._keeper = keeper
        self._go_on = go_on

    def work(
        self, steps: tuple[Step, ...], paused: Sequence[Pause], resume: object | None
    ) -> tuple[Result, ...] | Pause:
        """Implement the units of ``steps``; ``paused`` is what became of some of them alone."""
        knot = resume if isinstance(resume, _Knot) else self._begin(steps, paused)
        self._meanwhile(knot)
        with self._shop.doubting(steps[0].spec, together=True):
            ended = self._work(knot) if knot.steps else ()
        if isinstance(ended, Pause):
            return replace(ended, others=(*ended.others, *knot.settled))
        for step in steps:
            self._shop.forget(step.spec)
            self._shop.forget(step.spec, together=True)
        return (*ended, *knot.settled)

    def _meanwhile(self, knot: _Knot) -> None:
        """Work on those alone that neither another run nor a person has settled since."""
        left: list[Step] = []
        for step in knot.steps:
            key = step.spec.key
            now = meanwhile(self._shop.root, step, self._units, self._shop.look)
            if isinstance(now, Result):
                before = replace(knot.before[key], outcome=now.outcome, reason=now.reason, code=now.code)
                knot.settled.append(before)
            else:
                left.append(now)
            if now is not step:
                knot.talk = None  # it was about others
                knot.drafts.pop(key, None)
        knot.steps = tuple(left)

    def _work(self, knot: _Knot) -> tuple[Result, ...] | Pause:
        steps = knot.steps
        try:
            if knot.talk is None:
                ended = self._try_gates(knot) or self._as_they_are(knot)
                if ended is not None:
                    return ended
            return self._converse(knot)
        except ConfigurationError as error:
            engines = [step.spec.stub.engine for step in steps]
            if error.where not in {f"{engine.file}:{engine.line}" for engine in engines if engine}:
                raise  # it concerns all stubs
            return self._failed(knot, str(error), code=error.code)

    def _begin(self, steps: tuple[Step, ...], paused: Sequence[Pause]) -> _Knot:
        before = {one.key: replace(one, reason="") for pause in paused for one in pause.results}
        for step in steps:
            before.setdefault(step.spec.key, Result(step.spec.key, Ended.FAILED, step.spec.path))
        drafts = {key: one for pause in paused for key, one in pause.drafts.items()}
        own = {pause.result.key: pause.resume for pause in paused}
        noted = {pause.result.key: pause.noted for pause in paused}
        return _Knot(steps, time.monotonic(), drafts, before, own, noted=noted)

    def _try_gates(self, knot: _Knot) -> tuple[Result, ...] | None:
        """Run the gates of those red that were not worked on before."""
        for step in knot.steps:
            key = step.spec.key
            if key in knot.drafts:
                continue
            tried = try_gates(self._shop.bench, step.spec)
            knot.doubts += tried.doubts
            if tried.broken:
                return self._failed(knot, f"{key}: {tried.broken}")
            self._note(knot, key, tried.notes)
        return None

    @staticmethod
    def _note(knot: _Knot, key: str, flags: Sequence[Flag]) -> None:
        """Something to tell the reviewer of one of them."""
        before = knot.before[key]
        knot.noted[key] = (*knot.noted.get(key, ()), *flags)
        told = dict.fromkeys((*before.flags, *(flag.detail for flag in flags)))
        knot.before[key] = replace(before, flags=tuple(told))

    def _as_they_are(self, knot: _Knot) -> tuple[Result, ...] | Pause | None:
        """Judge what was submitted for them one by one; None where it has to be written anew, together."""
        if any(key not in knot.drafts for key in knot.keys):
            return None
        parts = [Part(step.spec, knot.drafts[step.spec.key]) for step in knot.steps]
        verdict = joined(self._shop.bench.judge_together(parts))
        if isinstance(verdict, Waits):
            return self._pause(knot, verdict.keys)
        if isinstance(verdict, Refused):
            knot.report = verdict.report
            if len(knot.fixed) == len(knot.keys):
                words = f"edited by hand, and they do not pass; nothing was changed\n{knot.report}"
                return self._failed(knot, words, verdict.checks)
            return None
        return self._store(knot, knot.drafts, 0) if self._settle(knot) else None

    def _settle(self, knot: _Knot) -> bool:
        """Let each one's own conversation end with the others in place: a poor one still has its round."""
        places = {step.spec.key: step.spec.path for step in knot.steps}
        for key in knot.keys:
            others = {places[other]: one.text for other, one in knot.drafts.items() if other != key}
            found = self._go_on(knot.own.get(key), others)
            if found is None:
                continue
            outcome, knot.model = found
            if not isinstance(outcome, Done):
                return False
            knot.drafts[key] = outcome.accepted
            spent = spent_on(knot.before[key], outcome.spent, knot.model)
            knot.before[key] = replace(spent, attempts=outcome.attempts, reason=outcome.note)
        return True

    def _converse(self, knot: _Knot) -> tuple[Result, ...] | Pause:
        shop, first = self._shop, knot.steps[0].spec
        settings = settings_of(first, shop.settings)
        model = shop.model(first, settings, together=True)
        knot.model = model.name
        every = [settings_of(step.spec, shop.settings) for step in knot.steps]
        if knot.budget is None:
            allowed = sum((Decimal(str(one.max_usd)) for one in every), Decimal(0))
            left = allowed - sum((Decimal(str(one.usd or 0)) for one in knot.before.values()), Decimal(0))
            knot.budget = shop.allowance.child(max(left, Decimal(0)))
        materials = [
            gather(shop.root, self._units, key, one, python=shop.python, hint=shop.hints.get(key, ""))
            for key, one in zip(knot.keys, every, strict=True)
        ]
        brief = joint.write(materials, limits_of(settings), drafts=knot.drafts, fixed=knot.fixed, report=knot.report)
        transcript = shop.transcript(first, settings, knot.keys if first.key in knot.own else ())
        if knot.talk is None:
            shop.emit(Joined(first.key, knot.keys[1:]))
            for step in knot.steps[1:]:
                key = step.spec.key
                shop.transcript(step.spec, settings).refer(key, first.key, fresh=key not in knot.own)
        with shop.talks:
            outcome = work(
                brief, shop.bench, model, knot.budget, transcript, shop.emit,
                files=shop.files, stop=shop.stop, resume=knot.talk, settle=partial(self._settle_dispute, knot),
            )  # fmt: skip
        match outcome:
            case Done():
                self._pay(knot, outcome.spent)
                told = {one.spec.key: self._disputes.flags(one.spec, outcome.disputes) for one in knot.steps}
                texts = {key: replace(one, flags=(*one.flags, *told[key])) for key, one in outcome.texts.items()}
                return self._store(knot, texts, outcome.attempts, outcome.note)
            case Postponed():
                knot.talk = outcome
                knot.drafts |= outcome.drafts
                return self._pause(knot, outcome.keys, outcome.spent)
            case GaveUp():
                self._pay(knot, outcome.spent)
                words = f"{outcome.reason}\n{outcome.last_report}".rstrip() + knot.doubts
                for one in knot.steps:
                    self._note(knot, one.spec.key, self._disputes.flags(one.spec, outcome.disputes))
                return self._failed(knot, words, outcome.checks, attempts=outcome.attempts, code=outcome.code)
            case _:
                raise AssertionError(f"{outcome} is no end of several")

    def _settle_dispute(
        self, knot: _Knot, spec: Spec, gate: Gate, numbers: tuple[int, ...], dispute: Dispute
    ) -> Settled:
        """Settle a dispute; what is stored in the end is proved by the same specs as the model is told."""
        settled = self._disputes.settle(spec, gate, numbers, dispute)
        key = spec.key
        knot.steps = tuple(replace(one, spec=settled.spec) if one.spec.key == key else one for one in knot.steps)
        return settled

    def _pay(self, knot: _Knot, spent: Spent, notes: tuple[str, ...] = ()) -> None:
        """Share what their conversation has cost among those that were written in it."""
        written = [key for key in knot.keys if key not in knot.fixed]
        note = f"{_NOTE}{', '.join(knot.keys)}"
        for key, share in zip(written, shared(spent, len(written)), strict=True):
            before = knot.before[key]
            flags = (*(flag for flag in before.flags if not flag.startswith(_NOTE)), *notes, note)
            knot.before[key] = replace(added(before, share), model=knot.model, flags=flags)

    def _store(self, knot: _Knot, texts: Mapping[str, Accepted], attempts: int, note: str = "") -> tuple[Result, ...]:
        """Prove all of them in one fresh process, then store them, all or none."""
        for key, one in texts.items():
            large = too_large("what was written", one.text) or too_large("its own tests", one.tests)
            if large:
                return self._failed(knot, f"{key}: {large}", attempts=attempts)
        batch = {step.spec.key: (step.spec, texts[step.spec.key]) for step in knot.steps}
        specs = [step.spec for step in knot.steps]
        gates = self._disputes.seen(*specs)
        proved, strengths = weigh(self._shop.bench, batch)
        verdict = joined(proved)
        if not isinstance(verdict, Accepted):
            words = f"they passed while they were worked on, but not in a fresh process\n{verdict.report}"
            return self._failed(knot, words, verdict.checks, attempts=attempts)
        orders, results = [], []
        for step in knot.steps:
            one = proved[step.spec.key]
            assert isinstance(one, Accepted), "all were"
            order, ended = self._order(knot, step, self._noted(knot, step, one, strengths), attempts)
            orders.append(order)
            told = tuple(flag.detail for flag in one.flags)
            results.append(self._ended(knot, step, ended, one.checks, attempts=attempts, reason=note, flags=told))
        with self._disputes.standing(specs, gates) as still:
            refused = self._keeper.write(orders) if still else ""
        if not still:  # a test that gates one of them was rewritten meanwhile
            return self._store(knot, texts, attempts, note)
        if refused:
            return self._failed(knot, refused, attempts=attempts, code="conflict")
        told = {key: survivors(self._shop.root, spec, strengths[key]) for key, (spec, _) in batch.items()}
        return tuple(replace(one, flags=(*one.flags, *told[one.key])) for one in results)

    @staticmethod
    def _noted(knot: _Knot, step: Step, proved: Accepted, strengths: Mapping[str, Strength]) -> Accepted:
        """What was proved, with all that its header is to say."""
        key = step.spec.key
        words = (aside.words(step.spec), *strengths[key].words)
        flags = dict.fromkeys((*proved.flags, *knot.noted.get(key, ())))
        return replace(proved, flags=tuple(flags), notes=tuple(filter(None, words)))

    def _order(self, knot: _Knot, step: Step, accepted: Accepted, attempts: int) -> tuple[Order, Ended]:
        """How one is stored: what stands as it is committed or was found keeps its history."""
        key = step.spec.key
        seen = self._units[key].committed
        as_it_is = key in knot.drafts and knot.drafts[key].text == accepted.text
        if as_it_is and step.action is Action.REVALIDATE and isinstance(seen, Entry):
            return self._keeper.again(step, seen, accepted), Ended.REVALIDATED
        if as_it_is and step.action is Action.RESTORE and step.former is not None:
            return self._keeper.adopted(step, seen, step.former, accepted), Ended.RESTORED
        tries = knot.before[key].attempts + attempts
        return self._keeper.fresh(step, seen, accepted, model=knot.model, attempts=tries), Ended.GENERATED

    def _pause(self, knot: _Knot, keys: tuple[str, ...], spent: Spent | None = None) -> Pause:
        """Wait for others; what it has cost by then is told if they never come."""
        before = dict(knot.before)
        if spent is not None:
            self._pay(knot, spent)
        reason = f"their tests call {', '.join(keys)}, which has no implementation"
        first, *others = self._failed(knot, reason)
        knot.before = before  # the conversation goes on, and is paid for at its end
        return Pause(keys, knot, first, tuple(others), knot.drafts)

    def _failed(
        self, knot: _Knot, reason: str, checks: tuple[Check, ...] = (), *, attempts: int = 0, code: str = "incomplete"
    ) -> tuple[Result, ...]:
        """All of them failed: the first says why, the others say that they did with it."""
        first, others = knot.steps[0].spec.key, ", ".join(knot.keys[1:])
        told = f"written together with {others}, since their tests need each other: {reason}" if others else reason
        with_it = f"failed together with {first}: their tests need each other"
        ended = [
            self._ended(knot, one, Ended.FAILED, checks, attempts=attempts, reason=with_it if number else told)
            for number, one in enumerate(knot.steps)
        ]
        return tuple(replace(one, code=code) for one in ended)

    def _ended(
        self,
        knot: _Knot,
        step: Step,
        ended: Ended,
        checks: tuple[Check, ...],
        *,
        attempts: int,
        reason: str,
        flags: tuple[str, ...] = (),
    ) -> Result:
        before = knot.before[step.spec.key]
        return replace(
            before,
            outcome=ended,
            code="",
            attempts=before.attempts + attempts if ended is not Ended.REVALIDATED else 0,
            seconds=before.seconds + time.monotonic() - knot.started,
            checks=tuple((check.name, check.ok) for check in checks) or before.checks,
            reason=reason if ended is Ended.FAILED else before.reason or reason,
            flags=tuple(dict.fromkeys((*before.flags, *flags))),
        )
