import pytest
from jiti import jiti

from semver import (
    Version,
    available_upgrades,
    max_satisfying,
    parse_range,
    parse_version,
)


@jiti.required_for(available_upgrades)
@pytest.mark.parametrize(
    ("current", "upgrades"),
    [
        ("1.4.0", "major 2.1.0, minor 1.10.0, patch 1.4.1"),
        ("1.4.1", "major 2.1.0, minor 1.10.0"),
        ("2.0.0-rc.1", "minor 2.1.0, patch 2.0.0"),
        ("2.1.0", ""),
    ],
)
def test_offers_the_newest_of_each_size(
    published: tuple[Version, ...], current: str, upgrades: str
) -> None:
    found = available_upgrades(parse_version(current), published)
    assert ", ".join(f"{part} {version}" for part, version in found.items()) == upgrades


# What follows gates no stub: it tests the code that is written by hand.


@pytest.mark.parametrize(
    ("wanted", "best"),
    [("^1.3.0", "1.10.0"), ("~1.4.0", "1.4.1"), (">=3.0.0-alpha", "3.0.0-alpha")],
)
def test_max_satisfying(published: tuple[Version, ...], wanted: str, best: str) -> None:
    assert max_satisfying(published, parse_range(wanted)) == parse_version(best)


def test_max_satisfying_finds_nothing(published: tuple[Version, ...]) -> None:
    assert max_satisfying(published, parse_range("<1.0.0")) is None
