# jiti 1 semver.version.Version.bump
# signature: ea9464008e258a26
# docstring: 8e611aaa733b87fa
# hints: -
# decorators: -
# context: 4bab93d96acdbbd6
# gates: 413b4fd109e375d2
# uses: -
# body: 261c6c3330129918
# model: claude-sonnet-5-5
# evidence: guards ruff ty doctests=1 gates=1 attempts=1
# seal: dab7886b3715eaa1

from typing import get_args


class Version:
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
        numbers = [self.major, self.minor, self.patch]
        place = get_args(Part).index(part)
        reached = bool(self.prerelease) and not any(numbers[place + 1 :])
        if not reached:
            numbers[place:] = [numbers[place] + 1, *[0] * (2 - place)]
        return type(self)(*numbers)
