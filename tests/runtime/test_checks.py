from pathlib import Path

import pytest

from tests.runtime.every import CHECKS, run


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str, tmp_path: Path) -> None:
    run(name, tmp_path.resolve())
