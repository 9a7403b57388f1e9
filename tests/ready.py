"""A process that has imported all that `jiti` needs and forks for each command: the SDK alone takes a second.

A command gets what a new process would: its own arguments, environment, folder and output, and what Python does on its
way out for threads, exit functions and output; only modules are not taken down, which here takes 80 ms of processor.
What it would find imported too early is for tests that start a process themselves.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Never

ROOT = Path(__file__).parent.parent
_READY = b"ready"


class Ready:
    """The process, started with ``variables``: those that Python reads at its start. Thread-safe."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ready-")
        self._address = f"{self._folder.name}/socket"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ready", self._address],
            cwd=ROOT,
            env=dict(variables),
            stdin=subprocess.PIPE,  # its end is the server's
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # pipes as a command's own: Python asks at its start what they are
            start_new_session=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.read(len(_READY))
        assert said == _READY, (said + self._process.stdout.read()).decode()
        atexit.register(self.close)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def run(self, words: list[str], folder: Path, env: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        """Run `jiti` with ``words`` in ``folder``: its exit code, negative for a signal, and what it wrote."""
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(self._address)
            socket.send_fds(wire, [b"\n"], [out_end, err_end])
            os.close(out_end)
            os.close(err_end)
            wire.sendall(json.dumps({"words": words, "folder": str(folder), "env": dict(env)}).encode())
            wire.shutdown(socket.SHUT_WR)
            written: list[bytes] = []
            reader = threading.Thread(target=lambda: written.append(_all(err)))
            reader.start()
            said = _all(out)
            reader.join()
            with wire.makefile("rb") as answer:
                return int(answer.read()), said, written[0]


def run(words: list[str], folder: Path, env: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    """Run `jiti` as `Ready.run` does, in a fork of the process that Python has started alike for ``env``."""
    alike = {name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG"))}
    return _ready(tuple(sorted(alike.items()))).run(words, folder, env)


@functools.lru_cache(maxsize=8)
def _ready(variables: tuple[tuple[str, str], ...]) -> Ready:
    return Ready(dict(variables))


def _all(handle: int) -> bytes:
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


def _serve(address: str) -> None:
    """Fork for each connection, until standard input ends; returns in the fork that is to run its command."""
    with socket.socket(socket.AF_UNIX) as door, selectors.DefaultSelector() as selector:
        door.bind(address)
        door.listen(64)
        selector.register(door, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        os.write(1, _READY)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for a command
        while all(key.fileobj is door for key, _ in selector.select()):
            wire, _ = door.accept()
            with wire:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    _hear(wire)
                    return
    os._exit(0)


def _hear(wire: socket.socket) -> None:
    """Take a request, fork for it and tell how it ended; returns in that fork."""
    _, handles, _, _ = socket.recv_fds(wire, 1, 2)
    with wire.makefile("rb") as stream:
        request = json.loads(stream.read())
    pid = os.fork()
    if pid:
        for handle in handles:
            os.close(handle)
        wire.sendall(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        os._exit(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for place, handle in enumerate(handles, 1):
        os.dup2(handle, place)
        os.close(handle)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    sys.path[0] = request["folder"]
    sys.argv[:] = ["jiti", *request["words"]]


def _leave(code: int) -> Never:
    """End as Python does, but for taking down what was imported."""
    threading._shutdown()  # ty: ignore[missing-attribute] waits for threads, as Python does first
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def _import_all() -> None:
    """What there is: without the extra, a command that needs it says so."""
    import jiti_bot.commands

    names = [f"jiti_bot.commands.{one.name}" for one in pkgutil.iter_modules(jiti_bot.commands.__path__)]
    for name in ("anthropic", "jiti_bot.pipeline.generate", *names):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    _serve(sys.argv[1])
    from jiti_bot.cli import console

    try:
        console()
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        _leave(end.code)
