"""Which files a list of patterns leaves out, as ruff reads its own `exclude`.

Standard library only. A pattern names files and folders, and a folder stands for all that is in it. One without a slash
is a name that may stand anywhere; any other is a path from the project's root. The syntax is that of the crate
`globset`, which ruff uses, as it does: `*` and `?` also stand for slashes.
"""

from __future__ import annotations

from jiti_bot.light import re
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Pattern

_STAR = "\0"  # any characters at all, in what is to become a regular expression; no path holds it
_FOLDERS = {"/**/": f"(?=/){_STAR}/", "**/": f"{_STAR}(?<![^/])", "/**": f"/{_STAR}"}
_REPEATED = r"(?:^|(?<=/))(?:\*\*/)+(?=\*\*(?:/|$))"
_MOST_WAYS = 1000


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns for paths relative to ``folder``. What they come to is found out when it is first asked.

    ``start`` leads down to the tree from a folder above it, to which the patterns are then relative: ``services/api/``.
    """

    folder: str
    patterns: tuple[str, ...]
    start: str = ""
    _compiled: list[Pattern[str]] = field(default_factory=list, compare=False)

    def cover(self, file: str) -> bool:
        """Whether ``file``, or a folder that it lies in, is named. Paths are those of the tree."""
        if not self.patterns:
            return False
        if not self._compiled:
            named = [pattern for pattern in self.patterns if "/" not in pattern]
            self._compiled.extend((_any_of(self.patterns), _any_of(named)))
        paths, names = self._compiled
        path = self.start + (file.removeprefix(f"{self.folder}/") if self.folder else file)
        while path:
            folder, _, name = path.rpartition("/")
            if paths.fullmatch(path) or names.fullmatch(name):
                return True
            path = folder
        return False


def normal(pattern: str) -> str:
    """A pattern as it is kept: without needless slashes and dots. Raises ValueError for one that can match nothing."""
    parts = [part for part in pattern.strip().split("/") if part not in {"", "."}]
    if not parts or ".." in parts or pattern.strip().startswith("/") or "\0" in pattern:
        raise ValueError
    path = "/".join(parts)
    _ways(path)
    # What was written with a slash is a path, also where that goes without saying.
    return f"./{path}" if "/" in pattern.strip() and "/" not in path else path


def _any_of(patterns: Iterable[str]) -> Pattern[str]:
    expressions = (_expression(way) for pattern in patterns for way in _ways(pattern.removeprefix("./")))
    return re.compile("|".join(f"(?s:{one})" for one in expressions) or "(?!)")


def _expression(way: str) -> str:
    """A regular expression that settles every star but the last at the first place that fits.

    What stands between two stars matches texts of one length, and the second star takes whatever follows, so no later
    place can do better. Trying them all takes seconds for one path and a handful of stars.
    """
    first, *rest = way.split(_STAR)
    if not rest:
        return first
    return "".join((first, *(f"(?>.*?{between})" for between in rest[:-1]), ".*", rest[-1]))


def _ways(pattern: str) -> list[str]:
    """A pattern as regular expressions but for `_STAR`: one for each choice that its braces leave.

    Raises ValueError where a bracket or brace is not closed, and where there are more than `_MOST_WAYS`.
    """
    pattern = re.sub(_REPEATED, "", pattern)
    around: list[tuple[list[str], list[str]]] = []  # by open brace: the ways that lead there, and its choices so far
    ways, at = [""], 0
    while at < len(pattern):
        character = pattern[at]
        if character == "{":
            around.append((ways, []))
            ways, at = [""], at + 1
        elif character == "," and around:
            around[-1][1].extend(ways)
            ways, at = [""], at + 1
        elif character == "}":
            if not around:
                raise ValueError
            before, choices = around.pop()
            choices = [choice for choice in (*choices, *ways) if choice] or [""]  # as ruff: an empty one is none
            if len(before) * len(choices) > _MOST_WAYS:
                raise ValueError
            ways, at = [one + choice for one in before for choice in choices], at + 1
        else:
            piece, at = _piece(pattern, at)
            ways = [way + piece for way in ways]
    if around:
        raise ValueError
    return ways


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """What the pattern says at ``at``, and where it goes on. Raises ValueError where a bracket is not closed."""
    folders = _folders(pattern, at)
    if folders:
        return _FOLDERS[folders], at + len(folders)
    character, after = pattern[at], at + 1
    if character == "[":
        return _set(pattern, after)
    if character == "\\" and after < len(pattern):
        return re.escape(pattern[after]), after + 1
    return {"*": _STAR, "?": "."}.get(character) or re.escape(character), after


def _folders(pattern: str, at: int) -> str:
    """The two stars that stand for any number of folders at ``at``, with their slashes; '' where none do."""
    if pattern.startswith("/**/", at):
        return "/**/"
    if at == 0 and pattern.startswith("**/"):
        return "**/"
    return "/**" if pattern[at:] == "/**" else ""


def _set(pattern: str, start: int) -> tuple[str, int]:
    """The characters between brackets, and where the pattern goes on."""
    negated = pattern[start : start + 1] in {"!", "^"}
    first = start + negated
    end = pattern.find("]", first + 1)  # one that comes first stands for itself
    if end < 0:
        raise ValueError
    ranges: list[tuple[str, str]] = []
    at = first
    while at < end:
        if pattern[at] == "-" and first < at < end - 1:
            at += 1
            ranges[-1] = (ranges[-1][0], pattern[at])
        else:
            ranges.append((pattern[at], pattern[at]))
        at += 1
    if any(low > high for low, high in ranges):
        raise ValueError
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges)
    return f"[{'^' if negated else ''}{inside}]", end + 1
