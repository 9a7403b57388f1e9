"""Starts a worker: started by the supervisor with four descriptors, in the project's interpreter without `site`."""

import json
import os
import site
import socket
import sys
import time
from typing import Any

from jiti_bot.validation.sandbox import enter, limits, privileges, selftest
from jiti_bot.validation.worker.loop import Loop


def main() -> int:
    """Enter the sandbox, get ready, serve jobs until the requests end."""
    requests, control, events, handover = map(int, sys.argv[1].split(","))
    source = os.fdopen(requests, "rb")
    settings = json.loads(source.readline())
    layers = _enter(settings, handover)
    report: dict[str, Any] = {"landlock": layers.landlock, "seccomp": layers.seccomp, "problems": layers.problems}
    report["notify"] = layers.listener is not None
    started = time.perf_counter()
    try:
        report["leaks"] = _leaks(settings, layers)
        _find_packages(settings)
        loop = Loop(source, control, events, settings, layers.landlock)
        report["pytest"] = loop.warm()
    except Exception as error:  # noqa: BLE001 - told to the bot, which makes a message of it
        report["failed"] = f"{type(error).__name__}: {error}"
        _say(control, report)
        return 1
    report["seconds"] = time.perf_counter() - started
    _say(control, report)
    loop.serve()
    return 0


def _enter(settings: dict[str, Any], handover: int) -> enter.Layers:
    with socket.socket(fileno=handover) as towards:
        if settings["sandboxed"]:
            layers = enter.enter(settings)
        else:
            layers = enter.Layers()
            limits.bind(limits.Limits(**settings["limits"]))
            if sys.platform.startswith("linux"):
                privileges.adopt_orphans()
                privileges.die_with_parent()
        if layers.listener is None:
            towards.send(b"-")
        else:
            socket.send_fds(towards, [b"L"], [layers.listener])
            os.close(layers.listener)
    return layers


def _leaks(settings: dict[str, Any], layers: enter.Layers) -> list[str]:
    """The self-test, in a fork that is closed in as a job is. Raises OSError if it could not be made."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if settings["sandboxed"] and sys.platform.startswith("linux"):
                enter.enter_job([settings["probe"]["scratch"]], layers.landlock)
            os.write(writing, json.dumps(selftest.leaks(settings["probe"])).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found = answer.read()
    os.waitpid(pid, 0)
    if not found:
        raise OSError("the self-test of the sandbox did not end")
    return list(json.loads(found))


def _find_packages(settings: dict[str, Any]) -> None:
    """What `site` does at start-up, now that lines in ``.pth`` files run inside."""
    os.environ["HOME"] = os.environ["TMPDIR"] = settings["warm"]
    os.chdir(settings["root"])
    site.main()
    if settings["user_site"]:
        site.addsitedir(settings["user_site"])
    sys.path += [entry for entry in settings["last"] if entry not in sys.path]


def _say(control: int, report: dict[str, Any]) -> None:
    os.write(control, json.dumps({"status": 0, **report}).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
