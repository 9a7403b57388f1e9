"""What was paid for and not used is not paid for again: a conversation that was ended is gone on with."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from jiti_bot.agent.budget import Budget
from jiti_bot.agent.outcome import Done
from jiti_bot.agent.replies import Remembering, Replies
from jiti_bot.errors import InterruptedRunError
from jiti_bot.loopback import Conversation, Reply
from tests.agent.kit import BROKEN, KEY, WRONG, Room, brief, call, room, script, submit

TURNS = script(start=call("run_python", code="print(6 * 7)"), after_run_python=submit(BROKEN), after_FAILED=submit())


class Ended:
    """In place of the flag that stops a run: it is set when so many replies were heard."""

    def __init__(self, here: Room, turns: int) -> None:
        self._here = here
        self._turns = turns

    def is_set(self) -> bool:
        return len(self._here.server.seen) >= self._turns

    def wait(self, _seconds: float) -> bool:
        return self.is_set()


def ended(here: Room, store: Path, turns: int) -> None:
    """A run that ends when so many turns were paid for."""
    model, here.stop = here.model, Ended(here, turns)
    here.model = Remembering(model, Replies(store, KEY))
    with pytest.raises(InterruptedRunError):
        here.work()
    here.stop, here.budget = None, Budget(Decimal(1))


@pytest.mark.parametrize("turns", [1, 2])
def test_a_run_goes_on_where_another_was_ended(turns: int, tmp_path: Path) -> None:
    """The reply during which it was ended is the one that is lost."""
    with room(TURNS) as here:
        ended(here, tmp_path, turns + 1)
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.spent.turns == 3
    assert outcome.attempts == 2
    assert len(here.server.seen) == 4
    assert outcome.spent.usd == here.budget.spent
    asked = [str(request.body["messages"]).count("role") for request in here.server.seen]
    assert asked == sorted(asked)


def test_what_is_known_costs_nothing(tmp_path: Path) -> None:
    with room(TURNS) as here:
        here.model = Remembering(here.model, Replies(tmp_path, KEY))
        first = here.work()
        second = here.work()

    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert len(here.server.seen) == 3
    assert first.spent.usd == here.budget.spent
    assert (second.spent.usd, second.spent.turns) == (0, 3)
    assert second.accepted == first.accepted


@pytest.mark.parametrize("what", ["another question", "forgotten", "cut", "nonsense", "no reply"])
def test_what_is_not_known_is_asked(what: str, tmp_path: Path) -> None:
    with room(script(start=submit())) as here:
        replies = Replies(tmp_path, KEY)
        here.model = Remembering(here.model, replies)
        here.work()
        (path,) = (tmp_path / ".cache/replies").iterdir()
        text = path.read_text()
        match what:
            case "forgotten":
                replies.forget()
            case "cut":
                path.write_text(text[:-20])
            case "nonsense":
                path.write_bytes(b"\xff\n[1]\n{}\n")
            case "no reply":
                path.write_text(text.replace('"calls": [{', '"calls": [{"more": 1, '))
        outcome = here.work(brief(hint="Use a loop.") if what == "another question" else None)

    assert isinstance(outcome, Done)
    assert len(here.server.seen) == 2
    assert path.read_text().count("\n") == 1  # what was known of something else is gone


def test_a_stub_and_a_group_do_not_meet(tmp_path: Path) -> None:
    with room(script(start=submit())) as here:
        for together in (False, True):
            model = Remembering(here.model, Replies(tmp_path, KEY, together=together))
            replace(here, model=model).work()
    assert len(list((tmp_path / ".cache/replies").iterdir())) == 2


def test_a_secret_is_not_kept(tmp_path: Path) -> None:
    with room(script(start=submit(WRONG.replace("-", "sk-very-secret")), after_FAILED=submit())) as here:
        replies = Replies(tmp_path, KEY, secrets=("sk-very-secret",))
        here.model = Remembering(here.model, replies)
        here.work()
    assert all("sk-very-secret" not in path.read_text() for path in tmp_path.rglob("*.jsonl"))


def test_another_server_is_another_model(tmp_path: Path) -> None:
    for _ in range(2):
        with room(script(start=submit())) as here:
            here.model = Remembering(here.model, Replies(tmp_path, KEY))
            here.work()
            assert len(here.server.seen) == 1


def test_what_git_tracks_is_none_of_ours(tmp_path: Path) -> None:
    """Whoever can push could have the model say what they like: it is neither heard nor changed."""
    with room(script(start=submit())) as here:
        model = here.model
        here.model = Remembering(model, Replies(tmp_path / ".jiti", KEY))
        here.work()
        (path,) = (tmp_path / ".jiti/.cache/replies").iterdir()
        before = path.read_bytes()
        replies = Replies(tmp_path / ".jiti", KEY, root=tmp_path, tracked={f".jiti/.cache/replies/{path.name}"})
        here.model = Remembering(model, replies)
        here.work()
        replies.doubt()
        replies.forget()
    assert len(here.server.seen) == 2
    assert path.read_bytes() == before


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("Mine.")
    with room(script(start=submit())) as here:
        replies = Replies(tmp_path, KEY)
        here.model = Remembering(here.model, replies)
        here.work()
        (path,) = (tmp_path / ".cache/replies").iterdir()
        path.unlink()
        path.symlink_to(tmp_path / "own.txt")
        here.work()
    assert (tmp_path / "own.txt").read_text() == "Mine."


def test_what_ends_the_work_is_asked_for_again(tmp_path: Path) -> None:
    """The last reply alone: a tool that fails at it would fail whoever goes on."""
    with room(TURNS) as here:
        replies = Replies(tmp_path, KEY)
        here.model = Remembering(here.model, replies)
        here.work()
        replies.doubt()
        here.work()
        assert len(here.server.seen) == 4
        replies.forget()
        replies.doubt()


def test_any_letter_is_kept(tmp_path: Path) -> None:
    with room(script(start=call("run_python", code="'\u2028\x85'"), after_run_python=submit())) as here:
        here.model = Remembering(here.model, Replies(tmp_path, KEY))
        here.work()
        here.work()
    assert len(here.server.seen) == 2


def test_a_reply_that_was_cut_is_not_kept(tmp_path: Path) -> None:
    def answer(conversation: Conversation) -> Reply:
        return replace(submit(), stop="max_tokens") if conversation.states[0] == "start" else submit()

    with room(answer) as here:
        here.model = Remembering(here.model, Replies(tmp_path, KEY))
        here.work()
    kept = [line for path in tmp_path.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert len(kept) == len(here.server.seen) - 1


def test_a_disk_that_refuses_costs_the_memory_alone(tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("in the way")
    with room(script(start=submit())) as here:
        here.model = Remembering(here.model, Replies(tmp_path, KEY))
        assert isinstance(here.work(), Done)
