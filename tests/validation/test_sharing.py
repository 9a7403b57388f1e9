"""Helpers of several units: each unit gets what it reaches."""

import pytest

from jiti_bot.validation.sharing import shares

HELPERS = """\
import math
from typing import TYPE_CHECKING

# as wide as a screen
WIDTH = 80


def _half(number: int) -> int:
    return math.floor(number / 2)


def _line(number: int) -> str:
    return "-" * min(_half(number), WIDTH)
"""


@pytest.mark.parametrize(
    ("helpers", "bodies", "expected"),
    [
        pytest.param("", {"a": "return 1", "b": "return 2"}, {"a": "", "b": ""}, id="none"),
        pytest.param("X = 1", {"a": "return X", "b": "return X"}, {"a": "X = 1", "b": "X = 1"}, id="used-by-both"),
        pytest.param("X = 1", {"a": "return 1", "b": "return X"}, {"a": "", "b": "X = 1"}, id="used-by-one"),
        pytest.param("X = 1", {"a": "return 1", "b": "return 2"}, {"a": "X = 1", "b": ""}, id="used-by-none"),
        pytest.param(
            "X = 1; Y = 2", {"a": "return X", "b": "return 2"}, {"a": "X = 1; Y = 2", "b": ""}, id="on-one-line"
        ),
        pytest.param("X = (", {"a": "return 1", "b": "return 2"}, {"a": "X = (", "b": "X = ("}, id="do-not-parse"),
        pytest.param("X = 1", {"a": "return (", "b": "return X"}, {"a": "", "b": "X = 1"}, id="a-body-does-not-parse"),
        pytest.param(
            "import json", {"a": 'x: "json.X"\nreturn x', "b": "return 1"}, {"a": "import json", "b": ""}, id="quoted"
        ),
    ],
)
def test_each_gets_what_it_reaches(helpers: str, bodies: dict[str, str], expected: dict[str, str]) -> None:
    assert shares(helpers, bodies) == expected


def test_helpers_of_helpers_and_comments_come_along() -> None:
    shared = shares(HELPERS, {"a": "return _line(number)", "b": "return _half(number)"})
    assert shared["b"] == ("import math\n\n\ndef _half(number: int) -> int:\n    return math.floor(number / 2)")
    assert "# as wide as a screen\nWIDTH = 80" in shared["a"]
    assert "def _line" in shared["a"]
    assert "def _half" in shared["a"]
    assert "TYPE_CHECKING" in shared["a"]
