"""What can go wrong with a command, and commands run in this process or in one that is killed."""

import contextlib
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from jiti_bot import cli

_ENDS = 120.0  # seconds: no command of these small projects takes a hundredth of it


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended; ``code`` is -9 for one that was killed, with nothing said."""

    code: int
    out: str = ""
    err: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the ``number``-th use of ``call``.

    ``die`` kills the process, ``stop`` presses Ctrl-C, ``full`` is a disk without room.
    ``call`` is a function of `os`, or ``turn`` for the model's.
    """

    kind: str
    call: str
    number: int


def run(folder: str, *args: str) -> Done:
    """Run a command in this process; it has to end."""
    ended: list[Done] = []
    thread = threading.Thread(target=lambda: ended.append(_run(folder, *args)), daemon=True)
    thread.start()
    thread.join(_ENDS)
    assert ended, f"`jiti {' '.join(args)}` did not end"
    return ended[0]


def begin(folder: str, *args: str, prepare: Callable[[], None] = lambda: None) -> int:
    """Start a command in a process of its own, forked from this one, with ``prepare`` called there first; its id."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.alarm(int(_ENDS))
    prepare()
    os._exit(_run(folder, *args).code)


def end(child: int) -> Done:
    """Wait for it; it has to end."""
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code != -signal.SIGALRM, "a run did not end"
    return Done(code)


def deadly(fault: Fault) -> None:
    """Let this process die, or be stopped, at the fault's use of a call."""
    _patch(fault.call, fault.number, lambda: strike(fault, os.getpid()))


def strike(fault: Fault, process: int) -> None:
    """End a process as the fault says."""
    os.kill(process, signal.SIGKILL if fault.kind == "die" else signal.SIGINT)


def _run(folder: str, *args: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(["-C", folder, *args])
    return Done(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def failing(fault: Fault) -> Generator[None]:
    """Let the disk be full at the fault's use of a call."""
    real = getattr(os, fault.call)
    _patch(fault.call, fault.number, _refuse)
    try:
        yield
    finally:
        setattr(os, fault.call, real)


def _patch(call: str, number: int, act: Callable[[], None]) -> None:
    real: Any = getattr(os, call)
    uses: list[int] = []

    def counted(*args: object, **options: object) -> object:
        if _is_store(sys._getframe(1)):
            uses.append(1)
            if len(uses) == number:
                act()
        return real(*args, **options)

    setattr(os, call, counted)


def _is_store(frame: Any) -> bool:
    """Whether it is the store that calls: others use the same functions, too."""
    return frame.f_globals.get("__name__", "").startswith("jiti_bot.store.")


def _refuse() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
