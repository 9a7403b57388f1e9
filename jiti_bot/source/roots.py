"""Where an imported module's file is: the import roots that a project can have, tried in order.

A module is found by looking for files, never by importing. Roots, for an importing file: the project root and its
``src``, pytest's ``pythonpath``, the folder pytest inserts for the file, then every folder above it and the ``src``
inside that one. In a monorepo the project root is that of the nearest project.
"""

from __future__ import annotations

import posixpath
import sys

from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jiti_bot.globs import Globs


@dataclass(frozen=True, slots=True)
class Place:
    """A module or package: its file, or None for a folder without ``__init__.py``.

    ``stems`` are the folders or files (without ``.py``) that it may be: a namespace has one for every root.
    """

    name: tuple[str, ...]
    file: str | None
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """The project that a file belongs to: the nearest folder above with a pyproject.toml, else the tree's root.

    What is said of a stub must not depend on where the command was started: in its project or in a repository around
    it. ``folder`` is relative to the tree's root; ``pythonpath`` (pytest's) and ``test_paths`` are relative to it.
    ``excludes`` are its patterns and those of the projects around it: what they cover holds no stubs and no gates.
    """

    folder: str = ""
    pythonpath: tuple[str, ...] = ()
    doctests: str = "gate"
    test_paths: tuple[str, ...] = ()
    excludes: tuple[Globs, ...] = ()

    def leaves_out(self, file: str) -> bool:
        """Whether stubs and gates in ``file``, which is one of this project, count for nothing."""
        return any(globs.cover(file) for globs in self.excludes)

    def told(self, path: str) -> str:
        """A path of the tree, or ``file::unit``, as the project knows it."""
        return posixpath.relpath(path, self.folder) if self.folder else path


class Roots:
    """Finds the files of modules. Answers are remembered: it speaks of one moment."""

    def __init__(
        self,
        exists: Callable[[str], bool],
        pythonpath: Sequence[str] = (),
        home_of: Callable[[str], Home] | None = None,
    ) -> None:
        alone = Home(pythonpath=tuple(pythonpath))
        self.home = home_of or (lambda _file: alone)
        self._raw_exists = exists
        self._known: dict[str, bool] = {}
        self._tops: dict[tuple[str, str], Place] = {}

    def top(self, name: str, importer: str) -> Place:
        """The top-level module or package ``name`` as ``importer`` sees it; a namespace where no file is found."""
        asked = (name, _folder(importer))
        if asked not in self._tops:
            self._tops[asked] = self._find_top(name, importer)
        return self._tops[asked]

    def relative(self, importer: str, level: int) -> Place | None:
        """The package that ``level`` dots name; None above the project root."""
        folder = _folder(importer)
        for _ in range(level - 1):
            if not folder:
                return None
            folder = _folder(folder)
        return self._place((), (folder,))

    def inside(self, package: Place, name: str) -> Place:
        """The submodule ``name`` of a package, a namespace where no file is found."""
        return self._place((*package.name, name), tuple(_join(stem, name) for stem in package.stems))

    def at(self, root: str, name: str) -> Place:
        """The top-level module or package ``name`` in one root."""
        return self._place((name,), (_join(root, name),))

    def package_root(self, file: str) -> str:
        """The folder that pytest puts on the path for ``file``: the first above it without ``__init__.py``."""
        folder = _folder(file)
        while folder and self._exists(_join(folder, "__init__.py")):
            folder = _folder(folder)
        return folder

    def _find_top(self, name: str, importer: str) -> Place:
        near = self.package_root(importer)
        home = self.home(importer)
        first = tuple(_join(home.folder, path) for path in ("", "src", *map(_clean, home.pythonpath)))
        for stem in self._stems(first, name):
            place = self._place((name,), (stem,))
            if place.file is not None:
                return place
        if name in sys.stdlib_module_names:
            return Place((name,), None, ())
        others = tuple(dict.fromkeys((near, *_above(near))))
        place = self._place((name,), tuple(self._stems(others, name)))
        return place if place.file else Place((name,), None, tuple(self._stems((*first, *others), name)))

    @staticmethod
    def _stems(roots: Sequence[str], name: str) -> Iterator[str]:
        for root in roots:
            yield _join(root, name)

    def _place(self, name: tuple[str, ...], stems: tuple[str, ...]) -> Place:
        for stem in stems:
            for file in (_join(stem, "__init__.py"), f"{stem}.py"):
                if self._exists(file):
                    return Place(name, file, (stem,))
        return Place(name, None, stems)

    def _exists(self, file: str) -> bool:
        if file not in self._known:
            self._known[file] = self._raw_exists(file)
        return self._known[file]


def _above(folder: str) -> Iterator[str]:
    """Every folder above, nearest first, each with the ``src`` inside it."""
    at = folder
    while True:
        yield _join(at, "src")
        if not at:
            return
        at = _folder(at)
        yield at


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name


def _clean(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", "."}]
    return "/".join(parts)
