"""Whose Python judges: which interpreter the project's code runs in, and what that interpreter may see.

The interpreter is asked once, without its `site` (so that no line of third-party code runs outside the sandbox), where
its packages are; editable installs and ``.pth`` files are read as text.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jiti_bot import process
from jiti_bot.errors import ToolError

OLDEST = (3, 11)
_INSPECTION_SECONDS = 60.0
_PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter and its surroundings.

    ``packages`` are folders of installed packages, ``editable`` folders of code installed in place (a ``src/`` or a
    project), ``user_site`` one that is added by hand because the environment is clean. ``variables`` are passed on to
    the tests beside the clean environment. ``ours`` is the folder that holds ``jiti.py`` and ``jiti_bot/``.
    """

    root: Path
    python: Path
    version: tuple[int, int, int]
    prefixes: tuple[Path, ...]
    packages: tuple[Path, ...]
    editable: tuple[Path, ...]
    python_path: tuple[Path, ...]
    user_site: Path | None
    ours: Path
    variables: tuple[tuple[str, str], ...] = ()


def find_python(root: Path, configured: str | None, environ: Mapping[str, str]) -> Path:
    """The project's interpreter: the ``python`` setting, else ``VIRTUAL_ENV``, ``.venv``, else our own.

    Raises `ToolError` where the one that is named cannot be run.
    """
    if configured:
        # A bare name is one of PATH's, as it would be for a shell.
        on_path = shutil.which(configured, path=environ.get("PATH")) if Path(configured).name == configured else None
        return _existing(Path(on_path) if on_path else root / Path(configured).expanduser(), "The `python` setting")
    active = environ.get("VIRTUAL_ENV")
    if active:
        return _existing(Path(active) / "bin" / "python", "VIRTUAL_ENV")
    local = root / ".venv" / "bin" / "python"
    return local if os.access(local, os.X_OK) else Path(sys.executable)


def inspect_environment(
    root: Path,
    python: Path,
    environ: Mapping[str, str],
    *,
    variables: Mapping[str, str] | None = None,
    need_pytest: bool = True,
) -> Environment:
    """Ask ``python`` where its packages are.

    Raises `ToolError`: not an interpreter, too old, or, with ``need_pytest``, without pytest.
    """
    script = Path(__file__).with_name("inspection.py")
    clean = {"PATH": environ.get("PATH", os.defpath), "HOME": environ.get("HOME", "/")}
    if "PYTHONUSERBASE" in environ:
        clean["PYTHONUSERBASE"] = environ["PYTHONUSERBASE"]
    answer = process.run([str(python), "-E", "-S", str(script)], env=clean, timeout=_INSPECTION_SECONDS)
    try:
        found = json.loads(answer.stdout)
        version = tuple(found["version"])
    except (ValueError, TypeError, KeyError) as error:
        raise ToolError(
            f"{python} is no Python {OLDEST[0]}.{OLDEST[1]} or newer that could be asked: {answer.complaint}.",
            remedy="Name the project's interpreter: `python` in [tool.jiti], or activate its environment.",
        ) from error
    if version < OLDEST:
        raise ToolError(
            f"{python} is Python {version[0]}.{version[1]}; jiti needs {OLDEST[0]}.{OLDEST[1]} or newer.",
            remedy="Name a newer interpreter: `python` in [tool.jiti], or activate its environment.",
        )
    paths = tuple(Path(part) for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part)
    environment = Environment(
        root=root.resolve(),
        python=python.absolute(),
        version=(version[0], version[1], version[2]),
        prefixes=_paths(found["prefixes"]),
        packages=_paths(found["packages"]),
        editable=_paths(found["editable"]),
        python_path=tuple(path if path.is_absolute() else root / path for path in paths),
        user_site=Path(found["user_site"]) if found["user_site"] else None,
        ours=Path(__file__).resolve().parents[2],
        variables=tuple(sorted((variables or {}).items())),
    )
    if need_pytest:
        _need_pytest(environment)
    return environment


def clean_variables(environment: Environment, environ: Mapping[str, str], home: str, shim: str) -> dict[str, str]:
    """The environment of the worker: nothing of the caller's but its language and time zone, and no secret."""
    kept = {name: environ[name] for name in _PASSED_ON if name in environ}
    binaries = dict.fromkeys((str(environment.python.parent), "/usr/local/bin", "/usr/bin", "/bin"))
    return {
        "LANG": "C.UTF-8",
        **kept,
        "PATH": os.pathsep.join(binaries),
        "HOME": home,
        "TMPDIR": home,
        "PYTHONPATH": os.pathsep.join((shim, *map(str, environment.python_path))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{home}/hypothesis",
        "COVERAGE_FILE": f"{home}/coverage",
        **dict(environment.variables),
    }


def make_shim(folder: Path, ours: Path) -> None:
    """Make a folder that holds only our ``jiti.py`` and ``jiti_bot/``: the rest of our environment stays unseen."""
    folder.mkdir()
    for name in ("jiti.py", "jiti_bot"):
        (folder / name).symlink_to(ours / name)


def _existing(python: Path, source: str) -> Path:
    if os.access(python, os.X_OK) and python.is_file():
        return python
    raise ToolError(
        f"{source} names {python}, which is no program that can be run.",
        remedy="Correct it, or create the environment and install the project and pytest in it.",
    )


def _need_pytest(environment: Environment) -> None:
    places = (*environment.packages, *environment.editable, *environment.python_path)
    places += (environment.user_site,) if environment.user_site else ()
    if not any((place / "pytest" / "__init__.py").exists() for place in places):
        raise ToolError(
            f"{environment.python} has no pytest, which runs the project's gates.",
            remedy=f"Install it there: {environment.python} -m pip install pytest",
        )


def _paths(values: list[str]) -> tuple[Path, ...]:
    return tuple(Path(value) for value in values)
