"""Gates that pass in one order only: the last proof runs them backwards, and in their own order where that fails.

What passes in its own order is proved; that another order fails it refuses nothing, since tests may lawfully build on
each other. It may as well be the body that keeps something between calls, so the reviewer is told.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from jiti_bot.validation import report
from jiti_bot.validation.jobs import Outcome, Ran, Result, RunTests, Stopped, unproved
from jiti_bot.validation.model import Accepted, Flag

ORDERED = "ordered-gate"


def in_both(prove: Callable[[RunTests], Result], job: RunTests, *, seen: bool) -> Result:
    """The result of ``job``, run last gate first, and as it stands as well if something fails there.

    ``seen``: all of it was seen to pass as it stands. Without that it is run so in any case: that order counts.
    """
    wanted = (*job.nodes, *(one.id for one in job.examples), *job.files)
    if len(wanted) < 2:
        return prove(job)
    backwards = prove(replace(job, backwards=True))
    failed = unproved(backwards, wanted)
    if backwards.tampering or (isinstance(backwards, Ran) and backwards.missing):
        return backwards
    if not failed:
        return backwards if seen else prove(job)
    result = prove(job)
    if isinstance(result, Stopped) or unproved(result, wanted):
        return result
    passed = {test.id for test in backwards.tests if test.outcome is Outcome.PASSED}
    return replace(result, ordered=tuple((node, why) for node, why in failed if node not in passed))


def is_seen(tried: Accepted) -> bool:
    """Whether the tests of what is to be proved were run already: of what lay in the store or in git they were not."""
    return any(check.name in {"doctests", "gates", "tests"} for check in tried.checks)


def flags(result: Result, places: Mapping[str, str]) -> Iterator[Flag]:
    """What the reviewer is told of gates that passed in one order only; ``places`` are their lines by id."""
    for node, why in result.ordered if isinstance(result, Ran) else ():
        if node in places:
            named = f"{places[node]}: {node.partition('::')[2]}"
            words = "passes in the order in which the gates stand, and fails in the reverse order"
            blame = "Either the tests share something, or the body keeps something between calls"
            yield Flag(ORDERED, f"{named} {words}: {_cause(why)}. {blame}.")


def _cause(why: str) -> str:
    """What a traceback says was raised, or what ended the run."""
    lines = [line for line in report.readable(why).splitlines() if line.strip()]
    raised = next((line.removeprefix("E") for line in lines if line.startswith("E ")), "")
    return (raised or (lines[-1] if lines else "it did not pass")).strip().rstrip(".")
