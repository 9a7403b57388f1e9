"""Comments as wishes: who may, what is asked, what was answered. An event is only a nudge: GitHub's own list decides.

Whatever order events come in, and however often, the outcome is that of the comments as they stand: the last wish for a
unit counts, by the time and number of its comment, and a comment is answered once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from jiti_bot.errors import ServiceError
from jiti_bot.forge import replies, state, words
from jiti_bot.forge.branch import branch_name
from jiti_bot.forge.commands import parse
from jiti_bot.forge.faults import ConflictError, LostError
from jiti_bot.forge.find import find, is_trusted
from jiti_bot.forge.ground import store_of, under
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.model import (
    Command,
    Comment,
    Help,
    Keep,
    NotUnderstood,
    Order,
    Published,
    Refusal,
    Regenerate,
    Retry,
    Where,
    Wishes,
)
from jiti_bot.forge.remote import Pull
from jiti_bot.forge.sanitise import code
from jiti_bot.forge.state import Wish
from jiti_bot.layout import TESTS, scratch_path
from jiti_bot.planning.result import Result
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.survey import is_scratch

SEEN = "eyes"
NO = "-1"
_TRIES = 5


def wishes(hub: Hub, number: int) -> Wishes | None:
    """What people ask of the pull request ``number``; None where it is none of the bot's. Writes nothing."""
    pull = hub.pull(number)
    if pull is None or not _is_ours(hub, pull):
        return None
    return _read(hub, pull)


def wishes_for(hub: Hub, base: str) -> Wishes | None:
    """What people ask of the pull request of ``base``; None where there is none. Writes nothing."""
    pull = find(hub, base).pull
    return _read(hub, pull) if pull else None


def acknowledge(hub: Hub, seen: Wishes) -> None:
    """Show that the comments were seen, and let the pull request remember their hints."""
    marks = [(order.comment, SEEN) for order in seen.orders] + [(refusal.comment, NO) for refusal in seen.refused]
    for comment, mark in marks:
        if mark not in comment.reactions:
            _surely(hub, lambda comment=comment, mark=mark: hub.react(comment, mark))
    _surely(hub, lambda: _keep_in_mind(hub, seen))


def answer(hub: Hub, seen: Wishes, results: Mapping[str, Result], published: Published | None) -> None:
    """Answer each comment once: ``results`` by key say what came of the run, ``published`` of the pull request."""
    pull = hub.pull(seen.number)
    if pull is None:
        return
    _surely(hub, lambda: _keep_in_mind(hub, seen))  # another run's text may have come in between
    for order in seen.orders:
        text = replies.to_order(order, results, published)
        _surely(hub, lambda c=order.comment, t=text: words.say_once(hub, pull, name_of(c), t, c))
    for refusal in seen.refused:
        if not refusal.silent:
            text = replies.to_refusal(refusal)
            _surely(hub, lambda c=refusal.comment, t=text: words.say_once(hub, pull, name_of(c), t, c))


def wants_retry(hub: Hub, pull: Pull) -> bool:
    """Whether somebody who may asked for another try since the pull request was closed."""
    allowed: dict[str, bool] = {}
    return any(
        isinstance(parse(one.text), Retry) and _refused(hub, one, allowed) is None
        for one in hub.conversation(pull.number)
        if one.created >= pull.closed
    )


def name_of(comment: Comment) -> str:
    """The name of the answer to a comment."""
    return f"answer {comment.where} {comment.id}"


def combine(known: Mapping[str, Wish], orders: Iterable[Order]) -> dict[str, Wish]:
    """The last wish for each unit: any order of arrival gives the same."""
    found = dict(known)
    for order in orders:
        match order.command:
            case Regenerate(key=key, hint=hint):
                wish = Wish(_given(order.comment), hint)
            case Keep(key=key):
                wish = Wish(_given(order.comment), None)
            case _:
                continue
        if key not in found or found[key].given < wish.given:
            found[key] = wish
    return found


def _read(hub: Hub, pull: Pull) -> Wishes:
    comments = (*hub.conversation(pull.number), *hub.line_comments(pull.number))
    orders: list[Order] = []
    refused: list[Refusal] = []
    allowed: dict[str, bool] = {}
    for comment in sorted(comments, key=_given):
        if parse(comment.text, "?" if comment.where is Where.LINE else "") is None or comment.by_bot:
            continue
        if words.is_said(comments, pull, hub, name_of(comment)):
            continue
        why = _refused(hub, comment, allowed)
        command = _command(hub, pull, comment) if why is None else None
        if why is None and isinstance(command, NotUnderstood):
            why = Refusal(comment, command.reason)
        if why is not None:
            if not (why.silent and NO in comment.reactions):  # shown already, and nothing more is due
                refused.append(why)
        elif command is not None and not isinstance(command, NotUnderstood):
            orders.append(Order(comment, command))
    orders, hindered = _possible(hub, pull, orders)
    return _sorted_out(pull, orders, [*refused, *hindered])


