"""The tree of processes below one: who they are, what they use, how all of them are ended.

On Linux from /proc, elsewhere from `ps`. A process that leaves its session or loses its parent stays in the tree,
because the worker and the supervisor adopt orphans (see `privileges.adopt_orphans`). macOS knows no such adoption: a
process that detaches itself there is out of reach, still within the profile that `sandbox-exec` put on it.
"""

import os
import signal
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from jiti_bot import process

_ROUNDS = 400
_PAUSE = 0.005


def children(pid: int) -> tuple[int, ...]:
    """The living children of ``pid``, zombies included."""
    if not Path("/proc/self/stat").exists():
        return tuple(child for child, (parent, _) in _listed().items() if parent == pid)
    found: list[int] = []
    for task in _entries(f"/proc/{pid}/task"):
        try:
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text("ascii").split())
        except OSError:
            continue
    return tuple(found)


def descendants(pid: int) -> tuple[int, ...]:
    """Everyone below ``pid``, nearest first, zombies included."""
    found: list[int] = []
    level = children(pid)
    while level:
        found += level
        level = tuple(child for parent in level for child in children(parent))
    return tuple(found)


def alive(pids: Iterable[int]) -> tuple[int, ...]:
    """Those that still run: neither gone nor zombies."""
    return tuple(pid for pid in pids if _state(pid) not in {"", "Z", "X"})


def tasks(pids: Iterable[int]) -> int:
    """Processes and threads."""
    return sum(len(_entries(f"/proc/{pid}/task")) or 1 for pid in pids)


def exceeds_memory(pids: Iterable[int], limit: int) -> bool:
    """Whether they use more than ``limit`` bytes of memory that is no file's.

    The cheap count takes what forks share for each of them; only when that is too much is the exact one made.
    """
    pids = tuple(pids)
    if _kilobytes(pids, "status", ("RssAnon:", "RssShmem:")) * 1024 <= limit:
        return False
    return _kilobytes(pids, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:")) * 1024 > limit


def _kilobytes(pids: Iterable[int], file: str, fields: tuple[str, ...]) -> int:
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/{file}").read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith(fields))
    return total


def hidden_files(pids: Iterable[int]) -> int:
    """Bytes in files that were deleted and are still open: they fill a disk unseen."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        for name in _entries(f"/proc/{pid}/fd"):
            try:
                status = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if status.st_nlink == 0 and stat.S_ISREG(status.st_mode):
                sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(sizes.values())


def end(root: int, *, keep: Iterable[int] = ()) -> bool:
    """Kill everyone below ``root`` but ``keep``; True when none is left.

    Repeats until the tree is empty, since one may fork while another is being killed; bounded to two seconds.
    """
    kept = set(keep)
    for _ in range(_ROUNDS):
        left = alive(pid for pid in descendants(root) if pid not in kept)
        if not left:
            return True
        for pid in left:
            _signal(pid, signal.SIGSTOP)  # nobody goes on forking while the others are ended
        for pid in left:
            _signal(pid, signal.SIGKILL)
        time.sleep(_PAUSE)
    return False


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _state(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _listed().get(pid, (0, ""))[1][:1]
    return text.rpartition(")")[2].split()[0]


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _listed() -> dict[int, tuple[int, str]]:
    """Process -> (parent, state), from `ps`: for systems without /proc."""
    listing = process.run(["ps", "-axo", "pid=,ppid=,state="], env={"PATH": "/bin:/usr/bin"}, timeout=10.0)
    rows = (line.split(None, 2) for line in listing.stdout.decode("ascii", "replace").splitlines())
    return {int(row[0]): (int(row[1]), row[2]) for row in rows if len(row) == 3}
