# jiti 1 semver.selection.available_upgrades
# signature: ba56c2b50da3aca5
# docstring: 018c1e9866d8bd69
# hints: -
# decorators: -
# context: -
# gates: 21c183f31ed187cf
# uses: -
# body: ba8ca548cde70186
# model: claude-sonnet-5-5
# evidence: guards ruff ty doctests=1 gates=1 attempts=2
# seal: d3b851f11cdc59b8

from typing import get_args


def _size(current: Version, newer: Version) -> Part:
    """Return the first number in which two versions differ."""
    if newer.major != current.major:
        return "major"
    return "patch" if newer.minor == current.minor else "minor"


def available_upgrades(
    current: Version, published: Iterable[Version]
) -> dict[Part, Version]:
    """Return the newest published release for each size of step up from ``current``.

    The size of a step is the first of major, minor and patch in which the two versions
    differ; from a prerelease to its own release it is a patch. Prereleases are never
    offered, nor is anything that is not newer. A size for which nothing is published
    has no entry; the entries stand in the order major, minor, patch.

    >>> published = [Version(1, 2, 4), Version(1, 2, 5), Version(2, 0, 0)]
    >>> for part, version in available_upgrades(Version(1, 2, 3), published).items():
    ...     print(part, version)
    major 2.0.0
    patch 1.2.5
    """
    newest: dict[Part, Version] = {}
    for version in sorted(published):
        if version > current and not version.prerelease:
            newest[_size(current, version)] = version
    return {part: newest[part] for part in get_args(Part) if part in newest}
