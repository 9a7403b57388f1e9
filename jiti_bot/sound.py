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
    from collections.abc import Callable
    from typing import TypeVar

    from jiti_bot.disk import Node
    from jiti_bot.git import Git
    from jiti_bot.trees import WorkTree

    Answer = TypeVar("Answer")

NAME = "sound"
# The rooms that have a say in what is found.
_ROOMS = ("", "planning", "source", "store", "commands")


class Witness(Checkout):
    """A work tree that remembers what it was asked and what it said."""

    learns = True

    def __init__(self, root: str, git: Git | None = None) -> None:
        super().__init__(root, git)
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

    def _heard(self, question: str, answer: Answer) -> Answer:
        self.said[question] = _told(answer)
        return answer


def was_sound(tree: WorkTree, home: str | None, rules: str) -> int | None:
    """How many stubs the tree holds if it was sound by ``rules`` and is as it was; None where that is not known."""
    data = known.load(home, NAME, _stamp(tree.root, rules))
    if data is None:
        return None
    count, *lines = os.fsdecode(data).split("\0")
    asked: dict[str, Callable[[str], object]] = {
        "read": tree.read,
        "exists": tree.exists,
        "node": tree.node,
        "inside": tree.inside,
        "under": tree.under,
        "stores": lambda _: tree.stores(),
        "candidates": lambda _: tree.candidates(),
    }
    try:
        for line in lines:
            told, _, question = line.partition(" ")
            what, _, about = question.partition(" ")
            if _told(asked[what](about)) != told:
                return None
    except (OSError, KeyError):
        return None
    return int(count)


def keep(tree: Witness, home: str | None, rules: str, stubs: int) -> None:
    """Remember that the tree, with so many stubs, is sound by ``rules``."""
    if "doubt" in tree.said or any("\0" in question for question in tree.said):
        return
    # What takes longest to tell comes last: git may be at work on it.
    late = sorted(tree.said, key=lambda question: question in {"candidates", "stores"})
    lines = [str(stubs), *(f"{tree.said[question]} {question}" for question in late)]
    known.save(home, NAME, _stamp(tree.root, rules), os.fsencode("\0".join(lines)))


def _told(answer: object) -> str:
    if answer is None:
        return "-"
    if isinstance(answer, bytes):
        return known.digest(answer)
    if isinstance(answer, tuple):
        return known.digest(os.fsencode("\0".join(answer)))
    return str(answer).replace(" ", "-")


def _stamp(root: str, rules: str) -> str:
    """Where, by which rules, by which Python and by which code, as the times of its files tell."""
    package = os.path.dirname(os.path.abspath(__file__))
    code: list[str] = []
    for room in _ROOMS:
        with os.scandir(os.path.join(package, room)) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
        code += [f"{room}/{name} {found.st_mtime_ns} {found.st_size}" for name, found in sorted(files)]
    about = "\n".join((package, root, rules, sys.version, sys.platform, *code))
    return f"{known.FORMAT} {known.digest(os.fsencode(about))}"
