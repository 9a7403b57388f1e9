"""report: what people see of a run: a summary in Markdown, notes on lines of stubs, outputs. Pure over stage values.

Everything that a model or a machine with its code wrote is made safe before it is shown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jiti_bot.forge.sanitise import block, code, inline, plain
from jiti_bot.planning.result import Outcome, Result, summarise
from jiti_bot.stages.event import Task
from jiti_bot.stages.model import Decision, Work

#: GitHub cuts a job summary off at one mebibyte; what is left out here is told.
MAX_SUMMARY = 1_000_000 - 2_000
#: GitHub shows this many notes of each level for a step.
MOST_NOTES = 10
_ADDRESS = re.compile(r"https?://[^\s()<>\"'`\\|\[\]]{1,1000}")
_LEVELS = {
    Outcome.FAILED: "error",
    Outcome.CONFLICT: "error",
    Outcome.SKIPPED: "warning",
}
_PUBLISHED = {
    "opened": "Opened",
    "updated": "Updated",
    "unchanged": "Nothing new for",
    "obsolete": "Closed as nothing is left to propose:",
    "declined": "Left closed:",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the stages left: any of it may be missing where a stage did not run."""

    decision: Decision | None = None
    plan: Mapping[str, Any] | None = None
    work: Work | None = None
    published: Mapping[str, Any] | None = None


def as_json(told: Told) -> dict[str, Any]:
    """The members of report.json."""
    return {"summary": summary(told), "notes": notes(told), "outputs": outputs(told)}


def outputs(told: Told) -> dict[str, str]:
    """The run's outputs by name."""
    results = told.work.results if told.work else ()
    sums = summarise(results)
    published = told.published or {}
    return {
        "task": told.decision.task.value if told.decision else "",
        "outcome": str(published.get("outcome", "")),
        "pull-request-number": str(published.get("number") or ""),
        "pull-request-url": str(published.get("url", "")),
        "done": str(sum(one.good for one in results)),
        "failed": str(sum(not one.good for one in results)),
        "usd": "" if sums["usd"] is None else str(sums["usd"]),
    }


def notes(told: Told) -> list[dict[str, Any]]:
    """Notes on lines: what the check found, what was not done, and what a reviewer should look at."""
    places = {one["key"]: (one["file"], one["line"]) for one in (told.plan or {}).get("stubs", ())}
    every = [
        _note("warning", one["file"], one["line"], "a stub that cannot be read", one["message"])
        for one in (told.plan or {}).get("findings", ())
    ]
    for result in told.work.results if told.work else ():
        file, line = places.get(result.key, ("", 0))
        if not result.good:
            every.append(_note(_LEVELS[result.outcome], file, line, f"{result.key}: not done", result.reason))
        every += [_note("notice", file, line, f"{result.key}: look closely", flag) for flag in result.flags]
    if told.work and told.work.error:
        every.append(_note("error", "", 0, "the run ended early", told.work.error))
    return [note for level in ("error", "warning", "notice") for note in _bounded(level, every)]


def summary(told: Told) -> str:
    """The job summary."""
    decision, results = told.decision, told.work.results if told.work else ()
    parts = ["## jiti-bot"]
    if decision is not None:
        what = "" if decision.task is Task.GENERATE else f": {decision.task.value}"
        parts.append(f"{inline(decision.reason)}{what}.")
    if told.published is not None:
        parts.append(_outcome(told.published))
    if told.work and told.work.error:
        parts.append(f"**The run ended early:** {inline(told.work.error, 1_000)}")
    if results:
        parts += [_counts(results), _table(results)]
        parts += [_failure(one) for one in results if not one.good]
    elif decision is not None and decision.base:
        parts.append("No stub needed anything.")
    return _cut(parts)


def _outcome(published: Mapping[str, Any]) -> str:
    outcome, number = published["outcome"], published["number"]
    words = _PUBLISHED.get(outcome, "")
    reason = f" {inline(published['reason'], 1_000)}" if published["reason"] else ""
    if not number:
        return f"No pull request.{reason}"
    named = f"pull request #{number}"
    url = published["url"]
    linked = f"[{named}]({url})" if _ADDRESS.fullmatch(url) else named
    return f"{words} {linked}.{reason}"


def _counts(results: Sequence[Result]) -> str:
    sums = summarise(tuple(results))
    said = ", ".join(f"{sums[one.value]} {one.value}" for one in Outcome if sums[one.value])
    usd = sums["usd"]
    cost = f"${usd:.{4 if 0 < usd < 0.01 else 2}f}" if isinstance(usd, float | int) else "price unknown"
    return f"**{said}**; {cost}."


def _table(results: Iterable[Result]) -> str:
    rows = ["| stub | result | checks | attempts |", "|---|---|---|---:|"]
    for one in results:
        checks = " ".join(f"{'✅' if ok else '❌'} {inline(name)}" for name, ok in one.checks) or "-"
        rows.append(f"| {code(one.key)} | {one.outcome.value} | {checks} | {one.attempts} |")
    return "\n".join(rows)


def _failure(result: Result) -> str:
    return f"### {code(result.key)}: {result.outcome.value}\n\n{block(result.reason or 'no reason was given', 'text')}"


def _cut(parts: Sequence[str]) -> str:
    """The parts as one text, whole ones only, as many as fit."""
    text, left = "", len(parts)
    for part in parts:
        more = f"{part}\n\n"
        if len((text + more).encode()) > MAX_SUMMARY:
            return f"{text}... and {left} more parts that do not fit here.\n"
        text, left = text + more, left - 1
    return text.rstrip("\n") + "\n"


def _note(level: str, file: str, line: int, title: str, message: str) -> dict[str, Any]:
    said = plain(message).strip() or title
    return {
        "level": level,
        "file": file,
        "line": line,
        "title": f"jiti: {' '.join(plain(title).split())}"[:1000],
        "message": said if len(said) <= 4_000 else f"{said[:4_000]}...",
    }


def _bounded(level: str, every: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Notes of one level, no more than are shown; the last one tells of the others."""
    found = [note for note in every if note["level"] == level]
    if len(found) <= MOST_NOTES:
        return found
    rest = len(found) - MOST_NOTES + 1
    more = _note(level, "", 0, f"and {rest} more", f"{rest} more are in the job summary.")
    return [*found[: MOST_NOTES - 1], more]
