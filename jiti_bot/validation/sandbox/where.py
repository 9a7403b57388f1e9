"""Where a job was when its time was up: it is asked by a signal, and answers even if it hangs in C.

The answer is `faulthandler`'s, on the output that the job started with. It comes from a process that may hold a
candidate's code, so it is words for a reader and nothing more.
"""

import faulthandler
import os
import re
import signal
import time
from collections.abc import Callable, Iterable

_SIGNAL = getattr(signal, "SIGRTMIN", getattr(signal, "SIGUSR2", 0))  # Windows has neither, and runs no jobs
_SECONDS = 0.5  # how long the answer is waited for
_HEAD = re.compile(r"^(?:Stack|Current thread .*) \(most recent call first\):\n", re.MULTILINE)
_FRAME = re.compile(r'  File "(?P<file>[^"\n]+)", line (?P<line>\d+) in .*\n?')
_OURS = re.compile(r".*/jobs/[0-9a-f]+/(?:files|staged/\d+)/")  # a candidate's own files


def listen() -> None:
    """Answer on the standard output as it is now; whoever is asked ends."""
    faulthandler.register(_SIGNAL, os.dup(1), all_threads=False, chain=True)


def ask(pids: Iterable[int], hear: Callable[[], None], lives: Callable[[Iterable[int]], object]) -> None:
    """Ask processes, and ``hear`` what they say until none of them ``lives``."""
    asked = tuple(pids)
    for pid in asked:
        try:
            os.kill(pid, _SIGNAL)
        except OSError:  # gone meanwhile
            continue
    deadline = time.monotonic() + _SECONDS
    while lives(asked) and time.monotonic() < deadline:
        hear()


def told(output: str, root: str) -> tuple[str, str]:
    """What a job printed without its answer, and the innermost line of the project in that: ``tests/test_a.py:4``."""
    heads = list(_HEAD.finditer(output))
    if not heads:
        return output, ""
    at, place = heads[-1].end(), ""
    while frame := _FRAME.match(output, at):
        at = frame.end()
        file = _OURS.sub("", frame["file"])
        is_ours = file.startswith(f"{root}/") and "/site-packages/" not in file
        if not place and (is_ours or file != frame["file"]):
            place = f"{file.removeprefix(f'{root}/')}:{frame['line']}"
    return output[: heads[-1].start()] + output[at:], place
