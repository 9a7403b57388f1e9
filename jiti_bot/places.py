"""Which store a unit belongs to: the rule of `layout` applied to a whole project.

Standard library only. The walk goes up from the source file to the first store that exists, no further than the first
folder that starts a project; where none exists, the place is the one that generation will make.
"""

from __future__ import annotations

from jiti_bot import layout, settings
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol
else:
    Protocol = object  # importing typing costs the hook 2 ms


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit is committed, as paths relative to the project's root, and the name people use for it.

    ``source`` is the defining file as the store spells it: relative to the store's parent, for a generated test that
    stands outside of it relative to the project's root.
    """

    store: str
    path: str
    scratch: str
    key: str
    source: str


class Files(Protocol):
    """What the rule asks of a tree."""

    def read(self, file: str) -> bytes | None:
        """The bytes of a file; None where there is none."""

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there."""


@dataclass(slots=True)
class Places:
    """Answers for one tree, remembering what it learnt about each folder.

    ``configured`` overrides the setting ``store`` of the root's pyproject.toml.
    """

    tree: Files
    configured: str | None = None
    _stores: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def of(self, file: str, unit: str, *, is_test: bool = False) -> Place:
        """The place of ``unit`` defined in ``file``. ``is_test`` for a test that is to be generated."""
        store = self.test_store(file) if is_test else self.store(file)
        parent = _parent(store)
        source = file[len(parent) + 1 :] if parent and _is_within(file, parent) else file
        path = layout.test_path(source, unit) if is_test else layout.unit_path(source, unit)
        return Place(
            store=store,
            path=f"{store}/{path}",
            scratch=f"{store}/{layout.scratch_path(source, unit)}",
            key=layout.dotted_key(source, unit),
            source=source,
        )

    def store(self, file: str) -> str:
        """The store of what ``file`` defines."""
        store, nested = self._store(_parent(file))
        return nested if nested is not None and _is_within(file, _parent(nested)) else store

    def test_store(self, file: str) -> str:
        """The store of tests to be generated that ``file`` defines: it may stand beside what holds the store."""
        store, nested = self._store(_parent(file))
        return store if nested is None else nested

    def _store(self, folder: str) -> tuple[str, str | None]:
        """The store that the walk from ``folder`` ends at, and the one that the project's settings name instead."""
        if folder not in self._stores:
            self._stores[folder] = self._walk(folder)
        return self._stores[folder]

    def _walk(self, folder: str) -> tuple[str, str | None]:
        here = _join(folder, layout.STORE)
        if self.tree.is_folder(here):
            return here, None
        if not folder or self._is_boundary(folder):
            return here, self._setting(folder)
        return self._store(_parent(folder))

    def _is_boundary(self, folder: str) -> bool:
        return (
            self.tree.read(_join(folder, settings.PYPROJECT)) is not None
            or self.tree.is_folder(_join(folder, ".git"))
            or self.tree.read(_join(folder, ".git")) is not None
        )

    def _setting(self, folder: str) -> str | None:
        """The setting ``store`` of the project that starts in ``folder``, relative to our root."""
        if not folder and self.configured is not None:
            return self.configured
        file = _join(folder, settings.PYPROJECT)
        data = self.tree.read(file)
        if data is None or b"jiti" not in data:
            return None
        store = settings.read_project(settings.decode(data, file), file).store
        return None if store is None else _join(folder, store)


def owners(path: str) -> Iterator[str]:
    """The source files that a file in a store may belong to."""
    parent, _, inside = f"/{path}".rpartition(f"/{layout.STORE}/")
    parent = parent.removeprefix("/")
    source = f"{_parent(inside)}.py"
    yield _join(parent, source)
    if source.startswith(f"{layout.TESTS}/"):
        tested = source.removeprefix(f"{layout.TESTS}/")
        yield _join(parent, tested)
        if parent:
            yield tested  # a test beside a nested store


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_within(file: str, folder: str) -> bool:
    return not folder or file.startswith(f"{folder}/")
