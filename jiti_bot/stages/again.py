"""A committed file that came from elsewhere, judged by the guards as what the model hands in is."""

from dataclasses import replace

from jiti_bot.pipeline import guarded
from jiti_bot.source.model import Kind
from jiti_bot.stages.ground import Ground
from jiti_bot.store.entry import Entry
from jiti_bot.store.survey import Standing, scratch_of
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.flags import UNREACHED
from jiti_bot.validation.model import Accepted, Refused


def guard(
    bench: Bench, ground: Ground, standing: Standing, *, edited: bool, kept: frozenset[str] = frozenset()
) -> Accepted | Refused:
    """What the guards say of a unit's committed file; see `jiti_bot.pipeline.guarded.guard`."""
    spec, entry = standing.spec, standing.committed
    assert isinstance(entry, Entry), "only what can be read is judged"
    found = guarded.guard(bench, spec, entry.code, _own_tests(ground, standing), edited=edited, kept=kept)
    if isinstance(found, Refused):
        return found
    red = () if spec.stub.kind is Kind.TEST else bench.red(spec)
    return replace(found, flags=(*(flag for flag in red if flag.code != UNREACHED), *found.flags))


def _own_tests(ground: Ground, standing: Standing) -> str:
    path = scratch_of(standing.spec)
    data = ground.current(path) if path else None
    return data.decode("utf-8", "replace") if data is not None else ""
