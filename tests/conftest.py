from pathlib import Path

import pytest

from tests.repo import Repo, make


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty git repository."""
    return make(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Repo:
    """An empty folder without git."""
    return make(tmp_path, "folder", git=False)
