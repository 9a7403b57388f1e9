"""Packaging by trying: a wheel built in a scratch folder, and what is in it.

The project's own build backend runs, unsandboxed, as in any build of it. Nothing of the wheel is executed: the units
are looked up by the rule that the runtime has, in a folder as an installer would make it, and compiled.
"""

import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jiti_bot import layout, process
from jiti_bot.bytecode import Refused, compile_unit
from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, problem
from jiti_bot.doctor.ground import Ground, ask, host_of
from jiti_bot.errors import JitiError, ToolError

_SECONDS = 600.0
_SITE = "site-packages"  # where the walk up to a store ends
# What a builder says of a backend that is not installed beside it.
_NOT_INSTALLED = (b"Missing dependencies", b"Unmet dependencies", b"is not available", b"No module named")
# Versions that are read from git's history, which a copy of the files lacks.
_PRETENDED = {"SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0", "PDM_BUILD_SCM_VERSION": "0.0.0"}


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that was built. By committed file: where the runtime finds it in there; '' for not at all.

    Files whose source is not in the wheel are ``left``. ``refused`` are those that the runtime cannot load, and why.
    """

    name: str
    found: Mapping[str, str]
    left: tuple[str, ...]
    refused: Mapping[str, str]


def build(ground: Ground, python: str | None) -> Wheel | JitiError:
    """Copy the project, have its backend build a wheel, unpack that and look. Leaves nothing behind.

    ``python`` is the project's interpreter; ours builds where the package `build` is not in it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="jiti-wheel-") as scratch:
            copy, out, site = (os.path.join(scratch, name) for name in ("project", "dist", _SITE))
            _copy(ground, copy)
            _run(python, copy, out, ground.env)
            wheels = sorted(Path(out).glob("*.whl"))
            if not wheels:
                return ToolError("The build made no wheel.", remedy="Run it by hand: python -m build --wheel")
            with zipfile.ZipFile(wheels[-1]) as archive:
                archive.extractall(site)
            return look(wheels[-1].name, site, ground.units)
    except JitiError as error:
        return error
    except (OSError, zipfile.BadZipFile) as error:
        return ToolError(f"The wheel could not be built or read: {error}.", remedy="Check TMPDIR and its room.")


def look(name: str, site: str, units: Sequence[str]) -> Wheel:
    """What of ``units`` is in a wheel that was unpacked into ``site``."""
    members = {path.relative_to(site).as_posix() for path in Path(site).rglob("*.py")}
    found: dict[str, str] = {}
    left: list[str] = []
    refused: dict[str, str] = {}
    for unit in units:
        host = _member(host_of(unit), members)
        if not host:
            left.append(unit)
            continue
        path = _place(site, host, unit.rpartition("/")[2])
        found[unit] = path.removeprefix(site).lstrip(os.sep).replace(os.sep, "/")
        store = path[: path.rfind(f"{os.sep}{layout.STORE}{os.sep}") + len(layout.STORE) + 1]
        outcome = compile_unit(store, path) if path else None
        if isinstance(outcome, Refused):
            refused[unit] = outcome.reason
    return Wheel(name, found, tuple(left), refused)


def judge(found: Wheel | JitiError) -> tuple[Diagnosis, ...]:
    """What is in there."""
    if isinstance(found, JitiError):
        return (failed("built wheel", found),)
    missing = [unit for unit, place in found.found.items() if not place]
    said: list[Diagnosis] = []
    if missing:
        what = f"{found.name} lacks {len(missing)} of {len(found.found)} units, first {missing[0]}"
        remedy = "Tell the build backend to take the store along, or keep it in the package: `store` in [tool.jiti]."
        said.append(problem("built wheel", what, remedy))
    for unit, why in found.refused.items():
        said.append(problem("built wheel", f"{unit} cannot be loaded from {found.name}: {why}", "Generate it again."))
    if found.left and not found.found:
        what = f"{found.name} holds none of the sources that committed code is for"
        said.append(problem("built wheel", what, "Tell the build backend which packages to take."))
    if not said:
        count = len(found.found)
        beside = f", {len(found.left)} are for files that are not in it" if found.left else ""
        held = "the one unit" if count == 1 else f"all {count} units"
        what = f"{found.name} holds {held} where the runtime looks{beside}"
        said.append(ok("built wheel", what) if count else note("built wheel", f"{found.name}: no committed code yet"))
    return tuple(said)


