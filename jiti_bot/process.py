"""The one door to other processes: argument lists, an environment as a mapping, bytes, time limits.

Standard library only. `subprocess` costs half of what starting Python does, so it is imported on first use, and `begin`
does without it where the system allows.
"""

from __future__ import annotations

import os

from jiti_bot.errors import ToolError
from jiti_bot.light import suppress
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from subprocess import Popen


_PATIENCE = 5.0  # seconds for a program that was interrupted
_KILL = 9  # signal.SIGKILL, without the millisecond that importing signal takes


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
    process: Popen[bytes], args: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None
) -> Completed:
    """Wait for a process that `start` gave, as `run` does; several may run meanwhile."""
    import subprocess

    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as error:
        end(process)
        raise _too_slow(args, timeout or 0) from error
    except BaseException:
        end(process)
        raise
    return Completed(tuple(args), process.returncode, stdout, stderr or b"")


def start(
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    pass_fds: Sequence[int] = (),
    mute: bool = False,
) -> Popen[bytes]:
    """Start ``args`` with pipes on all three streams, in a session of its own; of a ``mute`` one no errors are kept.

    A session of its own keeps Ctrl-C with us, who then decide what happens to the child (see `end`).
    """
    import subprocess

    try:
        return subprocess.Popen(
            list(args),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if mute else subprocess.PIPE,
            cwd=cwd,
            env=dict(env),
            pass_fds=tuple(pass_fds),
            start_new_session=os.name == "posix",
        )
    except (OSError, ValueError) as error:
        raise _not_started(args, error) from error


class _SpawnedChild:
    """A program that runs meanwhile, in a process group of its own, with pipes on its streams.

    One that ``fills`` writes its output to a file in memory, so that it never waits for us to read.
    """

    def __init__(
        self, args: Sequence[str], pid: int, stdin: int, stdout: int, stderr: int, *, fills: bool = False
    ) -> None:
        self._args = tuple(args)
        self._pid = pid
        self._errors = stderr
        self._fills = fills
        self._code: int | None = None
        self.stdin = os.fdopen(stdin, "wb")
        self.stdout = os.fdopen(stdout, "rb")

    def finish(self, stdin: bytes = b"", timeout: float | None = None) -> Completed:
        """Wait for its end, as `run` does. ``stdin`` has to fit a pipe (4 KiB at least)."""
        try:
            with suppress(BrokenPipeError):
                self.stdin.write(stdin)
                self.stdin.close()
            stdout, stderr = self._read(timeout)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
            if self._fills:
                self.stdout.seek(0)
                stdout = self.stdout.read()
        finally:
            self.end()
        return Completed(self._args, self._code, stdout, stderr)

    def end(self) -> None:
        """Kill it and what it started, and reap it. Does nothing to one that has ended."""
        if self._code is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, _KILL)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        if self._errors >= 0:
            with suppress(BrokenPipeError):
                self.stdin.close()
            self.stdout.close()
            os.close(self._errors)
            self._errors = -1

    def _read(self, timeout: float | None) -> tuple[bytes, bytes]:
        """All that it writes, from both pipes as it comes: a full one would stop it."""
        import select
        import time

        chunks: dict[int, list[bytes]] = {self.stdout.fileno(): [], self._errors: []}
        waiting = [self._errors] if self._fills else list(chunks)
        deadline = None if timeout is None else time.monotonic() + timeout
        while waiting:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select(waiting, [], [], left)
            if not ready:
                raise _too_slow(self._args, timeout or 0)
            for handle in ready:
                data = os.read(handle, 1 << 17)
                chunks[handle].append(data)
                if not data:
                    waiting.remove(handle)
        stdout, stderr = chunks.values()
        return b"".join(stdout), b"".join(stderr)


class _PopenChild:
    """The same by way of `subprocess`, for systems without `os.posix_spawn`."""

    def __init__(self, args: Sequence[str], env: Mapping[str, str], *, mute: bool) -> None:
        self._args = args
        self._process = start(args, env=env, mute=mute)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.stdin = self._process.stdin
        self.stdout = self._process.stdout

    def finish(self, stdin: bytes = b"", timeout: float | None = None) -> Completed:
        """Wait for its end."""
        return finish(self._process, self._args, stdin=stdin, timeout=timeout)

    def end(self) -> None:
        """Kill and reap it."""
        end(self._process)


