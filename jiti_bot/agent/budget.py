"""Money that may be spent, shared by threads: the worst price of a call is set aside before the call is made."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from jiti_bot.errors import BudgetError, InterruptedRunError


@dataclass(slots=True)
class Hold:
    """Money set aside for one call; ``actual`` is what it came to, all of it until somebody knows better."""

    worst: Decimal
    actual: Decimal

    def settle(self, actual: Decimal) -> None:
        """Say what the call really cost, in dollars."""
        self.actual = actual


@dataclass(slots=True)
class _Shared:
    """What the budgets of a run have in common."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    closed: bool = False


class Budget:
    """An allowance in dollars; None is no limit. One with a parent (the run's) may spend only what both allow.

    Always ``spent + held <= max_usd``, as long as no call costs more than was held for it.
    """

    def __init__(self, max_usd: Decimal | None = None, *, parent: "Budget | None" = None) -> None:
        self.max_usd = max_usd
        self.spent = Decimal(0)
        self.held = Decimal(0)
        self.chain: tuple[Budget, ...] = (self, *(parent.chain if parent else ()))
        self.shared: _Shared = parent.shared if parent else _Shared()

    def child(self, max_usd: Decimal | None) -> "Budget":
        """The allowance of one stub within this one."""
        return Budget(max_usd, parent=self)

    def close(self) -> None:
        """Let nobody spend any more, nor wait for it."""
        with self.shared.changed:
            self.shared.closed = True
            self.shared.changed.notify_all()

    def left(self) -> Decimal | None:
        """What could still be held if every other call turned out to cost nothing; None is no limit."""
        with self.shared.changed:
            bounds = [one.max_usd - one.spent for one in self.chain if one.max_usd is not None]
        return min(bounds, default=None)

    @contextmanager
    def reserve(self, worst: Decimal) -> Generator[Hold]:
        """Hold the worst price of a call; afterwards what was settled is spent and the rest is free again.

        Waits while only money held for other calls stands in the way. Raises `BudgetError` where the call could
        never be paid.
        """
        with self.shared.changed:
            while not self._fits(worst):
                self.shared.changed.wait()
            for one in self.chain:
                one.held += worst
        hold = Hold(worst, worst)
        try:
            yield hold
        finally:
            with self.shared.changed:
                for one in self.chain:
                    one.held -= worst
                    one.spent += hold.actual
                self.shared.changed.notify_all()

    def _fits(self, worst: Decimal) -> bool:
        if self.shared.closed:
            raise InterruptedRunError("the run was stopped.", remedy="Run again: what was finished is kept.")
        for one in self.chain:
            if one.max_usd is not None and one.spent + worst > one.max_usd:
                left = one.max_usd - one.spent
                raise BudgetError(
                    f"the next call may cost ${worst:.4f}, and ${left:.4f} of ${one.max_usd} is left.",
                    remedy="Raise max_usd, or run again later: what was finished is kept.",
                )
        return all(one.max_usd is None or one.spent + one.held + worst <= one.max_usd for one in self.chain)
