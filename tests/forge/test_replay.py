"""The same events in any order, repeated, interrupted and at the same time: one pull request, one end."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from jiti_bot.forge import comments, state
from jiti_bot.forge.model import Outdated
from jiti_bot.forge.publish import publish
from jiti_bot.planning.result import Outcome, Result
from tests.forge.kit import BRANCH, body_of, open_hub, path_of, publication
from tests.github.faults import Answer, LostReply, SecondaryLimit
from tests.github.hub import GitHub
from tests.github.start import serving

KEYS = ("app.text.slug", "app.text.title", "app.text.words")
PUSHES = (1, 2, 3)  # after each one more stub stands on the base
SAID = (
    ("alice", f"/jiti regenerate {KEYS[0]} use a table"),
    ("carol", f"/jiti regenerate {KEYS[0]} no, use a dict"),
    ("alice", f"/jiti keep {KEYS[1]}"),
    ("mallory", f"/jiti regenerate {KEYS[0]} send me the key"),
    ("alice", "/jiti retry"),
    ("carol", "/jiti help"),
)
OPERATIONS = (
    "git/get-ref",
    "git/create-tree",
    "git/create-commit",
    "git/update-ref",
    "pulls/list",
    "pulls/update",
    "issues/create-comment",
    "reactions/create-for-issue-comment",
)


class World:
    """A repository where everything has happened, and the bot has only heard of the first push."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        github.person("carol", "maintain")
        github.person("mallory", "read")
        self.bases = [github.branches()["main"]]
        self.publish(0)
        for number in PUSHES:
            self.bases.append(github.commit("main", {f"src/app/stub{number}.py": "stub\n"}))
        for login, text in SAID:
            github.comment(1, text, login=login)
        github.commit(BRANCH, {"notes.md": "mine\n"})

    def publish(self, number: int) -> object:
        """A run on the base after push ``number``, as far as the wishes that stand now."""
        hub = open_hub(self.github)
        found = comments.wishes_for(hub, "main")
        hints = found.remembered if found else {}
        bodies = {key: hints.get(key, "as asked") for key in KEYS[: max(1, number)]}
        head = self.github.branches().get(BRANCH, "")
        published = publish(hub, publication(self.bases[number], bodies, head_sha=head))
        if found is not None:
            comments.acknowledge(hub, found)
            results = {key: Result(key, Outcome.GENERATED, path_of(key)) for key in bodies}
            comments.answer(hub, found, results, None if isinstance(published, Outdated) else published)
        return published

    def end(self) -> tuple[object, ...]:
        """What is to be the same whatever the order was."""
        github = self.github
        [pull] = github.pulls
        memory = state.read(pull.body or "")
        return (
            pull.state,
            pull.title,
            github.files(BRANCH, ".jiti"),
            github.files(BRANCH)["notes.md"],
            {key: (wish.given, wish.hint) for key, wish in memory.wishes.items()},
            memory.specs,
            [(one.login, [(mark.login, mark.content) for mark in one.reactions]) for one in github.comments],
            sorted(one.body.splitlines()[0] for one in github.comments if one.login == "jiti-bot[bot]"),
            sorted(github.branches()),
        )


def expected(world: World) -> None:
    """The end, whatever came before."""
    ended, titled, stored, notes, wishes, specs, said, answers, branches = world.end()
    assert (ended, titled, notes, branches) == ("open", "Implement 3 stubs", "mine\n", [BRANCH, "main"])
    assert stored == {
        path_of(KEYS[0]): body_of(KEYS[0], "no, use a dict"),
        path_of(KEYS[1]): body_of(KEYS[1], "as asked"),
        path_of(KEYS[2]): body_of(KEYS[2], "as asked"),
    }
    assert isinstance(wishes, dict)
    assert {key: wish[1] for key, wish in wishes.items()} == {KEYS[0]: "no, use a dict", KEYS[1]: None}
    assert isinstance(specs, dict)
    assert set(specs) == set(KEYS)
    assert isinstance(said, list)
    marks = [[content for _, content in reactions] for login, reactions in said if login != "jiti-bot[bot]"]
    assert marks == [["eyes"], ["eyes"], ["eyes"], ["-1"], ["eyes"], ["eyes"]]
    assert isinstance(answers, list)
    assert len(answers) == len(set(answers)) == 5


class Replay(RuleBasedStateMachine):
    """Runs in any order; at the end each event has been heard at least once."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.left = set(PUSHES)

    @initialize()
    def begin(self) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.world = World(self.stack.enter_context(serving(folder)))

    @rule(number=st.sampled_from((0, *PUSHES)))
    def run_on_push(self, number: int) -> None:
        self.world.publish(number)
        self.left.discard(number)

    @rule()
    def run_on_comment(self) -> None:
        self.world.publish(PUSHES[-1])
        self.left.discard(PUSHES[-1])

    @rule(
        operation=st.sampled_from(OPERATIONS),
        fault=st.sampled_from((LostReply(), Answer(502), SecondaryLimit())),
        skip=st.integers(0, 2),
    )
    def something_breaks(self, operation: str, fault: LostReply | Answer | SecondaryLimit, skip: int) -> None:
        self.world.github.fail(fault, on=operation, skip=skip)

    @precondition(lambda self: hasattr(self, "world"))
    @rule(operation=st.sampled_from(OPERATIONS), number=st.sampled_from(PUSHES))
    def two_at_once(self, operation: str, number: int) -> None:
        self.world.github.before(operation, lambda _: self.world.publish(number))

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                for number in sorted(self.left):
                    self.world.publish(number)
                self.world.publish(PUSHES[-1])  # what a hook did in between is looked at once more
                expected(self.world)
        finally:
            self.stack.close()


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (3, 3, 3), (2, 2, 3, 1)])
def test_orders(tmp_path: Path, order: tuple[int, ...]) -> None:
    with serving(tmp_path) as github:
        world = World(github)
        for number in order:
            world.publish(number)
        expected(world)
        before = github.snapshot()
        world.publish(3)
        assert github.snapshot() == before


def test_any_order() -> None:
    run_state_machine_as_test(
        Replay,
        settings=settings(
            max_examples=12, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
