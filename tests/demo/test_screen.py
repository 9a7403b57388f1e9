"""What the demo's screen shows of each event, without colours and without motion."""

import io
from decimal import Decimal

import pytest

from jiti_bot.agent.events import Checked, Event, Finished, Heard, Paid, ToolCalled, TurnStarted, Waiting
from jiti_bot.agent.outcome import Done, GaveUp, Kept, Postponed, Spent, Usage
from jiti_bot.demo.screen import Screen
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.validation.model import Accepted, Check

KEY = "app.text.slug"
SPENT = Spent(3, Usage(), Decimal("0.0123"))
PASSED = Accepted("", "", ())


def told(*events: Event | Result, encoding: str = "utf-8") -> list[str]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    screen = Screen.on(stream, plain=True)
    with screen.watch(2) as watcher:
        for event in events:
            if isinstance(event, Result):
                watcher.result(event)
            else:
                watcher.event(event)
    stream.flush()
    return [line.rstrip() for line in raw.getvalue().decode(encoding).splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        pytest.param(Heard(KEY, "half a", thinking=True), [], id="a thought that goes on"),
        pytest.param(Paid(KEY, Usage(), Decimal(1)), [], id="money"),
        pytest.param(TurnStarted(KEY, 1), [f"  ● {KEY}"], id="a stub's first turn"),
        pytest.param(ToolCalled(KEY, "run_python", "[x]"), [f"  ● {KEY}", "    → run_python [x]"], id="a tool"),
        pytest.param(Waiting(KEY, 3.2, "busy"), ["    waits 3 s: busy"], id="patience"),
        pytest.param(
            Checked(KEY, 1, False, (Check("ruff", True), Check("ty", False)), "ty: wrong\n\nline 2"),
            [f"  ● {KEY}", "      ruff ✓  ty ✗", "      ty: wrong", "      line 2"],
            id="a refusal",
        ),
        pytest.param(Finished(KEY, Done(PASSED, SPENT, 9, 2)), [f"  ● {KEY}"], id="an end that the checks told"),
        pytest.param(
            Finished(KEY, Done(PASSED, SPENT, 6, 3, note="the improved version did not pass")),
            [f"  ● {KEY}", "    the improved version did not pass"],
            id="an end with a note",
        ),
        pytest.param(
            Finished(KEY, GaveUp("no money", "budget", SPENT)), [f"  ● {KEY}", "    ✗ given up: no money"], id="an end"
        ),
        pytest.param(Finished(KEY, Kept("same", SPENT)), [f"  ● {KEY}", "    kept as it is: same"], id="kept"),
        pytest.param(
            Finished(KEY, Postponed(("app.b",), SPENT, None)),
            [f"  ● {KEY}", "    waits for app.b, which its gates call"],
            id="a wait for another stub",
        ),
        pytest.param(Finished(KEY, None), [f"  ● {KEY}", "    ✗ ended by an error"], id="an error"),
    ],
)
def test_event(event: Event, lines: list[str]) -> None:
    assert told(event) == lines


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (Result(KEY, Outcome.GENERATED, ".jiti/x.py", attempts=1), f"    ✓ {KEY} proved at once · .jiti/x.py"),
        (Result(KEY, Outcome.GENERATED, ".jiti/x.py", attempts=3), f"    ✓ {KEY} proved at attempt 3 · .jiti/x.py"),
        (Result(KEY, Outcome.FAILED, ".jiti/x.py", reason="no [money]"), f"    ✗ {KEY} no [money]"),
    ],
)
def test_result(result: Result, line: str) -> None:
    assert told(result) == [line]


def test_result_of_the_stub_at_hand_needs_no_name() -> None:
    result = Result(KEY, Outcome.GENERATED, ".jiti/x.py", attempts=1)
    assert told(TurnStarted(KEY, 1), result)[-1] == "    ✓ proved at once · .jiti/x.py"


def test_thought_is_told_whole_when_something_follows_from_it() -> None:
    events = [Heard(KEY, "First ", thinking=True), Heard(KEY, "this.\n", thinking=True), ToolCalled(KEY, "submit", "")]
    assert told(TurnStarted(KEY, 1), *events) == [f"  ● {KEY}", "    First this.", "    → submit"]


def test_long_report_is_cut() -> None:
    report = "\n".join(f"line {number}" for number in range(40))
    lines = told(Checked(KEY, 1, False, (), report))
    assert lines[-1] == "      …"
    assert len(lines) < 12


def test_round_of_improvement_is_announced() -> None:
    lines = told(TurnStarted(KEY, 1), Checked(KEY, 1, True, (Check("ruff", True),)), TurnStarted(KEY, 2))
    assert "one round to make it better" in lines[-1]


def test_each_stub_gets_its_name_again_when_work_comes_back_to_it() -> None:
    assert told(TurnStarted("a", 1), TurnStarted("b", 1), TurnStarted("a", 2)) == ["  ● a", "  ● b", "  ● a"]


def test_signs_that_the_terminal_lacks_are_words() -> None:
    lines = told(Checked(KEY, 1, False, (Check("ruff", True), Check("ty", False))), encoding="ascii")
    assert lines == [f"  * {KEY}", "      ruff ok  ty FAILED"]
