import pytest
from jiti import jiti

from semver import Range, caret, parse_range, parse_version, tilde


@jiti.required_for(caret)
@pytest.mark.parametrize(
    ("version", "bounds"),
    [
        ("1.0.0", ">=1.0.0 <2.0.0"),
        ("1.0.1", ">=1.0.1 <2.0.0"),
        ("2.0.0-rc.1", ">=2.0.0-rc.1 <3.0.0"),
    ],
)
def test_caret_holds_the_major_number(version: str, bounds: str) -> None:
    assert " ".join(map(str, caret(parse_version(version)))) == bounds


@jiti.required_for(tilde)
def test_tilde_stays_within_the_minor_series() -> None:
    """The bounds of ~1.4.0-rc.1 are >=1.4.0-rc.1 and <1.5.0.

    Those of ~0.0.7 are >=0.0.7 and <0.1.0: a leading zero changes nothing.
    """
    raise NotImplementedError


@jiti.required_for(parse_range)
@pytest.mark.parametrize(
    ("text", "comparators"),
    [
        ("1.2.3", "=1.2.3"),
        (">=1.2.3 <1.9.0", ">=1.2.3 <1.9.0"),
        ("^1.2.3", ">=1.2.3 <2.0.0"),
        ("1.2.3 - 2.0.0-rc.1", ">=1.2.3 <=2.0.0-rc.1"),
        ("~0.3.1||  =2.0.0 ", ">=0.3.1 <0.4.0 || =2.0.0"),
        ("* || >3.0.0 *", "* || >3.0.0"),
    ],
)
def test_reads_each_notation(text: str, comparators: str) -> None:
    assert str(parse_range(text)) == comparators


@jiti.required_for(parse_range)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.2", "'1.2'"),
        ("^1.2.3 !2.0.0", "!2.0.0"),
        ("=>1.2.3", ">"),
        ("1.2.3 -", "'-'"),
        ("", "empty"),
        ("1.2.3 || ", "empty"),
    ],
)
def test_says_what_it_cannot_read(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_range(text)


class TestMatches:
    @jiti.required_for(Range.matches)
    @pytest.mark.parametrize("version", ["1.2.0", "1.9.9", "1.2.0+linux", "3.0.0"])
    def test_inside(self, version: str) -> None:
        assert parse_range("^1.2.0 || =3.0.0").matches(parse_version(version))

    @jiti.required_for(Range.matches)
    @pytest.mark.parametrize("version", ["1.1.9", "2.0.0", "2.9.0", "3.0.1"])
    def test_outside(self, version: str) -> None:
        assert not parse_range("^1.2.0 || =3.0.0").matches(parse_version(version))

    @jiti.required_for(Range.matches)
    @pytest.mark.parametrize(
        ("text", "version", "found"),
        [
            ("^1.2.0", "1.3.0-rc.1", False),
            ("^1.2.0", "2.0.0-alpha", False),
            ("*", "1.0.0-rc.1", False),
            (">=1.2.0-rc.1", "1.2.0-rc.2", True),
            (">=1.2.0-rc.1", "1.2.0-beta", False),
            (">=1.2.0-rc.1", "1.3.0-rc.1", False),
            ("=1.0.0-rc.1 || >=1.0.0", "1.0.0-rc.1", True),
            ("=1.0.0-rc.1 || >=1.1.0", "1.2.0-rc.1", False),
        ],
    )
    def test_prereleases_are_asked_for(
        self, text: str, version: str, *, found: bool
    ) -> None:
        assert parse_range(text).matches(parse_version(version)) is found
