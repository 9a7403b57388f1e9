"""What a run shows: lines for logs, a board for people."""

import io
from decimal import Decimal

import pytest
from rich.console import Console

from jiti_bot.agent.events import Checked, Event, Finished, Heard, Paid, ToolCalled, TurnStarted, Waiting
from jiti_bot.agent.outcome import Postponed, Spent, Usage
from jiti_bot.commands.progress import Board, Lines, describe, say, watching
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.validation.model import Check

KEY = "app.f"
SPENT = Spent(1, Usage(), Decimal(0))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param(Heard(KEY, "hm", thinking=True), "", id="heard"),
        pytest.param(Paid(KEY, Usage(), Decimal(1)), "", id="paid"),
        pytest.param(TurnStarted(KEY, 2), "turn 2", id="turn"),
        pytest.param(ToolCalled(KEY, "submit", "3 lines"), "submit: 3 lines", id="tool"),
        pytest.param(ToolCalled(KEY, "observed_calls", ""), "observed_calls", id="tool-without-input"),
        pytest.param(Checked(KEY, 1, True, (Check("ruff", True),)), "attempt 1 passed", id="passed"),
        pytest.param(
            Checked(KEY, 2, False, (Check("ruff", True), Check("ty", False), Check("gates", False))),
            "attempt 2 refused by ty, gates",
            id="refused",
        ),
        pytest.param(Waiting(KEY, 12.4, "overloaded"), "waits 12 s: overloaded", id="waiting"),
        pytest.param(Finished(KEY, Postponed(("app.g",), SPENT, None)), "waits for app.g", id="postponed"),
        pytest.param(Finished(KEY, None), "final validation", id="finished"),
    ],
)
def test_say(event: Event, words: str) -> None:
    assert say(event) == words


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Result(KEY, Outcome.CURRENT, "p"), "current"),
        (Result(KEY, Outcome.REVALIDATED, "p", seconds=0.31), "revalidated (0.3 s)"),
        (
            Result(KEY, Outcome.GENERATED, "p", attempts=2, turns=3, seconds=4.04, usd=0.0123),
            "generated (2 attempts, 3 turns, $0.0123, 4.0 s)",
        ),
        (
            Result(KEY, Outcome.FAILED, "p", attempts=1, turns=1, seconds=1, usd=None),
            "failed (1 attempt, 1 turn, price unknown, 1.0 s)",
        ),
    ],
    ids=["current", "revalidated", "generated", "failed"],
)
def test_describe(result: Result, words: str) -> None:
    assert describe(result) == words


def test_lines_tell_what_matters_in_a_log() -> None:
    written: list[str] = []
    lines = Lines(written.append)
    lines.event(TurnStarted(KEY, 1))
    lines.event(ToolCalled(KEY, "submit", "1 line"))
    lines.result(Result(KEY, Outcome.FAILED, "p", reason="gates:\nassert 1 == 2"))
    assert written == ["app.f: submit: 1 line\n", "app.f: failed (0.0 s)\n", "    gates:\n", "    assert 1 == 2\n"]


def test_the_board_has_a_line_for_each_unit_at_work() -> None:
    out = io.StringIO()
    console = Console(file=out, width=100)
    board = Board(console, 3, clock=lambda: 0.0)
    board.event(TurnStarted(KEY, 1))
    board.event(Heard("app.g", "hm", thinking=True))
    board.event(Paid(KEY, Usage(), Decimal("0.25")))
    console.print(board)
    assert [line[2:] for line in out.getvalue().splitlines()[:2]] == ["app.f turn 1 0 s", "app.g thinking 0 s"]
    assert out.getvalue().splitlines()[2] == "0 of 3 done · $0.2500"
    board.result(Result(KEY, Outcome.GENERATED, "p"))
    assert "✓ app.f generated (0.0 s)" in out.getvalue()


@pytest.mark.parametrize(("quiet", "shown"), [(True, ""), (False, "app.f: generated (0.0 s)\n")])
def test_what_is_no_terminal_gets_lines(quiet: bool, shown: str) -> None:
    out = io.StringIO()
    with watching(out, 1, quiet=quiet) as progress:
        progress.event(TurnStarted(KEY, 1))
        progress.result(Result(KEY, Outcome.GENERATED, "p"))
    assert out.getvalue() == shown
