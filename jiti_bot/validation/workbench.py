"""The bot's handle on the sandboxed worker: send a job, get a result, whatever the candidate does.

Shape of use::

    environment = inspect_environment(root, find_python(root, settings.python, os.environ), os.environ)
    with Workbench(environment, level="auto") as bench:
        bench.shield                       # Shield(level="full", parts=(...), leaks=()): what is in force, for people
        result = bench.run(RunTests(nodes=("tests/test_text.py::test_slug",), staged={path: text}), timeout=10.0)
        for node, why in unproved(result, expected): ...
        result = bench.run(job, timeout=10.0, learn=True)   # a job without candidates: what it imports of third-party
                                                            # code is preloaded before later forks
        final = bench.prove(job, timeout=30.0)              # the same job in a brand-new process

`run` and `prove` are thread-safe: each call has a worker to itself (at most ``workers`` at once). A candidate that
hangs, exits, forks, floods or eats memory ends as `Stopped`; the worker is restarted if it was hurt. Raised are only
`ToolError` (interpreter or pytest missing, worker cannot start) and `SandboxError` (``level="required"`` and the
self-test found a leak), both with a remedy.
"""

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from jiti_bot.errors import SandboxError, ToolError
from jiti_bot.validation import grants
from jiti_bot.validation.environment import Environment, clean_variables, make_shim
from jiti_bot.validation.handle import Handle, LostError
from jiti_bot.validation.jobs import Cause, Job, Ran, Result, Stopped
from jiti_bot.validation.sandbox import bwrap, macos
from jiti_bot.validation.sandbox.limits import Limits
from jiti_bot.validation.wire import read_result, write_job

Level = Literal["required", "auto", "off"]
_PRELOAD = 60.0  # seconds
_WARM_SEED, _FRESH_SEED = "0", "1"  # a body that leans on the order of a set is seen under two


@dataclass(frozen=True, slots=True)
class Shield:
    """What is in force. ``level``: "full" (the self-test found no leak), "partial" or "off"."""

    level: str
    parts: tuple[str, ...]
    leaks: tuple[str, ...]
    pytest: str = ""

    def __str__(self) -> str:
        parts = " + ".join(self.parts) or "none"
        return f"{self.level} ({parts})" + (f"; leaks: {', '.join(self.leaks)}" if self.leaks else "")


