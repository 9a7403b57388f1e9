"""Choosing among published versions."""

from collections.abc import Iterable

from jiti import jiti

from semver.ranges import Range
from semver.version import Part, Version


def max_satisfying(versions: Iterable[Version], wanted: Range) -> Version | None:
    """Return the newest of ``versions`` that lies in ``wanted``, if there is one."""
    return max((version for version in versions if version in wanted), default=None)


@jiti
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
    raise NotImplementedError
