"""From text to `Version`."""

from jiti import jiti

from semver.version import Version


@jiti
def parse_version(text: str) -> Version:
    """Read a version as Semantic Versioning 2.0.0 spells it.

    That is ``MAJOR.MINOR.PATCH``, then perhaps ``-`` and prerelease identifiers, then
    perhaps ``+`` and build identifiers. Identifiers are separated by dots and made of
    ASCII letters, digits and hyphens; none is empty. The three numbers, and prerelease
    identifiers that are all digits, have no leading zeros.

    >>> parse_version("1.4.0-rc.1+linux.x64")
    Version(major=1, minor=4, patch=0, prerelease=('rc', '1'), build=('linux', 'x64'))

    Raises:
        ValueError: ``text`` is anything else, surrounding space included. The message
            quotes it.
    """
    # one pattern with named groups, compiled once
    # Python's \d also takes digits of other scripts
    raise NotImplementedError
