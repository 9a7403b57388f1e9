"""One supervisor with its worker, as the bot holds it: a line of JSON there, a line of JSON back."""

import contextlib
import json
import os
import selectors
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jiti_bot import process

if TYPE_CHECKING:
    from subprocess import Popen

_MODULE = "jiti_bot.validation.sandbox.supervisor"
_START = f"import sys; sys.path.append(sys.argv.pop(1)); from {_MODULE} import main; sys.exit(main())"
_START_SECONDS = 150.0
_GRACE_SECONDS = 30.0  # beyond a job's own time: the supervisor ends the job, we end a supervisor that does not
_CLOSE_SECONDS = 5.0
_CHUNK = 1 << 16


class LostError(Exception):
    """The worker or its supervisor has gone."""


@dataclass(slots=True)
class Handle:
    """A running worker. ``jobs`` is the folder it may write; ``ready`` what it said at its start."""

    supervisor: "Popen[bytes]"
    jobs: Path
    ready: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False
    _partial: bytes = b""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls, launch: Mapping[str, Any], jobs: Path, begun: Callable[["Handle"], None]) -> "Handle":
        """Start supervisor and worker; ``begun`` is told as soon as there is something to close.

        Raises `LostError` with the worker's own words if it does not get ready.
        """
        ours = str(Path(__file__).resolve().parents[2])
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
        handle = cls(process.start([sys.executable, "-I", "-S", "-c", _START, ours], env=environment), jobs)
        try:
            begun(handle)
            answer = handle.ask(launch, _START_SECONDS)
        except BaseException:
            handle.close()
            raise
        if not answer["answer"]:
            handle.close()
            raise LostError(str(answer["output"]).strip() or "it ended without a word.")
        handle.ready = answer["answer"]
        return handle

    def ask(self, request: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Send a request and wait for its answer. Raises `LostError` where none comes."""
        try:
            with self._turn:
                self._send(json.dumps(request).encode() + b"\n")
                answer: dict[str, Any] = json.loads(self._line(timeout + _GRACE_SECONDS))
        except (OSError, ValueError, EOFError) as error:
            self.gone = True
            raise LostError(self._last_words() or "its supervisor ended.") from error
        except BaseException:
            self.gone = True  # interrupted: the answer to come would be taken for the next one's
            raise
        self.gone = self.gone or bool(answer["gone"])
        return answer

    def close(self) -> None:
        """End the worker and whatever runs below it. One who waits in `ask` gets a `LostError`."""
        import subprocess

        self.gone = True
        stdin = self.supervisor.stdin
        with contextlib.suppress(OSError):
            if stdin is not None:
                stdin.close()
        try:
            self.supervisor.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
        with self._turn:  # closing a stream under the eyes of who waits for it would let that one wait on
            process.end(self.supervisor)

    def _send(self, data: bytes) -> None:
        stdin = self.supervisor.stdin
        assert stdin is not None
        stdin.write(data)
        stdin.flush()

    def _line(self, seconds: float) -> bytes:
        stdout = self.supervisor.stdout
        assert stdout is not None
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self._partial:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                data = os.read(stdout.fileno(), _CHUNK)
                if not data:
                    raise EOFError
                self._partial += data
        line, _, self._partial = self._partial.partition(b"\n")
        return line

    def _last_words(self) -> str:
        stderr = self.supervisor.stderr
        if stderr is None:
            return ""
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile by another thread
            self.supervisor.kill()
            return stderr.read().decode("utf-8", "replace").strip()[-2000:]
        return ""
