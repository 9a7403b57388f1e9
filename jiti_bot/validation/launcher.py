"""Starts workers: the scratch folder, what a worker may see, its clean environment, its first word."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jiti_bot import process
from jiti_bot.errors import SandboxError, ToolError
from jiti_bot.validation import grants
from jiti_bot.validation.environment import Environment, clean_variables, make_shim
from jiti_bot.validation.handle import Handle, LostError
from jiti_bot.validation.sandbox import bwrap, macos
from jiti_bot.validation.sandbox.limits import Limits
from jiti_bot.validation.shield import Level, Shield, judge


@dataclass(slots=True)
class Launcher:
    """Starts workers below ``scratch``. ``shield`` is known once the first has started.

    Bytecode of the project that a learning job wrote is kept in a folder that all workers share; see `Workbench.run`.
    """

    environment: Environment
    level: Level
    limits: Limits
    environ: Mapping[str, str]
    scratch: Path
    shield: Shield | None = None
    _wrapped: bool | None = None

    def start(self, seed: str, preload: Sequence[str], begun: Callable[[Handle], None]) -> Handle:
        """Start one. ``seed`` is its hash seed, ``preload`` the third-party modules to import ahead.

        ``begun`` is given the handle while it gets ready, so that it can be closed.

        Raises `ToolError` where it does not get ready, `SandboxError` where one is required and leaks.
        """
        place = Path(tempfile.mkdtemp(dir=self.scratch, prefix="worker-"))
        jobs = place / "jobs"
        (jobs / "warm").mkdir(parents=True)
        (place / "canary").write_text("not for the sandbox", "ascii")
        make_shim(place / "shim", self.environment.ours)
        bytecode = self.scratch / "bytecode"
        bytecode.mkdir(exist_ok=True)
        policy = grants.policy(self.environment, place / "shim", (jobs, bytecode))
        wrapping = self._wrapping(policy)
        python = [str(self.environment.python), "-s", "-S", "-P", "-m", "jiti_bot.validation.worker"]
        variables = clean_variables(self.environment, self.environ, str(jobs / "warm"), str(place / "shim"))
        launch = {
            "command": [*wrapping, *python],
            "environment": {**variables, "PYTHONHASHSEED": seed},
            "folder": str(self.environment.root),
            "settings": self.settings(policy, place, preload),
        }
        try:
            handle = Handle.start(launch, jobs, begun)
        except LostError as error:
            raise ToolError(
                f"The validation worker did not start in {self.environment.python}: {error}",
                remedy="Run `jiti doctor`; the project's tests must run with that interpreter.",
            ) from error
        try:
            self._take_in(handle.ready, wrapped=bool(wrapping))
        except BaseException:
            handle.close()
            raise
        return handle

    def settings(self, policy: Mapping[str, list[str]], place: Path, preload: Sequence[str]) -> dict[str, Any]:
        """What the worker is told first."""
        environment = self.environment
        jobs, bytecode = policy["write"]
        firsts = (environment.root, *environment.editable, *environment.python_path)
        return {
            **policy,
            "sandboxed": self.level != "off",
            "limits": self.limits.plain(),
            "root": str(environment.root),
            "warm": f"{jobs}/warm",
            "bytecode": bytecode,
            "firsts": [str(path.resolve()) for path in firsts],
            "user_site": str(environment.user_site) if environment.user_site else None,
            "last": [str(path) for path in (environment.root, environment.root / "src") if path.is_dir()],
            "preload": list(preload),
            "probe": {"canary": str(place / "canary"), "outside": str(place), "scratch": jobs},
        }

    def _wrapping(self, policy: Mapping[str, list[str]]) -> list[str]:
        if self.level == "off":
            return []
        if sys.platform == "darwin":
            return macos.prefix(policy)
        if self._wrapped is None:
            self._wrapped = bwrap.works(policy, str(self.environment.python))
        return bwrap.prefix(policy) if self._wrapped else []

    def _take_in(self, ready: Mapping[str, Any], *, wrapped: bool) -> None:
        if "failed" in ready:
            raise ToolError(
                f"The validation worker could not get ready in {self.environment.python}: {ready['failed']}",
                remedy="The project's own `python -m pytest` must start with that interpreter.",
            )
        self.shield = judge(ready, self.level, wrapped=wrapped)


def make_scratch() -> Path:
    """A scratch folder. Raises `SandboxError` on a system without forks, `ToolError` where none can be made."""
    if os.name != "posix":
        raise SandboxError(
            "Model-written code can be validated on Linux and macOS only.",
            remedy="On Windows, run the command in WSL; `check`, `merge` and the runtime work here.",
        )
    try:
        return Path(tempfile.mkdtemp(prefix="jiti-")).resolve()
    except OSError as error:
        raise no_room(error) from error


def no_room(error: OSError) -> ToolError:
    """The error for a scratch folder that cannot be written."""
    return ToolError(
        f"The scratch folder in {tempfile.gettempdir()} cannot be written: {error.strerror}.",
        remedy="Free some space there, or point TMPDIR at another folder.",
    )


def remove(folder: Path) -> None:
    """Remove a folder that a candidate could write: it may have closed, nested or filled it in any way."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            with contextlib.suppress(ToolError):
                process.run([*command, str(folder)], env={"PATH": os.defpath}, timeout=60.0)
