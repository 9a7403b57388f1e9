"""The one door to other processes: argument lists, an environment as a mapping, bytes, time limits.

Standard library only. `subprocess` costs as much as starting Python does, so it is imported on first use.
"""

import os
import signal
from collections.abc import Mapping, Sequence

from jiti_bot.errors import ToolError
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that has ended. ``code`` is negative for the signal that ended it."""

    args: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: bytes

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.code == 0

    @property
    def complaint(self) -> str:
        """The last line it wrote to standard error, for a message."""
        lines = self.stderr.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.code}"


def run(
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> Completed:
    """Run ``args`` to its end and return what it wrote, whatever its exit code.

    ``timeout`` is in seconds. Raises `ToolError` where the program cannot be started or takes longer; the program and
    the children in its session are ended before any exception leaves.
    """
    return finish(start(args, env=env, cwd=cwd), args, stdin=stdin, timeout=timeout)


def finish(
    process: "Popen[bytes]", args: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None
) -> Completed:
    """Wait for a process that `start` gave, as `run` does; several may run meanwhile."""
    import subprocess

    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as error:
        end(process)
        raise ToolError(
            f"{args[0]} did not end within {timeout:g} seconds.",
            remedy=f"Run it by hand to see why: {' '.join(args[:6])}",
        ) from error
    except BaseException:
        end(process)
        raise
    return Completed(tuple(args), process.returncode, stdout, stderr)


def start(
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    pass_fds: Sequence[int] = (),
) -> "Popen[bytes]":
    """Start ``args`` with pipes on all three streams, in a session of its own.

    A session of its own keeps Ctrl-C with us, who then decide what happens to the child (see `end`).
    """
    import subprocess

    try:
        return subprocess.Popen(
            list(args),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=dict(env),
            pass_fds=tuple(pass_fds),
            start_new_session=os.name == "posix",
        )
    except (OSError, ValueError) as error:
        raise ToolError(
            f"{args[0]} could not be started: {_reason(error)}.",
            remedy=f"Install {os.path.basename(args[0])}, or put it on PATH.",
        ) from error


def end(process: "Popen[bytes]") -> None:
    """Kill the process and its session, and reap it. Does nothing to one that has ended."""
    if process.poll() is None:
        try:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        except (ProcessLookupError, PermissionError):
            process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    process.wait()


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such program"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
