"""The terminal: chapters, code, tables, and the work on each stub as it happens. The demo's one door to rich."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.spinner import Spinner
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from jiti_bot.agent.events import Checked, Event, Finished, Heard, Paid, ToolCalled, TurnStarted, Waiting
from jiti_bot.agent.outcome import Done, GaveUp, Kept, Postponed
from jiti_bot.planning.result import Result

WIDTH = 100
_THEME = "ansi_dark"
_REPORT_LINES = 9


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Signs that the terminal can show."""

    ok: str = "✓"
    bad: str = "✗"
    stub: str = "●"
    tool: str = "→"
    more: str = "…"
    dot: str = "·"


_ASCII = Glyphs("ok", "FAILED", "*", "->", "...", "-")


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the demo is told. ``live`` says whether lines may move, as on a terminal."""

    console: Console
    glyphs: Glyphs
    live: bool

    @classmethod
    def on(cls, stream: TextIO, *, plain: bool) -> Self:
        """A screen on ``stream``; ``plain`` means no colours and nothing that moves."""
        console = Console(
            file=stream, color_system=None if plain else "auto", highlight=False, soft_wrap=False, emoji=False
        )
        if console.width > WIDTH or not console.is_terminal:
            console.width = WIDTH
        return cls(console, _ASCII if console.options.ascii_only else Glyphs(), console.is_terminal and not plain)

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.print(Rule(Text(f" {title} ", "bold"), align="left", style="cyan"))
        self.console.print()

    def say(self, text: str) -> None:
        """Say something; ``text`` may hold rich markup."""
        self._put(text)

    def command(self, line: str) -> None:
        """Show a command as one would type it."""
        self._put(f"[bold green]$[/] [bold]{escape(line)}[/]")

    def output(self, text: str, last: int = 6) -> None:
        """Show the last lines that a command printed."""
        lines = [line for line in text.rstrip().splitlines() if line.strip()]
        self._put(Text("\n".join(lines[-last:]), "dim"))

    def ansi(self, text: str) -> None:
        """Show what another command printed, in its colours."""
        self._put(Text.from_ansi(text))

    @property
    def coloured(self) -> bool:
        """Whether the terminal shows colours."""
        return self.console.color_system is not None

    def code(self, text: str, where: str) -> None:
        """Show a piece of Python and the file it stands in."""
        self._put(f"[cyan]{escape(where)}[/]")
        self._put(Syntax(text.rstrip(), "python", theme=_THEME, background_color="default", word_wrap=True), indent=4)
        self.console.print()

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        self._put(table)

    def markdown(self, text: str) -> None:
        """Show Markdown as a reader would see it."""
        self._put(Markdown(text, code_theme=_THEME))

    @contextmanager
    def watch(self, total: int) -> Generator["Watcher"]:
        """Show the work on ``total`` stubs while it happens."""
        watcher = Watcher(self, total)
        if not self.live:
            yield watcher
            return
        with Live(watcher.footer(), console=self.console, transient=True, refresh_per_second=12) as live:
            watcher.live = live
            yield watcher

    def _put(self, what: RenderableType, indent: int = 2) -> None:
        self.console.print(Padding(what, (0, 0, 0, indent), expand=False))


class Watcher:
    """Tells the events of a run; called from any thread. ``proved`` and ``usd`` count what came of it."""

    def __init__(self, screen: Screen, total: int) -> None:
        self.screen = screen
        self.total = total
        self.proved = 0
        self.caught = 0
        self.usd = Decimal(0)
        self.live: Live | None = None
        self._spinner = Spinner("dots", style="cyan")
        self._heard: dict[str, str] = {}
        self._passed: set[str] = set()
        self._current = ""
        self._lock = threading.Lock()

    def event(self, event: Event) -> None:
        """Tell one event."""
        with self._lock:
            match event:
                case TurnStarted():
                    self._turn(event)
                case Heard():
                    self._heard[event.key] = self._heard.get(event.key, "") + event.text
                case ToolCalled():
                    self._think(event.key)
                    self._line(
                        f"[cyan]{self.screen.glyphs.tool}[/] {escape(event.tool)} [dim]{escape(event.summary)}[/]"
                    )
                case Checked():
                    self._checked(event)
                case Paid():
                    self.usd += event.usd or 0
                case Waiting():
                    self._line(f"[yellow]waits {event.seconds:.0f} s[/]: {escape(event.reason)}")
                case Finished():
                    self._finished(event)
            self._move()

    def _turn(self, event: TurnStarted) -> None:
        self._enter(event.key)
        if event.key in self._passed:
            self._passed.discard(event.key)
            self._line("[yellow]passes, but is not yet as good as this stub asks for: one round to make it better[/]")

    def _enter(self, key: str) -> None:
        if key != self._current:
            self._current = key
            self.screen.console.print()
            self.screen.say(f"[cyan]{self.screen.glyphs.stub}[/] [bold]{escape(key)}[/]")

    def _think(self, key: str) -> None:
        self._enter(key)
        thought = " ".join(self._heard.pop(key, "").split())
        if thought:
            self._line(Text(thought, "italic dim"))

    def _checked(self, event: Checked) -> None:
        self._think(event.key)
        signs = self.screen.glyphs
        marks = [
            f"[green]{check.name} {signs.ok}[/]" if check.ok else f"[bold red]{check.name} {signs.bad}[/]"
            for check in event.checks
        ]
        self._line("  ".join(marks), indent=6)
        if event.ok:
            self._passed.add(event.key)
            return
        self.caught += 1
        lines = [line for line in event.report.splitlines() if line.strip()]
        cut = [signs.more] if len(lines) > _REPORT_LINES else []
        self._line(Text("\n".join(lines[:_REPORT_LINES] + cut), "red"), indent=6)

    def _finished(self, event: Finished) -> None:
        self._think(event.key)
        match event.outcome:
            case Done(note=""):
                pass  # the line above shows what it passed; `result` says whether that was confirmed
            case Done(note=note):
                self._line(f"[yellow]{escape(note)}[/]")
            case Kept(reason=reason):
                self._line(f"kept as it is: {escape(reason)}")
            case GaveUp(reason=reason):
                self._line(f"[bold red]{self.screen.glyphs.bad} given up: {escape(reason)}[/]")
            case Postponed(keys=keys):
                self._line(f"[yellow]waits for {escape(', '.join(keys))}, which its gates call[/]")
            case None:
                self._line(f"[bold red]{self.screen.glyphs.bad} ended by an error[/]")

    def result(self, result: Result) -> None:
        """Tell what came of a stub after the final validation, in a fresh process."""
        dot = f" {self.screen.glyphs.dot} "
        sign = f"[bold green]{self.screen.glyphs.ok}[/]" if result.good else f"[bold red]{self.screen.glyphs.bad}[/]"
        tries = "at once" if result.attempts == 1 else f"at attempt {result.attempts}"
        words = f"proved {tries}{dot}{escape(result.path)}" if result.good else escape(result.reason)
        with self._lock:
            self.proved += result.good
            name = "" if result.key == self._current else f"[bold]{escape(result.key)}[/] "
            self._line(f"{sign} {name}{words}")
            self._move()

    def _line(self, what: str | Text, indent: int = 4) -> None:
        self.screen.console.print(Padding(what, (0, 0, 0, indent), expand=False))

    def _move(self) -> None:
        if self.live is not None:
            self.live.update(self.footer())

    def footer(self) -> RenderableType:
        """The line that moves: what is done, what it would have cost, what is being thought."""
        dot = self.screen.glyphs.dot
        thought = " ".join(self._heard.get(self._current, "").split())
        room = max(self.screen.console.width - len(self._current) - 40, 10)
        tail = thought if len(thought) <= room else self.screen.glyphs.more + thought[-room:]
        line = f" {self.proved} of {self.total} {dot} {_dollars(self.usd)} {dot} {self._current}  "
        self._spinner.update(text=Text.assemble(line, (tail, "italic dim"), no_wrap=True, overflow="crop"))
        return Padding(self._spinner, (1, 0, 0, 2))


def _dollars(usd: Decimal | None) -> str:
    return "price unknown" if usd is None else f"${usd:.4f}"
