"""The worker's loop: one request, one fork, one word back, on a pipe that is closed in the fork."""

import gc
import json
import os
import sys
import types
from typing import Any, BinaryIO, Never

from jiti_bot.validation.sandbox import enter, limits, privileges, where
from jiti_bot.validation.worker import integrity, warm
from jiti_bot.validation.worker.channel import Channel
from jiti_bot.validation.worker.snippet import run_code


class Loop:
    """Serves the requests on ``source``; ``landlock`` is the ABI in force, 0 for none."""

    def __init__(self, source: BinaryIO, control: int, events: int, settings: dict[str, Any], landlock: int) -> None:
        self.source = source
        self.control = control
        self.events = events
        self.settings = settings
        self.landlock = landlock
        self.root = str(settings["root"])
        self.firsts = tuple(map(str, settings["firsts"]))
        self.before: integrity.Snapshot = {}

    def warm(self) -> str:
        """Import what every job needs; returns pytest's version."""
        version = warm.import_all(self.settings["warm"], self.settings["preload"], self.firsts)
        from jiti_bot import runtime  # noqa: F401 - ours, and every host imports it
        from jiti_bot.validation.worker import session  # noqa: F401 - so that no fork has to

        self._settle()
        return version

    def serve(self) -> None:
        """Until the requests end."""
        for line in self.source:
            request = json.loads(line)
            if "preload" in request:
                warm.import_all(self.settings["warm"], request["preload"], self.firsts)
                self._settle()
                self._say({"status": 0})
            else:
                self._say(self._fork(request))

    def _say(self, answer: dict[str, Any]) -> None:
        os.write(self.control, json.dumps(answer).encode() + b"\n")

    def _settle(self) -> None:
        self.before = integrity.snapshot()
        gc.collect()
        gc.freeze()

    def _fork(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            pid = os.fork()
        except OSError as error:
            return {"status": 1, "failed": f"it could not be started: {error.strerror}"}
        if pid == 0:
            self._be_the_job(request)
        _, status = os.waitpid(pid, 0)
        while True:  # those it left behind, which the supervisor is about to end or has ended
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                break
        return {"status": os.waitstatus_to_exitcode(status)}

    def _be_the_job(self, request: dict[str, Any]) -> Never:
        status = 70
        try:
            os.close(self.control)
            os.close(self.source.fileno())
            channel = Channel.hidden(self.events, bytes.fromhex(request["key"]))
            folder = str(request["folder"])
            self._settle_down(folder, float(request["timeout"]), request["bytecode"])
            status = self._run(request["job"], folder, channel)
        except BaseException as error:  # noqa: BLE001 - a fork must never return into the loop
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(status)

    def _settle_down(self, folder: str, timeout: float, bytecode: str) -> None:
        """Make this process the job's own: a session, a folder, less rights, a fresh ``__main__``.

        ``bytecode``: a job that learns writes bytecode for those that come after it, which read it; see `Workbench`.
        """
        os.setsid()
        if sys.platform.startswith("linux"):
            privileges.die_with_parent()
        limits.bind_time(timeout)
        if self.settings["sandboxed"] and sys.platform.startswith("linux"):
            kept = [self.settings["bytecode"]] if bytecode == "write" else []
            enter.enter_job([folder, *kept], self.landlock)
        if bytecode:
            sys.pycache_prefix = self.settings["bytecode"]
            sys.dont_write_bytecode = bytecode != "write"
        os.dup2(1, 2)
        where.listen()
        for name in ("HOME", "TMPDIR"):
            os.environ[name] = folder
        os.environ["COVERAGE_FILE"] = f"{folder}/coverage"
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{folder}/hypothesis"
        tempfile = sys.modules.get("tempfile")
        if tempfile is not None:
            vars(tempfile)["tempdir"] = None
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.argv[:] = ["pytest"]

    def _run(self, job: dict[str, Any], folder: str, channel: Channel) -> int:
        from jiti_bot.validation.worker import session, staging

        known = list(sys.modules)
        if job["kind"] == "code":
            staging.put(self.root, folder, job["staged"])
            sys.path.insert(0, self.root)
            code = run_code(job["code"])
            channel.send(end=True)
            return code
        code, own = session.run_tests(job, self.root, folder, channel)
        tampering = [*integrity.changed(self.before, own), *integrity.equal_to_everything(own)]
        modules = warm.learned(known, self.firsts) if job["learn"] else []
        channel.send(end=True, code=code, tampering=tampering[:20], modules=modules)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return 0
