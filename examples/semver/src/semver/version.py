"""The version of a release, as Semantic Versioning 2.0.0 defines it."""

from dataclasses import dataclass, field
from functools import total_ordering
from typing import Literal, Self

from jiti import jiti

Part = Literal["major", "minor", "patch"]

# What one prerelease identifier sorts by: is it text, its number, its text.
IdentifierKey = tuple[bool, int, str]

# What a version sorts by: major, minor, patch, is it a release, its identifiers.
Precedence = tuple[int, int, int, bool, tuple[IdentifierKey, ...]]


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """One version, such as ``1.4.0-rc.1+linux``.

    Build metadata is carried along, but two versions that differ in nothing else
    are equal and neither comes before the other.
    """

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()
    build: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease:
            text += f"-{'.'.join(self.prerelease)}"
        if self.build:
            text += f"+{'.'.join(self.build)}"
        return text

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self.precedence < other.precedence

    @property
    @jiti
    def precedence(self) -> Precedence:
        """The key that puts versions in order.

        The three numbers count first, as numbers. With equal numbers a prerelease
        comes before the release. Two prereleases are decided by their first
        identifier that differs: identifiers of digits compare as numbers, others as
        text, and a number comes before any text. If one runs out of identifiers
        first, it comes first. Build metadata has no part in this.

        >>> Version(1, 0, 0, ("rc", "1")) < Version(1, 0, 0)
        True
        """
        raise NotImplementedError

    @jiti
    def bump(self, part: Part) -> Self:
        """Return the next release after this version that steps up ``part``.

        The numbers to the right of ``part`` become zero; prerelease and build are
        dropped. A prerelease has not reached its own release yet: where that release
        already is such a step, it is the answer.

        >>> str(Version(1, 4, 2).bump("minor"))
        '1.5.0'
        >>> str(Version(2, 0, 0, ("rc", "1")).bump("major"))
        '2.0.0'
        >>> str(Version(2, 0, 1, ("rc", "1")).bump("major"))
        '3.0.0'
        """
        raise NotImplementedError
