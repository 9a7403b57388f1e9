"""Show what was said while a stub was worked on, turn by turn, and what it cost.

Transcripts stay on the machine that wrote them: git ignores them.
"""

import argparse
import json
import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from jiti_bot.agent.record import Event, Record, read, records
from jiti_bot.commands.terminal import Screen, columns, printable, screen
from jiti_bot.errors import OK, TargetError
from jiti_bot.layout import STORE
from jiti_bot.workspace import Workspace, open_workspace

_OUTCOMES = {"done": "green", "kept": "green", "gaveup": "red", "error": "red"}
_LONGEST = 24  # lines of a tool's input or answer; --full shows all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "key", nargs="?", metavar="KEY", help="a stub's key, or the end of one; without it, list what there is"
    )
    parser.add_argument("--full", action="store_true", help="show what the model was told, and long texts whole")
    parser.add_argument("--json", action="store_true", help="print the transcript as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Show one transcript, or list them all."""
    workspace = open_workspace(arguments.directory, os.environ)
    found = [path for store in _stores(workspace) for path in records(store)]
    where = screen(sys.stdout, os.environ)
    if arguments.key is None:
        _list([read(path) for path in found], as_json=arguments.json)
        return OK
    record = read(_choose(found, arguments.key))
    if arguments.json:
        print(json.dumps({"key": record.key, "events": record.events}, ensure_ascii=False, indent=2))
        return OK
    for line in render(record.events, where, full=arguments.full):
        print(line)
    return OK


def _stores(workspace: Workspace) -> list[Path]:
    """The stores of the project's stubs, and the usual one: a stub may be gone and its transcript still be there."""
    index = workspace.index(workspace.work_tree())
    stores = {spec.store for spec in index.specs(gates=False)} | {workspace.settings.store or STORE}
    return [Path(workspace.root, store) for store in sorted(stores)]


def render(events: Sequence[Event], where: Screen, *, full: bool = False) -> Iterator[str]:
    """The lines of a transcript, for people. What a model or a file said cannot steer the terminal."""
    return (line for event in events for line in _Sheet(where, full=full).lines(event))


class _Sheet:
    """Writes events down."""

    def __init__(self, where: Screen, *, full: bool) -> None:
        self._paint = where.paint
        self._width = min(120, where.width or 120)
        self._full = full

    def lines(self, event: Event) -> Iterator[str]:
        match event.get("event"):
            case "begin":
                yield self._line("", str(event.get("key")), "bold") + self._line(
                    "  ", f"{event.get('model')}, {event.get('at')}", "dim"
                )
                for text in (*event.get("system", ()), event.get("first", "")) if self._full else ():
                    yield ""
                    yield from self._prose(str(text))
            case "together":
                yield ""
                keys = [str(key) for key in event.get("keys", ())]
                yield self._line("", f"Written together: {', '.join(keys)}", "bold")
                if "first" not in event:
                    yield self._line("  ", f"`jiti log {next(iter(keys), '')}` shows it", "dim")
                for text in (event.get("first", ""),) if self._full else ():
                    yield ""
                    yield from self._prose(str(text))
            case "again":
                yield ""
                yield self._line("", "It goes on, with what it waited for.", "yellow")
            case "turn":
                yield from self._turn(event)
            case "result":
                first, _, rest = str(event.get("text", "")).strip("\n").partition("\n")
                yield self._line("  ", f"← {first}", _style(event))
                yield from self._block(rest, "    ", "dim")
            case "waiting":
                yield self._line("  ", f"waited {event.get('seconds')} s: {event.get('reason')}", "yellow")
            case "end":
                yield ""
                yield self._end(event)

    def _turn(self, event: Event) -> Iterator[str]:
        tokens = event.get("tokens", {})
        given = sum(tokens.get(name, 0) for name in ("input", "cache_write", "cache_read"))
        facts = f"{given:,} in, {tokens.get('cache_read', 0):,} of them cached, {tokens.get('output', 0):,} out"
        yield ""
        yield self._line("", f"Turn {event.get('turn')}", "bold") + self._line(
            "  ", f"{facts}, {_money(event.get('usd'))}", "dim"
        )
        yield from self._prose(str(event.get("thinking") or ""), "dim")
        yield from self._prose(str(event.get("text") or ""))
        for call in event.get("calls", ()):
            yield self._line("  ", f"→ {call.get('tool')}", "cyan")
            fields = call.get("input")
            if isinstance(fields, dict):
                yield from self._fields(fields)
            else:
                yield from self._block(str(call.get("raw", "")), "      ", "red")
        if event.get("stop") not in {"tool_use", "end_turn"}:
            yield self._line("  ", f"stopped: {event.get('stop')}", "yellow")

    def _fields(self, fields: Event) -> Iterator[str]:
        for name, value in fields.items():
            text = str(value)
            if "\n" in text.strip():
                yield self._line("    ", name, "dim")
                yield from self._block(text, "      ")
            elif text.strip():
                yield f"{self._line('    ', name, 'dim')} {printable(text.strip())}"

    def _end(self, event: Event) -> str:
        outcome, reason, turns = str(event.get("outcome")), event.get("reason"), event.get("turns", 0)
        facts = f"{_turns(turns)}, {_money(event.get('usd'))}"
        words = f"{_words(outcome)}{f': {reason}' if reason else ''}"
        return self._line("", words, _OUTCOMES.get(outcome, "yellow")) + self._line("  ", facts, "dim")

    def _line(self, indent: str, text: str, *styles: str) -> str:
        return (indent + self._paint(printable(text), *styles)).rstrip()

    def _block(self, text: str, indent: str, *styles: str) -> Iterator[str]:
        """Lines as they are, no more than fit."""
        lines = text.strip("\n").splitlines()
        for line in lines if self._full else lines[:_LONGEST]:
            yield self._line(indent, line, *styles)
        if not self._full and len(lines) > _LONGEST:
            yield self._line(indent, f"... {len(lines) - _LONGEST} more lines, with --full", "dim")

    def _prose(self, text: str, *styles: str) -> Iterator[str]:
        """Lines broken to the width."""
        for line in text.strip().splitlines():
            for part in textwrap.wrap(line, self._width - 2, break_long_words=False, break_on_hyphens=False) or [""]:
                yield self._line("  ", part, *styles)


def _style(event: Event) -> str:
    text = str(event.get("text", ""))
    if event.get("error") or text.startswith("FAILED"):
        return "red"
    return "green" if text.startswith("PASSED") else "dim"


def _list(found: Sequence[Record], *, as_json: bool) -> None:
    rows = [record.summary() for record in found]
    if as_json:
        print(json.dumps({"transcripts": rows}, ensure_ascii=False, indent=2))
    elif not rows:
        print("Nothing was generated on this machine yet: `jiti generate` writes transcripts.")
    else:
        cells = [
            (str(row["key"]), _words(row["outcome"]), _turns(row["turns"]), _money(row["usd"]), str(row["at"]))
            for row in rows
        ]
        print(*columns([tuple(map(printable, row)) for row in cells]), sep="\n")


def _words(outcome: object) -> str:
    return {"gaveup": "gave up"}.get(str(outcome), str(outcome))


def _turns(number: object) -> str:
    return f"{number} turn{'s' * (number != 1)}"


def _money(usd: object) -> str:
    return f"${usd:.4f}" if isinstance(usd, int | float) else "cost unknown"


def _choose(found: Sequence[Path], key: str) -> Path:
    name = key.replace("::", "..").replace("/", ".")
    exact = [path for path in found if path.stem == name]
    ends = exact or [path for path in found if path.stem.endswith(f".{name}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise TargetError(f"{key} may be {', '.join(path.stem for path in ends)}.", remedy="Name one of them in full.")
    raise TargetError(
        f"there is no transcript of {key}.", remedy="`jiti log` lists those there are; `jiti generate` writes them."
    )
