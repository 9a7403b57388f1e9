"""The supervisor: a process outside the sandbox that starts the worker, hands it jobs and ends whatever runs over.

It never runs code that is not ours. The bot writes JSON lines to its standard input (first the launch, then jobs) and
reads one JSON line for each from its standard output. When the bot goes, in whatever way, the input ends and
everything below is killed.
"""

import array
import contextlib
import json
import os
import selectors
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jiti_bot import process
from jiti_bot.validation.sandbox import privileges, tree, where
from jiti_bot.validation.sandbox.job import Running
from jiti_bot.validation.sandbox.limits import Limits
from jiti_bot.validation.sandbox.notify import Answerer, count_below

if TYPE_CHECKING:
    from subprocess import Popen

_SAMPLE_SECONDS = 0.05
_START_SECONDS = 120.0
_CREDENTIALS = struct.Struct("=iII")
_CHUNK = 1 << 16


@dataclass(slots=True)
class Streams:
    """Our ends of what connects us to the worker."""

    requests: int
    control: int
    events: int
    handover: socket.socket


@dataclass(slots=True)
class Supervisor:
    """One worker and at most one job at a time."""

    worker: "Popen[bytes]"
    streams: Streams
    limits: Limits
    jobs: str
    pid: int  # of the worker itself, which bwrap may have started
    answerer: Answerer | None
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _control: bytes = b""
    _sampled: float = 0.0

    def watch(self) -> None:
        """Start to listen to everything that can speak."""
        for source in (self.streams.control, self.streams.events, *self._outputs()):
            os.set_blocking(source, False)
            self.selector.register(source, selectors.EVENT_READ)
        if self.answerer is not None:
            self.selector.register(self.answerer.listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ)

    def run(self, request: dict[str, object], timeout: float) -> dict[str, object]:
        """Send one request and wait for its end: the worker's word, a limit, or the worker's death."""
        running = Running(str(request.get("key", "")), self.limits, time.monotonic(), timeout)
        refused = self.answerer.refused if self.answerer else 0
        if self.answerer:
            self.answerer.closed = False
        if request:  # none at the start: the worker got its settings before
            try:
                _write_line(self.streams.requests, request)
            except OSError:
                running.gone = True
        while running.status is None and not running.gone:
            self._turn(running)
        if self.answerer:
            self.answerer.closed = True
        survivors = not self._end_job(running)
        for _ in range(1000):  # what was written before the end and is still in the pipes
            if not self._read_all(running):
                break
        running.refused_tasks = (self.answerer.refused if self.answerer else 0) - refused
        running.gone = running.gone or survivors
        return running.report()

    def _listen(self, running: Running) -> None:
        for key, _ in self.selector.select(_SAMPLE_SECONDS):
            if key.fileobj == sys.stdin.fileno():
                raise EOFError  # the bot sends nothing while a job runs: it has gone
            self._hear(int(key.fd), running)

    def _turn(self, running: Running) -> None:
        self._listen(running)
        now = time.monotonic()
        if running.stopped is None:
            running.check_time(now)
            if now - self._sampled >= _SAMPLE_SECONDS:
                self._sampled = now
                below = tree.alive(tree.descendants(self.pid))
                running.check_tree(below, self.jobs, counted=self.answerer is not None)
        if running.stopped is not None and not running.killed:
            running.killed = True
            if running.stopped[0] == "timeout":
                where.ask(tree.children(self.pid), lambda: self._listen(running), tree.alive)
            if self.answerer:
                self.answerer.closed = True
            if not tree.end(self.pid):
                running.gone = True

    def _hear(self, source: int, running: Running) -> int:
        if self.answerer is not None and source == self.answerer.listener:
            self.answerer.answer()
            return 0
        try:
            data = os.read(source, _CHUNK)
        except BlockingIOError:
            return 0
        if source == self.streams.control:
            self._control += data
            running.gone = running.gone or not data
            while b"\n" in self._control:
                line, _, self._control = self._control.partition(b"\n")
                running.control(json.loads(line))
        elif not data:
            self.selector.unregister(source)
        elif source == self.streams.events:
            running.event_bytes(data)
        else:
            running.output_bytes(data)
        return len(data)

    def _read_all(self, running: Running) -> int:
        sources = (self.streams.events, *self._outputs())
        known = self.selector.get_map() or {}
        return sum(self._hear(source, running) for source in sources if source in known)

    def _end_job(self, running: Running) -> bool:
        """End what the job left behind; the worker itself too if it is past use."""
        if running.gone:
            self.answerer = None
            return tree.end(os.getpid())
        return tree.end(self.pid)

    def _outputs(self) -> tuple[int, ...]:
        streams = (self.worker.stdout, self.worker.stderr)
        return tuple(stream.fileno() for stream in streams if stream is not None)


