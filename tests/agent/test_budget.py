"""Money: what is held, what is spent, and that it is never overshot."""

from contextlib import ExitStack
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.agent import prices
from jiti_bot.agent.ask import LEAST_OUTPUT, affordable
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.outcome import Usage
from jiti_bot.errors import BudgetError, InterruptedRunError

CENTS = st.integers(0, 300).map(lambda cents: Decimal(cents) / 100)
CALLS = st.lists(st.tuples(CENTS, st.floats(0, 1)), max_size=30)


def test_nothing_is_spent_at_first() -> None:
    budget = Budget(Decimal(1))

    assert (budget.spent, budget.held, budget.left()) == (0, 0, 1)


def test_no_limit_is_no_limit() -> None:
    budget = Budget(None)
    with budget.reserve(Decimal(10**6)):
        pass

    assert budget.left() is None
    assert budget.spent == 10**6


def test_what_is_not_settled_is_spent_whole() -> None:
    budget = Budget(Decimal(1))
    with pytest.raises(ZeroDivisionError), budget.reserve(Decimal("0.5")):
        raise ZeroDivisionError

    assert budget.spent == Decimal("0.5")


def test_a_child_spends_its_parents_money() -> None:
    run = Budget(Decimal(1))
    stub = run.child(Decimal("0.3"))
    with stub.reserve(Decimal("0.2")) as hold:
        hold.settle(Decimal("0.1"))

    assert (stub.spent, run.spent, stub.left()) == (Decimal("0.1"), Decimal("0.1"), Decimal("0.2"))
    with pytest.raises(BudgetError, match=r"\$0.2000 of \$0.3 is left"), stub.reserve(Decimal("0.25")):
        pass


@given(CENTS, CENTS, CALLS)
def test_one_after_the_other_never_overshoots(run_limit: Decimal, stub_limit: Decimal, calls: list) -> None:
    run = Budget(run_limit)
    for worst, share in calls:
        stub = run.child(stub_limit)
        try:
            with stub.reserve(worst) as hold:
                hold.settle(worst * Decimal(share))
        except BudgetError:
            assert worst > min(run_limit - run.spent, stub_limit)
        assert stub.spent <= stub_limit
        assert run.spent <= run_limit
        assert run.held == 0


@given(CENTS, CALLS)
def test_calls_that_overlap_never_hold_more_than_there_is(limit: Decimal, calls: list) -> None:
    run = Budget(limit)
    with ExitStack() as open_calls:
        for worst, share in calls:
            if run.spent + run.held + worst > limit:
                open_calls.close()  # a thread would wait here
            try:
                hold = open_calls.enter_context(run.child(None).reserve(worst))
            except BudgetError:
                assert run.spent + worst > limit
                continue
            hold.settle(worst * Decimal(share))
            assert run.spent + run.held <= limit
    assert run.spent <= limit


def test_many_threads_together_never_overshoot() -> None:
    run = Budget(Decimal(1))
    refused: list[bool] = []
    together = Barrier(8)

    def spend() -> None:
        stub = run.child(None)
        together.wait()
        while True:
            try:
                with stub.reserve(Decimal("0.4")) as hold:
                    assert run.spent + run.held <= 1
                    hold.settle(Decimal("0.01"))
            except BudgetError:
                refused.append(True)
                return

    threads = [Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Decimal("0.6") < run.spent <= 1  # it went on as long as a worst call could be paid
    assert len(refused) == 8
    assert run.held == 0


def test_who_waits_for_money_is_let_go_when_the_run_stops() -> None:
    run = Budget(Decimal(1))
    ended: list[type[BaseException]] = []
    begun = Barrier(2)

    def wait() -> None:
        begun.wait()
        try:
            with run.reserve(Decimal("0.9")):
                pass
        except InterruptedRunError as error:
            ended.append(type(error))

    with run.reserve(Decimal("0.9")):
        thread = Thread(target=wait)
        thread.start()
        begun.wait()
        run.close()
        thread.join()

    assert ended == [InterruptedRunError]


MODELS = st.sampled_from(
    [
        "claude-sonnet-5-5",
        "claude-opus-5-5",
        "claude-haiku-5-5",
        "bedrock/anthropic.claude-sonnet-5-5",
        "vertex/claude-opus-5-5",
    ]
)
TOKENS = st.integers(0, 300_000)


@given(MODELS, TOKENS, TOKENS, TOKENS, st.integers(0, 64_000))
def test_no_call_costs_more_than_its_worst_price(model: str, plain: int, written: int, read: int, output: int) -> None:
    usage = Usage(plain, written, 0, read, output)
    actual, worst = prices.price(model, usage), prices.worst(model, usage.input, output)

    assert actual is not None
    assert worst is not None
    assert actual <= worst


@given(MODELS, TOKENS, st.integers(1, 64_000), CENTS)
def test_a_reply_is_shortened_to_what_can_be_paid(model: str, given_tokens: int, wanted: int, left: Decimal) -> None:
    limit = affordable(model, given_tokens, wanted, left)
    worst = prices.worst(model, given_tokens, limit)

    assert worst is not None
    assert limit <= wanted
    assert worst <= left or limit == min(LEAST_OUTPUT, wanted)


PRICES = {
    "sonnet": ("claude-sonnet-5-5", Usage(1_000_000, 0, 0, 0, 0), "2"),
    "sonnet writes": ("claude-sonnet-5-5", Usage(0, 1_000_000, 0, 0, 0), "2.5"),
    "sonnet writes for an hour": ("claude-sonnet-5-5", Usage(0, 0, 1_000_000, 0, 0), "4"),
    "sonnet reads": ("claude-sonnet-5-5", Usage(0, 0, 0, 1_000_000, 0), "0.1"),
    "sonnet answers": ("claude-sonnet-5-5", Usage(0, 0, 0, 0, 1_000_000), "10"),
    "opus": ("claude-opus-5-5", Usage(1_000_000, 0, 0, 0, 1_000_000), "24"),
    "haiku": ("claude-haiku-5-5", Usage(100_000, 0, 0, 0, 0), "0.01"),
    "haiku, long": ("claude-haiku-5-5", Usage(200_000, 0, 0, 0, 0), "0.1"),
    "nobody knows": ("qwen3-coder", Usage(1, 0, 0, 0, 1), None),
}


@pytest.mark.parametrize(("model", "usage", "usd"), PRICES.values(), ids=PRICES.keys())
def test_prices(model: str, usage: Usage, usd: str | None) -> None:
    assert prices.price(model, usage) == (None if usd is None else Decimal(usd))
