"""What came of one unit in a run: the line that ``--json``, the live display and the pull request share."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a unit's turn in a run ended."""

    GENERATED = "generated"
    REVALIDATED = "revalidated"
    RESTORED = "restored"
    CURRENT = "current"
    FAILED = "failed"
    CONFLICT = "conflict"
    SKIPPED = "skipped"


#: The code of a unit that was left alone: it failed before, and nothing that is asked of it has changed since.
TRIED = "tried"

#: Outcomes after which the committed file fits its stub.
GOOD = frozenset({Outcome.GENERATED, Outcome.REVALIDATED, Outcome.RESTORED, Outcome.CURRENT})


@dataclass(frozen=True, slots=True)
class Result:
    """One unit's outcome.

    ``path`` is relative to the project root. ``usd`` is None where the model's price is not known. ``checks`` are
    names of checks with whether the last judged candidate passed them; ``code`` is the exit-code name of
    `jiti_bot.errors` that fits a failure, or `TRIED`, else empty. ``flags`` are sentences for the reviewer.
    """

    key: str
    outcome: Outcome
    path: str
    attempts: int = 0
    turns: int = 0
    seconds: float = 0.0
    usd: float | None = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    checks: tuple[tuple[str, bool], ...] = ()
    reason: str = ""
    code: str = ""
    model: str = ""
    flags: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the committed file fits its stub now."""
        return self.outcome in GOOD

    def as_json(self) -> dict[str, object]:
        """The object that ``jiti generate --json`` prints for this unit."""
        return {
            "key": self.key,
            "outcome": self.outcome.value,
            "path": self.path,
            "attempts": self.attempts,
            "seconds": round(self.seconds, 3),
            "usd": None if self.usd is None else round(self.usd, 6),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_tokens": self.cache_read_tokens,
            "checks": [{"name": name, "ok": ok} for name, ok in self.checks],
            "reason": self.reason,
        }


def summarise(results: tuple[Result, ...]) -> dict[str, object]:
    """Counts per outcome and the sums of a run."""
    counts: dict[str, object] = {outcome.value: 0 for outcome in Outcome}
    for result in results:
        counts[result.outcome.value] = sum(other.outcome is result.outcome for other in results)
    priced = [result.usd for result in results if result.usd is not None]
    known = len(priced) == len(results)
    return {
        **counts,
        "total": len(results),
        "usd": round(sum(priced), 6) if known else None,
        "input_tokens": sum(result.input_tokens for result in results),
        "output_tokens": sum(result.output_tokens for result in results),
        "cache_read_tokens": sum(result.cache_read_tokens for result in results),
    }
