from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github.hub import GitHub
from tests.github.start import serving


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    """A public repository with one commit."""
    with serving(tmp_path) as github:
        yield github
