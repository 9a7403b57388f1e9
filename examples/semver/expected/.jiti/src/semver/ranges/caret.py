# jiti 1 semver.ranges.caret
# signature: 781cbadc70eb886f
# docstring: ab1ba86e8165d502
# hints: -
# decorators: -
# context: -
# gates: 5999818cbeb18e65
# uses: -
# body: 3c7ad5606ba3a818
# model: claude-sonnet-5-5
# evidence: guards ruff ty doctests=1 gates=1 attempts=2
# seal: b104eeec6c3c4993

def caret(version: Version) -> tuple[Comparator, ...]:
    """Return the two bounds of ``^version``: all that should be compatible with it.

    From ``version`` itself up to, but not including, the release in which its leftmost
    number that is not zero goes up. In ``0.0.0`` that number is the patch.

    >>> " ".join(map(str, caret(Version(1, 2, 3))))
    '>=1.2.3 <2.0.0'
    >>> " ".join(map(str, caret(Version(0, 2, 3))))
    '>=0.2.3 <0.3.0'
    >>> " ".join(map(str, caret(Version(0, 0, 3))))
    '>=0.0.3 <0.0.4'
    """
    if version.major:
        ceiling = Version(version.major + 1, 0, 0)
    elif version.minor:
        ceiling = Version(0, version.minor + 1, 0)
    else:
        ceiling = Version(0, 0, version.patch + 1)
    return Comparator(Operator.GE, version), Comparator(Operator.LT, ceiling)
