# jiti 1 semver.version.Version.precedence
# signature: 872350bb3851027c
# docstring: 2d5d94939d902e46
# hints: -
# decorators: -
# context: 4bab93d96acdbbd6
# gates: 6c594990805aa737
# uses: -
# body: 299ca5b2319af29e
# model: claude-sonnet-5-5
# evidence: guards ruff ty doctests=1 gates=2 tests=2 attempts=2
# seal: 243580e90316fe9b

def _identifier_key(identifier: str) -> IdentifierKey:
    """Return what one prerelease identifier sorts by."""
    if identifier.isdigit():
        return False, int(identifier), ""
    return True, 0, identifier


class Version:
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
        identifiers = tuple(
            _identifier_key(identifier) for identifier in self.prerelease
        )
        return self.major, self.minor, self.patch, not self.prerelease, identifiers