def _copy(ground: Ground, target: str) -> None:
    """The files that a checkout would have, and the store's, wherever git has them."""
    if ground.git is None:
        ignore = shutil.ignore_patterns(".git", ".venv", "venv", "__pycache__", "node_modules", "dist", "build")
        shutil.copytree(ground.root, target, symlinks=True, ignore=ignore)
        return
    listed = ask(ground.git, "ls-files", "-coz", "--exclude-standard").split("\0")
    for name in dict.fromkeys((*filter(None, listed), *ground.units)):
        source, place = ground.path(name), os.path.join(target, name)
        if os.path.islink(source) or os.path.isfile(source):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy2(source, place, follow_symlinks=False)


def _run(python: str | None, project: str, out: str, env: Mapping[str, str]) -> None:
    """Have a wheel built with the backend that is installed, if it is; else isolated, as anybody would."""
    around = {**_PRETENDED, **env}
    builders = [one for one in dict.fromkeys((python, sys.executable)) if one and _has_build(one, project, around)]
    tries = [[one, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, project] for one in builders]
    tries += [[one for one in words if one != "--no-isolation"] for words in tries[:1]]
    tries = tries or [[sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, project]]
    for command in tries:
        done = process.run(command, env=around, cwd=project, timeout=_SECONDS)
        if done.ok:
            return
        if not any(words in done.stdout + done.stderr for words in _NOT_INSTALLED):
            break
    raise ToolError(
        f"The wheel could not be built: {_why(done)}",
        remedy=f"See all that it says: {tries[0][0]} -m {'build --wheel' if builders else 'pip wheel --no-deps .'}",
    )


def _has_build(python: str, folder: str, env: Mapping[str, str]) -> bool:
    try:
        return process.run([python, "-m", "build", "--version"], env=env, cwd=folder, timeout=_SECONDS).ok
    except ToolError:
        return False


def _why(done: process.Completed) -> str:
    """The line that tells most: the last that speaks of an error."""
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    lines = [line.strip() for line in re.sub(r"\x1b\[[\d;]*m", "", said).splitlines() if line.strip()]
    # Of a program that another one started, what it said itself tells more.
    lines = [line for line in lines if "returned non-zero exit status" not in line] or lines
    raised = [line for line in lines if re.match(r"[\w.]*(?:Error|Exception|Exit): ", line)]
    errors = [line for line in lines if "error" in line.lower()]
    told = (raised or errors or lines or [f"exit code {done.code}"])[-1]
    after = lines[lines.index(told) + 1 :] if told.endswith(":") else []
    return f"{told} {after[0]}" if after else told


def _member(host: str, members: set[str]) -> str:
    """The file of the wheel that a source file became: the longest end of its path that is one."""
    parts = PurePosixPath(host).parts
    tails = ("/".join(parts[at:]) for at in range(len(parts)))
    return next((tail for tail in tails if tail in members), "")


def _place(site: str, host: str, name: str) -> str:
    """Where the runtime would find a unit of ``host``; '' where it would not."""
    folder = os.path.dirname(os.path.join(site, host))
    parent = layout.store_parent(folder)
    if parent is None:
        return ""
    inside = layout.relative(os.path.join(site, host), parent)
    path = os.path.join(parent, layout.STORE, *layout.unit_path(inside, name.removesuffix(".py")).split("/"))
    return path if os.path.isfile(path) else ""
