"""Words for a refused candidate: exact, short, cheapest check first. Pure."""

from collections.abc import Iterable, Sequence

from jiti_bot.graduation.fold import Source
from jiti_bot.validation.jobs import TestResult
from jiti_bot.validation.merged import Located
from jiti_bot.validation.model import Check

MAX_ITEMS = 8
MAX_TEST = 1_600  # characters of one test's traceback; the end says most
MAX_REPORT = 10_000


def report(checks: Iterable[Check]) -> str:
    """The failed checks, each with its detail."""
    parts = [f"{check.name}: {check.detail}" for check in checks if not check.ok]
    return shorten("\n\n".join(parts), MAX_REPORT)


def diagnostics(found: Sequence[Located], file: str) -> str:
    """Findings of ruff or ty, each with the line it is about."""
    lines = [_finding(one, file) for one in found[:MAX_ITEMS]]
    if len(found) > MAX_ITEMS:
        lines.append(f"and {len(found) - MAX_ITEMS} more")
    return _listed(len(found), "finding", lines)


def remarks(found: Sequence[Located], file: str) -> str:
    """Findings on the user's own lines: told, refusing nothing."""
    return "; ".join(
        f"{file}:{one.origin.line} {one.diagnostic.code} {one.diagnostic.message}" for one in found[:MAX_ITEMS]
    )


def problems(found: Sequence[object]) -> str:
    """What the guards refuse, one a line."""
    lines = [str(one) for one in found[:MAX_ITEMS]]
    return _listed(len(found), "problem", lines)


def failures(failed: Sequence[tuple[str, str]], total: int) -> str:
    """Tests that did not pass, with the end of each one's traceback."""
    head = f"{len(failed)} of {total} did not pass" if total > 1 else "it did not pass"
    shown = [shorten(f"{node}\n{_indented(why)}", MAX_TEST) for node, why in failed[:3]]
    others = [node for node, _ in failed[3 : 3 + MAX_ITEMS]]
    if others:
        shown.append("also: " + ", ".join(others))
    return "\n".join([head, *shown])


def output_of(tests: Iterable[TestResult]) -> str:
    """What failing tests printed, bounded."""
    texts = [test.output.strip() for test in tests if test.output.strip()]
    return shorten("\n".join(texts), 400) if texts else ""


def shorten(text: str, limit: int) -> str:
    """``text``, with its middle left out where it is longer than ``limit`` characters."""
    if len(text) <= limit:
        return text
    head = limit // 3
    tail = limit - head
    return f"{text[:head].rstrip()}\n[...{len(text) - limit} characters left out...]\n{text[-tail:].lstrip()}"


def _finding(one: Located, file: str) -> str:
    diagnostic = one.diagnostic
    where = "" if one.origin.source is Source.UNIT else f" (caused in {file}:{one.origin.line})"
    return f"{diagnostic.code} {diagnostic.message}{where}\n    {one.excerpt}"


def _listed(count: int, noun: str, lines: Sequence[str]) -> str:
    return "\n".join([f"{count} {noun}{'s' if count != 1 else ''}", *lines])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines())
