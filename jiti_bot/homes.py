"""Which project a file belongs to, and what that project's settings say about its stubs and gates.

A repository may hold several projects, each with a pyproject.toml; a hook and the bot see all of them at once, and a
person works in one. Standard library only.
"""

from __future__ import annotations

import os

from jiti_bot import settings
from jiti_bot.source.roots import Home
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.globs import Globs
    from jiti_bot.places import Files


@dataclass(frozen=True, slots=True)
class Homes:
    """The projects of one tree, remembered by folder. Raises `ConfigurationError` for one whose settings are wrong.

    ``around`` is what the projects exclude that the tree lies in.
    """

    tree: Files
    around: tuple[Globs, ...] = ()
    _known: dict[str, Home] = field(default_factory=dict)

    def of(self, file: str) -> Home:
        """The project of ``file``."""
        return self._in(file.rpartition("/")[0])

    def _in(self, folder: str) -> Home:
        if folder not in self._known:
            text = self._text(folder)
            is_project = not folder or text is not None
            self._known[folder] = self._read(folder, text or "") if is_project else self._in(folder.rpartition("/")[0])
        return self._known[folder]

    def _text(self, folder: str) -> str | None:
        file = f"{folder}/{settings.PYPROJECT}" if folder else settings.PYPROJECT
        data = self.tree.read(file)
        return None if data is None else settings.decode(data, file)

    def _read(self, folder: str, text: str) -> Home:
        inside = f"{folder}/" if folder else ""
        project = settings.read_project(text, f"{inside}{settings.PYPROJECT}")
        excludes = self._in(folder.rpartition("/")[0]).excludes if folder else self.around
        if project.exclude:
            from jiti_bot.globs import Globs

            excludes = (*excludes, Globs(folder, project.exclude))
        return Home(folder, _pythonpath(self.tree, inside, text), project.doctests, project.test_paths, excludes)


def excluded_above(root: str, tree: Files) -> tuple[Globs, ...]:
    """What the projects above ``root`` exclude, up to the top of its repository. ``tree`` reads what is on disk.

    Raises `ConfigurationError` for one whose settings are wrong.
    """
    names: list[str] = []
    folder = root
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, name = os.path.split(folder)
        if not name:
            return ()
        names.insert(0, name)
    found = []
    for depth in range(len(names)):
        file = "../" * (len(names) - depth) + settings.PYPROJECT
        data = tree.read(file)
        patterns = settings.read_project(settings.decode(data, file), file).exclude if data else ()
        if patterns:
            from jiti_bot.globs import Globs

            found.append(Globs("", patterns, "/".join((*names[depth:], ""))))
    return tuple(found)


def _pythonpath(tree: Files, folder: str, pyproject: str) -> tuple[str, ...]:
    """Where pytest is told to look for modules: the first of its files that says so, as pytest reads them."""
    for file, section in (("pytest.ini", "pytest"), (".pytest.ini", "pytest")):
        found = _from_ini(tree, f"{folder}{file}", section)
        if found is not None:
            return found
    if "pythonpath" in pyproject and "[tool.pytest" in pyproject:
        import tomllib

        options = tomllib.loads(pyproject).get("tool", {}).get("pytest", {})
        value = options.get("ini_options", options).get("pythonpath", [])
        return tuple(value.split() if isinstance(value, str) else map(str, value))
    for file, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        found = _from_ini(tree, f"{folder}{file}", section)
        if found is not None:
            return found
    return ()


def _from_ini(tree: Files, file: str, section: str) -> tuple[str, ...] | None:
    try:
        data = tree.read(file)
    except OSError:
        return None
    if data is None or b"pythonpath" not in data:
        return None
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
        return tuple(parser.get(section, "pythonpath", fallback="").split())
    except Error:
        return None  # pytest will say so
