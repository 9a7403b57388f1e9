"""One turn paid for and waited for: money is held before each attempt, and a failure that may pass is tried again."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from jiti_bot.agent import prices
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.outcome import Usage
from jiti_bot.agent.turn import Listen, Model, Reply, Request, TransientError
from jiti_bot.errors import InterruptedRunError, JitiError

ATTEMPTS = 5
PATIENCE = 60.0  # seconds; who is asked to wait longer stops, and goes on in a later run
LEAST_OUTPUT = 2048  # tokens; a shorter reply is not worth its input
OVERHEAD = 1024  # tokens the service adds around tools and messages, rounded up generously


@dataclass(frozen=True, slots=True)
class Paid:
    """A reply with what it cost, attempts that broke off included. ``usd`` is None where the price is unknown."""

    reply: Reply
    usage: Usage
    usd: Decimal | None


def ask(
    model: Model,
    request: Request,
    at_most: int,
    budget: Budget,
    *,
    listen: Listen,
    wait: Callable[[float, str], None],
) -> Paid:
    """Ask the model. ``at_most`` bounds the input tokens; ``wait`` is given seconds and the reason.

    Raises `BudgetError` where the money does not suffice, and the last failure's error when patience runs out.
    """
    lost, lost_usd = Usage(), Decimal(0)
    for attempt in range(1, ATTEMPTS + 1):
        limit = affordable(model.name, at_most, request.max_tokens, budget.left())
        bounded = Request(request.system, request.messages, request.tools, limit)
        with budget.reserve(prices.worst(model.name, at_most, limit) or Decimal(0)) as hold:
            try:
                reply = model.turn(bounded, listen)
            except TransientError as error:
                failure = error
                gone = error.lost or Usage()
                hold.settle(prices.price(model.name, gone) or Decimal(0))
                lost, lost_usd = lost + gone, lost_usd + hold.actual
            except InterruptedRunError:
                raise  # left in the middle: what it came to is not known, so the worst price stands
            except JitiError:
                hold.settle(Decimal(0))  # refused: not billed
                raise
            else:
                usd = prices.price(model.name, reply.usage)
                hold.settle(usd or Decimal(0))
                return Paid(reply, lost + reply.usage, None if usd is None else usd + lost_usd)
        if attempt == ATTEMPTS or (failure.after or 0) > PATIENCE:
            raise failure.final
        wait(failure.after or backoff(attempt), failure.final.message)
    raise AssertionError("the last attempt returns or raises")


def affordable(model: str, at_most: int, wanted: int, left: Decimal | None) -> int:
    """The most output tokens, up to ``wanted``, whose worst price is still ``left``; `LEAST_OUTPUT` if none is."""
    floor = min(LEAST_OUTPUT, wanted)
    full = prices.worst(model, at_most, wanted)
    if left is None or full is None or full <= left:
        return wanted
    low, high = floor, wanted
    while high - low > 64:
        middle = (low + high) // 2
        worst = prices.worst(model, at_most, middle)
        low, high = (middle, high) if worst is not None and worst <= left else (low, middle)
    return low


def backoff(attempt: int) -> float:
    """Seconds to wait where the service names none: 1, 2, 4, 8, each up to a quarter less so that clients spread."""
    return min(8.0, 2.0 ** (attempt - 1)) * (1 - 0.25 * random.random())  # noqa: S311 - spreads load, guards nothing


def bound(*parts: object) -> int:
    """An upper bound of the tokens in JSON-like values: no tokenizer makes more tokens than there are bytes."""
    return sum(len(json.dumps(part, ensure_ascii=False).encode()) for part in parts) + OVERHEAD
