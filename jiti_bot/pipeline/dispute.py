"""What becomes of a test that a model disputes: a generated one is rewritten once, a docstring example set aside.

A rewritten test is everybody's whom it gates. Who is at work on another unit is proved against the text that is there
when that is stored (`Disputes.seen`, `Disputes.standing`); what was finished before is validated again at the end of
the run (`Disputes.left`).
"""

import threading
import time
from collections.abc import Collection, Generator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from jiti_bot.agent import brief as briefs
from jiti_bot.agent import prompts
from jiti_bot.agent.loop import work
from jiti_bot.agent.outcome import Dispute, Done, Settled
from jiti_bot.pipeline.keep import Keeper
from jiti_bot.pipeline.material import gather, limits_of, settings_of
from jiti_bot.pipeline.shop import Shop, spent_on
from jiti_bot.planning.plan import Action, Plan, Step, make
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source import aside
from jiti_bot.source.model import Gate, GateKind, Spec
from jiti_bot.store.entry import Entry
from jiti_bot.store.survey import Standing
from jiti_bot.validation.model import Accepted, Flag

REWRITTEN = "disputed-test"
ASIDE = "disputed-example"


class Disputes:
    """Settles the disputes of a run; every method may be called from several threads."""

    def __init__(self, shop: Shop, units: MutableMapping[str, Standing], keeper: Keeper) -> None:
        self._shop = shop
        self._units = units
        self._keeper = keeper
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._texts: dict[str, str] = {}  # what was rewritten in this run, by the test's key
        self._results: list[Result] = []
        self._again: set[tuple[str, tuple[str, ...]]] = set()  # what was validated again, and by which texts

    def settle(self, spec: Spec, gate: Gate, numbers: Sequence[int], dispute: Dispute) -> Settled:
        """See `jiti_bot.agent.desk.Settle`. Raises `JitiError` where a test cannot be rewritten now."""
        if gate.kind is GateKind.DOCTEST:
            return Settled(prompts.read("set_aside"), aside.without(spec, gate, numbers))
        found = self._test(gate)
        if found is None:
            return Settled("The test stands: it was not found among the project's stubs.", spec)
        with self._turn(found.spec.key):
            return Settled(self._rewritten(found.spec.key, spec.key, dispute.reason), spec)

    def flags(self, spec: Spec, disputes: Sequence[Dispute]) -> tuple[Flag, ...]:
        """What the reviewer of ``spec``'s implementation is told."""
        names = {gate.name for gate in spec.gates if gate.kind is GateKind.TEST}
        examples = tuple(f"{gate.name}, " for gate in spec.gates if gate.kind is GateKind.DOCTEST)
        disputes = [one for one in disputes if one.test in names or one.test.startswith(examples)]
        return tuple(
            Flag(
                REWRITTEN if one.test in names else ASIDE,
                f"{'disputed' if one.test in names else 'set aside'}: {one.test}. The model says that it contradicts "
                f"the interface: {one.reason}",
            )
            for one in disputes
        )

    def seen(self, *specs: Spec) -> tuple[str, ...]:
        """The texts of the tests among the gates of ``specs`` that were rewritten so far."""
        gates = [gate for spec in specs for gate in spec.gates]
        keys = (found.spec.key for gate in gates if (found := self._test(gate)) is not None)
        return tuple(self._texts.get(key, "") for key in keys)

    @contextmanager
    def standing(self, specs: Sequence[Spec], seen: tuple[str, ...]) -> Generator[bool]:
        """Whether the gates of ``specs`` are still as they were ``seen``; inside, no test is rewritten."""
        with self._lock:
            yield self.seen(*specs) == seen

    def results(self) -> tuple[Result, ...]:
        """What came of the tests that were rewritten."""
        return tuple(self._results)

    def left(self, failed: Collection[str]) -> Plan:
        """What the rewritten tests gate and was judged by the old ones; not what ``failed`` in this run, by key."""
        if not self._texts:
            return Plan(())
        standings = self._shop.look()
        with self._lock:
            gated = {
                key
                for key, one in standings.items()
                if one.state.stale_parts == ("gates",)
                and key not in failed
                and any(self.seen(one.spec))
                and (key, self.seen(one.spec)) not in self._again
            }
            self._again |= {(key, self.seen(standings[key].spec)) for key in gated}
            self._units.update(standings)
        steps = make([(one.spec, one.state) for one in standings.values()], gated).pending
        return Plan(tuple(step for step in steps if step.spec.key in gated and step.action is Action.REVALIDATE))

    def _test(self, gate: Gate) -> Standing | None:
        """The unit that a generated gate is."""
        if gate.kind is not GateKind.TEST:
            return None
        place = (gate.file, gate.name)
        return next(
            (one for one in list(self._units.values()) if (one.spec.stub.file, one.spec.stub.unit) == place), None
        )

    @contextmanager
    def _turn(self, key: str) -> Generator[None]:
        """One dispute about a test after the other."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            yield

    def _rewritten(self, key: str, by: str, reason: str) -> str:
        """What the model is told."""
        if key in self._texts:  # another unit disputed it meanwhile
            return prompts.fill("rewritten", test=self._texts[key])
        standing = self._shop.look().get(key)
        entry = standing.committed if standing else None
        if standing is None or not isinstance(entry, Entry):
            return "The test stands: it has no committed body that could be rewritten."
        if entry.is_edited:
            return "The test stands: a person has changed it by hand, so it is right by definition."
        if f"flag:{REWRITTEN}" in entry.header.evidence.split() and not standing.state.stale_parts:
            return "The test stands: it was disputed and rewritten before. The reviewer will read your reason."
        return self._write(standing, entry, by, reason)

    def _write(self, standing: Standing, entry: Entry, by: str, reason: str) -> str:
        shop, spec, started = self._shop, standing.spec, time.monotonic()
        settings = settings_of(spec, shop.settings)
        model = shop.model(spec, settings)
        told = prompts.fill("disputed", reason=" ".join(reason.split()))
        material = gather(shop.root, self._units, spec.key, settings, python=shop.python)
        brief = briefs.write(replace(material, committed="", base=None, disputed=told), limits_of(settings))
        budget = shop.allowance.child(Decimal(str(settings.max_usd)))
        transcript = shop.transcript(spec, settings)
        with shop.doubting(spec):
            outcome = work(brief, shop.bench, model, budget, transcript, shop.emit, files=shop.files, stop=shop.stop)
        result = Result(spec.key, Outcome.FAILED, spec.path, code="incomplete")
        words = f"{by} disputed it, so it was rewritten from the interface: {reason}"
        refused = "no test came of it"
        if isinstance(outcome, Done):
            refused = self._store(standing, entry, outcome, model.name, words)
            result = replace(result, attempts=outcome.attempts, checks=_checks(outcome.accepted))
        if refused:
            # the test that was there still is: nothing failed but this try
            words = f"{by} disputed it ({reason}); {refused}, and the one before stands"
            result = replace(result, outcome=Outcome.CURRENT, code="")
        else:
            result = replace(result, outcome=Outcome.GENERATED, code="")
        result = replace(result, flags=(words,), seconds=time.monotonic() - started)
        with self._lock:
            self._results.append(spent_on(result, outcome.spent, model.name))
        shop.forget(spec)
        return f"The test stands: {refused}." if refused else prompts.fill("rewritten", test=self._texts[spec.key])

    def _store(self, standing: Standing, entry: Entry, done: Done, model: str, words: str) -> str:
        """Prove the new test and store it in place of the old one; why not, in words."""
        key, spec = standing.spec.key, standing.spec
        verdict = self._shop.bench.prove({key: (spec, done.accepted)})[key]
        if not isinstance(verdict, Accepted):
            return "the new one did not pass in a fresh process"
        flagged = replace(verdict, flags=(*verdict.flags, Flag(REWRITTEN, words)))
        step = Step(spec, standing.state, Action.GENERATE)
        with self._lock:
            refused = self._keeper.store(step, entry, flagged, model=model, attempts=done.attempts)
            if refused:
                return refused
            self._texts[key] = flagged.text.rstrip()
        self._units[key] = self._shop.look()[key]
        return ""


def _checks(accepted: Accepted) -> tuple[tuple[str, bool], ...]:
    return tuple((check.name, check.ok) for check in accepted.checks)
