# jiti 1 semver.ranges.tilde
# signature: 5732de3eeb34370c
# docstring: b69e06dd72abf4e2
# hints: -
# decorators: -
# context: -
# gates: 8b65d8ac884fd7dd
# uses: -
# body: 23362c22f5de16de
# model: claude-sonnet-5-5
# evidence: guards ruff ty doctests=1 gates=1 attempts=1
# seal: 677848cb1ad2cc83

def tilde(version: Version) -> tuple[Comparator, ...]:
    """Return the two bounds of ``~version``: it and the later patches of its series.

    From ``version`` itself up to, but not including, the next minor release.

    >>> " ".join(map(str, tilde(Version(1, 2, 3))))
    '>=1.2.3 <1.3.0'
    """
    ceiling = Version(version.major, version.minor + 1, 0)
    return Comparator(Operator.GE, version), Comparator(Operator.LT, ceiling)
