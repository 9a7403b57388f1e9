"""The conversation with one `git cat-file --batch`, which `jiti_bot.git` starts."""

from collections.abc import Callable, Iterator, Sequence

from jiti_bot import process
from jiti_bot.errors import RepositoryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen


class BlobReader:
    """Reads blobs by object id through one `git cat-file --batch`, started at the first read."""

    # Requests are written before answers are read: this many fit the smallest pipe a system gives (16 KiB on macOS).
    _AT_ONCE = 200

    def __init__(self, start: "Callable[[], Popen[bytes]]") -> None:
        self._start = start
        self._process: Popen[bytes] | None = None

    def read(self, oids: Sequence[str]) -> dict[str, bytes]:
        """The bytes of each blob, by its id. Objects that are missing are left out."""
        found: dict[str, bytes] = {}
        for first in range(0, len(oids), self._AT_ONCE):
            found.update(self._some(oids[first : first + self._AT_ONCE]))
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            process.end(self._process)
            self._process = None

    def _some(self, oids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        if self._process is None:
            self._process = self._start()
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        try:
            requests.write("".join(f"{oid}\n" for oid in oids).encode())
            requests.flush()
        except OSError as error:
            raise _broken() from error
        for oid in oids:
            head = answers.readline().split()
            if not head:
                raise _broken()
            if len(head) == 3:
                size = int(head[2])
                yield oid, answers.read(size)
                answers.read(1)


def _broken() -> RepositoryError:
    return RepositoryError("git cat-file ended early.", remedy="Run `git fsck` to see whether the repository is sound.")
