# jiti 1 semver.parsing.parse_version
# signature: 01bec79382295f36
# docstring: 0841d1de3623b046
# hints: d8b74008693710c6
# decorators: -
# context: -
# gates: 7551f7a02bcf89f5
# uses: -
# body: b5137316fd38cd9e
# model: claude-sonnet-5-5
# evidence: guards ruff ty doctests=1 gates=4 tests=1 attempts=2
# seal: 3e2b1352b93a842d

import re

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRERELEASE = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+"
_VERSION = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER})"
    rf"(?:-(?P<prerelease>{_PRERELEASE}(?:\.{_PRERELEASE})*))?"
    rf"(?:\+(?P<build>{_BUILD}(?:\.{_BUILD})*))?"
)


def _identifiers(dotted: str | None) -> tuple[str, ...]:
    """Return the identifiers of a version's tail, none if it has no tail."""
    return tuple(dotted.split(".")) if dotted else ()


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
    found = _VERSION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a semantic version")
    return Version(
        int(found["major"]),
        int(found["minor"]),
        int(found["patch"]),
        _identifiers(found["prerelease"]),
        _identifiers(found["build"]),
    )
