"""Code that exists already, judged for its stub as that is now: by the guards, by a proof, by its gates run red.

Evidence that rests on gates is gathered again where those are others now. What was counted for the same gates stands.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from jiti_bot.pipeline.evidence import STRENGTH, judged, lasting_words
from jiti_bot.pipeline.guarded import by_people, guard, is_whole
from jiti_bot.pipeline.red import try_gates
from jiti_bot.pipeline.weighing import survivors, weigh
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Entry
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Refused, Waits
from jiti_bot.validation.strength import Strength


@dataclass(frozen=True, slots=True)
class Passed:
    """It passes; ``strength`` is known only where it was counted now."""

    accepted: Accepted
    strength: Strength

    def told(self, root: Path, spec: Spec) -> tuple[str, ...]:
        """What the reviewer is told of it, once it is stored."""
        return (*(flag.detail for flag in self.accepted.flags), *survivors(root, spec, self.strength))


def rejudge(bench: Bench, spec: Spec, entry: Entry, code: str, tests: str) -> Passed | Refused | Waits:
    """Judge the ``code`` of ``entry``, perhaps spelled for another name since, and the agent's own ``tests``."""
    by_hand, kept = by_people(spec.stub, entry)
    wanted = judged(spec, entry)
    if by_hand or (kept and not is_whole(wanted, code)):
        tried = _noted(bench, wanted, code, tests)
    else:
        tried = guard(bench, wanted, code, tests, edited=False, kept=kept)
    if isinstance(tried, Refused):
        return tried
    if kept:
        tried = replace(tried, checks=())  # not all of it was asked of
    known = any(word.startswith(STRENGTH) for word in lasting_words(spec, entry))
    batch = {spec.key: (wanted, tried)}
    verdicts, strengths = (bench.prove(batch), {}) if known else weigh(bench, batch)
    verdict, strength = verdicts[spec.key], strengths.get(spec.key, Strength())
    if not isinstance(verdict, Accepted):
        return verdict
    others = entry.header.digests.gates != spec.digests.gates
    noted = try_gates(bench, wanted).notes if others else ()
    flags = tuple(dict.fromkeys((*verdict.flags, *noted)))
    return Passed(replace(verdict, flags=flags, notes=strength.words), strength)


def _noted(bench: Bench, spec: Spec, code: str, tests: str) -> Accepted:
    """A person's work: it may do what a model's may not, and the reviewer is told of it."""
    found = guard(bench, spec, code, tests, edited=True)
    return Accepted(code, tests, (), found.flags if isinstance(found, Accepted) else ())
