"""Tries, from inside, what must not be possible, and reports what was. Runs in every worker before its first import.

Each probe is harmless where it succeeds. A layer that the kernel lists and does not enforce is found out here.
"""

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path


def leaks(targets: Mapping[str, str]) -> tuple[str, ...]:
    """What leaks, in words; empty for a sandbox that holds.

    ``targets``: ``canary`` (a file outside that the same user owns), ``outside`` (its folder), ``scratch`` (a folder
    that must be writable), ``supervisor`` (a pid). Raises OSError if the scratch folder cannot be written.
    """
    mine = Path(targets["scratch"]) / "probe"
    mine.write_text("x", "ascii")
    mine.unlink()
    canary = Path(targets["canary"])
    probes: dict[str, Callable[[], object]] = {
        "files outside can be read": canary.read_bytes,
        "files outside can be written": lambda: _open(canary, os.O_WRONLY),
        "files can be made outside": lambda: _make(Path(targets["outside"]) / "made-by-the-sandbox"),
        "modes of files outside can be changed": lambda: canary.chmod(0o600),
        "times of files outside can be changed": lambda: os.utime(canary),
        "the network can be reached": lambda: _listen(socket.AF_INET, socket.SOCK_STREAM),
        "datagrams can be sent": lambda: _listen(socket.AF_INET, socket.SOCK_DGRAM),
        "unix sockets can be reached": lambda: _listen(socket.AF_UNIX, socket.SOCK_STREAM),
        "other processes can be signalled": lambda: os.kill(int(targets["supervisor"]), 0),
        "other processes' environment can be read": Path(f"/proc/{targets['supervisor']}/environ").read_bytes,
    }
    return tuple(name for name, probe in probes.items() if _succeeds(probe))


def _succeeds(probe: Callable[[], object]) -> bool:
    try:
        probe()
    except OSError:
        return False
    return True


def _open(path: Path, flags: int) -> None:
    os.close(os.open(path, flags))


def _make(path: Path) -> None:
    path.touch()
    path.unlink()


def _listen(family: int, kind: int) -> None:
    """Reaching another needs a socket that can be bound or connected; a name is not looked up."""
    with socket.socket(family, kind) as endpoint:
        if family == socket.AF_INET:
            endpoint.connect(("127.0.0.1", 9)) if kind == socket.SOCK_DGRAM else endpoint.bind(("127.0.0.1", 0))
        else:
            endpoint.bind("")
