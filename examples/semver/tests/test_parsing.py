import re

import pytest
from jiti import jiti

from semver import Version, parse_version


@jiti.required_for(parse_version)
@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.0.0", Version(0, 0, 0)),
        ("10.20.30", Version(10, 20, 30)),
        ("1.0.0-alpha.1", Version(1, 0, 0, ("alpha", "1"))),
        ("1.0.0-0a.x-y.0", Version(1, 0, 0, ("0a", "x-y", "0"))),
        ("1.0.0---.-", Version(1, 0, 0, ("--", "-"))),
    ],
)
def test_reads_what_str_writes(text: str, version: Version) -> None:
    assert parse_version(text) == version
    assert str(parse_version(text)) == text


@jiti.required_for(parse_version)
def test_build_identifiers_may_begin_with_zero() -> None:
    assert parse_version("1.0.0+001.sha-5f").build == ("001", "sha-5f")


@jiti.required_for(parse_version)
def test_rejects_leading_zeros() -> None:
    """A leading zero is a ValueError in a number and in a prerelease identifier.

    In the identifier only if it is all digits.
    """
    raise NotImplementedError


@jiti.required_for(parse_version)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        " 1.2.3",
        "1.2.3\n",
        "1.2.3-",
        "1.2.3-rc..1",
        "1.2.3+",
        "1.2.\N{ARABIC-INDIC DIGIT THREE}",
    ],
)
def test_rejects_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_version(text)
