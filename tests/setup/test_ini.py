"""A line in a value of an INI file."""

import pytest

from jiti_bot.errors import ConfigurationError
from jiti_bot.setup import ini
from jiti_bot.setup.text import Text
from tests.setup.tables import check

# name: (before, after): `exclude_also` of [report] gets the line `raise X`.
ROWS: dict[str, tuple[str, str | None]] = {
    "there-already": ("[report]\nexclude_also =\n    raise X\n", "[report]\nexclude_also =\n    raise X\n"),
    "empty": ("", "[report]\nexclude_also =\n    raise X\n"),
    "other-section": ("[run]\nbranch = 1", "[run]\nbranch = 1\n\n[report]\nexclude_also =\n    raise X\n"),
    "in-its-section": (
        "[report]\nfail_under = 9\n  # x\n\n[run]\nbranch = 1\n",
        "[report]\nfail_under = 9\nexclude_also =\n    raise X\n  # x\n\n[run]\nbranch = 1\n",
    ),
    "empty-section": ("[report]", "[report]\nexclude_also =\n    raise X"),
    "one-more-line": (
        "[report]\nexclude_also =\n\tpragma # x\n\t# why\n\tif TYPE\n; end\n[run]\n",
        "[report]\nexclude_also =\n\tpragma # x\n\t# why\n\tif TYPE\n\traise X\n; end\n[run]\n",
    ),
    "on-the-same-line": (
        "[report]\nexclude_also = a\nfail_under = 9\n",
        "[report]\nexclude_also = a\n    raise X\nfail_under = 9\n",
    ),
    "same-name-elsewhere": (
        "[x]\nexclude_also = a\n[report]\nExclude_Also: b\n",
        "[x]\nexclude_also = a\n[report]\nExclude_Also: b\n    raise X\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), ROWS.values(), ids=ROWS)
def test_a_line(before: str, after: str | None) -> None:
    check(before, after, lambda text: ini.with_line(text, "report", "exclude_also", "raise X"))


@pytest.mark.parametrize(("text", "line"), [("[a]\nb = 1\nc\n", 3), ("b = 1\n", 1)])
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        ini.parse(Text(text), "setup.cfg")
    assert caught.value.where == f"setup.cfg:{line}"
