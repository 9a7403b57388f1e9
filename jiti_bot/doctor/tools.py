"""ruff and ty: which ones judge, and whether their configuration leaves the store out."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from jiti_bot import process
from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, warning
from jiti_bot.doctor.ground import Ground
from jiti_bot.doctor.versions import judged, version_in
from jiti_bot.errors import JitiError, ToolError
from jiti_bot.validation.project import find_tool

_SECONDS = 30.0
# By tool: its files beside pyproject.toml, the tables that hold patterns, and what to write where.
_EXCLUDES = {
    "ruff": (("ruff.toml", ".ruff.toml"), ("exclude", "extend-exclude"), 'extend-exclude = [".jiti"]', "tool.ruff"),
    "ty": (("ty.toml",), ("exclude",), 'exclude = [".jiti"]', "tool.ty.src"),
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A program and what it says of its version."""

    name: str
    program: str
    version: str
    is_projects: bool


def gather(name: str, python: Path, ground: Ground) -> Tool | JitiError:
    """Find it as generation does, and ask its version."""
    try:
        program = find_tool(name, python, ground.env)
        done = process.run([program, "--version"], env=ground.env, cwd=ground.root, timeout=_SECONDS)
    except JitiError as error:
        return error
    if not done.ok:
        return ToolError(
            f"{program} does not start: {done.complaint}.", remedy=f"Run `pip install --force-reinstall {name}`."
        )
    return Tool(
        name, program, version_in(done.stdout.decode("utf-8", "replace")), Path(program).parent == python.parent
    )


def version(name: str, found: Tool | JitiError, install: str, *, wanted: bool = True) -> Diagnosis:
    """Whether it is one that we are tested with. ``install`` is the command that installs what follows it.

    Not ``wanted``: nothing can be generated here anyway.
    """
    if isinstance(found, JitiError):
        return failed(name, found) if wanted else note(name, found.message, found.remedy)
    whose = "the project's" if found.is_projects else f"{found.program}"
    return judged(name, found.version, whose, install)


def excludes(name: str, ground: Ground) -> tuple[Diagnosis, ...]:
    """Whether a tool that the project configures leaves the store to us; nothing where it does not."""
    files, _, line, table = _EXCLUDES[name]
    configured = [(file, _table(ground, file)) for file in files]
    where, found = next(
        ((file, one) for file, one in configured if one is not None), (f"[{table}] of pyproject.toml", None)
    )
    if found is None:
        if name not in ground.table("tool"):
            return ()
        found = ground.table("tool", name)
    return (judge_excludes(name, found, ground.stores, where, line),)


def judge_excludes(name: str, table: Mapping[str, Any], stores: Sequence[str], where: str, line: str) -> Diagnosis:
    """A committed file stands for a part of its host: judged by itself it lacks the host's names."""
    names = _EXCLUDES[name][1]
    held = [table.get(one) for one in names] + [_inside(table, "src", one) for one in names]
    patterns = [text for one in held if isinstance(one, list) for text in one if isinstance(text, str)]
    if all(any(_takes_out(pattern, store) for pattern in patterns) for store in stores):
        return ok(f"{name} config", "leaves the store out")
    return warning(
        f"{name} config",
        f"`{name} check` judges .jiti too, where committed code lacks the names of its host",
        f"Run `jiti init`, or write `{line}` in {where}.",
    )


def _takes_out(pattern: str, store: str) -> bool:
    """Whether a pattern, as of gitignore, names the store or a folder that it lies in."""
    plain = pattern.removeprefix("./").removeprefix("**/").removesuffix("/**").removesuffix("/*").strip("/")
    parts = store.split("/")
    tops = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return any(fnmatch(one, plain) for one in (*tops, *parts))


def _inside(table: Mapping[str, Any], *names: str) -> Any:
    found: Any = table
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _table(ground: Ground, file: str) -> dict[str, Any] | None:
    text = ground.read(file)
    try:
        return tomllib.loads(text) if text else None
    except tomllib.TOMLDecodeError:
        return None  # the tool says so itself
