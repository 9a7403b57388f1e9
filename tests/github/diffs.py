"""What differs between two commits, file by file and line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tests.github.bare import Bare

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_STATES = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed", "C": "copied"}
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*")


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file of a diff; ``patch`` is None for a binary one."""

    path: str
    previous: str | None
    sha: str
    status: str
    added: int
    removed: int
    patch: str | None

    def hunk_at(self, line: int, side: str) -> str | None:
        """The part of the patch that ends on a line of one side; None when it is not part of the diff."""
        kept: list[str] = []
        for text, left, right, mark in _walk(self.patch or ""):
            if mark == "@":
                kept = [text]
                continue
            kept.append(text)
            if (side == "RIGHT" and mark != "-" and right == line) or (side == "LEFT" and mark != "+" and left == line):
                return "\n".join(kept)
        return None


@lru_cache(maxsize=256)
def files(bare: Bare, old: str | None, new: str) -> tuple[FileDiff, ...]:
    """The files that differ, renames found, sorted by path. Commits never change, so neither does the answer."""
    before = old or _EMPTY_TREE
    if old is None:
        bare.run("hash-object", "-t", "tree", "-w", "--stdin")
    raw = bare.run("diff-tree", "-r", "-z", "-M", "--raw", before, new)[1].decode("utf-8", "surrogateescape")
    parts = iter(raw.split("\0")[:-1])
    patches = iter(_patches(bare, before, new))
    found = []
    for meta in parts:
        _, _, left, right, letter = meta.lstrip(":").split()
        previous = next(parts)
        path = next(parts) if letter[0] in "RC" else previous
        patch = next(patches)
        added, removed = _count(patch)
        found.append(
            FileDiff(
                path,
                previous if path != previous else None,
                left if letter[0] == "D" else right,
                _STATES[letter[0]],
                added,
                removed,
                patch or None,
            )
        )
    return tuple(found)


def _patches(bare: Bare, old: str, new: str) -> list[str]:
    out = bare.run("diff-tree", "-r", "-M", "-p", "--no-color", "--full-index", old, new)[1].decode("utf-8", "replace")
    found = []
    for part in re.split(r"^diff --git .*\n", out, flags=re.MULTILINE)[1:]:
        start = re.search(r"^@@ ", part, flags=re.MULTILINE)
        found.append(part[start.start() :].rstrip("\n") if start else "")
    return found


def _count(patch: str) -> tuple[int, int]:
    marks = [mark for _, _, _, mark in _walk(patch)]
    return marks.count("+"), marks.count("-")


def _walk(patch: str) -> Iterator[tuple[str, int, int, str]]:
    left = right = 0
    for text in patch.split("\n") if patch else ():
        head = _HUNK.fullmatch(text)
        if head:
            left, right = int(head[1]) - 1, int(head[3]) - 1
            yield text, left, right, "@"
            continue
        mark = text[:1] or " "
        left += mark in "- "
        right += mark in "+ "
        yield text, left, right, mark