def main() -> int:
    """Serve until the input ends."""
    if sys.platform.startswith("linux"):
        privileges.adopt_orphans()
    try:
        return _serve()
    except EOFError:  # the bot has gone
        return 0
    finally:
        tree.end(os.getpid())


def _serve() -> int:
    launch = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not launch:
        return 0
    supervisor = _start(launch)
    supervisor.watch()
    answer = supervisor.run({}, _START_SECONDS)
    _reply(answer)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer = supervisor.run(request, float(request["timeout"]))
        _reply(answer)
        if answer["gone"]:
            return 0
    return 0


def _start(launch: dict[str, object]) -> Supervisor:
    """Start the worker; it hands over its listener before it does anything that the sandbox would ask about."""
    request_read, request_write = os.pipe()
    control_read, control_write = os.pipe()
    event_read, event_write = os.pipe()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if hasattr(socket, "SO_PASSCRED"):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    inherited = (request_read, control_write, event_write, theirs.fileno())
    command = launch["command"]
    variables = launch["environment"]
    settings = launch["settings"]
    assert isinstance(command, list)
    assert isinstance(variables, dict)
    assert isinstance(settings, dict)
    worker = process.start(
        [*command, ",".join(map(str, inherited))], env=variables, cwd=str(launch["folder"]), pass_fds=inherited
    )
    for descriptor in inherited[:3]:
        os.close(descriptor)
    theirs.close()
    if worker.stdin is not None:
        worker.stdin.close()
    settings["probe"]["supervisor"] = str(os.getpid())
    streams = Streams(request_write, control_read, event_read, ours)
    with contextlib.suppress(BrokenPipeError):  # it has ended already: its last words say why
        _write_line(request_write, settings)
    listener, pid = _receive(ours, worker.pid)
    limits = Limits(**settings["limits"])
    jobs = str(settings["write"][0])
    answerer = None
    if listener is not None:
        answerer = Answerer(listener, str(Path(jobs).resolve()), limits.tasks, lambda: count_below(pid))
    return Supervisor(worker, streams, limits, jobs, pid, answerer)


def _receive(handover: socket.socket, started: int) -> tuple[int | None, int]:
    """The worker's listener, if it has one, and its process id as we see it."""
    handover.settimeout(_START_SECONDS)
    try:
        data, ancillary, _, _ = handover.recvmsg(1, socket.CMSG_SPACE(64) + socket.CMSG_SPACE(64))
    except OSError:
        return None, started
    listener, pid = None, started
    for level, kind, content in ancillary:
        if level != socket.SOL_SOCKET:
            continue
        if kind == socket.SCM_RIGHTS:
            descriptors = array.array("i", content[:4])
            listener = descriptors[0]
        elif data and kind == getattr(socket, "SCM_CREDENTIALS", -1):
            pid = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0] or started
    return listener, pid


def _reply(answer: dict[str, object]) -> None:
    _write_line(sys.stdout.fileno(), answer)


def _write_line(descriptor: int, value: dict[str, object]) -> None:
    data = json.dumps(value).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    sys.exit(main())
