"""The files that discovery may look at, as it sees them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object  # importing typing costs the hook 2 ms


class Tree(Protocol):
    """A project's files at one moment: the work tree, the staged content, a commit.

    File names are posix paths relative to the project root.
    """

    def read(self, file: str) -> bytes | None:
        """The content, or None where there is no such file; OSError where it cannot be read."""

    def exists(self, file: str) -> bool:
        """Whether there is such a file (not a folder)."""

    def candidates(self) -> tuple[str, ...]:
        """The ``.py`` files that mention jiti, outside any store."""
