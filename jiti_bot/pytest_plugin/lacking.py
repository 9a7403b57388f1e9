"""One line instead of a traceback for what a person cannot mend in the test: an implementation that is not there."""

import os
import sys
from dataclasses import dataclass
from typing import Any

import pytest

_SHOWN_WHOLE = frozenset({"long", "native"})


@dataclass(frozen=True, slots=True)
class Line:
    """What is lacking. ``key`` is empty where the error does not name a stub, ``place`` is ``(file, line)``."""

    key: str
    long: str
    short: str
    place: tuple[str, int] | None


def lines_of(error: BaseException | None) -> tuple[Line, ...]:
    """A line for each stub that ``error`` is about; empty where it is about something else."""
    return tuple(dict.fromkeys(_line(one) for one in _ours(error)))


def _ours(error: BaseException | None) -> tuple[BaseException, ...]:
    """The runtime's errors that an exception is, was raised from, or groups and nothing else."""
    errors = sys.modules.get("jiti_bot.errors")
    if errors is None:
        return ()
    kinds = (errors.NotGeneratedError, errors.StaleError, errors.StoreError, errors.StubError)
    for _ in range(100):
        if isinstance(error, kinds):
            return (error,)
        if isinstance(error, BaseExceptionGroup):
            parts = [_ours(one) for one in error.exceptions]
            return tuple(one for part in parts for one in part) if all(parts) else ()
        if error is None:
            break
        error = _below(error)
    return ()


def _below(error: BaseException) -> BaseException | None:
    """What an exception was raised for: named by it, or kept in a place of its own by pytest or doctest."""
    match type(error).__name__:
        case "ConftestImportFailure":
            return getattr(error, "cause", None)
        case "UnexpectedException":
            return getattr(error, "exc_info", (None, None))[1]
        case "MultipleDoctestFailures":
            return next(iter(getattr(error, "failures", ())), None)
    return error.__cause__


def _line(error: BaseException) -> Line:
    where = _shown(getattr(error, "where", ""))
    message = _shown(getattr(error, "message", "") or str(error))
    key = getattr(error, "key", "")
    remedy = f"Run `jiti generate {key}`, or push it for the bot." if key else getattr(error, "remedy", "")
    text, short = (f"{where}: {message}", f"{message.rstrip('.')} ({where}).") if where else (message, message)
    file, _, number = where.rpartition(":")
    place = (file, int(number)) if number.isdigit() else (where, 1) if where else None
    return Line(key, f"{text} {remedy}".rstrip(), f"{short} {remedy}".rstrip(), place)


def _shown(text: str) -> str:
    """Paths as pytest shows them: relative to where it was started, if they lie below."""
    return text.replace(os.getcwd() + os.sep, "")


def shorten(report: pytest.TestReport | pytest.CollectReport, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Put the lines in the place of a failed report's traceback, in a form that survives the way between processes."""
    lines = lines_of(excinfo.value)
    if not lines:
        return
    inner = _ours(excinfo.value)[0]
    if inner.__traceback__ is not None:  # of a group, pytest shows what Python would
        excinfo = pytest.ExceptionInfo.from_exception(inner)
    shown = excinfo.getrepr(style="value", chain=False)
    entry: Any = shown.reprtraceback.reprentries[0]
    entry.style = "short"  # the style that colours lines of errors
    entry.lines = [f"E   {line.long}" for line in lines]
    if shown.reprcrash is not None:
        shown.reprcrash.message = lines[0].short
        if lines[0].place is not None:
            shown.reprcrash.path, shown.reprcrash.lineno = lines[0].place
    report.longrepr = shown


def is_wanted(config: pytest.Config) -> bool:
    """Whether tracebacks are to give way: not where somebody asked for long ones."""
    option = config.option
    return getattr(option, "tbstyle", "auto") not in _SHOWN_WHOLE and not getattr(option, "fulltrace", False)
