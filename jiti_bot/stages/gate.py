"""gate: from an event to a decision. Reads GitHub, writes nothing, sees no secret and none of the repository's code."""

from collections.abc import Mapping
from dataclasses import replace

from jiti_bot.errors import StageError
from jiti_bot.forge import comments, state
from jiti_bot.forge.branch import branch_name, is_ours
from jiti_bot.forge.find import find
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.model import Help, Order, Wishes
from jiti_bot.forge.remote import Pull
from jiti_bot.stages import event
from jiti_bot.stages.event import Checked, Ignored, Occasion, Pushed, Said, Task
from jiti_bot.stages.files import refused
from jiti_bot.stages.model import Decision


def decide(occasion: Occasion, hub: Hub | None) -> Decision:
    """What a run is to do. Without a ``hub`` only what the event itself says decides.

    Raises `StageError` for an event that the bot is not made for, or a comment without a hub to ask who wrote it.
    """
    match event.read(occasion, is_ours):
        case Ignored(reason=reason):
            return Decision(Task.NOTHING, reason)
        case Checked(reason=reason):
            return Decision(Task.CHECK, reason)
        case Pushed(base=base, sha=sha, reason=reason):
            found = Decision(Task.GENERATE, reason, base, sha)
            return _of_branch(found, hub) if hub else found
        case Said() as said:
            if hub is None:
                raise StageError(
                    "Who wrote the comment cannot be asked without a token.", remedy="Give the action its `token`."
                )
            return _of_comment(said, hub)


def seen(decision: Decision, hub: Hub) -> Wishes | None:
    """The comments that a run is to answer, as they stand now; None where there are none."""
    if decision.number:
        found = comments.wishes(hub, decision.number)
    else:
        found = comments.wishes_for(hub, decision.base) if decision.base else None
    if found is None or not (found.orders or found.refused):
        return None
    return replace(found, orders=tuple(one for one in found.orders if one.comment.id in decision.orders))


def confirm(decision: Decision, occasion: Occasion, hub: Hub) -> None:
    """Hold what gate.json says against the event and GitHub: it may have been written by somebody else.

    Raises `StageError` where they do not agree.
    """
    match event.read(occasion, is_ours):
        case Pushed(base=base, sha=sha):
            agreed = (decision.task, decision.base, decision.sha) == (Task.GENERATE, base, sha)
        case Said(number=number) if decision.task in {Task.GENERATE, Task.ANSWER}:
            asked = comments.wishes(hub, number)
            agreed = decision.number == number and asked is not None and decision.base == asked.base
        case _:
            agreed = False
    if not agreed:
        raise refused("It asks for something else than the event does", "gate.json")
    if decision.head_sha:
        now = hub.branch(branch_name(decision.base, hub.project))
        apart = hub.compare(decision.head_sha, now) if now and now != decision.head_sha else None
        if now != decision.head_sha and (apart is None or apart.behind):
            raise refused("The bot's branch it names is not the one that GitHub has, nor an earlier one", "gate.json")


def _of_branch(found: Decision, hub: Hub) -> Decision:
    """A decision with what the bot's branch, its pull request and the comments there say."""
    head = hub.branch(branch_name(found.base, hub.project)) or ""
    known = replace(found, head_sha=head, declined=_declined(hub, find(hub, found.base).pull))
    return _with_wishes(known, comments.wishes_for(hub, found.base))


def _declined(hub: Hub, pull: Pull | None) -> Mapping[str, str]:
    """What was asked for when a person closed the pull request; nothing where it is open, or is to be opened again."""
    if pull is None or pull.is_open:
        return {}
    memory = state.read(pull.body)
    return {} if memory.obsolete or comments.wants_retry(hub, pull) else memory.specs


def _of_comment(said: Said, hub: Hub) -> Decision:
    asked = comments.wishes(hub, said.number)
    if asked is None:
        return Decision(Task.NOTHING, f"#{said.number} is not the bot's pull request")
    # A stranger's comment gets no words, so it never counts as answered: it is shown once, by its own event.
    due = [one for one in asked.refused if not one.silent or one.comment.id == said.comment]
    if not asked.orders and not due:
        return Decision(Task.NOTHING, "every comment has its answer already")
    sha = hub.branch(asked.base) or ""  # where it is gone no command is left to carry out
    head = hub.branch(branch_name(asked.base, hub.project)) or ""
    task = Task.GENERATE if sha and any(_is_work(order) for order in asked.orders) else Task.ANSWER
    return _with_wishes(Decision(task, said.reason, asked.base, sha, head, said.number, said.comment), asked)


def _with_wishes(found: Decision, asked: Wishes | None) -> Decision:
    if asked is None:
        return found
    return replace(
        found,
        hints=dict(asked.hints),
        remembered=dict(asked.remembered),
        keep=asked.keep,
        retry=asked.retry,
        tried=dict(asked.tried),
        orders=tuple(order.comment.id for order in asked.orders),
    )


def _is_work(order: Order) -> bool:
    return not isinstance(order.command, Help)
