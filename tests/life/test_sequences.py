"""Random lives of one project, each step held to what is promised; see `tests.life.life`.

Two thousand with verdicts replayed at validation's door, fifty in full. `python -m tests.life` lives more of them.
"""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.life import lives
from tests.life.faults import Fault
from tests.life.steps import Generate

LIGHT, FULL = 2_000, 50  # lives, in shards that may run side by side
LIGHT_SHARDS, FULL_SHARDS = 8, 4


@pytest.mark.parametrize("shard", range(LIGHT_SHARDS))
def test_with_replayed_verdicts(shard: int, record_property: Callable[[str, object], None]) -> None:
    tally: Counter[str] = Counter()
    lives.light(shard, LIGHT // LIGHT_SHARDS, tally)
    record_property("lives", {f"replayed: {name}": count for name, count in tally.items()})
    assert tally["sequences"] >= LIGHT // LIGHT_SHARDS


@pytest.mark.parametrize("shard", range(FULL_SHARDS))
def test_in_full(shard: int, record_property: Callable[[str, object], None]) -> None:
    count = len(range(shard, FULL, FULL_SHARDS))
    tally: Counter[str] = Counter()
    lives.full(shard, count, tally)
    record_property("lives", {f"in full: {name}": count for name, count in tally.items()})
    assert tally["sequences"] >= count


def test_a_first_write_that_fails_leaves_nothing_that_git_shows() -> None:
    tally: Counter[str] = Counter()
    lives.told([Generate(fault=Fault("full", "replace", 1))], tally)
    assert tally["fault full"] == 1
