"""After merging everything a project is plain Python and as good as it was. All cases: `python -m tests.graduation`."""

import shutil

import pytest

from tests.cases.case import read
from tests.cases.stage import play
from tests.examples.oracle import SEMVER
from tests.graduation.equivalence import BIN, CASES, compare, look
from tests.repo import Repo

SAMPLE = ("classes/kinds_of_methods", "stubs/import-spellings")


def test_the_example(repo: Repo) -> None:
    shutil.copytree(SEMVER, repo.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("replies", "expected"))
    shutil.copytree(SEMVER / "expected", repo.path, dirs_exist_ok=True)
    repo.commit()
    assert len(look(repo, with_jiti=True).passed) > 80
    merged = compare(repo)
    assert merged.problems == ()
    assert merged.stubs == 10
    formatted = repo.run(str(BIN / "ruff"), "format", "--check")
    assert formatted.code == 0, formatted.out


@pytest.mark.parametrize("name", SAMPLE)
def test_cases(name: str, repo: Repo) -> None:
    play(read(CASES / f"{name}.md", CASES), repo)
    merged = compare(repo)
    assert merged.problems == ()
    assert merged.stubs
