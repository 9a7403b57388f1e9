"""Whether a work tree was found sound before, and every answer that this rests on is the same today.

Standard library only. To judge a tree is to ask it questions and nothing else. Where nothing was found, the questions
are kept with digests of the answers. Where all are answered alike, by the same code under the same Python, nothing can
be found either. What is found is never kept.
"""

from __future__ import annotations

import os
import sys

from jiti_bot import known
from jiti_bot.sparse import Checkout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeVar

    from jiti_bot.disk import Node
    from jiti_bot.git import Git
    from jiti_bot.trees import WorkTree

    Answer = TypeVar("Answer")

NAME = "sound"
# The rooms that have a say in what is found.
_ROOMS = ("", "planning", "source", "store", "commands")


class Witness(Checkout):
    """A work tree that remembers what it was asked and what it said; beyond its own life where it ``learns``."""

    def __init__(self, root: str, git: Git | None = None, *, learns: bool = True) -> None:
        super().__init__(root, git)
        self.learns = learns
        self.said: dict[str, str] = {}
        self._stores: tuple[str, ...] | None = None

    def read(self, file: str) -> bytes | None:
        """As any work tree. A file that cannot be read leaves a doubt, which no later answer takes away."""
        try:
            data = super().read(file)
        except OSError:
            self.said["doubt"] = file
            raise
        return self._heard(f"read {file}", data)

    def exists(self, file: str) -> bool:
        """As any work tree."""
        return self._heard(f"exists {file}", super().exists(file))

    def candidates(self) -> tuple[str, ...]:
        """As any work tree."""
        return self._heard("candidates", super().candidates())

    def node(self, path: str) -> Node | None:
        """As any work tree."""
        return self._heard(f"node {path}", super().node(path))

    def inside(self, folder: str) -> tuple[str, ...]:
        """As any work tree."""
        return self._heard(f"inside {folder}", super().inside(folder))

    def under(self, folder: str) -> tuple[str, ...]:
        """As any work tree."""
        return self._heard(f"under {folder}", super().under(folder))

    def stores(self) -> tuple[str, ...]:
        """As any work tree."""
        if self._stores is None:
            self._stores = super().stores()
        return self._heard("stores", self._stores)

    def leaves_out(self, file: str) -> bool:
        """As any work tree."""
        return self._heard(f"without {file}", super().leaves_out(file))

    def _heard(self, question: str, answer: Answer) -> Answer:
        self.said[question] = _told(answer)
        return answer


def was_sound(tree: WorkTree, home: str | None, *, strict: bool) -> int | None:
    """How many stubs the tree holds if nothing was found in it and it is as it was; None where that is not known.

    With ``strict`` nothing was missing or stale either.
    """
    data = known.load(home, NAME, _stamp(tree.root))
    if data is None:
        return None
    count, was_strict, *said = os.fsdecode(data).split("\0")
    if strict and not was_strict:
        return None
    tree.seek()
    answers = (line.partition(" ") for line in said)
    return int(count) if says_so_still(tree, ((question, told) for told, _, question in answers)) else None


def says_so_still(tree: WorkTree, said: Iterable[tuple[str, str]]) -> bool:
    """Whether a tree answers all questions as a `Witness` has ``said``."""
    asked: dict[str, Callable[[str], object]] = {
        "read": tree.read,
        "exists": tree.exists,
        "node": tree.node,
        "inside": tree.inside,
        "under": tree.under,
        "without": tree.leaves_out,
        "stores": lambda _: tree.stores(),
        "candidates": lambda _: tree.candidates(),
    }
    try:
        for question, told in said:
            what, _, about = question.partition(" ")
            if _told(asked[what](about)) != told:
                return False
    except (OSError, KeyError):
        return False
    return True


def keep(tree: Witness, home: str | None, stubs: int, *, strict: bool) -> None:
    """Remember that nothing was found in the tree, which holds so many stubs; with ``strict`` nor is any missing."""
    if "doubt" in tree.said or any("\0" in question for question in tree.said):
        return
    lines = [str(stubs), "strict" if strict else "", *(f"{told} {question}" for question, told in in_turn(tree.said))]
    known.save(home, NAME, _stamp(tree.root), os.fsencode("\0".join(lines)))


def in_turn(said: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was said, with what takes longest to tell at the end: git may be at work on it."""
    return sorted(said.items(), key=lambda one: one[0] in {"candidates", "stores"})


def _told(answer: object) -> str:
    if answer is None:
        return "-"
    if isinstance(answer, bytes):
        return known.digest(answer)
    if isinstance(answer, tuple):
        return known.digest(os.fsencode("\0".join(answer)))
    return str(answer).replace(" ", "-")


def _stamp(root: str) -> str:
    """Where, by which Python and by which code, as the times of its files tell."""
    package = os.path.dirname(os.path.abspath(__file__))
    code: list[str] = []
    for room in _ROOMS:
        with os.scandir(os.path.join(package, room)) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
        code += [f"{room}/{name} {found.st_mtime_ns} {found.st_size}" for name, found in sorted(files)]
    about = "\n".join((package, root, sys.version, sys.platform, *code))
    return f"{known.FORMAT} {known.digest(os.fsencode(about))}"
