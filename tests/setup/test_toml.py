"""An item in a list of a TOML file."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.errors import ConfigurationError
from jiti_bot.setup import toml
from jiti_bot.setup.text import Text
from tests.setup.tables import check

RUFF = ("tool", "ruff")
DOTTED = "[tool.coverage]\nrun.branch = true\nreport.omit = [\n  'a',\n]\nhtml.x = 1\n"
# name: (the table, before, after): `extend-exclude` gets ".jiti".
ROWS: dict[str, tuple[tuple[str, ...], str, str | None]] = {
    "there-already": (RUFF, '[tool.ruff]\nextend-exclude = [".jiti"]\n', '[tool.ruff]\nextend-exclude = [".jiti"]\n'),
    "empty-file": ((), "", 'extend-exclude = [".jiti"]\n'),
    "comment-alone": ((), "# mine", '# mine\n\nextend-exclude = [".jiti"]\n'),
    "top-level": ((), "line-length = 9 # wide\n", 'line-length = 9 # wide\nextend-exclude = [".jiti"]\n'),
    "above-the-first-table": ((), '[lint]\nselect = ["E"]\n', 'extend-exclude = [".jiti"]\n\n[lint]\nselect = ["E"]\n'),
    "end-of-its-table": (
        RUFF,
        "[tool.ruff]\nline-length = 9\n\n# Tests may.\n[tool.ruff.lint]\n",
        '[tool.ruff]\nline-length = 9\nextend-exclude = [".jiti"]\n\n# Tests may.\n[tool.ruff.lint]\n',
    ),
    "after-a-list-of-lines": (
        RUFF,
        '[tool.ruff]\ninclude = [\n  "a", # [x]\n]\n[tool.x]\n',
        '[tool.ruff]\ninclude = [\n  "a", # [x]\n]\nextend-exclude = [".jiti"]\n[tool.x]\n',
    ),
    "after-a-text-of-lines": (
        RUFF,
        '[tool.ruff]\nx = """\n[tool.y]\nz\n"""\n',
        '[tool.ruff]\nextend-exclude = [".jiti"]\nx = """\n[tool.y]\nz\n"""\n',
    ),
    "empty-table": (RUFF, "[ tool . 'ruff' ] # x\n", "[ tool . 'ruff' ] # x\nextend-exclude = [\".jiti\"]\n"),
    "only-subtables": (
        RUFF,
        "[a]\nb = 1\n\n# lint\n# more\n[tool.ruff.lint]\n",
        '[a]\nb = 1\n\n[tool.ruff]\nextend-exclude = [".jiti"]\n\n# lint\n# more\n[tool.ruff.lint]\n',
    ),
    "no-table": (RUFF, "[project]\nname = 'a'", "[project]\nname = 'a'\n\n[tool.ruff]\nextend-exclude = [\".jiti\"]\n"),
    "one-line": (RUFF, "[tool.ruff]\nextend-exclude = ['a']", "[tool.ruff]\nextend-exclude = ['a', '.jiti']"),
    "one-line-comma": (
        RUFF,
        "[tool.ruff]\nextend-exclude = ['a', ] # x]\n",
        "[tool.ruff]\nextend-exclude = ['a', '.jiti' ] # x]\n",
    ),
    "one-line-none": (RUFF, "[tool.ruff]\nextend-exclude = [ ]\n", '[tool.ruff]\nextend-exclude = [".jiti" ]\n'),
    "lines": (
        RUFF,
        '[tool.ruff]\nextend-exclude = [\n    "a]", # why\n    "b",   # "c"\n    # end\n]\n',
        '[tool.ruff]\nextend-exclude = [\n    "a]", # why\n    "b",   # "c"\n    ".jiti",\n    # end\n]\n',
    ),
    "lines-without-comma": (
        RUFF,
        '[tool.ruff]\nextend-exclude = [\n\t"a",\n\t"b"\n]\n',
        '[tool.ruff]\nextend-exclude = [\n\t"a",\n\t"b",\n\t".jiti"\n]\n',
    ),
    "comment-without-comma": (
        RUFF,
        '[tool.ruff]\nextend-exclude = [\n  "b" # b\n]\n',
        '[tool.ruff]\nextend-exclude = [\n  "b", ".jiti" # b\n]\n',
    ),
    "same-name-elsewhere": (
        RUFF,
        "[tool.x]\nextend-exclude = ['a']\n[tool.ruff]\nextend-exclude = ['b']\n",
        "[tool.x]\nextend-exclude = ['a']\n[tool.ruff]\nextend-exclude = ['b', '.jiti']\n",
    ),
    "inline-table": (
        RUFF,
        "[tool]\nruff = {extend-exclude = ['a'], line-length = 9}\n",
        "[tool]\nruff = {extend-exclude = ['a', '.jiti'], line-length = 9}\n",
    ),
    "dotted": (RUFF, "tool.ruff.extend-exclude = ['a']\n", "tool.ruff.extend-exclude = ['a', '.jiti']\n"),
    "dotted-below-its-parent": (
        ("tool", "coverage", "report"),
        f"{DOTTED}\n[tool.x]\n",
        f'{DOTTED}report.extend-exclude = [".jiti"]\n\n[tool.x]\n',
    ),
    "no-place-in-an-inline-table": (RUFF, "[tool]\nruff = {line-length = 9}\n", None),
    "no-list": (RUFF, "[tool.ruff]\nextend-exclude = 'a'\n", None),
    "no-table-at-all": (RUFF, "tool = 3\n", None),
}


@pytest.mark.parametrize(("table", "before", "after"), ROWS.values(), ids=ROWS)
def test_an_item(table: tuple[str, ...], before: str, after: str | None) -> None:
    check(before, after, lambda text: toml.with_item(text, table, "extend-exclude", ".jiti"))


ITEMS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), max_size=4)
SPACE = st.sampled_from(["", " ", "\n  ", ' # "x", \']\n '])


@given(ITEMS, st.lists(SPACE, min_size=10, max_size=10), st.booleans())
def test_whatever_a_list_holds_the_rest_stays(items: list[str], spaces: list[str], comma: bool) -> None:
    """Odd strings, comments and line ends between the items of a list: they stay, and the item is its last."""
    parts = []
    for number, item in enumerate(items):
        quoted = '"' + "".join(f"\\U{ord(char):08x}" if char in '"\\' else char for char in item) + '"'
        parts.append(spaces[2 * number] + quoted + spaces[2 * number + 1])
    inside = ",".join(parts) + ("," if comma and items else "") + spaces[8]
    before = f"[tool.ruff]\nextend-exclude = [{inside}] # end\n[tool.x]\ny = 1\n"
    after = toml.with_item(Text(before), RUFF, "extend-exclude", "<new>")
    assert after is not None
    wanted = tomllib.loads(before)
    wanted["tool"]["ruff"]["extend-exclude"].append("<new>")
    assert tomllib.loads(after) == wanted
    check(before, after, lambda text: toml.with_item(text, RUFF, "extend-exclude", "<new>"))


def test_a_table() -> None:
    check(
        "[project]\nname = 'a'\n",
        "[project]\nname = 'a'\n\n[tool.jiti]\n# why\nx = 1\n",
        lambda text: (
            text.body if "[tool.jiti]" in text.body else toml.with_table(text, ("tool", "jiti"), ["# why", "x = 1"])
        ),
    )


@pytest.mark.parametrize("before", ["tool = {x = 1}\n", "tool = 1\n", "[tool.jiti]\n"])
def test_a_table_that_cannot_be(before: str) -> None:
    assert toml.with_table(Text(before), ("tool", "jiti"), ["x = 1"]) is None


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match="This is not TOML") as caught:
        toml.parse(Text("a = 1\nb = \n"), "x/ruff.toml")
    assert caught.value.where == "x/ruff.toml:2"
