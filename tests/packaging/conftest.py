import sys
from pathlib import Path

import pytest

from tests.packaging.environments import make_environment, run
from tests.repo import ROOT


@pytest.fixture(scope="session")
def own_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own wheel, as it would be published."""
    out = tmp_path_factory.mktemp("own")
    run([sys.executable, "-m", "build", "--no-isolation", "-x", "--wheel", "--outdir", out, ROOT], out)
    return next(out.glob("*.whl"))


@pytest.fixture
def fresh(tmp_path: Path, own_wheel: Path) -> Path:
    """The interpreter of a new environment in which only our own package is installed."""
    return make_environment(tmp_path, own_wheel)
