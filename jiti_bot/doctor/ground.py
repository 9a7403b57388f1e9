"""What all questions share: the project, its settings and repository, its pyproject.toml, its committed files."""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jiti_bot import layout, settings
from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok
from jiti_bot.errors import JitiError, UsageError
from jiti_bot.git import Begun, Git, locate
from jiti_bot.settings import Settings
from jiti_bot.trees import WorkTree

_NOT_UNITS = (".cache/", "__pycache__/")


@dataclass(frozen=True, slots=True)
class Ground:
    """A project as it is found.

    ``git`` is None where there is none that works, ``pyproject`` empty where it cannot be read. ``stores`` are folders,
    ``files`` all that lies in them, ``units`` the committed files without tests, relative to ``root``.
    ``mentioned``: some source of the project speaks of jiti.
    """

    root: str
    env: Mapping[str, str]
    settings: Settings
    git: Git | None
    pyproject: Mapping[str, Any]
    stores: tuple[str, ...]
    units: tuple[str, ...]
    files: tuple[str, ...]
    mentioned: bool = False
    said: tuple[Diagnosis, ...] = ()

    def path(self, name: str) -> str:
        """A file of the project."""
        return os.path.join(self.root, name)

    def read(self, name: str) -> str:
        """A file's text; '' where it cannot be read."""
        return read(self.path(name))

    def table(self, *names: str) -> dict[str, Any]:
        """A table of pyproject.toml; empty where there is none."""
        found: Any = self.pyproject
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return dict(found) if isinstance(found, Mapping) else {}


def survey(directory: str, env: Mapping[str, str]) -> Ground:
    """The project that ``directory`` lies in; what cannot be read of it is ``said``. Raises `UsageError`."""
    folder = os.path.abspath(directory)
    if not os.path.isdir(folder):
        raise UsageError(f"{directory} is no folder.", remedy="Give -C the folder of a project.")
    root = layout.project_root(folder) or folder
    said: list[Diagnosis] = []
    chosen, git = Settings(), None
    try:
        chosen = settings.load(root, env)
    except JitiError as error:
        said.append(failed("settings", error))
    with suppress(JitiError):  # which is a question of its own
        git = _working(locate(root, env))
    tree = WorkTree(root, git)
    stores = tree.stores()
    files = tuple(path for store in stores for path in tree.under(store))
    pyproject = _document(root)
    if not said:
        said.append(_settings(root, chosen, pyproject))
    mentioned = False
    with suppress(JitiError):  # git's own trouble, which is told
        mentioned = bool(tree.candidates())
    return Ground(root, env, chosen, git, pyproject, stores, _units(stores, files), files, mentioned, tuple(said))


def top_of(ground: Ground) -> str:
    """The top of the repository, where hooks and workflows are configured; the project's root without one."""
    return (ask(ground.git, "rev-parse", "--show-toplevel") if ground.git else "") or ground.root


def ask(git: Git, *words: str) -> str:
    """What git prints; '' where it fails."""
    try:
        done = Begun(words, git.root, git.env).done()
    except JitiError:
        return ""
    return os.fsdecode(done.stdout).rstrip("\n") if done.ok else ""


def read(path: str) -> str:
    """A file's text; '' where it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _working(git: Git) -> Git:
    """A repository that git reads. Raises `RepositoryError` for another."""
    git.prefix()
    return git


def host_of(unit: str) -> str:
    """The source file that a committed file stands for: ``src/app/text.py`` for ``.jiti/src/app/text/slugify.py``."""
    parent, _, inside = unit.rpartition(f"{layout.STORE}/")
    return f"{parent}{inside.rpartition('/')[0]}.py"


def _document(root: str) -> dict[str, Any]:
    try:
        return tomllib.loads(settings.project_text(root))
    except (JitiError, tomllib.TOMLDecodeError):
        return {}


def _settings(root: str, chosen: Settings, pyproject: Mapping[str, Any]) -> Diagnosis:
    if not os.path.isfile(os.path.join(root, settings.PYPROJECT)):
        return note("settings", f"all defaults: there is no {settings.PYPROJECT} in {root}")
    tool = pyproject.get("tool", {})
    count = len(tool.get("jiti", {})) if isinstance(tool, dict) else 0
    own = f"{count} in [tool.jiti]" if count else "no [tool.jiti], all defaults"
    variables = sorted(origin for _, origin in chosen.origins if not origin.startswith(settings.PYPROJECT))
    return ok("settings", ", ".join((own, *variables)))


def _units(stores: tuple[str, ...], files: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for path in files:
        store = max((one for one in stores if path.startswith(f"{one}/")), key=len)
        inside = path[len(store) + 1 :]
        is_unit = inside.endswith(".py") and "/" in inside and not inside.startswith((f"{layout.TESTS}/", *_NOT_UNITS))
        if is_unit and "/__pycache__/" not in path:
            found.append(path)
    return tuple(found)
