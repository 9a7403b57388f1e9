"""The loop over the real SDK and a real socket: how work on a stub goes and ends."""

from dataclasses import replace
from decimal import Decimal
from threading import Thread

import pytest

from jiti_bot.agent import events
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.outcome import Dispute, Done, GaveUp, Kept, Postponed, Settled
from jiti_bot.errors import ServiceError
from jiti_bot.loopback import Reply, Text, Thinking, ToolUse
from jiti_bot.source.model import Gate, GateKind, Spec
from tests.agent.kit import BROKEN, DOCTEST, FILES, KEY, RIGHT, SPEC, WRONG, brief, call, room, says, script, submit


def test_a_first_answer_that_is_right_ends_it() -> None:
    with room(script(start=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.attempts == 1
    assert RIGHT.strip() in outcome.accepted.text
    assert outcome.spent.turns == 1
    assert outcome.spent.usd is not None
    assert outcome.spent.usd > 0
    assert here.budget.spent == outcome.spent.usd
    assert here.budget.held == 0


def test_wrong_answers_are_reported_until_one_is_right() -> None:
    replies = script(start=submit(BROKEN), after_FAILED_1=submit(WRONG), after_FAILED_2=submit())
    with room(replies) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.attempts == 3
    assert [event.ok for event in here.named(events.Checked)] == [False, False, True]
    first, second = here.results(1)[0], here.results(2)[0]
    assert first["content"].startswith("FAILED\nguards: it does not parse")
    assert "'hello-world'" in second["content"]
    assert "is_error" not in first


def test_every_reply_goes_back_as_it_came() -> None:
    with room(script(start=submit(WRONG), after_FAILED=submit())) as here:
        here.work()

    sent = here.asked(1)["messages"][1]
    assert [block["type"] for block in sent["content"]] == ["thinking", "tool_use"]
    assert sent["content"][0]["thinking"] == "I see."
    assert sent["content"][0]["signature"]


def test_parallel_calls_are_answered_together() -> None:
    both = Reply((ToolUse("run_python", {"code": "print(6 * 7)"}), ToolUse("observed_calls", {})))
    with room(script(start=both, after_observed_calls=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert [result["content"] for result in here.results()] == ["42\n(within 30 s)", "slugify('Hello  World')"]


def test_a_pass_below_the_threshold_earns_one_round_and_the_better_one_is_kept() -> None:
    better = submit(
        RIGHT.replace("text.lower().split()", "text.split()").replace("return ", "return str.lower(")[:-1] + ")\n",
        quality=8,
    )
    with room(script(start=submit(quality=5), after_PASSED=better)) as here:
        outcome = here.work(brief(quality_threshold=9))

    assert isinstance(outcome, Done)
    assert (outcome.quality, outcome.attempts) == (8, 2)
    assert here.results()[0]["content"].startswith("PASSED")
    assert "5 of 10" in here.results()[0]["content"]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(submit(WRONG, quality=9), id="one that fails"),
        pytest.param(submit(quality=3), id="one that is worse"),
        pytest.param(says("I would not change it."), id="nothing"),
        pytest.param(Reply((Text("No."),), "refusal", "cyber"), id="a refusal"),
    ],
)
def test_what_passed_is_kept_when_the_round_brings(second: Reply) -> None:
    with room(script(start=submit(quality=5), after_PASSED=second)) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.quality == 5


def test_no_round_without_rounds_left() -> None:
    with room(script(start=submit(quality=5))) as here:
        outcome = here.work(brief(max_refactor=0))

    assert isinstance(outcome, Done)
    assert len(here.server.seen) == 1


def test_a_reworded_stub_may_keep_its_body() -> None:
    with room(script(start=call("keep", reason="Only the wording changed."))) as here:
        outcome = here.work(brief(committed="def slugify(): ...", changed=("docstring",)))

    assert isinstance(outcome, Kept)
    assert outcome.reason == "Only the wording changed."


def test_keep_is_no_tool_for_a_new_stub() -> None:
    with room(script(start=call("keep", reason="Why not."), after_keep=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert here.results()[0]["is_error"]


def test_one_reminder_for_an_answer_without_a_call() -> None:
    with room(script(start=says(), after_reminder=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert "`submit`" in here.asked()["messages"][-1]["content"][0]["text"]


def test_a_model_that_only_talks_is_given_up() -> None:
    with room(script(otherwise=says())) as here:
        outcome = here.work()

    assert isinstance(outcome, GaveUp)
    assert outcome.code == "incomplete"
    assert outcome.spent.turns == 2


MENDABLE = {
    "an unknown tool": (call("write_file", path="x"), "There is no tool `write_file`"),
    "input of the wrong type": (call("submit", body=5, quality=9), "`body` of `submit` must be a string"),
    "input without its body": (call("submit", quality=9), "`body` of `submit` must be a string"),
    "input that is no JSON": (Reply((ToolUse("submit", raw='{"body": oops}'),)), "was no JSON object"),
    "input that is a list": (Reply((ToolUse("submit", raw="[1]"),)), "was no JSON object"),
    "input cut at max_tokens": (
        Reply((ToolUse("submit", raw='{"body": "return '),), "max_tokens"),
        "Your reply was cut at its longest",
    ),
}


@pytest.mark.parametrize(("reply", "told"), MENDABLE.values(), ids=MENDABLE.keys())
def test_a_call_that_cannot_be_carried_out_is_explained(reply: Reply, told: str) -> None:
    with room(script(start=reply, otherwise=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert here.results()[0]["is_error"]
    assert told in here.results()[0]["content"]


def test_a_reply_cut_while_thinking_is_told_so() -> None:
    cut = Reply((Thinking("and so on"),), "max_tokens")
    with room(script(start=cut, after_reminder=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert "was cut at its longest" in here.asked()["messages"][-1]["content"][0]["text"]


ENDS = {
    "a refusal": (Reply((Text("No."),), "refusal", "cyber"), "the model declined (cyber)"),
    "a full context": (Reply((Text("Long."),), "model_context_window_exceeded"), "longer than the model can read"),
}


@pytest.mark.parametrize(("reply", "reason"), ENDS.values(), ids=ENDS.keys())
def test_the_model_stops(reply: Reply, reason: str) -> None:
    with room(script(start=reply)) as here:
        outcome = here.work()

    assert isinstance(outcome, GaveUp)
    assert reason in outcome.reason


def test_an_endless_loop_of_calls_ends() -> None:
    with room(script(otherwise=call("search", text="x", glob=""))) as here:
        outcome = here.work(brief(max_turns=4))

    assert isinstance(outcome, GaveUp)
    assert outcome.code == "budget"
    assert len(here.server.seen) == 4


def test_endless_wrong_answers_end_with_the_last_report() -> None:
    with room(script(otherwise=submit(WRONG))) as here:
        outcome = here.work(brief(max_turns=3))

    assert isinstance(outcome, GaveUp)
    assert outcome.attempts == 3
    assert outcome.last_report.startswith("doctests:")
    assert [check.name for check in outcome.checks if not check.ok] == ["doctests"]


def test_a_submission_that_needs_others_waits_for_them() -> None:
    with room(script(start=submit(), otherwise=submit())) as here:
        here.bench.missing = (".jiti/src/app/other.py",)
        first = here.work()
        assert isinstance(first, Postponed)
        assert first.keys == here.bench.missing
        second = here.work(resume=first, staged=dict.fromkeys(here.bench.missing, ""))

    assert isinstance(second, Done)
    assert second.attempts == 1
    assert len(here.server.seen) == 1


def test_a_postponed_conversation_goes_on_after_a_failure() -> None:
    with room(script(start=submit(WRONG), after_FAILED_1=submit())) as here:
        here.bench.missing = (".jiti/src/app/other.py",)
        first = here.work()
        assert isinstance(first, Postponed)
        second = here.work(resume=first, staged=dict.fromkeys(here.bench.missing, ""))

    assert isinstance(second, Done)
    assert second.attempts == 2


HUMAN = Gate("TestSlug.test_slug", GateKind.HUMAN, "tests/test_text.py", 3, (KEY,), "2" * 16)
WRITTEN = Gate("test_edges", GateKind.TEST, "tests/test_text.py", 9, (KEY,), "3" * 16)
DISPUTED: dict[str, tuple[str, str, bool]] = {
    "a person's test": ("test_slug", "right by definition", True),
    "no test at all": ("test_other", "No test `test_other` gates this stub. Those that do: TestSlug.test_slug,", True),
    "a jiti-test": ("tests/test_text.py::test_edges", "rewritten: test_edges ()", False),
    "an example, by its unit": ("slugify", 'rewritten: slugify, `>>> slugify("Hello  World")` (1,)', False),
    "an example": ('>>> slugify("Hello  World")', "(1,)", False),
    "no example": ('>>> slugify("Bye")', "No test", True),
}


def _rewrite(spec: Spec, gate: Gate, numbers: tuple[int, ...], dispute: Dispute) -> Settled:
    assert dispute.test.startswith(gate.name)
    return Settled(f"rewritten: {dispute.test} {numbers}", spec)


@pytest.mark.parametrize(("test", "said", "is_error"), DISPUTED.values(), ids=DISPUTED.keys())
def test_a_dispute_about(test: str, said: str, is_error: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "tests/test_text.py", "")
    spec = replace(SPEC, gates=(HUMAN, WRITTEN, DOCTEST))
    replies = script(start=call("dispute", test=test, reason="It asks for more."), otherwise=submit())
    with room(replies) as here:
        outcome = here.work(brief(spec=spec), settle=_rewrite)

    assert isinstance(outcome, Done)
    assert said in here.results()[0]["content"]
    assert here.results()[0].get("is_error", False) is is_error
    assert [dispute.reason for dispute in outcome.disputes] == ([] if is_error else ["It asks for more."])


def test_a_dispute_is_settled_once() -> None:
    dispute = call("dispute", test="slugify", reason="It asks for more.")
    with room(script(start=dispute, after_dispute_1=dispute, after_dispute_2=submit())) as here:
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert len(outcome.disputes) == 1
    assert "The reviewer will read this" in here.results(1)[0]["content"]
    assert "that is settled" in here.results(2)[0]["content"]


def test_a_dispute_that_cannot_be_settled_leaves_the_test() -> None:
    def fail(_spec: Spec, _gate: Gate, _numbers: tuple[int, ...], _dispute: Dispute) -> Settled:
        raise ServiceError("the service is away.")

    dispute = call("dispute", test="slugify", reason="It asks for more.")
    with room(script(start=dispute, otherwise=submit())) as here:
        outcome = here.work(settle=fail)

    assert isinstance(outcome, Done)
    assert "The test stands: the service is away." in here.results()[0]["content"]


def test_money_that_does_not_suffice_stops_before_the_call() -> None:
    with room(script(start=submit())) as here:
        here.budget = Budget(Decimal("0.0001"))
        outcome = here.work()

    assert isinstance(outcome, GaveUp)
    assert outcome.code == "budget"
    assert here.server.seen == []
    assert here.budget.spent == 0


def test_little_money_buys_a_shorter_reply() -> None:
    with room(script(start=submit())) as here:
        here.budget = Budget(Decimal("0.10"))
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert 2048 <= here.asked()["max_tokens"] < 16_000


def test_the_prefix_is_read_from_the_cache() -> None:
    with room(script(start=submit(WRONG), after_FAILED=submit())) as here:
        here.work()
        first, second = here.named(events.Paid)

    assert first.usage.read == 0
    assert first.usage.written > 512
    assert second.usage.read >= first.usage.written
    assert second.usage.plain < 50


def test_two_stubs_share_the_prefix() -> None:
    with room(script(otherwise=submit())) as here:
        here.work()
        here.work(brief(hint="Be brief."))
        _first, second = here.named(events.Paid)

    assert second.usage.read > 512


def test_many_conversations_at_once() -> None:
    with room(script(start=submit(WRONG), after_FAILED=submit())) as here:
        done: list[object] = []
        threads = [Thread(target=lambda: done.append(here.work())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert all(isinstance(outcome, Done) for outcome in done)
    assert len(done) == 8


def test_whoever_watches_sees_it_in_order() -> None:
    with room(script(start=submit())) as here:
        here.work()

    kinds = [type(event).__name__ for event in here.events if not isinstance(event, events.Heard)]
    assert kinds == ["TurnStarted", "Paid", "ToolCalled", "Checked", "Finished"]
    assert "".join(event.text for event in here.named(events.Heard)) == "I see."
    assert {event.key for event in here.events} == {KEY}


@pytest.mark.parametrize("cents", ["0.6", "1", "2", "5"])
def test_a_model_that_never_ends_spends_no_more_than_it_may(cents: str) -> None:
    allowed = Decimal(cents) / 100
    with room(script(otherwise=submit(WRONG))) as here:
        here.budget = Budget(allowed)
        outcome = here.work(brief(max_turns=60, max_tokens=2048))

    assert isinstance(outcome, GaveUp)
    assert outcome.code == "budget"
    assert here.budget.spent <= allowed
    assert outcome.spent.usd == here.budget.spent
