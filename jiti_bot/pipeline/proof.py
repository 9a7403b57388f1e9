"""The last step of a unit: proved in a fresh process, its tests tried on small changes, stored."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from jiti_bot.errors import JitiError
from jiti_bot.pipeline.dispute import Disputes
from jiti_bot.pipeline.keep import Keeper
from jiti_bot.pipeline.shop import Shop
from jiti_bot.planning.plan import Step
from jiti_bot.source import aside
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.validation.model import Accepted, Refused, Verdict, Waits
from jiti_bot.validation.strength import Strength


@dataclass(frozen=True, slots=True)
class Stored:
    """It is in the store; ``told`` is what the reviewer is told of how much its tests notice."""

    accepted: Accepted
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """It passed, but something changed meanwhile; ``reason`` says what. Nothing was written."""

    reason: str
    accepted: Accepted


class Proof:
    """Proves and stores; may be used from several threads."""

    def __init__(self, shop: Shop, keeper: Keeper, disputes: Disputes) -> None:
        self._shop = shop
        self._keeper = keeper
        self._disputes = disputes

    def store(
        self, step: Step, seen: Entry | Broken | None, accepted: Accepted, *, model: str, attempts: int
    ) -> Stored | Changed | Refused | Waits:
        """Prove what was accepted for ``step`` and write it in place of what was ``seen``.

        Where a test that gates it is rewritten while it is proved, it is proved again by the new one.
        """
        spec = step.spec
        while True:
            gates = self._disputes.seen(spec)
            verdict, strength = self._prove(spec, accepted)
            if not isinstance(verdict, Accepted):
                return verdict
            with self._disputes.standing([spec], gates) as still:
                if not still:
                    continue
                said = aside.words(spec)
                noted = replace(verdict, notes=(*([said] if said else []), *strength.words))
                refused = self._keeper.store(step, seen, noted, model=model, attempts=attempts)
            return Changed(refused, verdict) if refused else Stored(verdict, tuple(self._survivors(spec, strength)))

    def _prove(self, spec: Spec, accepted: Accepted) -> tuple[Verdict, Strength]:
        """Both side by side: a fresh process takes its time to start."""
        with ThreadPoolExecutor(1, thread_name_prefix="strength") as beside:
            trying = beside.submit(self._try_mutants, spec, accepted)
            verdict = self._shop.bench.prove({spec.key: (spec, accepted)})[spec.key]
            return verdict, trying.result()

    def _try_mutants(self, spec: Spec, accepted: Accepted) -> Strength:
        try:
            return self._shop.bench.try_mutants(spec, accepted)
        except JitiError:  # it is evidence and nothing more: what is wrong with the workers is told by the proof
            return Strength()

    def _survivors(self, spec: Spec, strength: Strength) -> Iterator[str]:
        """Each by its line in the committed file."""
        if not strength.survivors:
            return
        text = (self._shop.root / spec.path).read_text("utf-8")
        header = text.count("\n", 0, text.index("\n\n")) + 2
        for one in strength.survivors:
            yield f"{spec.path}:{header + one.line}: no test notices {one}"