def _possible(hub: Hub, pull: Pull, orders: list[Order]) -> tuple[list[Order], list[Refusal]]:
    """The orders that can be carried out, and why the others cannot: nobody pays for what would not be published."""
    work = [order for order in orders if not isinstance(order.command, Help)]
    if not work:
        return orders, []
    if hub.branch(pull.base) is None:
        return _without(orders, work, f"The branch {code(pull.base)} is gone.")
    about_one = [order for order in work if not isinstance(order.command, Retry)]
    declined = not pull.is_open and not pull.is_merged and not state.read(pull.body).obsolete
    if about_one and declined and not wants_retry(hub, pull):
        return _without(orders, about_one, "The pull request is closed: `/jiti retry` comes first, it opens it again.")
    return orders, []


def _without(orders: list[Order], some: list[Order], why: str) -> tuple[list[Order], list[Refusal]]:
    return [one for one in orders if one not in some], [Refusal(one.comment, why) for one in some]


def _sorted_out(pull: Pull, orders: Sequence[Order], refused: Sequence[Refusal]) -> Wishes:
    memory = state.read(pull.body)
    every = combine(memory.wishes, orders)
    fresh = {order.command.key for order in orders if isinstance(order.command, Regenerate | Keep)}
    return Wishes(
        number=pull.number,
        base=pull.base,
        head_sha=pull.head_sha,
        hints={key: every[key].hint or "" for key in sorted(fresh) if every[key].hint is not None},
        remembered={key: wish.hint for key, wish in sorted(every.items()) if wish.hint},
        keep=tuple(key for key, wish in sorted(every.items()) if wish.hint is None),
        retry=any(isinstance(order.command, Retry) for order in orders),
        tried={key: memory.specs[key] for key in memory.failed if key in memory.specs},
        orders=tuple(orders),
        refused=tuple(refused),
    )


def _refused(hub: Hub, comment: Comment, allowed: dict[str, bool]) -> Refusal | None:
    """Why nobody acts on a comment: its author is asked for live, each time."""
    if comment.by_bot:
        return Refusal(comment, "A bot wrote it.", silent=True)
    if comment.author not in allowed:
        allowed[comment.author] = hub.may_write(comment.author)
    if not allowed[comment.author]:
        return Refusal(comment, "Its author may not write to this repository.", silent=True)
    if comment.edited:
        return Refusal(comment, "It was edited after it was written: please write a new one.")
    return None


def _command(hub: Hub, pull: Pull, comment: Comment) -> Command | NotUnderstood | None:
    key = _key_at(hub, pull, comment)
    found = parse(comment.text, key)
    if isinstance(found, NotUnderstood) and comment.where is Where.LINE and not key:
        return NotUnderstood(f"{found.reason} Nor is this a line of a stub's generated file, where words are a hint.")
    return found


def _key_at(hub: Hub, pull: Pull, comment: Comment) -> str:
    """The stub whose generated file, or own tests, a comment on a line is about; '' for none."""
    store = store_of(comment.path)
    head = hub.commit(pull.head_sha) if store else None
    files = under(hub, head, [store]) if head else {}
    path = _unit_of(comment.path, store, files)
    entry = files.get(path)
    if entry is None or entry.kind != "blob":
        return ""
    found = parse_entry(path, hub.blob(entry.sha))
    return found.header.key if isinstance(found, Entry) else ""


def _unit_of(path: str, store: str, files: Iterable[str]) -> str:
    """The committed file whose own tests stand at ``path``; any other path as it is."""
    if not is_scratch(path):
        return path
    within = path.removeprefix(f"{store}/")
    folder = within.removeprefix(f"{TESTS}/").rpartition("/")[0]
    home = f"{store}/{folder}/"
    owners = [
        one
        for one in files
        if one.startswith(home) and scratch_path(f"{folder}.py", one.removeprefix(home).removesuffix(".py")) == within
    ]
    return owners[0] if len(owners) == 1 else path


def _keep_in_mind(hub: Hub, seen: Wishes) -> None:
    """Let the pull request remember the wishes among ``seen``: once answered, their comments are read no more."""
    asked = any(isinstance(order.command, Regenerate | Keep) for order in seen.orders)
    pull = hub.pull(seen.number) if asked else None
    if pull is None:
        return
    memory = state.read(pull.body)
    every = combine(memory.wishes, seen.orders)
    if every != memory.wishes:
        hub.edit_pull(pull.number, body=state.put(pull.body, replace(memory, wishes=every)))


def _is_ours(hub: Hub, pull: Pull) -> bool:
    here = pull.head_repository.lower() == hub.repository.lower() and pull.head == branch_name(pull.base, hub.project)
    return here and state.is_marked(pull.body) and is_trusted(hub, pull)


def _given(comment: Comment) -> tuple[str, int]:
    """What orders comments in time."""
    return comment.created, comment.id


def _surely(hub: Hub, write: Callable[[], object]) -> None:
    """Write what may be written twice without harm, until an answer comes."""
    said = ""
    for tried in range(_TRIES):
        if tried:
            hub.pause(2.0**tried)
        try:
            write()
        except (LostError, ConflictError) as error:
            said = str(error)
        else:
            return
    raise ServiceError(f"GitHub took none of {_TRIES} attempts to answer: {said}.", remedy="Run again later.")
