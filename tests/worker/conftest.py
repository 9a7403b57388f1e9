from collections.abc import Generator
from pathlib import Path

import pytest

from jiti_bot.validation.workbench import Workbench
from tests.sandbox import kit
from tests.worker import project


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project.make(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def bench(root: Path) -> Generator[Workbench]:
    with kit.bench(root) as running:
        yield running
