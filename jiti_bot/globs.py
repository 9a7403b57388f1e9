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
    from collections.abc import Iterable, Iterator
    from re import Pattern

_ANY = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*"}


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns for paths relative to ``folder``. What they come to is found out when it is first asked."""

    folder: str
    patterns: tuple[str, ...]
    _compiled: list[Pattern[str]] = field(default_factory=list, compare=False)

    def cover(self, file: str) -> bool:
        """Whether ``file``, or a folder that it lies in, is named. Paths are those of the tree."""
        if not self.patterns:
            return False
        if not self._compiled:
            named = [pattern for pattern in self.patterns if "/" not in pattern]
            self._compiled.extend((_any_of(self.patterns), _any_of(named)))
        paths, names = self._compiled
        path = file.removeprefix(f"{self.folder}/") if self.folder else file
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
    list(_pieces(path))
    # What was written with a slash is a path, also where that goes without saying.
    return f"./{path}" if "/" in pattern.strip() and "/" not in path else path


def _any_of(patterns: Iterable[str]) -> Pattern[str]:
    return re.compile(
        "|".join(f"(?s:{''.join(_pieces(pattern.removeprefix('./')))})" for pattern in patterns) or "(?!)"
    )


def _pieces(pattern: str) -> Iterator[str]:
    """A pattern as pieces of a regular expression. Raises ValueError where a bracket or brace is not closed."""
    depth = at = 0
    while at < len(pattern):
        if any_folder := _folders(pattern, at):
            yield _ANY[any_folder]
            at += len(any_folder)
            continue
        character, at = pattern[at], at + 1
        match character:
            case "[":
                piece, at = _set(pattern, at)
                yield piece
            case "\\" if at < len(pattern):
                yield re.escape(pattern[at])
                at += 1
            case "{" | "}":
                depth += 1 if character == "{" else -1
                if depth < 0:
                    raise ValueError
                yield "(?:" if character == "{" else ")"
            case "," if depth:
                yield "|"
            case _:
                yield {"*": ".*", "?": "."}.get(character) or re.escape(character)
    if depth:
        raise ValueError


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
    inside = pattern[first:end].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^")
    expression = f"[{'^' if negated else ''}{inside.replace('&', chr(92) + '&').replace('~', chr(92) + '~')}]"
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError from error
    return expression, end + 1
