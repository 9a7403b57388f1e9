"""``jiti log [KEY]``: what was said while a stub was worked on, and what it cost."""

import argparse
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from jiti_bot import settings
from jiti_bot.agent.record import Event, Record, read, records
from jiti_bot.errors import TargetError
from jiti_bot.layout import STORE, is_boundary

HELP = "show what was said while a stub was worked on, and what it cost"
_CODES = {"title": "1", "dim": "2", "good": "32", "bad": "31", "tool": "36", "note": "33"}
_MARKS = {"done": "good", "kept": "good", "gaveup": "bad", "error": "bad", "postponed": "note"}
_LONGEST = 24  # lines of a tool's input or answer; --full shows all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="a stub: app.text.slugify, or the end of its name")
    parser.add_argument("--full", action="store_true", help="show what the model was told, and long texts whole")
    parser.add_argument("--json", action="store_true", help="print the transcript as JSON")


def run(args: argparse.Namespace) -> int:
    """Show one transcript, or list them all."""
    root = _root(Path(args.directory).absolute())
    store = root / (settings.load(str(root), os.environ).store or STORE)
    found = records(store)
    if args.key is None:
        _list([read(path) for path in found], as_json=args.json)
        return 0
    record = read(_choose(found, args.key))
    if args.json:
        print(json.dumps({"key": record.key, "events": record.events}, ensure_ascii=False, indent=2))
        return 0
    paint = _Paint(sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    width = min(110, shutil.get_terminal_size((100, 24)).columns)
    for line in render(record.events, paint, width, full=args.full):
        print(line)
    return 0


class _Paint:
    """Puts colours on a terminal, nothing elsewhere."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._on else text


def render(events: Sequence[Event], paint: _Paint, width: int, *, full: bool = False) -> Iterator[str]:
    """The lines of a transcript, for people."""
    for event in events:
        match event.get("event"):
            case "begin":
                yield paint(str(event.get("key")), "title") + paint(f"  {event.get('model')}, {event.get('at')}", "dim")
                if full:
                    for text in (*event.get("system", ()), event.get("first", "")):
                        yield from ("", *_wrapped(str(text), width, "  "))
            case "again":
                yield from ("", paint("It goes on, with what it waited for.", "note"))
            case "turn":
                yield from _turn(event, paint, width, full=full)
            case "result":
                first, *rest = str(event.get("text", "")).strip("\n").splitlines() or [""]
                yield f"  {paint(f'← {first}', _style_of_result(event))}"
                yield from _indented("\n".join(rest), "    ", paint, "dim", full=full)
            case "waiting":
                yield paint(f"  waited {event.get('seconds')} s: {event.get('reason')}", "note")
            case "end":
                yield from ("", _end(event, paint))


def _turn(event: Event, paint: _Paint, width: int, *, full: bool) -> Iterator[str]:
    tokens = event.get("tokens", {})
    given = sum(tokens.get(name, 0) for name in ("input", "cache_write", "cache_read"))
    facts = f"{given:,} in, {tokens.get('cache_read', 0):,} of them cached, {tokens.get('output', 0):,} out"
    yield ""
    yield paint(f"Turn {event.get('turn')}", "title") + paint(f"  {facts}, {_money(event.get('usd'))}", "dim")
    for name, style in (("thinking", "dim"), ("text", "")):
        for line in _wrapped(str(event.get(name) or ""), width, "  "):
            yield paint(line, style) if style else line
    for call in event.get("calls", ()):
        yield f"  {paint('→ ' + str(call.get('tool')), 'tool')}"
        given = call.get("input")
        if not isinstance(given, dict):
            yield from _indented(str(call.get("raw", "")), "      ", paint, "bad", full=full)
            continue
        for name, value in given.items():
            text = str(value)
            if "\n" in text.strip():
                yield f"    {paint(name, 'dim')}"
                yield from _indented(text, "      ", paint, "", full=full)
            elif text.strip():
                yield f"    {paint(name, 'dim')} {text.strip()}"
    if event.get("stop") not in {"tool_use", "end_turn"}:
        yield paint(f"  stopped: {event.get('stop')}", "note")


def _end(event: Event, paint: _Paint) -> str:
    outcome = str(event.get("outcome"))
    reason = event.get("reason")
    turns = event.get("turns", 0)
    facts = f"{turns} turn{'s' * (turns != 1)}, {_money(event.get('usd'))}"
    return paint(f"{_words(outcome)}{f': {reason}' if reason else ''}", _MARKS.get(outcome, "note")) + paint(
        f"  {facts}", "dim"
    )


def _style_of_result(event: Event) -> str:
    text = str(event.get("text", ""))
    if event.get("error") or text.startswith("FAILED"):
        return "bad"
    return "good" if text.startswith("PASSED") else "dim"


def _indented(text: str, indent: str, paint: _Paint, style: str, *, full: bool) -> Iterator[str]:
    lines = text.strip("\n").splitlines()
    for line in lines if full else lines[:_LONGEST]:
        yield (indent + (paint(line, style) if style else line)).rstrip()
    if not full and len(lines) > _LONGEST:
        yield paint(f"{indent}... {len(lines) - _LONGEST} more lines, with --full", "dim")


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        wraps = textwrap.wrap(line, width - len(indent), break_long_words=False, break_on_hyphens=False) or [""]
        yield from ((indent + part).rstrip() for part in wraps)


def _list(found: Sequence[Record], *, as_json: bool) -> None:
    rows = [record.summary() for record in found]
    if as_json:
        print(json.dumps({"transcripts": rows}, ensure_ascii=False, indent=2))
    elif not rows:
        print("Nothing was generated on this machine yet: `jiti generate` writes transcripts.")
    else:
        widest = max(len(str(row["key"])) for row in rows)
        for row in rows:
            facts = f"{row['turns']:>3} turns  {_money(row['usd']):>12}  {row['at']}"
            print(f"{row['key']:<{widest}}  {_words(row['outcome']):<10}  {facts}")


def _words(outcome: object) -> str:
    return {"gaveup": "gave up"}.get(str(outcome), str(outcome))


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


def _root(folder: Path) -> Path:
    """The project around a folder: where a store, a pyproject.toml or a repository is."""
    for one in (folder, *folder.parents):
        if (one / STORE).is_dir() or is_boundary(str(one)):
            return one
    return folder
