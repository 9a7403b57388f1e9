"""The one pull request of a base branch: found by its mark, its repository and its author."""

from collections.abc import Sequence
from dataclasses import dataclass

from jiti_bot.errors import RepositoryError
from jiti_bot.forge.branch import branch_name
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.remote import Pull
from jiti_bot.forge.state import MARKER, is_marked


@dataclass(frozen=True, slots=True)
class Found:
    """What there is for a base branch.

    ``pull`` is the open pull request, or else the last one that a person or the bot closed; one that was merged has
    done its work and is none of them. ``spent`` are heads whose pull request was merged: nothing on them is pending.
    """

    branch: str
    pull: Pull | None
    spent: frozenset[str]


def find(hub: Hub, base: str) -> Found:
    """Look for the pull request of ``base``.

    Raises `RepositoryError` where somebody else has one open from the bot's branch: GitHub takes no second.
    """
    branch = branch_name(base, hub.project)
    here = [pull for pull in hub.pulls(branch) if pull.base == base and _same(pull.head_repository, hub.repository)]
    ours = [pull for pull in here if is_marked(pull.body) and is_trusted(hub, pull)]
    stranger = next((pull for pull in here if pull.is_open and pull not in ours), None)
    if stranger is not None:
        remedy = "Close it, or open it from a branch of another name."
        if not is_marked(stranger.body):
            remedy = f"If it is, its text has lost the line {MARKER}: put that back. Otherwise close it."
        raise RepositoryError(
            f"pull request #{stranger.number} was opened from {branch} by {stranger.author}, and is not known for the "
            "bot's.",
            remedy=remedy,
        )
    spent = frozenset(pull.head_sha for pull in here if pull.is_merged)
    return Found(branch, _latest(ours), spent)


def is_trusted(hub: Hub, pull: Pull) -> bool:
    """Whether somebody opened it who may: a bot (only those that may write reach the branch), we, or a writer."""
    return pull.by_bot or pull.author == hub.login or hub.may_write(pull.author)


def _latest(ours: Sequence[Pull]) -> Pull | None:
    by_number = sorted(ours, key=lambda pull: pull.number, reverse=True)
    opened = next((pull for pull in by_number if pull.is_open), None)
    if opened is not None or not by_number or by_number[0].is_merged:
        return opened
    return by_number[0]


def _same(one: str, other: str) -> bool:
    """Whether two repositories' names are the same to GitHub."""
    return one.lower() == other.lower()
