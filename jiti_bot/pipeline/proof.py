"""The last step of a unit: proved in a fresh process, its tests tried on small changes, stored."""

from dataclasses import dataclass, replace

from jiti_bot.pipeline.dispute import Disputes
from jiti_bot.pipeline.keep import Keeper
from jiti_bot.pipeline.shop import Shop
from jiti_bot.pipeline.weighing import survivors, weigh
from jiti_bot.planning.plan import Step
from jiti_bot.source import aside
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.validation.model import Accepted, Refused, Waits


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
            verdicts, strengths = weigh(self._shop.bench, {spec.key: (spec, accepted)})
            verdict, strength = verdicts[spec.key], strengths[spec.key]
            if not isinstance(verdict, Accepted):
                return verdict
            with self._disputes.standing([spec], gates) as still:
                if not still:
                    continue
                said = aside.words(spec)
                noted = replace(verdict, notes=(*([said] if said else []), *strength.words))
                refused = self._keeper.store(step, seen, noted, model=model, attempts=attempts)
            if refused:
                return Changed(refused, verdict)
            return Stored(verdict, tuple(survivors(self._shop.root, spec, strength)))
