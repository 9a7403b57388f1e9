"""Every case is played, and some are left afterwards. `python -m pytest tests/cases -k NAME` plays one."""

import sys
from pathlib import Path

import pytest

from tests import lean
from tests.cases.case import Case, read
from tests.cases.stage import play
from tests.graduation.equivalence import compare
from tests.repo import Repo

ROOT = Path(__file__).parent
CASES = [read(path, ROOT) for path in sorted(ROOT.glob("*/*.md"))]
# Merged when they were played, for they have one stub of every kind together. All: `python -m tests.graduation`.
LEFT = frozenset(
    f"{folder}/{name}"
    for folder, names in {
        "classes": "dataclasses generic kinds_of_methods other_decorators written_methods",
        "gates": "doctests fixtures jiti_test jiti_test_kinds test_classes test_packages unittest_cases",
        "life": "even_and_odd moved_and_renamed",
        "settings": "store",
        "stubs": "async-function async-generator caches conditional-definitions dataclasses decorators generator"
        " helpers hints host-bytes import-spellings nested-classes overloads placeholders postponed-annotations"
        " private-attributes properties same-key special-methods src-layout standard-decorators"
        " static-and-class-methods type-parameters",
        "uses": "aliased another-stub",
    }.items()
    for name in names.split()
)
# Their tests are written for plugins of pytest; all others' projects have pytest and jiti alone, as most have.
PLUGINS = frozenset(
    {
        "gates/addopts",
        "gates/anyio_backends",
        "gates/asyncio_auto",
        "gates/asyncio_strict",
        "gates/hypothesis_gate",
        "gates/jiti_test_kinds",
    }
)
HERE = [case for case in CASES if sys.version_info[:2] >= case.needs]


def _name(case: Case) -> str:
    """The case's name; ``-k newer`` chooses those that the oldest Python cannot read."""
    return f"{case.name}-newer" if case.needs > (3, 0) else case.name


@pytest.mark.parametrize("case", HERE, ids=[_name(case) for case in HERE])
def test_case(case: Case, repo: Repo) -> None:
    repo = repo if case.name in PLUGINS else lean.within(repo)
    play(case, repo)
    if case.name in LEFT:
        merged = compare(repo)
        assert merged.problems == ()
        assert merged.tests


def test_those_named_are_cases() -> None:
    assert {case.name for case in CASES} >= LEFT | PLUGINS
