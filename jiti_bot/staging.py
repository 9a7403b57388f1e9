"""What git is asked about the next commit, all at once and before anything else: it works while we get ready."""

from __future__ import annotations

from jiti_bot import known
from jiti_bot.errors import JitiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.blobs import Change
    from jiti_bot.git import Git
    from jiti_bot.listing import Listing


class Staging:
    """Questions under way; close it. ``reader`` reads blobs."""

    def __init__(self, git: Git) -> None:
        self._changes, self._listing, self.reader = (
            git.begin_staged(),
            git.begin_index(lambda: known.load_seen(git)),
            git.blobs(),
        )
        self._unanswered = [self._changes, self._listing]
        self.reader.start()

    def changes(self) -> tuple[Change, ...]:
        """What the next commit changes. To be asked once."""
        self._unanswered.remove(self._changes)
        return self._changes()

    def listing(self) -> Listing:
        """Every path in the index. To be asked once."""
        self._unanswered.remove(self._listing)
        return self._listing()

    def close(self) -> None:
        """Wait for what nobody wants to know any more, and end the rest."""
        while self._unanswered:
            try:
                self._unanswered.pop()()
            except JitiError:
                continue
        self.reader.close()
