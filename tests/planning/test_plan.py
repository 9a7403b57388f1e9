"""From states to steps, as a table."""

import pytest

from jiti_bot.planning.plan import Action, Plan, action_of, make
from jiti_bot.source.model import Kind
from jiti_bot.store.state import Condition, State
from tests.planning.units import spec

MISSING = State(Condition.MISSING)
CURRENT = State(Condition.CURRENT)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        pytest.param(CURRENT, Action.NOTHING, id="current"),
        pytest.param(State(Condition.EDITED), Action.NOTHING, id="edited"),
        pytest.param(MISSING, Action.GENERATE, id="missing"),
        pytest.param(State(Condition.STALE, ("signature",)), Action.GENERATE, id="signature"),
        pytest.param(State(Condition.STALE, ("docstring", "gates")), Action.GENERATE, id="docstring-and-gates"),
        pytest.param(State(Condition.STALE, ("gates", "context", "uses")), Action.REVALIDATE, id="gates-only"),
        pytest.param(State(Condition.EDITED, ("gates",)), Action.REVALIDATE, id="edited-gates"),
        pytest.param(State(Condition.CONFLICT, ("docstring",)), Action.DECIDE, id="conflict"),
        pytest.param(State(Condition.MALFORMED), Action.DECIDE, id="malformed"),
    ],
)
def test_action(state: State, action: Action) -> None:
    assert action_of(state) is action


def shape(plan: Plan) -> list[tuple[str, Action, list[str]]]:
    return [(step.spec.stub.unit, step.action, sorted(step.needs)) for step in plan.steps]


def test_nothing_pending_is_an_empty_run() -> None:
    plan = make([(spec("f"), CURRENT)])
    assert shape(plan) == [("f", Action.NOTHING, [])]
    assert plan.pending == ()


def test_generated_tests_come_before_what_they_gate() -> None:
    plan = make([(spec("f", tests=("test_f",)), MISSING), (spec("test_f", kind=Kind.TEST), MISSING)])
    assert shape(plan) == [("test_f", Action.GENERATE, []), ("f", Action.GENERATE, ["app.test_f"])]


def test_what_is_used_comes_first_and_is_drawn_in() -> None:
    units = [(spec("f", uses=("g",)), MISSING), (spec("g"), MISSING), (spec("h"), MISSING)]
    assert shape(make(units, ["app.f"])) == [("g", Action.GENERATE, []), ("f", Action.GENERATE, ["app.g"])]


def test_what_is_current_needs_nothing() -> None:
    units = [(spec("f", uses=("g",)), MISSING), (spec("g", uses=("h",)), CURRENT), (spec("h"), MISSING)]
    assert shape(make(units, ["app.f"])) == [("f", Action.GENERATE, [])]


def test_those_that_use_each_other_are_both_there() -> None:
    units = [(spec("f", uses=("g",)), MISSING), (spec("g", uses=("f",)), MISSING)]
    assert {step.spec.key for step in make(units).pending} == {"app.f", "app.g"}


CHANGED = State(Condition.STALE, ("dependencies",), dependencies=("app.py::used",))
DOCUMENTED = State(Condition.STALE, ("docstring",))


def test_what_changed_is_written_before_those_that_use_it_are_validated() -> None:
    plan = make([(spec("user"), CHANGED), (spec("used"), DOCUMENTED)])
    assert [(step.spec.key, step.action, step.needs) for step in plan.steps] == [
        ("app.used", Action.GENERATE, frozenset()),
        ("app.user", Action.REVALIDATE, frozenset({"app.used"})),
    ]


def test_one_that_uses_what_changed_draws_it_in() -> None:
    plan = make([(spec("user"), CHANGED), (spec("used"), DOCUMENTED), (spec("other"), DOCUMENTED)], ["app.user"])
    assert [step.spec.key for step in plan.steps] == ["app.used", "app.user"]


def test_a_generated_test_does_not_wait_for_what_it_tests() -> None:
    plan = make([(spec("user", kind=Kind.TEST), CHANGED), (spec("used", tests=("user",)), DOCUMENTED)])
    assert [step.spec.key for step in plan.steps] == ["app.user", "app.used"]


def test_what_is_gone_is_waited_for_by_nobody() -> None:
    plan = make([(spec("user"), CHANGED)])
    assert [(step.action, step.needs) for step in plan.steps] == [(Action.REVALIDATE, frozenset())]
