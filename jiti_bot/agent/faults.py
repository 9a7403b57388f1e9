"""The service's errors in our words: which may pass, whose fault they are, what to do next."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from jiti_bot.agent.outcome import Usage
from jiti_bot.agent.turn import AccountLimitError, RequestRefusedError, TransientError
from jiti_bot.errors import ConfigurationError, CredentialsError, JitiError, ServiceError

_SPEND_CODES = frozenset(
    {
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
    }
)
_PASSING = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
_LATER = "Run again later: what was finished is kept."


@dataclass(frozen=True, slots=True)
class Door:
    """Who is talked to: a name and an address for messages, and what it needs to let us in."""

    name: str
    url: str
    needs: str


def explain(error: Any, door: Door, model: str, lost: Usage | None) -> JitiError | TransientError:
    """An error of the SDK as ours. ``lost`` is what a reply that had begun has cost."""
    response = getattr(error, "response", None)
    if response is None:
        if isinstance(error, TypeError) or type(error).__name__ in {"CredentialsError", "AnthropicError"}:
            return CredentialsError(f"{door.name} cannot be used: {error}", remedy=f"Set {door.needs}.")
        return TransientError(
            ServiceError(
                f"{door.name} could not be reached at {door.url}: {_cause(error)}.",
                remedy="Check the network and ANTHROPIC_BASE_URL, then run again: what was finished is kept.",
            ),
            lost=lost,
        )
    said = getattr(error, "api_message", None) or _short(getattr(error, "message", ""))
    status = int(response.status_code)
    if status < 400:  # an error event in a stream that had begun well
        return _in_stream(error, said, door, lost)
    return _by_status(status, error, said, door, model)


def _by_status(status: int, error: Any, said: str, door: Door, model: str) -> JitiError | TransientError:
    headers = error.response.headers
    if getattr(error, "error_code", None) in _SPEND_CODES or "API usage limits" in said or status == 402:
        return AccountLimitError(
            f"the account may not spend any more: {said}", remedy="Raise its limit or add credit, then run again."
        )
    if status == 401:
        return CredentialsError(f"{door.name} refused the key: {said}.", remedy=f"Check {door.needs}.")
    if status == 403:
        return CredentialsError(
            f"{door.name} does not let this key use {model}: {said}.", remedy="Use a key that may, or another model."
        )
    if status == 404 and model.rpartition("/")[2] in said:
        return ConfigurationError(
            f"{door.name} knows no model {model!r}.",
            remedy="Set model in [tool.jiti], JITI_MODEL or Engine(model=...) to one that it has.",
        )
    if status == 404:
        return ServiceError(f"{door.url} answered 404: {said}", remedy="Check ANTHROPIC_BASE_URL.")
    if status in {400, 413, 422}:
        return RequestRefusedError(
            f"{door.name} refused the request: {said}", remedy="Check the model and its limits, such as max_tokens."
        )
    if (status in {408, 409, 429} or status >= 500) and headers.get("x-should-retry") != "false":
        after = retry_after(headers.get("retry-after-ms"), headers.get("retry-after"))
        wait = f" It asks to wait {after:.0f} seconds." if after else ""
        return TransientError(ServiceError(f"{door.name} answered {status}: {said}.{wait}", remedy=_LATER), after=after)
    return ServiceError(f"{door.name} answered {status}: {said}.", remedy=_LATER)


def _in_stream(error: Any, said: str, door: Door, lost: Usage | None) -> JitiError | TransientError:
    kind = getattr(error, "type", None)
    final = ServiceError(f"{door.name} broke off its answer: {said}.", remedy=_LATER)
    return TransientError(final, lost=lost) if kind in _PASSING or kind is None else final


def retry_after(milliseconds: str | None, seconds: str | None) -> float | None:
    """The wait in seconds that headers ask for: a number or a date; None where there is none that makes sense."""
    for text, scale in ((milliseconds, 1000.0), (seconds, 1.0)):
        try:
            return max(0.0, float(text or "") / scale)
        except ValueError:
            continue
    try:
        return max(0.0, (parsedate_to_datetime(seconds or "") - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _cause(error: BaseException) -> str:
    return _short(str(error.__cause__ or error)) or type(error).__name__


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 300 else f"{line[:297]}..."
