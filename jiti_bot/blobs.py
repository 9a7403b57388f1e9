"""What git holds, as `jiti_bot.git` lists it, and the conversation with the `git cat-file --batch` that it starts."""

from collections.abc import Callable, Iterator, Sequence

from jiti_bot.errors import RepositoryError
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.process import Child


SYMLINK = "120000"
SUBMODULE = "160000"
ABSENT = "000000"


@dataclass(frozen=True, slots=True)
class Blob:
    """What stands at one path of an index or revision: its mode as git prints it, and its object id."""

    mode: str
    oid: str
    merged: bool = True

    @property
    def is_file(self) -> bool:
        """Whether it is a file and no link or submodule."""
        return self.mode not in {SYMLINK, SUBMODULE}


class Listing:
    """The paths of an index or revision. An entry is looked into when it is asked for: most never are."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.entries = entries

    def get(self, path: str) -> Blob | None:
        """What stands at ``path``, None where nothing does."""
        meta = self.entries.get(path)
        if meta is None:
            return None
        mode, second, third = meta.split(" ")
        if len(third) > 1:  # a revision: mode, type, id
            return Blob(mode, third)
        return Blob(mode, second, merged=third == "0")  # an index: mode, id, stage


class BlobReader:
    """Reads blobs by object id through one `git cat-file --batch`, started at the first read."""

    # Requests are written before answers are read: this many fit the smallest pipe a system gives (16 KiB on macOS).
    _AT_ONCE = 200

    def __init__(self, start: "Callable[[], Child]") -> None:
        self._start = start
        self._process: Child | None = None

    def start(self) -> "Child":
        """The process; started now if it was not, so that it is ready when it is needed."""
        if self._process is None:
            self._process = self._start()
        return self._process

    def read(self, oids: Sequence[str]) -> dict[str, bytes]:
        """The bytes of each blob, by its id. Objects that are missing are left out."""
        found: dict[str, bytes] = {}
        for first in range(0, len(oids), self._AT_ONCE):
            found.update(self._some(oids[first : first + self._AT_ONCE]))
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _some(self, oids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        running = self.start()
        requests, answers = running.stdin, running.stdout
        try:
            requests.write("".join(f"{oid}\n" for oid in oids).encode())
            requests.flush()
        except OSError as error:
            raise _broken() from error
        for oid in oids:
            head = answers.readline().split()
            if not head:
                raise _broken()
            if len(head) == 3 and head[2].isdigit():  # else "... missing", of a name with a blank
                size = int(head[2])
                yield oid, answers.read(size)
                answers.read(1)


def _broken() -> RepositoryError:
    return RepositoryError("git cat-file ended early.", remedy="Run `git fsck` to see whether the repository is sound.")
