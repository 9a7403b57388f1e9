"""Jobs and results as JSON: what passes between the bot and the worker, and how its events become a result.

What comes from a job is a candidate's to write, so every field is checked before it is believed.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from jiti_bot.validation.jobs import Call, Cause, Job, Outcome, Ran, Result, RunCode, RunTests, Stopped, TestResult
from jiti_bot.validation.sandbox import where

_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_USAGE_ERROR = 4
_SIGNALS_OF_LIMITS = {-24: "it used up its processor time", -25: "it wrote a file larger than allowed"}


def write_job(job: Job, *, learn: bool) -> dict[str, Any]:
    """The job as the worker reads it."""
    if isinstance(job, RunCode):
        return {"kind": "code", "code": job.code, "staged": dict(job.staged)}
    tests = {
        "kind": "tests",
        "nodes": list(job.nodes),
        "examples": [dataclasses.asdict(one) for one in job.examples],
        "staged": dict(job.staged),
        "learn": learn,
        "backwards": isinstance(job, RunTests) and job.backwards,
    }
    if isinstance(job, RunTests):
        return {**tests, "files": dict(job.files), "collect_only": job.collect_only, "recordings": []}
    recordings = [dataclasses.asdict(one) for one in job.recordings]
    return {**tests, "files": {}, "collect_only": False, "recordings": recordings}


def read_result(answer: Mapping[str, Any], job: Job, root: str = "") -> Result:
    """The result from a supervisor's answer; files below ``root`` are told relative to it."""
    events = [event for event in answer["events"] if isinstance(event, dict)]
    tests = tuple(_tests(events))
    problems = tuple(_texts(events, "problem"))
    tampering = tuple(_tampering(events, int(answer["forged"])))
    output, seconds = str(answer["output"]), float(answer["seconds"])
    stopped = _stopped(answer, events, job)
    if stopped is not None:
        ended = {test.id for test in tests}
        running = next((name for name in _texts(events, "running") if name not in ended), "")
        cause, reason = stopped
        output, place = where.told(output, root) if cause is Cause.TIMEOUT else (output, "")
        if not any("collected" in event for event in events):
            place = place or next(reversed(list(_texts(events, "importing"))), "")
        if running and cause is Cause.TIMEOUT:
            reason = f"{reason}: {running} was running" + (f", at {place}" if place else "")
        elif place and not running:
            reason = f"{reason}: {place} was running"
        return Stopped(cause, reason, tests, problems, tampering, output, seconds, running, place)
    end = next(event for event in events if event.get("end") is True)
    if end.get("code") == _USAGE_ERROR:
        problems += (output.strip() or "pytest could not understand what it was asked",)
    return Ran(
        tests=tests,
        collected=tuple(name for event in events for name in _strings(event.get("collected"))),
        problems=problems,
        calls=tuple(_calls(events)),
        tampering=tampering,
        notes=tuple(_texts(events, "note")) + _refused(int(answer["refused_tasks"])),
        missing=tuple(dict.fromkeys(_texts(events, "missing"))),
        output=output,
        status=int(answer["status"] or 0),
        seconds=seconds,
        modules=tuple(_strings(end.get("modules"))),
    )


def _stopped(answer: Mapping[str, Any], events: list[dict[str, Any]], job: Job) -> tuple[Cause, str] | None:
    if answer["stopped"] is not None:
        cause, sentence = answer["stopped"]
        return Cause(cause), sentence
    failed = answer["answer"].get("failed")
    if failed:
        return Cause.DIED, str(failed)
    status = answer["status"]
    if any(event.get("end") is True for event in events) and status is not None and not answer["gone"]:
        return None
    if isinstance(job, RunCode) and isinstance(status, int) and status >= 0:
        return Cause.DIED, f"it left with exit status {status} before its end (os._exit?)"
    if isinstance(status, int) and status < 0:
        return Cause.DIED, _SIGNALS_OF_LIMITS.get(status, f"it was ended by signal {-status}")
    return Cause.DIED, f"it left the test session with exit status {status} before the session's end"


def _tests(events: list[dict[str, Any]]) -> Iterator[TestResult]:
    for event in events:
        test = event.get("test")
        if not isinstance(test, dict):
            continue
        outcome = str(test.get("outcome"))
        yield TestResult(
            id=str(test.get("id")),
            outcome=_OUTCOMES.get(outcome, Outcome.ERROR),
            detail=str(test.get("detail", "")),
            output=str(test.get("output", "")),
            seconds=float(test.get("seconds", 0.0)),
            missing=tuple(_strings(test.get("missing"))),
            marked=test.get("marked") is True,
        )


def _calls(events: list[dict[str, Any]]) -> Iterator[Call]:
    for event in events:
        call = event.get("call")
        if isinstance(call, dict) and isinstance(call.get("arguments"), list):
            arguments = tuple((str(name), str(value)) for name, value in call["arguments"])
            yield Call(str(call.get("key")), arguments, str(call.get("test")))


def _tampering(events: list[dict[str, Any]], forged: int) -> Iterator[str]:
    if forged:
        yield "it wrote to the channel on which results are reported"
    for event in events:
        yield from _strings(event.get("tampering"))


def _texts(events: list[dict[str, Any]], name: str) -> Iterator[str]:
    return (str(event[name]) for event in events if name in event and not isinstance(event[name], list))


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _refused(count: int) -> tuple[str, ...]:
    return (f"{count} processes or threads more than the sandbox allows were refused",) if count else ()
