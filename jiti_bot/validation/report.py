"""Words for a refused candidate: exact, short, cheapest check first. Pure."""

import re
from collections.abc import Iterable, Sequence

from jiti_bot.graduation.fold import Source
from jiti_bot.validation.merged import Located
from jiti_bot.validation.model import Check

MAX_ITEMS = 8
MAX_GROUPS = 3  # of tests that fail in different ways
MAX_TEST = 1_600  # characters of one test's traceback; the end says most
MAX_REPORT = 10_000
_MINIMISED = "fails for "
# hypothesis says it in either way, by its version
_EXAMPLE = re.compile(r"E\s+(?:Falsifying example|Failing test case): (?P<call>[\w.]+\(.*)")
_DECORATOR = re.compile(r"^\S+:\d+: in \w+\n +@.*\n(?: +\^+\n)?", re.MULTILINE)


def report(checks: Iterable[Check]) -> str:
    """The failed checks, each with its detail."""
    parts = [f"{check.name}: {check.detail}" for check in checks if not check.ok and check.detail]
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
    if not lines:
        return ""
    return _listed(len(found), "problem", lines)


def failures(failed: Sequence[tuple[str, str]], total: int) -> str:
    """Tests that did not pass, with the end of each one's traceback; those that fail alike are told together."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for node, why in failed:
        said = [line for line in why.splitlines() if line.startswith("E ") and _MINIMISED not in line]
        alike.setdefault(said[-1] if said else why, []).append((node, why))
    head = f"{len(failed)} of {total} did not pass" if total > 1 else "it did not pass"
    shown = [head]
    for group in list(alike.values())[:MAX_GROUPS]:
        node, why = group[0]
        shown.append(shorten(f"{node}\n{_indented(why)}", MAX_TEST))
        if len(group) > 1:
            shown.append(_others("the same in", [name for name, _ in group[1:]]))
    rest = [node for group in list(alike.values())[MAX_GROUPS:] for node, _ in group]
    if rest:
        shown.append(_others("also", rest))
    return "\n".join(shown)


def focused(why: str) -> str:
    """A traceback of pytest; where hypothesis made the arguments, with the failing example alone and on one line.

    What it says about itself is left out: the line of its decorator, how to repeat a failure, what it tried besides.
    """
    lines = why.splitlines()
    start = next((at for at, line in enumerate(lines) if _EXAMPLE.match(line)), None)
    first = _EXAMPLE.match(lines[start]) if start is not None else None
    if start is None or first is None:
        return why
    call = [first["call"]]
    for line in lines[start + 1 :]:
        if call[-1].endswith(")") and (len(call) == 1 or call[-1] == ")"):
            break
        call.append(line.removeprefix("E").partition("  # or any other")[0].strip())
    after = [line for line in lines[start + len(call) :] if not line.startswith("E") and line.strip()]
    above = _DECORATOR.sub("", "\n".join(lines[:start]))
    shown = " ".join(call).replace("( ", "(").replace(", )", ")")
    return "\n".join([above.rstrip(), f"E   {_MINIMISED}{shown}", *after])


def _others(word: str, nodes: Sequence[str]) -> str:
    more = f" and {len(nodes) - MAX_ITEMS} more" if len(nodes) > MAX_ITEMS else ""
    return f"{word}: {', '.join(nodes[:MAX_ITEMS])}{more}"


def readable(text: str) -> str:
    """A traceback without the scratch folders that files stood in while they were judged."""
    text = re.sub(r"[^\s\"']*/jobs/[0-9a-f]+/files/", "", text)
    text = re.sub(r"[^\s\"']*/jobs/[0-9a-f]+/staged/\d+/", "", text)
    return re.sub(r"[^\s\"']*/shim/(?=jiti)", "", text).removeprefix("*" * 70).lstrip("\n")


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
