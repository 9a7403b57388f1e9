"""What the supervisor knows of a running job: its events, its output, and which limit it ran into."""

import hashlib
import hmac
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jiti_bot.validation.sandbox import tree
from jiti_bot.validation.sandbox.limits import MIB, Limits

_LINE = 4 * MIB
_EVENTS = 32 * MIB
SIGNATURE = 32  # hex digits


def sign(key: bytes, number: int, body: bytes) -> bytes:
    """The signature of event ``number`` of a job."""
    return hashlib.blake2b(b"%d " % number + body, key=key, digest_size=SIGNATURE // 2).hexdigest().encode()


@dataclass(slots=True)
class Output:
    """What was printed: the first and the last bytes of it, and how many there were."""

    shown: int
    size: int = 0
    head: bytes = b""
    tail: bytes = b""

    def add(self, data: bytes) -> None:
        """Take more."""
        self.size += len(data)
        room = self.shown - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-self.shown :] if len(data) > room else self.tail

    def text(self) -> str:
        """All of it if it was little, else head and tail with the gap named."""
        gap = self.size - len(self.head) - len(self.tail)
        middle = b"\n... %d bytes left out ...\n" % gap if gap > 0 else b""
        return (self.head + middle + self.tail).decode("utf-8", "replace")


@dataclass(slots=True)
class Running:
    """One job. ``stopped`` is a cause and a sentence, once a limit was met; ``gone``: the worker is past use."""

    key: str
    limits: Limits
    started: float
    timeout: float
    status: int | None = None
    stopped: tuple[str, str] | None = None
    killed: bool = False
    gone: bool = False
    refused_tasks: int = 0
    events: list[object] = field(default_factory=list)
    forged: int = 0
    answer: dict[str, object] = field(default_factory=dict)
    _partial: bytes = b""
    _received: int = 0
    _number: int = 0
    _output: Output | None = None

    def control(self, message: dict[str, object]) -> None:
        """The worker's own word, on a pipe that its jobs do not have."""
        status = message.get("status")
        self.status = status if isinstance(status, int) else 0
        self.answer = message

    def event_bytes(self, data: bytes) -> None:
        """Bytes from the job's channel: lines of number, signature and JSON."""
        self._received += len(data)
        if self._received > _EVENTS or len(self._partial) > _LINE:
            self._partial = b""
            self._stop("output", "it reported more than a test session can have to say")
            return
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._event(line)

    def output_bytes(self, data: bytes) -> None:
        """Bytes that it printed."""
        output = self._printed()
        output.add(data)
        if output.size > self.limits.output:
            self._stop("output", f"it printed more than {self.limits.output // MIB} MB")

    def check_time(self, now: float) -> None:
        """Stop what has had its time."""
        if now - self.started > self.timeout:
            self._stop("timeout", f"it did not end within {self.timeout:g} seconds")

    def check_tree(self, below: Sequence[int], scratch: str, *, counted: bool) -> None:
        """Stop what uses too much memory, disk or, where forks are not counted by the kernel's asking, processes."""
        if not below:
            return
        if tree.exceeds_memory(below, self.limits.memory):
            self._stop("memory", f"it used more than {self.limits.memory // MIB} MB of memory")
        if not counted and tree.tasks(below) > self.limits.tasks:
            self._stop("processes", f"it ran more than {self.limits.tasks} processes and threads")
        size, entries = usage(scratch, self.limits)
        if entries > self.limits.entries:
            self._stop("disk", f"it made more than {self.limits.entries} files")
        if size + tree.hidden_files(below) > self.limits.disk:
            self._stop("disk", f"it wrote more than {self.limits.disk // MIB} MB")

    def report(self) -> dict[str, object]:
        """The answer for the bot."""
        return {
            "status": self.status,
            "stopped": self.stopped,
            "gone": self.gone,
            "events": self.events,
            "forged": self.forged + bool(self._partial.strip()) * (self.stopped is None),
            "refused_tasks": self.refused_tasks,
            "output": self._printed().text(),
            "seconds": time.monotonic() - self.started,
            "answer": self.answer,
        }

    def _printed(self) -> Output:
        if self._output is None:
            self._output = Output(self.limits.shown)
        return self._output

    def _event(self, line: bytes) -> None:
        signature, _, body = line.partition(b" ")
        expected = sign(bytes.fromhex(self.key), self._number, body)
        if not hmac.compare_digest(signature, expected):
            self.forged += 1
            return
        self._number += 1
        try:
            self.events.append(json.loads(body))
        except (ValueError, RecursionError):
            self.forged += 1

    def _stop(self, cause: str, sentence: str) -> None:
        if self.stopped is None:
            self.stopped = (cause, sentence)


def usage(folder: str, limits: Limits) -> tuple[int, int]:
    """Bytes and entries below ``folder``; stops counting once past a limit."""
    size = entries = 0
    pending = [Path(folder)]
    while pending and size <= limits.disk and entries <= limits.entries:
        try:
            with os.scandir(pending.pop()) as found:
                for entry in found:
                    entries += 1
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return size, entries


def key_of(request: Mapping[str, object]) -> bytes:
    """A job's key for `sign`."""
    return bytes.fromhex(str(request["key"]))
