"""What an event of GitHub's asks for. Pure: the event's name and payload in, a decision out.

Payloads are those of https://docs.github.com/webhooks/webhook-events-and-payloads; of each only what decides is read,
and a field that is missing or of another shape decides for doing nothing, never for doing more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jiti_bot.errors import StageError
from jiti_bot.forge.commands import WORD, parse

_BRANCH = "refs/heads/"


class Task(StrEnum):
    """What a run is to do."""

    GENERATE = "generate"
    CHECK = "check"
    ANSWER = "answer"  # a comment that asks for words alone
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Ignored:
    """There is nothing to do, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Only a check is due: no key, no write, nothing of the repository runs."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """Work on the commit ``sha`` of the branch ``base``."""

    base: str
    sha: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote a comment for us under the pull request ``number``; whether they may is asked of GitHub."""

    number: int
    comment: int
    reason: str


Asked = Ignored | Checked | Pushed | Said


@dataclass(frozen=True, slots=True)
class Occasion:
    """What started a run: the event's ``name`` and ``payload``, and the ``ref`` and commit that it runs on."""

    name: str
    payload: Mapping[str, Any]
    ref: str = ""
    sha: str = ""


def read(occasion: Occasion, is_ours: Callable[[str], bool]) -> Asked:
    """What an event asks for; ``is_ours`` says whether a branch is one that the bot writes.

    Raises `StageError` for an event that this action is not made for.
    """
    name, payload = occasion.name, occasion.payload
    match name:
        case "push":
            return _push(payload, is_ours)
        case "workflow_dispatch":
            return _on_branch(occasion.ref, occasion.sha, is_ours, "a person started the run")
        case "schedule":
            return _on_branch(occasion.ref, occasion.sha, is_ours, "the clock started the run")
        case "pull_request":
            return _pull_request(payload)
        case "issue_comment":
            return _issue_comment(payload)
        case "pull_request_review_comment":
            return _review_comment(payload)
        case "pull_request_target":
            raise StageError(
                "pull_request_target gives a fork's code this repository's secrets; jiti-bot refuses it.",
                remedy="Use pull_request: forks are checked without secrets.",
            )
    raise StageError(
        f"jiti-bot does not know what the event {name!r} asks for.",
        remedy="Run it on push, pull_request, issue_comment, pull_request_review_comment or workflow_dispatch.",
    )


def _on_branch(ref: str, sha: str, is_ours: Callable[[str], bool], reason: str) -> Asked:
    if not ref.startswith(_BRANCH):
        return Ignored(f"{ref or 'nothing'} is no branch")
    base = ref.removeprefix(_BRANCH)
    if is_ours(base):
        return Ignored(f"{base} is a branch that the bot writes itself")
    if not _is_sha(sha):
        return Ignored("the event names no commit")
    return Pushed(base, sha, reason)


def _push(payload: Mapping[str, Any], is_ours: Callable[[str], bool]) -> Asked:
    ref, before, after = (_text(payload, name) for name in ("ref", "before", "after"))
    if ref.startswith("refs/tags/"):
        return Ignored(f"{ref.removeprefix('refs/tags/')} is a tag")
    if not ref:
        return Ignored("the event names no branch")
    if payload.get("deleted") is True or not after.strip("0"):
        return Ignored(f"{ref.removeprefix(_BRANCH)} was deleted")
    how = "was pushed to"
    if payload.get("forced") is True:
        how = "was pushed over"
    elif payload.get("created") is True or not before.strip("0"):
        how = "was pushed for the first time"
    return _on_branch(ref, after, is_ours, f"{ref.removeprefix(_BRANCH)} {how}")


def _pull_request(payload: Mapping[str, Any]) -> Asked:
    action = _text(payload, "action")
    if action not in {"opened", "synchronize", "reopened", "ready_for_review"}:
        return Ignored(f"a pull request was {action or 'touched'}")
    pull = _object(payload, "pull_request")
    head, base = _text(pull, "head", "repo", "full_name"), _text(pull, "base", "repo", "full_name")
    if not head or head != base:
        return Checked("a pull request from a fork is checked, without secrets")
    return Checked("a pull request is checked; pushes are what the bot works on")


def _issue_comment(payload: Mapping[str, Any]) -> Asked:
    issue = _object(payload, "issue")
    if "pull_request" not in issue:
        return Ignored("the comment stands under an issue, not under a pull request")
    return _comment(payload, issue)


def _review_comment(payload: Mapping[str, Any]) -> Asked:
    return _comment(payload, _object(payload, "pull_request"))


def _comment(payload: Mapping[str, Any], under: Mapping[str, Any]) -> Asked:
    comment = _object(payload, "comment")
    action = _text(payload, "action")
    if action != "created":
        return Ignored(f"a comment was {action or 'touched'}; only new ones count")
    if parse(_text(comment, "body")) is None:
        return Ignored(f"the comment does not begin with {WORD}")
    if _text(comment, "user", "type") == "Bot":
        return Ignored("a bot wrote the comment")
    number, identity = _number(under.get("number")), _number(comment.get("id"))
    if not number or not identity:
        return Ignored("the event names no pull request")
    return Said(number, identity, f"a comment under #{number} begins with {WORD}")


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _is_sha(text: str) -> bool:
    return len(text) in {40, 64} and set(text) <= set("0123456789abcdef") and bool(text.strip("0"))


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: Mapping[str, Any], *names: str) -> str:
    """The text at the end of a path of names, '' where there is none."""
    found: object = value
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""
