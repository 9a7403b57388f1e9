"""Stubs replaced by recorders, to see what arguments gates really call them with."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from jiti_bot.errors import NotGeneratedError
from jiti_bot.shown import Show
from jiti_bot.validation.worker.text import Reprs

_MOST_CALLS = 50
_INDENT = "    "


def recorder_text(recording: Mapping[str, Any]) -> str:
    """A committed file for the stub whose body reports its arguments and goes no further."""
    unit = str(recording["unit"])
    owners = unit.split(".")[:-1]
    if owners and owners[-1] in {"setter", "deleter"} and len(owners) > 1:
        owners.pop()
    if unit.rpartition(".")[2] in {"setter", "deleter"} and len(owners) > 1:
        owners = owners[:-1]
    lines = [f"{_INDENT * depth}class {owner}:" for depth, owner in enumerate(owners)]
    pad = _INDENT * len(owners)
    lines += [f"{pad}{line}" for line in str(recording["header"]).splitlines()]
    pad += _INDENT
    lines.append(f'{pad}__import__("sys").modules[{__name__!r}].seen({str(recording["key"])!r}, dict(locals()))')
    if recording["is_generator"]:
        lines.append(f"{pad}yield")
    return "\n".join(lines) + "\n"


def listen(report: Callable[[str, list[tuple[str, str]]], None]) -> None:
    """Hand each call to ``report`` as key and (name, repr) pairs."""
    state = vars(sys.modules[__name__])
    state["_report"] = report
    state["_count"] = 0


def seen(key: str, arguments: Mapping[str, object]) -> None:
    """Called by recorders. Raises `NotGeneratedError`: there is nothing to return."""
    state = vars(sys.modules[__name__])
    state["_count"] += 1
    if state["_count"] <= _MOST_CALLS:
        # This is the sandbox: what is no plain value may show itself.
        state["_report"](key, Show(other=Reprs().show).arguments(arguments.items()))
    error = NotGeneratedError(f"{key} is being recorded")
    error.__dict__["key"] = key
    raise error


_report: Callable[[str, list[tuple[str, str]]], None] = lambda _key, _arguments: None  # noqa: E731 - a default
_count = 0
