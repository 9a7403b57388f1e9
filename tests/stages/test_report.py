"""What people see of a run: bounded, safe, and true."""

from dataclasses import replace

import pytest

from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages import report, schema
from jiti_bot.stages.event import Task
from jiti_bot.stages.model import Decision, Work
from jiti_bot.stages.report import Told
from tests.stages.events import SHA

DECISION = Decision(Task.GENERATE, "main was pushed to", "main", SHA)
GOOD = Result("app.a", Outcome.GENERATED, ".jiti/a.py", attempts=2, usd=0.25, checks=(("ruff", True), ("gates", True)))
BAD = Result("app.b", Outcome.FAILED, ".jiti/b.py", attempts=3, checks=(("gates", False),), reason="it\nfailed")
PLAN = {"stubs": [{"key": "app.b", "file": "app.py", "line": 7}], "findings": []}
OPENED = {"outcome": "opened", "number": 3, "url": "https://x/3", "sha": SHA, "reason": ""}


def told(*results: Result, **more: object) -> Told:
    return replace(Told(DECISION, PLAN, Work(SHA, {}, results), OPENED), **more)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        pytest.param(Told(), "## jiti-bot\n", id="nothing"),
        pytest.param(Told(Decision(Task.NOTHING, "v1 is a tag")), "v1 is a tag: nothing.", id="ignored"),
        pytest.param(told(), "No stub needed anything.", id="no-work"),
        pytest.param(told(GOOD), "main was pushed to.\n\nOpened [pull request #3](https://x/3).", id="published"),
        pytest.param(told(GOOD), "**1 generated**; $0.25.", id="counts"),
        pytest.param(told(replace(GOOD, usd=0.0)), "**1 generated**; $0.00.", id="free"),
        pytest.param(told(replace(GOOD, usd=0.0021)), "**1 generated**; $0.0021.", id="less-than-a-cent"),
        pytest.param(told(GOOD, published={**OPENED, "url": "javascript:x"}), "Opened pull request #3.", id="no-link"),
        pytest.param(told(GOOD), "| `app.a` | generated | ✅ ruff ✅ gates | 2 |", id="table"),
        pytest.param(told(BAD), "### `app.b`: failed\n\n```text\nit\nfailed\n```", id="failure"),
        pytest.param(told(GOOD, published={**OPENED, "outcome": "declined", "reason": "A person closed it."}),
                     "Left closed: [pull request #3](https://x/3). A person closed it.", id="declined"),
        pytest.param(told(GOOD, published={**OPENED, "outcome": "outdated", "number": 0, "reason": "It is gone."}),
                     "No pull request. It is gone.", id="outdated"),
        pytest.param(told(work=Work(SHA, {}, (), "there is no key")), "**The run ended early:** there is no key",
                     id="error"),
    ],
)  # fmt: skip
def test_the_summary(what: Told, said: str) -> None:
    assert said in report.summary(what)
    assert schema.check({"format": 1, **report.as_json(what)}, "report") == ""


def test_notes_stand_on_the_stubs_lines() -> None:
    (note,) = report.notes(told(GOOD, BAD))
    assert (note["level"], note["file"], note["line"], note["title"]) == ("error", "app.py", 7, "jiti: app.b: not done")
    assert note["message"] == "it\nfailed"


def test_flags_are_notices_and_findings_warnings() -> None:
    found = {"file": "x.py", "line": 2, "message": "It has a body."}
    notes = report.notes(told(replace(GOOD, flags=("reads the clock",)), plan={"stubs": [], "findings": [found]}))
    assert [(note["level"], note["message"]) for note in notes] == [
        ("warning", "It has a body."),
        ("notice", "reads the clock"),
    ]


def test_no_more_notes_than_github_shows() -> None:
    bad = [replace(BAD, key=f"app.b{number}", flags=("a", "b")) for number in range(40)]
    notes = report.notes(told(*bad))
    levels = [note["level"] for note in notes]
    assert (levels.count("error"), levels.count("notice")) == (10, 10)
    assert "31 more" in notes[9]["message"]


def test_three_hundred_failures_fit_in_a_summary() -> None:
    bad = [replace(BAD, key=f"app.b{number}", reason="ä" * 90_000) for number in range(300)]
    what = told(*bad)
    text = report.summary(what)
    assert len(text.encode()) <= report.MAX_SUMMARY + 200
    assert schema.check({"format": 1, **report.as_json(what)}, "report") == ""
    assert text.count("```") % 2 == 0


def test_words_of_others_only_show() -> None:
    odd = "<img src=x> @everyone fixes #1 \x1b[31m \u202e `` -->"
    bad = replace(BAD, key=odd, reason=odd, checks=((odd, False),), flags=(odd,))
    text = report.summary(told(bad, published={**OPENED, "reason": odd}))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "Opened [pull request #3](https://x/3). \\<img src=x\\> @\u200beveryone fixes #\u200b1" in text
    assert "```<img" in text  # a code span whose fence nothing inside of it can end


def test_outputs() -> None:
    assert report.outputs(told(GOOD, BAD)) == {
        "task": "generate",
        "outcome": "opened",
        "pull-request-number": "3",
        "pull-request-url": "https://x/3",
        "done": "1",
        "failed": "1",
        "usd": "0.25",
    }
