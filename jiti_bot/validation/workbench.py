"""The bot's handle on the sandboxed worker: send a job, get a result, whatever the candidate does.

Shape of use::

    environment = inspect_environment(root, find_python(root, settings.python, os.environ), os.environ)
    with Workbench(environment, level="auto") as bench:
        bench.shield                       # Shield(level="full", parts=(...), leaks=()): what is in force, for people
        result = bench.run(RunTests(nodes=("tests/test_text.py::test_slug",), staged={path: text}), timeout=10.0)
        for node, why in unproved(result, expected): ...
        result = bench.run(job, timeout=10.0, learn=True)   # a job without model-written code: what it imports of
                                                            # third-party code is preloaded before later forks,
                                                            # and its bytecode kept
        final = bench.prove(job, timeout=30.0)              # the same job where no candidate was tried before

`run` and `prove` are thread-safe: each call has a worker to itself (at most ``workers`` at once). A candidate that
hangs, exits, forks, floods or eats memory ends as `Stopped`; the worker is restarted if it was hurt. Raised are only
`ToolError` (interpreter or pytest missing, worker cannot start) and `SandboxError` (``level="required"`` and the
self-test found a leak), both with a remedy.
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Generator, Mapping
from typing import Self

from jiti_bot.errors import JitiError, ToolError
from jiti_bot.validation.environment import Environment
from jiti_bot.validation.handle import Handle, LostError
from jiti_bot.validation.jobs import Cause, Job, Ran, Result, Stopped
from jiti_bot.validation.launcher import Launcher, make_scratch, no_room, remove
from jiti_bot.validation.sandbox.limits import Limits
from jiti_bot.validation.shield import Level, Shield
from jiti_bot.validation.turns import Turns
from jiti_bot.validation.wire import read_result, write_job

_PRELOAD_SECONDS = 60.0
_WARM_SEED, _FRESH_SEED = "0", "1"  # a body that leans on the order of a set is seen under two


class Workbench:
    """Sandboxed workers for one project; close it, or use it as a context manager.

    At most ``workers`` jobs run at once. ``proofs_first``: the first worker to be started is the one for proofs, where
    there may be nothing else to do. Raises as the module says, on entering and on each call.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        level: Level = "auto",
        limits: Limits | None = None,
        workers: int = 1,
        environ: Mapping[str, str] | None = None,
        proofs_first: bool = False,
    ) -> None:
        self.environment = environment
        self.level: Level = level
        self.limits = limits or Limits()
        self._environ = os.environ if environ is None else environ
        self._turns = Turns(workers)
        self._lock = threading.Lock()
        self._launcher: Launcher | None = None
        self._idle: list[tuple[Handle, int]] = []
        self._provers: list[Handle] = []  # idle ones
        self._expected: threading.Thread | None = None
        self._busy: list[Handle] = []
        self._learned: list[str] = []
        self._closed = False
        self._proofs_first = proofs_first

    def __enter__(self) -> Self:
        """Start the first worker, so that a sandbox or pytest that cannot be had is known before anything is paid."""
        try:
            if self._proofs_first:
                with self._prover():
                    return self
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
        if self._launcher is None or self._launcher.shield is None:
            with self._worker():
                pass
        assert self._launcher is not None
        assert self._launcher.shield is not None
        return self._launcher.shield

    def run(self, job: Job, *, timeout: float, learn: bool = False) -> Result:
        """Run ``job`` in a fork of a warm worker; ``timeout`` in seconds.

        A job that learns must hold no model-written code: what it imports of third-party code is imported ahead of
        later jobs, and the bytecode it writes is read by them.
        """
        with self._worker() as handle:
            bytecode = "write" if learn else "read" if self._learned else ""
            result = self._ask(handle, job, timeout, bytecode)
        if learn and isinstance(result, Ran):
            with self._lock:
                self._learned += [name for name in result.modules if name not in self._learned]
        return result

    def run_if_free(self, job: Job, *, timeout: float, wait: float) -> Result | None:
        """As `run`, but None where for ``wait`` seconds no worker is idle that nobody else waits for."""
        with self._turns.spared(wait) as had:
            if not had:
                return None
            with self._handle() as handle:
                return self._ask(handle, job, timeout, "read" if self._learned else "")

    def prove(self, job: Job, *, timeout: float) -> Result:
        """Run ``job`` under another hash seed, where only pytest was imported and nothing was tried but proofs.

        That is a fork of a worker that is kept for proofs; where the sandbox does not keep a fork from the worker that
        it came from, each proof has a worker of its own.
        """
        with self._turns.taken():
            with self._prover() as (handle, used):
                result = self._ask(handle, job, timeout, "")
            if not (used and handle.gone and isinstance(result, Stopped) and result.cause is Cause.DIED):
                return result
            with self._prover() as (handle, _):  # it may have been lost before this job
                return self._ask(handle, job, timeout, "")

    def expect_proofs(self) -> None:
        """Start the worker for proofs meanwhile; whatever goes wrong is told by the proof."""
        with self._lock:
            if self._closed or self._expected is not None or self._provers or not self._keeps_provers():
                return
            expected = threading.Thread(target=self._start_prover, name="jiti proofs", daemon=True)
            expected.start()
            self._expected = expected  # now: whoever sees it may wait for it

    def close(self) -> None:
        """End all workers, those at work too, and remove the scratch folder. A job at work ends as `Stopped`."""
        with self._lock:
            self._closed = True
            handles = [*self._busy, *self._provers, *(handle for handle, _ in self._idle)]
            self._idle.clear()
            self._provers.clear()
            launcher, self._launcher = self._launcher, None
        for handle in handles:
            handle.close()
        if self._expected is not None:
            self._expected.join()
        if launcher is not None:
            remove(launcher.scratch)

    def _ask(self, handle: Handle, job: Job, timeout: float, bytecode: str) -> Result:
        folder = handle.jobs / secrets.token_hex(8)
        request = {
            "key": secrets.token_hex(32),
            "folder": str(folder),
            "timeout": timeout,
            "bytecode": bytecode,
            "job": write_job(job, learn=bytecode == "write"),
        }
        try:
            folder.mkdir()
            return read_result(handle.ask(request, timeout), job, str(self.environment.root))
        except LostError as error:
            return Stopped(Cause.DIED, f"the worker was lost: {error}")
        except OSError as error:
            if self._closed:
                return Stopped(Cause.DIED, "the workbench was closed")
            raise no_room(error) from error
        finally:
            remove(folder)

    @contextlib.contextmanager
    def _worker(self) -> Generator[Handle]:
        """A worker for one's own use, as soon as there is one."""
        with self._turns.taken(), self._handle() as handle:
            yield handle

    @contextlib.contextmanager
    def _prover(self) -> Generator[tuple[Handle, bool]]:
        """A worker that has run nothing but proofs, and whether it was there already; the caller has a place."""
        expected = self._expected
        if expected is not None:
            expected.join()
        with self._lock:
            idle = self._provers.pop() if self._provers else None
        handle = idle or self._start(_FRESH_SEED, ())
        with self._used(handle):
            try:
                yield handle, idle is not None
            finally:
                self._put_by(handle)

    def _start_prover(self) -> None:
        with contextlib.suppress(JitiError):
            self._put_by(self._start(_FRESH_SEED, ()))

    def _put_by(self, handle: Handle) -> None:
        with self._lock:
            keep = not handle.gone and not self._closed and self._keeps_provers()
            if keep:
                self._provers.append(handle)
        if not keep:
            handle.close()

    def _keeps_provers(self) -> bool:
        """Whether a proof can do nothing to those after it."""
        shield = self._launcher.shield if self._launcher is not None else None
        return shield is not None and shield.parts_forks

    @contextlib.contextmanager
    def _handle(self) -> Generator[Handle]:
        """An idle worker that is up to date, else a new one; the caller has a place."""
        with self._lock:
            handle, known = self._idle.pop() if self._idle else (None, 0)
            learned = list(self._learned)
        if handle is None:
            handle, known = self._start(_WARM_SEED, learned), len(learned)
        with self._used(handle):
            try:
                if known < len(learned):
                    with contextlib.suppress(LostError):  # the job that follows says so
                        request = {"preload": learned[known:], "timeout": _PRELOAD_SECONDS}
                        handle.ask(request, _PRELOAD_SECONDS)
                yield handle
            finally:
                self._give_back(handle, len(learned))

    @contextlib.contextmanager
    def _used(self, handle: Handle) -> Generator[Handle]:
        """Known as busy meanwhile, so that `close` reaches it."""
        with self._lock:
            self._busy.append(handle)
        try:
            yield handle
        finally:
            with self._lock:
                self._busy.remove(handle)

    def _give_back(self, handle: Handle, known: int) -> None:
        with self._lock:
            keep = not handle.gone and not self._closed
            if keep:
                self._idle.append((handle, known))
        if not keep:
            handle.close()

    def _start(self, seed: str, preload: list[str] | tuple[str, ...]) -> Handle:
        with self._lock:
            if self._closed:
                raise _closed()
            if self._launcher is None:
                self._launcher = self._make_launcher()
            launcher = self._launcher
        begun: list[Handle] = []

        def note(handle: Handle) -> None:
            with self._lock:
                if self._closed:
                    raise _closed()
                begun.append(handle)
                self._busy.append(handle)

        try:
            return launcher.start(seed, preload, note)
        except OSError as error:
            raise no_room(error) from error
        finally:
            with self._lock:
                for handle in begun:
                    self._busy.remove(handle)

    def _make_launcher(self) -> Launcher:
        return Launcher(self.environment, self.level, self.limits, self._environ, make_scratch())


def _closed() -> ToolError:
    return ToolError("The workbench is closed.", remedy="Open another one.")
