"""Validation runs the project's own pytest, in which the plugin may be: it judges the same with it and without."""

import re
from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Examples, Outcome, Ran, RunTests
from tests.plugin import shop
from tests.sandbox import kit

INI = '["-p", "no:asyncio", "--strict-markers", "--jiti-scratch", "--jiti-target", "shop.money.parse"'
CONFTEST = (
    shop.CONFTEST
    + """

def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("jiti_gate"):
            item.user_properties.append(("gate", True))


@pytest.fixture(autouse=True)
def told(request):
    print("gate" if request.node.user_properties else "plain")
"""
)
WRONG = "def parse(raw: str) -> int:\n    return 100\n"


def make(root: Path, options: str) -> Path:
    for name, text in shop.FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    ini = shop.PYPROJECT.replace('["--strict-markers", "--strict-config"]', options)
    (root / "pyproject.toml").write_text(ini, "utf-8")
    (root / "conftest.py").write_text(CONFTEST, "utf-8")
    (root / shop.SHOW).unlink()
    return root


def run(root: Path) -> Ran:
    job = RunTests(
        nodes=("tests/test_money.py",),
        examples=(Examples("src/shop/money.py", "parse"),),
        files={shop.SCRATCH: shop.FILES[shop.SCRATCH]},
        staged={shop.PARSE: WRONG},
    )
    with kit.bench(root) as bench:
        ran = bench.run(job, timeout=60)
    assert isinstance(ran, Ran), ran
    return ran


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(make(tmp_path_factory.mktemp("with"), f"{INI}]"))


def test_options_of_the_project_are_known_and_change_nothing(judged: Ran) -> None:
    assert (judged.problems, judged.tampering) == ((), ())
    outcomes = {test.id.partition("::")[2]: test.outcome for test in judged.tests}
    assert outcomes == {
        "test_parse[1-100]": Outcome.PASSED,
        "test_parse[2.5-250]": Outcome.FAILED,
        "test_round_trip": Outcome.FAILED,
        "test_cents": Outcome.FAILED,
        "TestPurse::test_starts_empty": Outcome.FAILED,
        "TestPurse::test_adds": Outcome.PASSED,
        "PurseCase::test_total": Outcome.FAILED,
        "test_plain": Outcome.PASSED,
        "test_zero": Outcome.FAILED,
        "parse::doctest": Outcome.FAILED,
    }


def test_gates_are_marked_as_in_any_run(judged: Ran) -> None:
    said = {test.id.partition("::")[2]: test.output.split() for test in judged.tests}
    assert said["test_parse[1-100]"] == ["gate"]
    assert said["test_plain"] == ["plain"]


def test_details_are_those_of_a_run_without_it(judged: Ran, tmp_path: Path) -> None:
    other = run(make(tmp_path / "without", '["-p", "no:asyncio", "-p", "no:jiti"]'))
    assert told(judged) == told(other)
    assert any("outcomes.py" in detail for _, _, detail, _ in told(judged))


def told(ran: Ran) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """All but times, and the places of scratch folders."""
    return [(test.id, test.outcome, re.sub(r"/tmp/\S*/", "", test.detail), test.missing) for test in ran.tests]