class Workbench:
    """Sandboxed workers for one project; close it, or use it as a context manager.

    At most ``workers`` jobs run at once. Raises as the module says, on entering and on each call.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        level: Level = "auto",
        limits: Limits | None = None,
        workers: int = 1,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.environment = environment
        self.level = level
        self.limits = limits or Limits()
        self._environ = os.environ if environ is None else environ
        self._scratch: Path | None = None
        self._wrapped: bool | None = None
        self._places = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[tuple[Handle, int]] = []
        self._learned: list[str] = []
        self._shield: Shield | None = None

    def __enter__(self) -> Self:
        """Start the first worker, so that a sandbox or pytest that cannot be had is known before anything is paid."""
        try:
            with self._worker():
                return self
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def shield(self) -> Shield:
        """What is in force."""
        if self._shield is None:
            with self._worker():
                pass
        assert self._shield is not None
        return self._shield

    def run(self, job: Job, *, timeout: float, learn: bool = False) -> Result:
        """Run ``job`` in a fork of a warm worker. ``timeout`` in seconds. See the module."""
        with self._worker() as handle:
            result = self._ask(handle, job, timeout, learn=learn)
        if learn and isinstance(result, Ran):
            with self._lock:
                self._learned += [name for name in result.modules if name not in self._learned]
        return result

    def prove(self, job: Job, *, timeout: float) -> Result:
        """Run ``job`` in a brand-new worker under another hash seed, and end it."""
        with self._places, contextlib.closing(self._start(_FRESH_SEED, preload=False)) as handle:
            return self._ask(handle, job, timeout, learn=False)

    def close(self) -> None:
        """End all workers and remove the scratch folder."""
        with self._lock:
            idle, self._idle = self._idle, []
            scratch, self._scratch = self._scratch, None
        for handle, _ in idle:
            handle.close()
        if scratch is not None:
            remove(scratch)

    def _ask(self, handle: Handle, job: Job, timeout: float, *, learn: bool) -> Result:
        folder = handle.jobs / secrets.token_hex(8)
        folder.mkdir()
        request = {
            "key": secrets.token_hex(32),
            "folder": str(folder),
            "timeout": timeout,
            "job": write_job(job, learn=learn),
        }
        try:
            return read_result(handle.ask(request, timeout), job)
        except LostError as error:
            return Stopped(Cause.DIED, f"the worker was lost: {error}")
        finally:
            remove(folder)

    @contextlib.contextmanager
    def _worker(self) -> Generator[Handle]:
        """A worker for one's own use: an idle one that is up to date, else a new one."""
        with self._places:
            with self._lock:
                handle, known = self._idle.pop() if self._idle else (None, 0)
                learned = list(self._learned)
            if handle is None:
                handle, known = self._start(_WARM_SEED, preload=True), len(learned)
            try:
                if known < len(learned):
                    with contextlib.suppress(LostError):  # the job that follows says so
                        handle.ask({"preload": learned[known:], "timeout": _PRELOAD}, _PRELOAD)
                yield handle
            finally:
                self._give_back(handle, len(learned))

    def _give_back(self, handle: Handle, known: int) -> None:
        with self._lock:
            keep = not handle.gone and self._scratch is not None
            if keep:
                self._idle.append((handle, known))
        if not keep:
            handle.close()

    def _start(self, seed: str, *, preload: bool) -> Handle:
        place = Path(tempfile.mkdtemp(dir=self._folder(), prefix="worker-"))
        jobs = place / "jobs"
        warm = jobs / "warm"
        warm.mkdir(parents=True)
        canary = place / "canary"
        canary.write_text("not for the sandbox", "ascii")
        make_shim(place / "shim", self.environment.ours)
        with self._lock:
            learned = list(self._learned) if preload else []
        policy = grants.policy(self.environment, place, jobs)
        settings = self._settings(policy, place, learned)
        wrapping = self._wrapping(policy)
        launch = {
            "command": [*wrapping, str(self.environment.python), "-s", "-S", "-P", "-m", "jiti_bot.validation.worker"],
            "environment": {
                **clean_variables(self.environment, self._environ, str(warm), str(place / "shim")),
                "PYTHONHASHSEED": seed,
            },
            "folder": str(self.environment.root),
            "settings": settings,
        }
        try:
            handle = Handle.start(launch, jobs)
        except LostError as error:
            raise ToolError(
                f"The validation worker did not start in {self.environment.python}: {error}",
                remedy="Run `jiti doctor`; the project's tests must run with that interpreter.",
            ) from error
        try:
            self._judge(handle.ready, wrapped=bool(wrapping))
        except BaseException:
            handle.close()
            raise
        return handle

    def _settings(self, policy: dict[str, list[str]], place: Path, learned: list[str]) -> dict[str, Any]:
        environment = self.environment
        jobs = policy["write"][0]
        return {
            **policy,
            "sandboxed": self.level != "off",
            "limits": self.limits.plain(),
            "root": str(environment.root),
            "warm": f"{jobs}/warm",
            "firsts": [
                str(path.resolve()) for path in (environment.root, *environment.editable, *environment.python_path)
            ],
            "user_site": str(environment.user_site) if environment.user_site else None,
            "last": [str(path) for path in (environment.root, environment.root / "src") if path.is_dir()],
            "preload": learned,
            "probe": {"canary": str(place / "canary"), "outside": str(place), "scratch": jobs},
        }

    def _wrapping(self, policy: dict[str, list[str]]) -> list[str]:
        if self.level == "off":
            return []
        if sys.platform == "darwin":
            return macos.prefix(policy)
        if self._wrapped is None:
            self._wrapped = bwrap.works(policy, str(self.environment.python))
        return bwrap.prefix(policy) if self._wrapped else []

    def _judge(self, ready: Mapping[str, Any], *, wrapped: bool) -> None:
        """Note what is in force; refuse to go on without what is required."""
        if "failed" in ready:
            raise ToolError(
                f"The validation worker could not get ready in {self.environment.python}: {ready['failed']}",
                remedy="The project's own `python -m pytest` must start with that interpreter.",
            )
        leaks = tuple(str(leak) for leak in ready["leaks"])
        names = {
            "landlock": f"Landlock {ready['landlock']}",
            "seccomp": "seccomp",
            "notify": "supervised modes and forks",
        }
        parts = [text for name, text in names.items() if ready[name]]
        if wrapped:
            parts.append("sandbox-exec" if sys.platform == "darwin" else "bubblewrap")
        level = "off" if self.level == "off" else "partial" if leaks else "full"
        self._shield = Shield(level, tuple(parts), leaks, str(ready["pytest"]))
        if self.level == "required" and leaks:
            raise SandboxError(
                f"A sandbox is required and this one leaks: {', '.join(leaks)}.",
                remedy="Use Linux 5.19 or newer with Landlock, or install bubblewrap; "
                "on your own machine `--sandbox auto` goes on with what there is.",
            )

    def _folder(self) -> Path:
        with self._lock:
            if self._scratch is None:
                self._scratch = Path(tempfile.mkdtemp(prefix="jiti-")).resolve()
            return self._scratch


def remove(folder: Path) -> None:
    """Remove a folder that a candidate could write: it may have closed, nested or filled it in any way."""

    def open_up(function: Any, path: str, _: object) -> None:
        with contextlib.suppress(OSError):
            Path(path).parent.chmod(0o700)
            Path(path).chmod(0o700)
            function(path)

    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder, onerror=open_up)
    if folder.exists():
        from jiti_bot import process

        with contextlib.suppress(ToolError):
            process.run(["rm", "-rf", str(folder)], env={"PATH": os.defpath}, timeout=60.0)
