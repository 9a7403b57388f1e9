"""Ranges of versions, in the notation that package managers share."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from jiti import Engine, jiti

from semver.parsing import parse_version
from semver.version import Version


class Operator(StrEnum):
    """How a comparator compares."""

    LT = "<"
    LE = "<="
    EQ = "="
    GE = ">="
    GT = ">"


_COMPARE: dict[Operator, Callable[[Version, Version], bool]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.EQ: operator.eq,
    Operator.GE: operator.ge,
    Operator.GT: operator.gt,
}


@dataclass(frozen=True, slots=True)
class Comparator:
    """One bound, such as ``>=1.2.0``."""

    operator: Operator
    bound: Version

    def admits(self, version: Version) -> bool:
        """Tell whether ``version`` is on the right side of the bound."""
        return _COMPARE[self.operator](version, self.bound)

    def __str__(self) -> str:
        return f"{self.operator}{self.bound}"


@dataclass(frozen=True, slots=True)
class Range:
    """Alternatives of comparators, such as ``>=1.2.0 <2.0.0 || =3.0.0``.

    An alternative without comparators is written ``*`` and asks for nothing.
    """

    alternatives: tuple[tuple[Comparator, ...], ...]

    def __str__(self) -> str:
        return " || ".join(" ".join(map(str, a)) or "*" for a in self.alternatives)

    def __contains__(self, version: Version) -> bool:
        return self.matches(version)

    @jiti
    def matches(self, version: Version) -> bool:
        """Tell whether ``version`` lies in this range.

        It does when every comparator of at least one alternative admits it. For a
        prerelease, that same alternative must also ask for prereleases of its release:
        one of its bounds is a prerelease with equal major, minor and patch. So
        ``>=1.2.0-rc.1`` finds ``1.2.0-rc.2`` but not ``1.3.0-rc.1``.
        """
        raise NotImplementedError


@jiti
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
    raise NotImplementedError


@jiti
def tilde(version: Version) -> tuple[Comparator, ...]:
    """Return the two bounds of ``~version``: it and the later patches of its series.

    From ``version`` itself up to, but not including, the next minor release.

    >>> " ".join(map(str, tilde(Version(1, 2, 3))))
    '>=1.2.3 <1.3.0'
    """
    raise NotImplementedError


@jiti(uses=[parse_version, caret, tilde], engine=Engine(quality_threshold=8))
def parse_range(text: str) -> Range:
    """Read a range: alternatives separated by ``||``.

    An alternative is two versions around a hyphen with spaces, both included, as in
    ``1.2.3 - 2.0.0``; or terms separated by spaces, all of which have to hold:

    - ``<``, ``<=``, ``=``, ``>=`` or ``>`` with a version right behind it;
    - ``^`` or ``~`` with a version right behind it, see `caret` and `tilde`;
    - a version alone, which means ``=``;
    - ``*``, which adds no comparator.

    >>> str(parse_range("~1.4.2 || >=2.1.0 <3.0.0"))
    '>=1.4.2 <1.5.0 || >=2.1.0 <3.0.0'

    Raises:
        ValueError: A term or a version cannot be read, or an alternative is empty. The
            message quotes what could not be read.
    """
    raise NotImplementedError
