from itertools import pairwise

import pytest
from jiti import jiti

from semver import Part, Version, parse_version

OLDEST_FIRST = (
    "0.9.12",
    "0.10.0",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
)


@jiti.required_for(Version.precedence)
@pytest.mark.parametrize(("older", "newer"), [*pairwise(OLDEST_FIRST)])
def test_older_comes_before_newer(older: str, newer: str) -> None:
    assert parse_version(older) < parse_version(newer)
    assert not parse_version(newer) < parse_version(older)


@jiti.required_for(Version.precedence)
def test_build_metadata_has_no_part_in_the_order() -> None:
    plain, built = parse_version("1.0.0-rc.1"), parse_version("1.0.0-rc.1+linux")
    assert plain == built
    assert plain.precedence == built.precedence


@jiti.required_for(Version.bump)
@pytest.mark.parametrize(
    ("version", "part", "bumped"),
    [
        ("1.4.2", "patch", "1.4.3"),
        ("1.4.2", "major", "2.0.0"),
        ("1.4.2+linux", "patch", "1.4.3"),
        ("1.4.2-rc.1", "patch", "1.4.2"),
        ("1.4.2-rc.1", "minor", "1.5.0"),
        ("1.5.0-rc.1+linux", "minor", "1.5.0"),
        ("1.5.0-rc.1", "major", "2.0.0"),
    ],
)
def test_bump_steps_to_the_next_release(version: str, part: Part, bumped: str) -> None:
    assert str(parse_version(version).bump(part)) == bumped
