"""Several units judged with each other in place."""

from collections.abc import Iterator

import pytest

from jiti_bot.source.model import Spec
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Candidate, Check, Flag, Refused, Verdict, Waits
from jiti_bot.validation.together import Standing, drafts, joined
from tests.validation import projects

PARITY = '''\
"""Parity, the long way round."""

from jiti import jiti


@jiti
def even(number: int) -> bool:
    """Whether ``number`` is even.

    >>> even(4)
    True
    """
    raise NotImplementedError


@jiti
def odd(number: int) -> bool:
    """Whether ``number`` is odd.

    >>> odd(3)
    True
    """
    raise NotImplementedError
'''
EVEN, ODD = "return number == 0 or odd(number - 1)", "return number != 0 and even(number - 1)"

Site = tuple[Bench, dict[str, Spec]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    files = {"pyproject.toml": projects.PYPROJECT, "src/app/__init__.py": "", "src/app/parity.py": PARITY}
    root = projects.write(tmp_path_factory.mktemp("parity"), files)
    specs = projects.specs(root)
    with Bench(projects.project(root), level="auto", specs={spec.key: spec for spec in specs.values()}) as bench:
        yield bench, specs


def test_neither_can_be_judged_alone(site: Site) -> None:
    bench, specs = site
    verdict = bench.judge(Candidate(specs["even"], EVEN))
    assert isinstance(verdict, Waits)
    assert verdict.keys == ("app.parity.odd",)
    assert EVEN in verdict.drafts["app.parity.even"].text


def test_both_pass_with_each_other(site: Site) -> None:
    bench, specs = site
    verdicts = bench.judge_together([Candidate(specs["even"], EVEN), Candidate(specs["odd"], ODD)])
    assert isinstance(joined(verdicts), Accepted)
    passed = {key: (specs[key.rpartition(".")[2]], one) for key, one in drafts(verdicts).items()}
    assert all(isinstance(one, Accepted) for one in bench.prove(passed).values())


def test_what_was_drafted_before_stays(site: Site) -> None:
    bench, specs = site
    waiting = bench.judge(Candidate(specs["even"], EVEN))
    assert isinstance(waiting, Waits)
    even = Standing(specs["even"], waiting.drafts["app.parity.even"])
    verdicts = bench.judge_together([even, Candidate(specs["odd"], ODD)])
    assert isinstance(joined(verdicts), Accepted)
    assert drafts(verdicts)["app.parity.even"].text == even.draft.text


def test_a_report_names_the_member(site: Site) -> None:
    bench, specs = site
    verdict = joined(
        bench.judge_together([Candidate(specs["even"], EVEN), Candidate(specs["odd"], "return number < 0")])
    )
    assert isinstance(verdict, Refused)
    assert "## app.parity.odd\n\ndoctests: " in verdict.report
    guarded = joined(bench.judge_together([Candidate(specs["even"], EVEN), Candidate(specs["odd"], "return (")]))
    assert isinstance(guarded, Refused)
    assert "## app.parity.odd\n\nguards: 1 problem\nbody:1: it does not parse" in guarded.report
    assert "app.parity.even" not in guarded.report


OK = Accepted("text", "", (Check("guards", ok=True), Check("gates", ok=True)), (Flag("no-gates", "n"),))
WAITS = Waits(("b", "c"), (Check("guards", ok=True),), "its tests call b, c", {"a": OK})
BAD = Refused((Check("guards", ok=True), Check("gates", ok=False, detail="f failed")), "gates: f failed")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        pytest.param({"a": OK}, Accepted("", "", OK.checks, OK.flags), id="passed"),
        pytest.param({"a": OK, "b": BAD}, "## b\n\ngates: f failed", id="one-refused"),
        pytest.param({"a": BAD, "b": BAD}, "## a\n\ngates: f failed\n\n## b\n\ngates: f failed", id="both-refused"),
        pytest.param({"a": WAITS, "b": OK}, ("c",), id="waits-for-another"),
        pytest.param({"a": WAITS, "b": OK, "c": OK}, "its tests call b, c", id="what-is-in-place-cannot-be-loaded"),
    ],
)
def test_one_verdict_on_all(verdicts: dict[str, Verdict], expected: object) -> None:
    verdict = joined(verdicts)
    match verdict:
        case Accepted():
            assert verdict == expected
        case Refused():
            assert verdict.report == expected
        case Waits():
            assert (verdict.keys, sorted(verdict.drafts)) == (expected, ["a", "b"])


def test_a_check_that_failed_for_one_failed() -> None:
    found = {check.name: check for check in joined({"a": OK, "b": BAD}).checks}
    assert found["guards"].ok
    assert found["gates"] == Check("gates", ok=False, detail="b: f failed")
