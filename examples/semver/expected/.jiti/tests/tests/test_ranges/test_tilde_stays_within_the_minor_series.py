# jiti 1 tests.test_ranges.test_tilde_stays_within_the_minor_series
# signature: 403c0a6124f295a4
# docstring: 864b0a0c262f2c75
# hints: -
# decorators: -
# context: -
# gates: -
# uses: bfe1e31ebeb2aefe
# body: 7480eab73125158e
# dependency src/semver/parsing.py::parse_version: fd7602ce6ce127a6
# model: claude-sonnet-5-5
# evidence: guards ruff ty uses red attempts=1
# seal: e3e79d68c2534b56

def test_tilde_stays_within_the_minor_series() -> None:
    """The bounds of ~1.4.0-rc.1 are >=1.4.0-rc.1 and <1.5.0.

    Those of ~0.0.7 are >=0.0.7 and <0.1.0: a leading zero changes nothing.
    """
    for text, bounds in (
        ("1.4.0-rc.1", ">=1.4.0-rc.1 <1.5.0"),
        ("0.0.7", ">=0.0.7 <0.1.0"),
    ):
        assert " ".join(map(str, tilde(parse_version(text)))) == bounds
