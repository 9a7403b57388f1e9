from semver import Version, parse_version


def test_a_hyphen_after_the_plus_belongs_to_the_build() -> None:
    assert parse_version("1.0.0+a-b") == Version(1, 0, 0)
    assert parse_version("1.0.0+a-b").prerelease == ()
