"""Digests as they were when they were first written down, equal on every supported Python.

A change here makes every committed file of every user stale: it needs a very good reason and a note in the changelog.
"""

import json
import sys

import pytest

from jiti_bot.source.model import PARTS
from tests.source.golden import TABLE, computed


@pytest.mark.parametrize("table", ["stubs", "bodies"])
def test_golden(table: str) -> None:
    expected = json.loads(TABLE.read_text())[table]
    found = computed()[table]
    assert found == {name: digests for name, digests in expected.items() if name in found}
    if sys.version_info >= (3, 13):
        assert found.keys() == expected.keys()


def test_golden_digests_are_short_and_hexadecimal() -> None:
    for digests in json.loads(TABLE.read_text())["stubs"].values():
        for part in PARTS:
            assert digests[part] == "-" or (len(digests[part]) == 16 and int(digests[part], 16) >= 0)
