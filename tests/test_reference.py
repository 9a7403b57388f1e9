"""The reference names every setting and exit code with the values that the code has."""

from jiti_bot.errors import EXIT_CODES
from jiti_bot.settings import ENGINE_NAMES, PROJECT_NAMES, Settings
from tests.repo import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "reference.md").read_text("utf-8").splitlines()
    if line.startswith("|") and not line.startswith("|-")
]


def test_settings() -> None:
    rows = {row[0].strip("`"): (row[1].strip("`"), row[2]) for row in ROWS if len(row) == 4 and row[0] != "setting"}
    defaults = Settings()
    expected = {}
    for name in {*PROJECT_NAMES, *ENGINE_NAMES}:
        value = getattr(defaults, name)
        expected[name] = ("-" if value in (None, ()) else str(value), "yes" if name in ENGINE_NAMES else "")
    assert rows == expected


def test_exit_codes() -> None:
    rows = {row[1]: (int(row[0]), row[2]) for row in ROWS if len(row) == 3 and row[0].isdigit()}
    assert rows == EXIT_CODES


def test_exit_codes_are_unique() -> None:
    codes = [code for code, _ in EXIT_CODES.values()]
    assert len(set(codes)) == len(codes)
