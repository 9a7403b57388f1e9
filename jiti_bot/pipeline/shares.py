"""What one conversation about several units has cost, shared among them. Pure."""

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from jiti_bot.agent.outcome import Spent, Usage
from jiti_bot.planning.result import Result


def shared(spent: Spent, count: int) -> tuple[Spent, ...]:
    """A conversation's cost in ``count`` parts that add up to it; what does not divide is the first one's."""
    usage = spent.usage
    fields = ("plain", "written", "written_1h", "read", "output")
    each = Usage(**{name: getattr(usage, name) // count for name in fields})
    rest = Usage(**{name: getattr(usage, name) - getattr(each, name) * (count - 1) for name in fields})
    usd = None if spent.usd is None else (spent.usd / count).quantize(Decimal("0.000001"), ROUND_DOWN)
    over = None if spent.usd is None or usd is None else spent.usd - usd * (count - 1)
    turns = spent.turns // count
    return (Spent(spent.turns - turns * (count - 1), rest, over), *[Spent(turns, each, usd)] * (count - 1))


def added(before: Result, share: Spent) -> Result:
    """A result that has cost so much more."""
    return replace(
        before,
        turns=before.turns + share.turns,
        usd=None if share.usd is None or before.usd is None else before.usd + float(share.usd),
        input_tokens=before.input_tokens + share.usage.input,
        output_tokens=before.output_tokens + share.usage.output,
        cache_read_tokens=before.cache_read_tokens + share.usage.read,
    )
