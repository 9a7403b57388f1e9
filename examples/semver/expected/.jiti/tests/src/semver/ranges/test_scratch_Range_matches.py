from semver import parse_range, parse_version


def test_both_halves_have_to_come_from_one_alternative() -> None:
    wanted = parse_range("<1.0.0-beta || >=1.0.0")
    assert not wanted.matches(parse_version("1.0.0-rc.1"))
    assert wanted.matches(parse_version("1.0.0-alpha"))
