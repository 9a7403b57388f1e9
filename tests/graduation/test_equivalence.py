"""After merging everything a project is plain Python and as good as it was.

Some of the cases are merged in tests/cases/test_cases.py as they are played, all by `python -m tests.graduation`.
"""

import shutil
from pathlib import Path

import pytest

from tests.graduation.equivalence import BIN, compare
from tests.repo import ROOT, Repo

EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples(example: Path, repo: Repo) -> None:
    shutil.copytree(example, repo.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("replies", "expected"))
    shutil.copytree(example / "expected", repo.path, dirs_exist_ok=True)
    repo.commit()
    stored = [path for path in (repo.path / ".jiti").rglob("*.py") if not path.name.startswith("test_scratch_")]
    merged = compare(repo)
    assert (merged.problems, merged.refused) == ((), ())
    assert len(merged.keys) == len(stored) > 5
    assert merged.tests > 80
    formatted = repo.run(str(BIN / "ruff"), "format", "--check")
    assert formatted.code == 0, formatted.out
