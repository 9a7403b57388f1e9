"""ruff and ty: which ones judge, and whether their configuration leaves the store out."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from jiti_bot import process
from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, warning
from jiti_bot.doctor.ground import Ground
from jiti_bot.doctor.versions import judged, version_in
from jiti_bot.errors import JitiError, ToolError
from jiti_bot.setup.hook import CONFIG, with_exclusions
from jiti_bot.setup.look import look
from jiti_bot.setup.model import Project
from jiti_bot.setup.text import read
from jiti_bot.setup.tools import PYPROJECT, Need, needs
from jiti_bot.validation.project import find_tool

_SECONDS = 30.0


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


def configured(ground: Ground) -> tuple[Diagnosis, ...]:
    """Whether the tools that the project uses leave the stores to us, as `jiti init` would have it."""
    stores = [store for store in ground.stores if not _is_others(ground, store)]
    if not stores or not all(one.is_well for one in ground.said):
        return ()  # for the latter pyproject.toml cannot be read, which is told
    try:
        project = look(ground.root, ground.settings.store, ground.git)
        places = {f"{project.folder}/{store}".lstrip("/") for store in stores}
        found = [
            (need, read(project.files.get(need.path, b""), need.path), place == project.store)
            for place in sorted(places)
            for need in needs(replace(project, store=place))
        ]
    except JitiError as error:
        return (failed("tools", error),)
    lines = {need.tool: ok(f"{need.tool} config", "leaves the store out") for need, _, _ in found}
    for need, text, is_set_up in found:
        after = need.change(text)
        if after != text.body:
            place = os.path.relpath(need.path, project.folder or ".")
            lines[need.tool] = _judges_it(need, place, by_init=is_set_up and after is not None)
    lines.pop("coverage", None)  # which is a question of its own
    return (*lines.values(), *_hooks(project))


def _hooks(project: Project) -> tuple[Diagnosis, ...]:
    """Hooks for other tools: pre-commit names them each file, whatever the tools' own configuration leaves out."""
    try:
        _, names, by_hand = with_exclusions(read(project.files.get(CONFIG, b""), CONFIG))
    except JitiError:  # no YAML, which is told of our hook; or nothing that reads it
        return ()
    said = [(f"the hook {name} judges .jiti too", "Run `jiti init`.") for name in names]
    said += [(f"{one.where}: {one.what.partition(',')[0]}", f"Add `{one.text}` to its `exclude`.") for one in by_hand]
    return tuple(warning("hooks", what, remedy) for what, remedy in said)


def _judges_it(need: Need, place: str, *, by_init: bool) -> Diagnosis:
    """A committed file stands for a part of its host: judged by itself it lacks the host's names."""
    lines = [line.strip() for line in need.text.splitlines()]
    table = lines.pop(0) if lines[0].startswith("[") else ""
    setting = " ".join(lines)
    what = f"`{setting}` in {f'{table} of ' if table else ''}{place}."
    return warning(
        f"{need.tool} config",
        f"{need.tool} judges .jiti too, where committed code lacks the names of its host",
        f"Run `jiti init`, or write {what}" if by_init else f"Write {what}",
    )


def _is_others(ground: Ground, store: str) -> bool:
    """Whether a store belongs to a project further down, which has its own configuration."""
    parts = store.split("/")[:-1]
    return any(os.path.isfile(ground.path("/".join((*parts[:count], PYPROJECT)))) for count in range(1, len(parts) + 1))
