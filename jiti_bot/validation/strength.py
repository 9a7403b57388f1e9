"""How much the tests of a unit notice: its accepted body with one small change at a time, in the warm worker.

Bounded: it stops after `SECONDS`, waits for a worker no longer than that, and a change that makes the tests take far
longer than they did counts as noticed. It refuses nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jiti_bot.validation.evidence import Expected
from jiti_bot.validation.jobs import Cause, Result, RunTests, Stopped, unproved
from jiti_bot.validation.mutants import Mutant

SECONDS = 1.0  # from the first change that is tried
LEAST_SECONDS = 0.3  # that a change's tests are given
SLOWER = 5  # times what the tests take by themselves
MAX_TOLD = 3

#: Runs a job within so many seconds, if a worker comes free within so many others.
Run = Callable[[RunTests, float, float], Result | None]


@dataclass(frozen=True, slots=True)
class Strength:
    """Of ``tried`` changes ``noticed`` made a test fail; ``survivors`` did not. None tried: nothing is known."""

    noticed: int = 0
    tried: int = 0
    survivors: tuple[Mutant, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Words for the header's evidence: ``mutants=9/12``, ``unnoticed=4,7`` with lines below the header."""
        if not self.tried:
            return ()
        lines = sorted({one.line for one in self.survivors})
        told = (f"unnoticed={','.join(map(str, lines))}",) if lines else ()
        return (f"mutants={self.noticed}/{self.tried}", *told)


def weigh(
    accepted: str,
    made: Sequence[Mutant],
    wanted: Expected,
    run: Run,
    job: Callable[[str], RunTests],
    *,
    limit: float,
    clock: Callable[[], float] = time.perf_counter,
) -> Strength:
    """Try ``made`` in order; ``job`` runs what is ``wanted`` with a text in place, ``limit`` is its longest in seconds.

    The accepted text goes first: where that does not pass here, nothing can be said.
    """
    if not made:
        return Strength()
    started = clock()
    first = run(job(accepted), limit, SECONDS)
    if first is None or unproved(first, wanted.ids):
        return Strength()
    each = min(limit, max(LEAST_SECONDS, SLOWER * (clock() - started)))
    end = clock() + SECONDS
    noticed, survivors = 0, list[Mutant]()
    for mutant in made:
        left = end - clock()
        result = run(job(mutant.text), each, left) if left > 0 else None
        if result is None or (isinstance(result, Stopped) and result.cause is Cause.DIED and not result.tests):
            break
        if unproved(result, wanted.ids):
            noticed += 1
        else:
            survivors.append(mutant)
    return Strength(noticed, noticed + len(survivors), tuple(survivors[:MAX_TOLD]))
