"""The project as validation sees it: its root, its interpreter, its ruff and ty, and the modules it can import.

Effects: `open_project` looks at folders and asks the interpreter once; nothing of the project is imported.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jiti_bot.errors import RepositoryError, ToolError
from jiti_bot.findings import Finding
from jiti_bot.layout import STORE
from jiti_bot.settings import Settings
from jiti_bot.source.parse import decode
from jiti_bot.validation.environment import Environment, find_python, inspect_environment

BINARIES = (".so", ".pyd", ".dylib")


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that stays the same during a run. ``ruff`` and ``ty`` are programs, ``env`` what they are run in."""

    root: Path
    environment: Environment
    settings: Settings
    ruff: str
    ty: str
    env: Mapping[str, str]
    modules: frozenset[str]

    def read(self, file: str) -> str:
        """A source file's text as Python reads it. ``file`` is relative to the root.

        Raises:
            RepositoryError: there is no such file, or it is no text.

        """
        try:
            text = decode(file, (self.root / file).read_bytes())
        except OSError as error:
            raise RepositoryError(
                f"This file cannot be read: {error.strerror}.", remedy="Make it a readable file.", where=file
            ) from error
        if isinstance(text, Finding):
            raise RepositoryError(text.message, remedy=text.remedy, where=f"{text.file}:{text.line}")
        return text

    def importable(self, file: str) -> frozenset[str]:
        """Top-level modules that code in ``file`` can import: installed ones and the project's own."""
        found = set(self.modules)
        for folder in _above(file):
            found |= _listed(self.root / folder) | _listed(self.root / folder / "src")
        return frozenset(found)

    def import_name(self, file: str) -> str:
        """The name under which the tests of this project import ``file``."""
        path = self.root / file
        folder = path.parent
        while folder != self.root and (folder / "__init__.py").exists():
            folder = folder.parent
        if folder == path.parent:  # no package marker: the deepest known import root, so that namespaces keep names
            folder = max(self._roots(path), key=lambda root: len(root.parts))
        name = path.relative_to(folder).with_suffix("")
        parts = name.parts[:-1] if name.name == "__init__" else name.parts
        return ".".join(parts)

    def committed(self, store: str, file: str) -> Iterator[tuple[str, str]]:
        """The units committed for ``file``: unit and text. Unreadable ones are left to ``check``."""
        folder = self.root / (store or STORE) / _inside(file, store).removesuffix(".py")
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("test_scratch_") and path.is_file():
                try:
                    yield path.name.removesuffix(".py"), path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError):
                    continue

    def _roots(self, path: Path) -> list[Path]:
        known = [self.root, self.root / "src", *self.environment.editable, *self.environment.python_path]
        known += [self.root / folder / "src" for folder in _above(str(path.relative_to(self.root)))]
        return [root for root in known if path.is_relative_to(root)]


def open_project(root: Path, settings: Settings, environ: Mapping[str, str]) -> Project:
    """Find the project's interpreter and tools.

    Raises:
        ToolError: no interpreter, no pytest in it, no ruff or no ty.

    """
    environment = inspect_environment(root, find_python(root, settings.python, environ), environ)
    env = {name: environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in environ}
    return Project(
        root=environment.root,
        environment=environment,
        settings=settings,
        ruff=find_tool("ruff", environment.python, environ),
        ty=find_tool("ty", environment.python, environ),
        env=env,
        modules=_modules(environment),
    )


def find_tool(name: str, python: Path, environ: Mapping[str, str]) -> str:
    """The project's ruff or ty if its environment has one, else the one bundled with us, else the one on PATH.

    Raises:
        ToolError: there is none.

    """
    import shutil

    for folder in (python.parent, Path(sys.executable).parent):
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    found = shutil.which(name, path=environ.get("PATH"))
    if found is None:
        raise ToolError(f"{name} is not installed.", remedy="Install `jiti-bot[bot]`, which brings it.")
    return found


def _modules(environment: Environment) -> frozenset[str]:
    folders = [*environment.packages, *environment.editable, *environment.python_path]
    if environment.user_site:
        folders.append(environment.user_site)
    return frozenset(sys.stdlib_module_names).union(*(_listed(folder) for folder in folders))


@lru_cache(maxsize=256)
def _listed(folder: Path) -> frozenset[str]:
    """Modules and packages that stand in a folder."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(_named(entries))
    except OSError:
        return frozenset()


def _named(entries: Iterable["os.DirEntry[str]"]) -> Iterator[str]:
    for entry in entries:
        stem = entry.name.split(".")[0]
        if stem.isidentifier() and (entry.name.endswith((".py", *BINARIES)) or entry.is_dir()):
            yield stem


def _above(file: str) -> Iterator[str]:
    """The folders that hold ``file``, innermost first, down to the root as ''."""
    folder = file
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _inside(file: str, store: str) -> str:
    """``file`` relative to the folder that holds the store."""
    parent = store.rpartition("/")[0]
    return file.removeprefix(f"{parent}/") if parent else file
