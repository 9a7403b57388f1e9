"""What a run of ``jiti generate`` shows while it works: moving lines on a terminal, plain lines elsewhere.

The one door to rich for the commands. Events arrive from several threads.
"""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from jiti_bot.agent.events import Checked, Event, Finished, Heard, Joined, Paid, ToolCalled, TurnStarted, Waiting
from jiti_bot.agent.outcome import Postponed
from jiti_bot.planning.result import Outcome, Result

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_COLOURS = {
    Outcome.GENERATED: "green",
    Outcome.REVALIDATED: "green",
    Outcome.RESTORED: "green",
    Outcome.CURRENT: "dim",
    Outcome.FAILED: "bold red",
    Outcome.CONFLICT: "bold yellow",
    Outcome.SKIPPED: "yellow",
}


class Progress(Protocol):
    """Who is told."""

    def event(self, event: Event) -> None:
        """Something happened to a unit."""
        ...

    def result(self, result: Result) -> None:
        """A unit's turn ended."""
        ...


def dollars(usd: float | None) -> str:
    """Money for people."""
    return "price unknown" if usd is None else f"${usd:.4f}"


def describe(result: Result) -> str:
    """One line about a result, without its key."""
    facts = []
    if result.attempts:
        facts.append(f"{result.attempts} attempt{'s' * (result.attempts != 1)}")
    if result.turns:
        facts.append(f"{result.turns} turn{'s' * (result.turns != 1)}")
        facts.append(dollars(result.usd))
    if result.outcome is not Outcome.CURRENT:
        facts.append(f"{result.seconds:.1f} s")
    return f"{result.outcome.value} ({', '.join(facts)})" if facts else result.outcome.value


def say(event: Event) -> str:
    """One line about an event, without its key; empty for what is not worth a line."""
    match event:
        case Joined(others=others):
            return f"is written together with {', '.join(others)}"
        case TurnStarted(turn=turn):
            return f"turn {turn}"
        case ToolCalled(tool=tool, summary=summary):
            return f"{tool}: {summary}" if summary else tool
        case Checked(ok=ok, checks=checks, attempt=attempt):
            failed = ", ".join(check.name for check in checks if not check.ok)
            return f"attempt {attempt} passed" if ok else f"attempt {attempt} refused by {failed or 'validation'}"
        case Waiting(seconds=seconds, reason=reason):
            return f"waits {seconds:.0f} s: {reason}"
        case Finished(outcome=Postponed(keys=keys)):
            return f"waits for {', '.join(keys)}"
        case Finished():
            return "final validation"
        case _:
            return ""


class Lines:
    """Plain lines, for logs and pipes."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._lock = threading.Lock()

    def event(self, event: Event) -> None:
        """Write a line for what matters in a log."""
        waits = isinstance(event, Finished) and isinstance(event.outcome, Postponed)
        if waits or isinstance(event, Checked | Waiting | ToolCalled | Joined):
            self._line(f"{event.key}: {say(event)}")

    def result(self, result: Result) -> None:
        """Write the result, and why it is no better."""
        self._line(f"{result.key}: {describe(result)}")
        if result.reason:
            for line in result.reason.rstrip().splitlines():
                self._line(f"    {line}")
        for flag in result.flags:
            self._line(f"    note: {flag}")

    def _line(self, text: str) -> None:
        with self._lock:
            self._write(f"{text}\n")


class Quiet:
    """Nothing at all: the caller reads JSON."""

    def event(self, event: Event) -> None:
        """Nothing."""

    def result(self, result: Result) -> None:
        """Nothing."""


@dataclass(slots=True)
class _Row:
    doing: str
    since: float


class Board:
    """A line for each unit that is worked on, finished ones above. Drawn again by rich a few times a second."""

    def __init__(self, console: "Console", total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._total = total
        self._clock = clock
        self._rows: dict[str, _Row] = {}
        self._done = 0
        self._usd = 0.0
        self._lock = threading.Lock()

    def event(self, event: Event) -> None:
        """Move the unit's line."""
        with self._lock:
            if isinstance(event, Paid):
                self._usd += float(event.usd or 0)
            elif isinstance(event, Heard):
                self._row(event.key).doing = "thinking" if event.thinking else "writing"
            elif words := say(event):
                self._row(event.key).doing = words

    def result(self, result: Result) -> None:
        """Print the result above the moving lines."""
        from rich.text import Text

        with self._lock:
            self._rows.pop(result.key, None)
            self._done += 1
        mark = "✓" if result.good else "✗"
        colour = _COLOURS[result.outcome]
        self._console.print(
            Text.assemble((f"{mark} ", colour), (result.key, "bold"), " ", (describe(result), colour)), soft_wrap=True
        )
        if result.reason and not result.good:
            self._console.print(Text(_indented(result.reason), "dim"), soft_wrap=True)
        for flag in result.flags:
            self._console.print(Text(_indented(f"note: {flag}"), "dim"), soft_wrap=True)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.spinner import Spinner
        from rich.text import Text

        now = self._clock()
        with self._lock:
            rows = [(key, row.doing, now - row.since) for key, row in self._rows.items()]
            summary = f"{self._done} of {self._total} done · {dollars(self._usd)}"
        for key, doing, seconds in rows:
            line = Text.assemble(
                (key, "bold"), f" {doing} ", (f"{seconds:.0f} s", "dim"), no_wrap=True, overflow="ellipsis"
            )
            yield Spinner("dots", text=line, style="cyan").render(now)
        yield Text(summary, "dim")

    def _row(self, key: str) -> _Row:
        return self._rows.setdefault(key, _Row("waiting for the model", self._clock()))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())


@contextmanager
def watching(stream: TextIO, total: int, *, quiet: bool = False) -> Generator[Progress]:
    """The display that fits ``stream``."""
    if quiet:
        yield Quiet()
        return
    if not stream.isatty():

        def write(text: str) -> None:
            stream.write(text)
            stream.flush()

        yield Lines(write)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream, highlight=False, emoji=False)
    board = Board(console, total)
    with Live(board, console=console, transient=True, refresh_per_second=10):
        yield board
