"""The project as it is, and what is to become of it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """A project in its repository. Paths are posix and relative to the top of the repository.

    ``folder`` is the project's own, '' where it is the top. ``files`` are those that setting up has to do with, by
    path. ``store`` is the project's, and ``ignored`` whether git leaves it out. ``origin`` is the remote's address,
    ``version`` ours. ``below`` are folders with a pyproject.toml, where the project itself has none; ``has_code``:
    whether some Python belongs to none of those.
    """

    folder: str
    files: Mapping[str, bytes]
    store: str
    version: str
    ignored: bool = False
    origin: str = ""
    below: tuple[str, ...] = ()
    has_code: bool = True

    @property
    def is_shell(self) -> bool:
        """Whether there is nothing here but other projects."""
        return bool(self.below) and not self.has_code

    def own(self, name: str) -> str:
        """The path of a file of the project."""
        return f"{self.folder}/{name}" if self.folder else name

    def folders(self) -> tuple[str, ...]:
        """The project's folder and those above it, as far as the top."""
        parts = self.folder.split("/") if self.folder else []
        return tuple("/".join(parts[:count]) for count in range(len(parts), -1, -1))


@dataclass(frozen=True, slots=True)
class Edit:
    """A file to write: ``after`` instead of ``before`` (None: no file). ``what`` says in words what is added."""

    path: str
    before: bytes | None
    after: bytes
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that needs nothing, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """What only a person can do: at ``where`` (``file`` or ``file:line``), in words, with the text to add if any."""

    where: str
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be done. ``notes`` are sentences for the reader."""

    edits: tuple[Edit, ...] = ()
    kept: tuple[Kept, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    notes: tuple[str, ...] = ()
