"""How many requests are left, and what a refusal for too many looks like."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.github.faults import PrimaryLimit, SecondaryLimit
from tests.github.problems import Problem
from tests.github.state import Token

_HOUR = 3600


@dataclass(slots=True)
class Limits:
    """The hour's requests of each token; one without a token counts as one caller."""

    quota: int
    clock: Callable[[], float]
    used: dict[str, int] = field(default_factory=dict)
    resets: dict[str, int] = field(default_factory=dict)

    def peek(self, token: Token | None) -> dict[str, int]:
        """limit, remaining, reset (seconds since the epoch), used."""
        key = token.secret if token else ""
        now = int(self.clock())
        if self.resets.get(key, 0) <= now:
            self.resets[key], self.used[key] = now + _HOUR, 0
        limit = self.quota if token else min(60, self.quota)
        used = min(self.used[key], limit)
        return {"limit": limit, "remaining": limit - used, "reset": self.resets[key], "used": used}

    def take(self, token: Token | None) -> None:
        """Count a request.

        Raises `Problem`: none is left.
        """
        if not self.peek(token)["remaining"]:
            raise exceeded(token, 403)
        self.used[token.secret if token else ""] += 1

    def give_back(self, token: Token | None) -> None:
        """Count the last request no more."""
        self.used[token.secret if token else ""] -= 1

    def headers(self, token: Token | None) -> dict[str, str]:
        """The headers of every answer."""
        return {f"X-RateLimit-{name.title()}": str(value) for name, value in self.peek(token).items()} | {
            "X-RateLimit-Resource": "core"
        }

    def planned(self, fault: PrimaryLimit | SecondaryLimit, token: Token | None) -> Problem:
        """The refusal that a test has planned."""
        if isinstance(fault, PrimaryLimit):
            problem = exceeded(token, fault.status)
            problem.headers |= {
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Used": str(self.quota),
                "X-RateLimit-Reset": str(int(self.clock()) + fault.reset_in),
            }
            return problem
        waiting = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return Problem(fault.status, words, headers=waiting)


def exceeded(token: Token | None, status: int) -> Problem:
    """The refusal when the hour's requests are used up."""
    who = "127.0.0.1" if token is None else "installation ID 1" if token.is_app else "user ID 1"
    return Problem(status, f"API rate limit exceeded for {who}.")
