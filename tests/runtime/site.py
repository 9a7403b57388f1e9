"""A project in a folder, imported into this process and forgotten again. Needs no pytest: node's Python has none."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

Error = TypeVar("Error", bound=BaseException)


class Site:
    """A flat project with one store. Importing never leaves a trace in `sys`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.before = set(sys.modules)
        sys.path.insert(0, str(folder))

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def commit(self, name: str, text: str | bytes) -> Path:
        """Write a file of the store: ``host/slugify.py``."""
        return self.write(f".jiti/{name}", text)

    def load(self, name: str = "host") -> ModuleType:
        """Import a module of the project anew."""
        self.forget()
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def host(self, source: str, **units: str) -> ModuleType:
        """Write ``host.py`` and its committed units (``__`` in a name stands for a dot), and import it."""
        self.write("host.py", source)
        for unit, text in units.items():
            self.commit(f"host/{unit.replace('__', '.')}.py", text)
        return self.load()

    def forget(self) -> None:
        """Drop what was imported since the site was made, except the standard library's and our own modules."""
        for name in set(sys.modules) - self.before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(self.folder)):
                del sys.modules[name]

    def close(self) -> None:
        """Take the project off the path."""
        self.forget()
        sys.path.remove(str(self.folder))


def raised(kind: type[Error], call: Callable[..., object], *args: object, **kwargs: object) -> Error:
    """The exception of that kind that the call raises."""
    try:
        call(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


def finished(coroutine: object) -> object:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)  # ty: ignore[missing-attribute]
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")
