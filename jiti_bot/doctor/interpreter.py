"""The project's own Python: whether it starts, what is installed for it, and whose module `jiti` it finds."""

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, problem, warning
from jiti_bot.doctor.ground import Ground
from jiti_bot.doctor.versions import canonical, distributions, judged
from jiti_bot.errors import JitiError
from jiti_bot.validation.environment import Environment, find_python, inspect_environment

_OURS = frozenset({"jiti-bot"})  # asked about by itself


@dataclass(frozen=True, slots=True)
class Found:
    """A module `jiti` on the interpreter's path, in the order of the path; whether it is ours."""

    file: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The project's interpreter. ``installed`` are distributions and their versions, ``jitis`` modules called so.

    ``has_uv``: the program uv can be found, whose environments have no pip.
    """

    python: str
    version: str
    origin: str
    is_bots: bool
    installed: Mapping[str, str]
    jitis: tuple[Found, ...]
    has_uv: bool = False

    @property
    def install(self) -> str:
        """The command that installs what follows it into this environment."""
        return self._pip("install")

    @property
    def uninstall(self) -> str:
        """The command that takes what follows it out of this environment."""
        return self._pip("uninstall") + ("" if self._by_uv else " -y")

    @property
    def _by_uv(self) -> bool:
        return self.has_uv and "pip" not in self.installed

    def _pip(self, verb: str) -> str:
        python = shlex.quote(self.python)
        if self._by_uv:
            return f"uv pip {verb} --python {python}"
        first = "" if "pip" in self.installed else f"{python} -m ensurepip && "
        return f"{first}{python} -m pip {verb}"


Gathered = Interpreter | JitiError


def gather(ground: Ground) -> tuple[Interpreter, Environment] | JitiError:
    """Look at the folders of the interpreter's packages; nothing there is imported."""
    try:
        python = find_python(Path(ground.root), ground.settings.python, ground.env)
        environment = inspect_environment(Path(ground.root), python, ground.env, need_pytest=False)
    except JitiError as error:
        return error
    except OSError as error:
        return JitiError(f"It cannot be looked at: {error}.", remedy="Check its folder's permissions.")
    folders = [*environment.packages, *([environment.user_site] if environment.user_site else [])]
    origin = _origin(ground, python)
    found = Interpreter(
        str(python),
        ".".join(map(str, environment.version)),
        origin,
        origin == _BOTS,
        distributions(name for folder in folders for name in _names(folder)),
        tuple(_jitis([*_roots(ground), *environment.python_path, *folders, *environment.editable])),
        shutil.which("uv", path=ground.env.get("PATH")) is not None,
    )
    return found, environment


def judge(found: Gathered, pyproject: Mapping[str, Any], *, used: bool) -> tuple[Diagnosis, ...]:
    """All of it. ``used``: the project has stubs or committed code, so that its code imports `jiti`."""
    if isinstance(found, JitiError):
        return (failed("Python", found),)
    return (python(found), pytest(found), dependencies(found, needed(pyproject)), shadowing(found, used=used))


def python(found: Interpreter) -> Diagnosis:
    """Which one it is."""
    said = f"{found.version}, {found.python}, {found.origin}"
    if found.is_bots:
        return note("Python", said, "Make a .venv for the project, or name its interpreter: `python` in [tool.jiti].")
    return ok("Python", said)


def pytest(found: Interpreter) -> Diagnosis:
    """What runs the gates."""
    if "pytest" not in found.installed:
        return problem("pytest", "it is not installed there, and runs the gates", f"Run `{found.install} pytest`.")
    return judged("pytest", found.installed["pytest"], "the project's", found.install)


def dependencies(found: Interpreter, names: tuple[str, ...] | None) -> Diagnosis:
    """What the project needs, by name: versions are pip's business."""
    if names is None:
        return note("dependencies", "pyproject.toml does not list them")
    if any(canonical(name) == "jiti" for name in names):
        what = "pyproject.toml asks for the package jiti, which is another one with a module of the same name"
        return problem("dependencies", what, "Write jiti-bot in its place, and install that.")
    missing = [name for name in names if canonical(name) not in found.installed]
    if missing:
        return warning("dependencies", f"not installed there: {', '.join(missing)}", f"Run `{found.install} -e .`.")
    return ok("dependencies", f"all {len(names)} installed" if names else "none needed")


def shadowing(found: Interpreter, *, used: bool) -> Diagnosis:
    """Whose module `import jiti` finds: the published package of that name has other decorators."""
    again = f"Run `{found.uninstall} jiti && {found.install} --force-reinstall --no-deps jiti-bot`."
    published = found.installed.get("jiti")
    if not found.jitis:
        if "jiti-bot" in found.installed:
            return ok("import jiti", f"jiti-bot {found.installed['jiti-bot']}")
        what = "nothing there is called so: jiti-bot is not installed for the project"
        remedy = f"Run `{found.install} jiti-bot`."
        return problem("import jiti", what, remedy) if used else note("import jiti", what, remedy)
    first = found.jitis[0]
    if not first.is_ours:
        whose = f"the package jiti {published}" if published else "another module"
        remedy = again if published else f"Rename it: {first.file} stands before jiti-bot on the path."
        return problem("import jiti", f"{whose} stands in the way of ours: {first.file}", remedy)
    if published:
        what = f"ours, {first.file}; the package jiti {published} is installed as well"
        return warning("import jiti", what, again)
    return ok("import jiti", f"jiti-bot {found.installed.get('jiti-bot', '')}".rstrip() + f", {first.file}")


def needed(pyproject: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names that the project depends on whatever the platform; None where it does not say."""
    project = pyproject.get("project")
    if isinstance(project, dict):
        if "dependencies" in project.get("dynamic", ()):
            return None
        listed = project.get("dependencies", [])
        texts = [text for text in listed if isinstance(text, str) and ";" not in text]
        names = [match[0] for text in texts if (match := re.match(r"[A-Za-z0-9][\w.-]*", text.strip()))]
        return tuple(name for name in names if canonical(name) not in _OURS)
    tool = pyproject.get("tool", {})
    poetry = tool.get("poetry", {}) if isinstance(tool, dict) else {}
    table = poetry.get("dependencies") if isinstance(poetry, dict) else None
    if not isinstance(table, dict):
        return None
    plain = [name for name, value in table.items() if isinstance(value, str) or set(value) == {"version"}]
    return tuple(name for name in plain if name != "python" and canonical(name) not in _OURS)


_BOTS = "jiti's own: no other was found"


def _origin(ground: Ground, python: Path) -> str:
    if ground.settings.python:
        return f"named by {ground.settings.origin('python')}"
    if ground.env.get("VIRTUAL_ENV"):
        return "of VIRTUAL_ENV"
    return "the project's .venv" if python.is_relative_to(ground.root) else _BOTS


def _roots(ground: Ground) -> list[Path]:
    """Where the project's own modules are imported from, before any that is installed."""
    return [folder for folder in (Path(ground.root), Path(ground.root, "src")) if folder.is_dir()]


def _jitis(folders: Iterable[Path]) -> Iterable[Found]:
    """What each folder has under the name `jiti`: a package goes before a module, as Python looks."""
    for folder in dict.fromkeys(folders):
        package, module = folder / "jiti" / "__init__.py", folder / "jiti.py"
        if package.is_file():
            yield Found(str(package), is_ours=False)
        elif module.is_file():
            yield Found(str(module), is_ours=(folder / "jiti_bot" / "runtime.py").is_file())


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
