"""What git is asked about the next commit, all at once and before anything else: it works while we get ready."""

from __future__ import annotations

from jiti_bot import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.blobs import Change
    from jiti_bot.git import Begun, Git
    from jiti_bot.listing import Listing


class Staging:
    """Questions under way; close it. ``reader`` reads blobs."""

    def __init__(self, git: Git) -> None:
        self.reader = git.blobs()
        self._begun: list[Begun] = []
        try:
            begun, self._changes = git.begin_staged()
            self._begun.append(begun)
            begun, self._listing = git.begin_index(lambda: known.load_seen(git))
            self._begun.append(begun)
        except BaseException:
            self.close()
            raise

    def changes(self) -> tuple[Change, ...]:
        """What the next commit changes. To be asked once."""
        return self._changes()

    def listing(self) -> Listing:
        """Every path in the index. To be asked once."""
        return self._listing()

    def close(self) -> None:
        """End what nobody wants to know any more."""
        for begun in self._begun:
            begun.end()
        self.reader.close()
