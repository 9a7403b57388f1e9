"""GitHub's refusals in our words: what may pass, whose fault it is, what to do next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from jiti_bot.errors import CredentialsError, JitiError, ServiceError

#: Seconds to wait after a secondary limit that names none, as GitHub asks for.
UNTOLD_WAIT = 60.0
_SHORTEST, _LONGEST = 1.0, 86_400.0  # seconds: whoever says 0 each time would be asked forever


class LostError(Exception):
    """Nobody knows whether the write was carried out: look again before anything else is done."""


class ConflictError(Exception):
    """GitHub refuses the write as things stand (409, 422). ``said`` are its words."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Limited:
    """Ask again after ``seconds``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Failing:
    """The service is in trouble: a read may be tried again, nobody knows about a write."""

    said: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What is asked for cannot be as things stand."""

    said: str


@dataclass(frozen=True, slots=True)
class Absent:
    """It is not there, or the token may not see it."""


_QUICKER = ("not a fast forward", "already exists", "does not exist", "reference update failed", "cannot lock ref")

Judged = Limited | Failing | Refused | Absent | JitiError


def judge(status: int, headers: Mapping[str, str], said: str, deed: str, now: float) -> Judged:
    """An answer that is no success. ``headers`` in lower case, ``deed`` is what was tried, ``now`` in seconds."""
    if status in {403, 429}:
        wait = _wait(status, headers, said, now)
        return Limited(wait) if wait is not None else _forbidden(said, deed)
    if status == 401:
        return CredentialsError(
            f"GitHub refused the token: {said}.",
            remedy="It is wrong or has expired: set GITHUB_TOKEN to one that is valid.",
        )
    if status == 404:
        return Absent()
    if status in {409, 422}:
        return Refused(said)
    if status >= 500 or status == 408:
        return Failing(f"GitHub answered {status}: {said}")
    return ServiceError(f"GitHub answered {status} to {deed}: {said}.", remedy="Run again later.")


def absent(repository: str, deed: str) -> JitiError:
    """The error where a 404 means that the token does not reach the repository."""
    return CredentialsError(
        f"GitHub shows this token no repository {repository}, or nothing to {deed} in it.",
        remedy="Check the repository's name, and that the token was made for it.",
    )


def used_up(seconds: float, now: float) -> JitiError:
    """The error where a limit lasts longer than a run may wait."""
    until = datetime.fromtimestamp(now + seconds, UTC).strftime("%H:%M UTC")
    return ServiceError(
        f"GitHub's limit of requests for this token is used up until {until}.",
        remedy="Run again then: what was finished is kept.",
    )


def may_pass(said: str) -> bool:
    """Whether GitHub refuses to write a branch because somebody else was quicker, and not for good."""
    return "protected" not in said.lower() and any(words in said.lower() for words in _QUICKER)


def ruled_out(said: str, branch: str) -> JitiError:
    """The error where a rule of the repository stands against writing ``branch``; rules word it in many ways."""
    return CredentialsError(
        f"a rule of the repository forbids this token to write {branch}: {said}.",
        remedy="Let the bot bypass the rule, or leave branches whose names begin with jiti-bot- out of it.",
    )


def _wait(status: int, headers: Mapping[str, str], said: str, now: float) -> float | None:
    """Seconds that a limit asks to wait; None where it is none."""
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return min(max(float(after[:9]), _SHORTEST), _LONGEST)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return min(max(0.0, float(reset[:12]) - now), _LONGEST) + 1.0  # in which part of that second is not said
    if status == 429 or "rate limit" in said.lower():
        return UNTOLD_WAIT
    return None


def _forbidden(said: str, deed: str) -> JitiError:
    if "not permitted to create or approve pull requests" in said:
        return CredentialsError(
            f"GitHub does not let the workflow's token open pull requests: {said}.",
            remedy="Allow it under Settings > Actions > General > Workflow permissions, or use a GitHub App's token.",
        )
    return CredentialsError(
        f"GitHub does not let this token {deed}: {said}.",
        remedy="Give it write access to contents and pull requests (`permissions:` of the job). "
        "A pull request from a fork only gets a token that reads: publish from a push to the repository itself.",
    )
