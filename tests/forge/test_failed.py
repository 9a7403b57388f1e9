"""What failed stays in the pull request's memory, with its last report."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.forge import body, state
from jiti_bot.forge.model import Publication, Unchanged, Updated
from jiti_bot.forge.publish import publish
from jiti_bot.planning.result import TRIED, Outcome
from tests.forge.kit import open_hub, publication
from tests.github.hub import GitHub

SLUG, TITLE = "app.text.slug", "app.text.title"
REPORT = "gates:\nassert shout('a') == 'A!'"


def failing(github: GitHub, **facts: object) -> Publication:
    """A publication in which one of two failed, after the model was asked."""
    found = publication(github.branches()["main"], {SLUG: "1"}, failed={TITLE: REPORT})
    slug, title = found.sections
    return replace(found, sections=(slug, replace(title, result=replace(title.result, **{"turns": 3, **facts}))))


def left_alone(github: GitHub) -> Publication:
    """The same, by a later run that did not try it again."""
    return failing(github, outcome=Outcome.SKIPPED, turns=0, attempts=0, reason="it was tried", code=TRIED)


def memory(github: GitHub) -> state.Remembered:
    return state.read(github.pulls[-1].body or "")


def test_a_later_run_changes_nothing(github: GitHub) -> None:
    publish(open_hub(github), failing(github))
    before = github.snapshot()
    assert isinstance(publish(open_hub(github), left_alone(github)), Unchanged)
    assert github.snapshot() == before
    assert memory(github).failed == {TITLE: REPORT}
    assert "`/jiti retry`, or a change to the stub or a gate, tries again" in (github.pulls[-1].body or "")


def test_its_last_report_is_told_again(github: GitHub) -> None:
    publish(open_hub(github), failing(github))
    later = left_alone(github)
    later = replace(later, specs={**later.specs, SLUG: "another"})
    assert isinstance(publish(open_hub(github), later), Updated)
    assert "assert shout('a') == 'A!'" in (github.pulls[-1].body or "").partition("<!-- jiti-bot:state")[0]
    assert memory(github).failed == {TITLE: REPORT}


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"turns": 0}, id="cost-nothing"),
        pytest.param({"outcome": Outcome.SKIPPED, "code": "budget"}, id="money-ran-out"),
        pytest.param({"outcome": Outcome.SKIPPED, "code": "service"}, id="service-failed"),
        pytest.param({"outcome": Outcome.SKIPPED, "code": TRIED}, id="waits-for-another"),
        pytest.param({"outcome": Outcome.CONFLICT, "code": "conflict"}, id="a-person-s"),
        pytest.param({"outcome": Outcome.RESTORED}, id="passes-by-now"),
    ],
)
def test_what_is_tried_again(github: GitHub, facts: dict[str, object]) -> None:
    publish(open_hub(github), failing(github, **facts))
    assert memory(github).failed == {}


def test_it_passes_at_last(github: GitHub) -> None:
    publish(open_hub(github), failing(github))
    publish(open_hub(github), publication(github.branches()["main"], {SLUG: "1", TITLE: "1"}))
    assert memory(github).failed == {}


@given(st.dictionaries(st.text(min_size=1, max_size=80), st.text(max_size=3_000), max_size=12))
def test_reports_are_bounded_and_bounded_again_the_same(failed: dict[str, str]) -> None:
    kept = state.reports(failed)
    assert state.reports(kept) == kept
    assert all(failed[key].startswith(report) for key, report in kept.items())
    odd = [key for key, report in kept.items() if not (key + report).isascii()]
    assert odd or len(str(kept)) <= state.MAX_FAILED


def test_hundreds_of_failures_leave_room_for_words() -> None:
    failed = {f"app.module.number_{number}": "😀" * 5_000 for number in range(300)}
    kept = state.Remembered(failed=failed)
    text = state.write(kept)
    assert len(text) < state.MAX_FAILED + 500
    assert set(state.read(text).failed) <= set(failed)
    assert len(body.render([], memory=kept)) < body.LIMIT
