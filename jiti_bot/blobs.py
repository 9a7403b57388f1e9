"""What changes in git, as `jiti_bot.git` asks for it, and the conversation with `git cat-file --batch`."""

from __future__ import annotations

import os

from jiti_bot.errors import RepositoryError
from jiti_bot.listing import SUBMODULE, SYMLINK
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from jiti_bot.process import Child

    Status = Literal["A", "C", "D", "M", "N", "R", "T", "U", "X"]


ABSENT = "000000"
# The empty blob, in repositories of either kind.
EMPTY = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One changed file. ``old`` is its former name where git sees a rename or a copy.

    ``before`` is its former blob, None where there was none or no file, ``after`` the object id that it has now.
    """

    status: Status
    path: str
    old: str | None = None
    before: str | None = field(default=None, compare=False)
    after: str = field(default="", compare=False)


class BlobReader:
    """Reads blobs by object id through one `git cat-file --batch`, started at the first read."""

    # Requests are written before answers are read: this many fit the smallest pipe a system gives (16 KiB on macOS).
    _AT_ONCE = 200

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start = start
        self._process: Child | None = None
        self._asked: list[str] = []
        self._early: dict[str, bytes] = {}

    def _running(self) -> Child:
        if self._process is None:
            self._process = self._start()
        return self._process

    def ask(self, oids: Sequence[str]) -> None:
        """Let git get some blobs ready that will be read. To be asked once, before the first read."""
        self._asked = list(oids[: self._AT_ONCE])
        self._request(self._asked)

    def read(self, oids: Sequence[str]) -> dict[str, bytes]:
        """The bytes of each blob, by its id. Objects that are missing are left out."""
        if self._asked:
            asked, self._asked = self._asked, []
            self._early.update(self._answers(asked))
        found = {oid: self._early[oid] for oid in oids if oid in self._early}
        others = [oid for oid in oids if oid not in found]
        for first in range(0, len(others), self._AT_ONCE):
            some = others[first : first + self._AT_ONCE]
            self._request(some)
            found.update(self._answers(some))
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _request(self, oids: Sequence[str]) -> None:
        requests = self._running().stdin
        try:
            requests.write("".join(f"{oid}\n" for oid in oids).encode())
            requests.flush()
        except OSError as error:
            raise _broken() from error

    def _answers(self, oids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        answers = self._running().stdout
        for oid in oids:
            head = answers.readline().split()
            if not head:
                raise _broken()
            if len(head) == 3 and head[2].isdigit():  # else "... missing", of a name with a blank
                data = answers.read(int(head[2]))
                if answers.read(1) != b"\n":  # git found out amid a blob that it is damaged
                    raise _broken()
                yield oid, data


def _broken() -> RepositoryError:
    return RepositoryError("git cat-file ended early.", remedy="Run `git fsck` to see whether the repository is sound.")


def changes(data: bytes) -> tuple[Change, ...]:
    """What `git diff --raw -z` printed."""
    fields = iter(split(data))
    found = []
    for meta in fields:
        mode, _, oid, after, status = meta.removeprefix(":").split(" ")
        letter = _status(status)
        before = None if mode in {ABSENT, SYMLINK, SUBMODULE} else oid
        path = next(fields)
        new, old = (next(fields), path) if letter in "CR" else (path, None)
        found.append(Change(letter, new, old, before, after))
    return tuple(found)


def split(data: bytes) -> list[str]:
    """NUL-separated names, as `os` spells them."""
    return [item for item in os.fsdecode(data).split("\0") if item]


def _status(text: str) -> Status:
    match text[:1]:
        case "A" | "C" | "D" | "M" | "R" | "T" | "U" as letter:
            return letter
        case _:
            return "X"
