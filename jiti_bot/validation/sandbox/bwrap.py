"""bubblewrap around the worker, where it works: namespaces of its own for mounts, processes, network and IPC.

Many systems have the program and forbid what it needs (unprivileged user namespaces), so it is probed by running it.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jiti_bot import process
from jiti_bot.errors import ToolError

_SHARED = ("--unshare-user-try", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts")
_PROBE_SECONDS = 10.0


def prefix(policy: Mapping[str, Sequence[str]]) -> list[str]:
    """The command line that runs what follows inside; paths as in `grants.policy`."""
    program = shutil.which("bwrap")
    if program is None:
        return []
    command = [program, *_SHARED, "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--dev", "/dev"]
    for path in _outermost(policy["mounts"]):
        command += ["--ro-bind-try", path, path]
    for path in policy["hidden"]:
        command += ["--tmpfs", path] if Path(path).is_dir() else ["--ro-bind", "/dev/null", path]
    for path in policy["write"]:
        command += ["--bind", path, path]
    return [*command, "--"]


def works(policy: Mapping[str, Sequence[str]], python: str) -> bool:
    """Whether the project's interpreter starts inside."""
    command = prefix(policy)
    if not command:
        return False
    try:
        return process.run([*command, python, "-I", "-S", "-c", ""], env={}, timeout=_PROBE_SECONDS).ok
    except ToolError:
        return False


def _outermost(paths: Iterable[str]) -> list[str]:
    """Parents before children, so that a later mount does not cover an earlier one."""
    return sorted(set(paths), key=lambda path: (path.count("/"), path))