Child = _SpawnedChild | _PopenChild


def begin(args: Sequence[str], *, env: Mapping[str, str], fills: bool = False, mute: bool = False) -> Child:
    """Start ``args`` in our folder, without `subprocess` where the system allows.

    ``fills`` says that its output is wanted at its end only, by `finish`: it need not wait for us then. What a ``mute``
    one writes to standard error is dropped: while somebody talks to it nobody reads that, and a full pipe would stop
    it. Raises `ToolError` where the program cannot be started.
    """
    if not hasattr(os, "posix_spawn"):
        return _PopenChild(args, env, mute=mute)
    program = _found(args[0], env)
    memory = _memory() if fills else None
    try:
        (stdin, to_child), (from_child, stdout), (errors, stderr) = _streams(memory)
    except OSError as error:
        raise _not_started(args, error) from error
    actions: list[tuple[object, ...]] = [(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, stdout, 1)]
    dropped = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
    actions.append(dropped if mute else (os.POSIX_SPAWN_DUP2, stderr, 2))
    try:
        pid = os.posix_spawn(program, list(args), dict(env), file_actions=actions, setpgroup=0)
    except (OSError, ValueError) as error:
        for handle in (to_child, from_child, errors):
            os.close(handle)
        raise _not_started(args, error) from error
    finally:
        for handle in (stdin, stdout, stderr):
            os.close(handle)
    return _SpawnedChild(args, pid, to_child, from_child, errors, fills=memory is not None)


def _streams(memory: int | None) -> list[tuple[int, int]]:
    """Pipes for input, output and errors; ``memory`` in place of the second. Raises OSError and leaves none open."""
    made: list[tuple[int, int]] = []
    try:
        made.append(os.pipe())
        made.append(os.pipe() if memory is None else (memory, os.dup(memory)))
        made.append(os.pipe())
    except OSError:
        for handle in {handle for pair in made for handle in pair} | ({memory} if memory is not None else set()):
            os.close(handle)
        raise
    return made


def _memory() -> int | None:
    """A file in memory; None where the system has none, or a limit on what is written to files holds for it as well."""
    try:
        import resource

        if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
            return None
        return os.memfd_create("output")
    except (ImportError, AttributeError, OSError):  # not Linux, or forbidden
        return None


def _found(program: str, env: Mapping[str, str]) -> str:
    """The path of a program, by the PATH that it will be given."""
    if os.sep in program:
        return program
    for folder in filter(None, env.get("PATH", os.defpath).split(os.pathsep)):
        path = os.path.join(folder, program)
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    raise _not_started((program,), FileNotFoundError(program))


def attached(args: Sequence[str], *, env: Mapping[str, str], cwd: str | os.PathLike[str] | None = None) -> int:
    """Run ``args`` on our own terminal and streams; its exit code, as a shell gives it: 128 and more for a signal.

    Ctrl-C reaches the program as it reaches us: it is waited for, and made to end if it will not. Raises `ToolError`
    where it cannot be started and KeyboardInterrupt after Ctrl-C.
    """
    import subprocess

    try:
        process = subprocess.Popen(list(args), cwd=cwd, env=dict(env))
    except (OSError, ValueError) as error:
        raise _not_started(args, error) from error
    try:
        code = process.wait()
    except BaseException:
        for ending in (lambda: None, process.terminate, process.kill):
            ending()
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                process.wait(_PATIENCE)
                break
        raise
    return code if code >= 0 else 128 - code


def end(process: Popen[bytes]) -> None:
    """Kill the process and its session, and reap it. Does nothing to one that has ended."""
    if process.poll() is None:
        try:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, _KILL)
            else:
                process.kill()
        except (ProcessLookupError, PermissionError):
            process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    process.wait()


def _not_started(args: Sequence[str], error: Exception) -> ToolError:
    return ToolError(
        f"{args[0]} could not be started: {_reason(error)}.",
        remedy=f"Install {os.path.basename(args[0])}, or put it on PATH.",
    )


def _too_slow(args: Sequence[str], timeout: float) -> ToolError:
    return ToolError(
        f"{args[0]} did not end within {timeout:g} seconds.",
        remedy=f"Run it by hand to see why: {' '.join(args[:6])}",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such program"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
