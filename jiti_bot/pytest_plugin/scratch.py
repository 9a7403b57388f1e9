"""Tests that a model wrote for itself, as pytest modules."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from jiti_bot.pytest_plugin.project import is_scratch


class ScratchModule(pytest.Module):
    """A module that is imported by its path, since its name alone is seldom the only one of its kind."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Its tests."""
        option = self.config.option
        mode = option.importmode
        option.importmode = "importlib"
        try:
            _ = self.obj
        finally:
            option.importmode = mode
        return super().collect()


def collect(path: Path, parent: pytest.Collector, found: list[pytest.Collector]) -> list[pytest.Collector]:
    """The collector of a scratch test, whatever `python_files` says and doctest looks at; for other files ``found``."""
    return [ScratchModule.from_parent(parent, path=path)] if is_scratch(path.as_posix()) else found
