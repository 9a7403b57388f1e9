"""Every case is played. `python -m pytest tests/cases -k NAME` plays one."""

import sys
from pathlib import Path

import pytest

from tests.cases.case import Case, read
from tests.cases.stage import play
from tests.repo import Repo

ROOT = Path(__file__).parent
CASES = [read(path, ROOT) for path in sorted(ROOT.glob("*/*.md"))]
HERE = [case for case in CASES if sys.version_info[:2] >= case.needs]


def _name(case: Case) -> str:
    """The case's name; ``-k newer`` chooses those that the oldest Python cannot read."""
    return f"{case.name}-newer" if case.needs > (3, 0) else case.name


@pytest.mark.parametrize("case", HERE, ids=[_name(case) for case in HERE])
def test_case(case: Case, repo: Repo) -> None:
    play(case, repo)
