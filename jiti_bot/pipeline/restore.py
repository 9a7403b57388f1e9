"""An implementation that exists already: proved for the stub as it is now, and stored with its model and evidence."""

from dataclasses import dataclass
from pathlib import Path

from jiti_bot.pipeline.keep import Keeper, committed_tests
from jiti_bot.pipeline.rejudge import Passed, rejudge
from jiti_bot.planning.plan import Step
from jiti_bot.planning.reuse import Former
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Refused, Waits


@dataclass(frozen=True, slots=True)
class Restored:
    """It passed and is stored; ``told`` is for the reviewer."""

    accepted: Accepted
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """It passed, but something changed meanwhile; ``reason`` says what. Nothing was written."""

    reason: str
    accepted: Accepted


def restore(
    root: Path, bench: Bench, keeper: Keeper, step: Step, seen: Entry | Broken | None
) -> Restored | Changed | Refused | Waits:
    """Prove the step's former implementation and store it in place of what was ``seen``; what it left behind goes."""
    former = step.former
    assert isinstance(former, Former), "there is something to restore"
    tests = former.tests or committed_tests(root, step.spec)
    found = rejudge(bench, step.spec, former.entry, former.code, tests)
    if not isinstance(found, Passed):
        return found
    reason = keeper.adopt(step, seen, former, found.accepted)
    return Changed(reason, found.accepted) if reason else Restored(found.accepted, found.told(root, step.spec))


def is_by_hand(former: Former) -> bool:
    """Whether it is a person's work that stands nowhere else: a model is not to start from it unasked."""
    return former.entry.is_edited and bool(former.gone)
