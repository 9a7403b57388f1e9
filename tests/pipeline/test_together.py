"""What a conversation about several units costs each of them."""

from decimal import Decimal

import pytest

from jiti_bot.agent.outcome import Spent, Usage
from jiti_bot.pipeline.shares import shared


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.parametrize(
    "usd", [None, Decimal(0), Decimal("0.0000045"), Decimal("0.0123457")], ids=["unknown", "free", "tiny", "some"]
)
def test_the_shares_add_up(count: int, usd: Decimal | None) -> None:
    spent = Spent(5, Usage(1000, 7, 3, 11, 401), usd)
    parts = shared(spent, count)
    assert len(parts) == count
    assert sum(part.turns for part in parts) == 5
    assert sum((part.usage for part in parts), Usage()) == spent.usage
    if usd is None:
        assert all(part.usd is None for part in parts)
    else:
        assert sum(part.usd or 0 for part in parts) == usd
        assert all(part.usd is not None and part.usd >= 0 for part in parts)


def test_what_does_not_divide_is_the_first_ones() -> None:
    assert [part.turns for part in shared(Spent(5, Usage(), Decimal(1)), 3)] == [3, 1, 1]
