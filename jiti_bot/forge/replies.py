"""What the bot answers to a comment when the work is done. Pure."""

from collections.abc import Mapping

from jiti_bot.forge.model import (
    Declined,
    Keep,
    NothingToDo,
    Obsolete,
    Opened,
    Order,
    Outdated,
    Published,
    Refusal,
    Regenerate,
    Retry,
    Unchanged,
    Updated,
)
from jiti_bot.forge.sanitise import block, code, inline
from jiti_bot.forge.words import HELP
from jiti_bot.planning.result import Result


def to_order(order: Order, results: Mapping[str, Result], published: Published | None) -> str:
    """The answer to a command that was carried out, or tried."""
    match order.command:
        case Regenerate(key=key) | Keep(key=key):
            kept = isinstance(order.command, Keep)
            return _about(key, results.get(key), published, kept=kept)
        case Retry():
            return f"Tried again. {_tally(results)} {_said(published)}".strip()
        case _:
            return HELP


def to_refusal(refusal: Refusal) -> str:
    """The answer to a comment that is not acted on."""
    return f"Nothing was done. {refusal.reason}\n\n{HELP}"


def _about(key: str, result: Result | None, published: Published | None, *, kept: bool) -> str:
    if result is None:
        return f"There is no stub called {code(key)} here, or its body stands on the base and fits already. {_NAMES}"
    if not result.good:
        what = "It could not be kept as it stands" if kept else "No body passed"
        reason = result.reason or "no reason was given"
        told = block(reason, "text") if "\n" in reason else inline(reason)
        return f"{code(key)}: {what}; nothing was changed.\n\n{told}"
    if isinstance(published, Declined | NothingToDo | Outdated):
        return f"{code(key)}: a body passes, and was not published. {_said(published)}".strip()
    checks = ", ".join(inline(name) for name, ok in result.checks if ok)
    passed = f" It passes {checks}." if checks else ""
    done = "is kept as it stands" if kept else "was written again"
    return f"{code(key)} {done}.{passed} {_said(published)}".strip()


_NAMES = "The table of the pull request spells the names; `jiti status` lists every one."


def _tally(results: Mapping[str, Result]) -> str:
    if not results:
        return "There was nothing left to do."
    good = sum(result.good for result in results.values())
    return f"{good} of {len(results)} stubs have a body that passes."


def _said(published: Published | None) -> str:
    match published:
        case Opened(sha=sha) | Updated(sha=sha):
            return f"It is in {sha[:12]}." if sha else ""
        case Unchanged():
            return "Nothing had to be changed."
        case Declined(reason=reason):
            return f"{reason} `/jiti retry` opens it again."
        case NothingToDo(reason=reason) | Outdated(reason=reason):
            return reason
        case Obsolete():
            return "Nothing is left to propose."
        case _:
            return ""
