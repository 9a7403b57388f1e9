"""The page of promises names only what is there."""

import re

import pytest

from tests.repo import ROOT

PAGE = ROOT / "docs" / "promises.md"
ROWS = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]


def shown() -> list[str]:
    """The files that rows point to: links relative to the page, paths in backticks relative to the root."""
    links = re.findall(r"\]\(((?!https:)[^)]+)\)", PAGE.read_text("utf-8"))
    paths = re.findall(r"`((?:tests|benchmarks|docs)/[^`]+)`", "\n".join(ROWS))
    return sorted({*links, *(f"../{path}" for path in paths)})


@pytest.mark.parametrize("path", shown())
def test_what_it_points_to_is_there(path: str) -> None:
    assert (PAGE.parent / path).resolve().exists()


def test_every_promise_is_shown_by_something() -> None:
    for row in ROWS:
        promise, *rest = (cell.strip() for cell in row.strip("|").split("|"))
        assert promise, row
        assert all(rest), row
