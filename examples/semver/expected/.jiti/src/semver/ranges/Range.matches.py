# jiti 1 semver.ranges.Range.matches
# signature: 2bbf8df7d0c77b5e
# docstring: 7a7c739ffe7d1a58
# hints: -
# decorators: -
# context: af574156db394851
# gates: fd1337054515912a
# uses: -
# body: bb369c592d55b219
# dependency src/semver/version.py::Version.precedence: 02f232b1f6aa4513
# model: claude-sonnet-5-5
# evidence: guards ruff ty gates=3 tests=1 attempts=1
# seal: cbb10ceacbc110b7

def _admits(alternative: tuple[Comparator, ...], version: Version) -> bool:
    """Tell whether one alternative admits a version."""
    if not all(comparator.admits(version) for comparator in alternative):
        return False
    return not version.prerelease or any(
        comparator.bound.prerelease and _same_release(comparator.bound, version)
        for comparator in alternative
    )


def _same_release(one: Version, other: Version) -> bool:
    """Tell whether two versions have equal numbers."""
    return one.precedence[:3] == other.precedence[:3]


class Range:
    def matches(self, version: Version) -> bool:
        """Tell whether ``version`` lies in this range.

        It does when every comparator of at least one alternative admits it. For a
        prerelease, that same alternative must also ask for prereleases of its release:
        one of its bounds is a prerelease with equal major, minor and patch. So
        ``>=1.2.0-rc.1`` finds ``1.2.0-rc.2`` but not ``1.3.0-rc.1``.
        """
        return any(_admits(alternative, version) for alternative in self.alternatives)
