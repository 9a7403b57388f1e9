"""Order, waits and failures of a run, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.planning.schedule import Schedule, in_order

N = frozenset


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({"a": N()}, ("a",), id="one"),
        pytest.param({"a": N("b"), "b": N()}, ("b", "a"), id="chain"),
        pytest.param({"a": N("x")}, ("a",), id="needs-what-is-not-pending"),
        pytest.param({"a": N("a")}, ("a",), id="itself"),
    ],
)
def test_order(needs: dict[str, frozenset[str]], order: tuple[str, ...]) -> None:
    assert in_order(needs) == order


def test_a_cycle_is_ordered_whole() -> None:
    assert sorted(in_order({"a": N("b"), "b": N("c"), "c": N("a"), "d": N("a")})) == ["a", "b", "c", "d"]


graphs = st.dictionaries(st.sampled_from("abcdefg"), st.frozensets(st.sampled_from("abcdefg"), max_size=4))


@given(graphs)
def test_every_key_is_handed_out_once(needs: dict[str, frozenset[str]]) -> None:
    schedule = Schedule(needs)
    seen: list[str] = []
    while not schedule.over:
        ready = schedule.ready()
        assert ready, "pending keys, none ready and none running"
        for key in ready:
            schedule.start(key)
            seen.append(key)
        for key in ready:
            schedule.finish(key, good=True)
    assert sorted(seen) == sorted(needs)


def test_what_a_failed_unit_takes_with_it() -> None:
    schedule = Schedule({"a": N(), "b": N("a"), "c": N()})
    assert schedule.ready() == ("a", "c")
    schedule.start("a")
    assert schedule.ready() == ("c",)
    schedule.finish("a", good=False)
    assert schedule.obstacle("b") == "a"
    assert schedule.obstacle("c") is None


class TestPostpone:
    def test_until_the_other_has_ended(self) -> None:
        schedule = Schedule({"a": N(), "b": N()})
        schedule.start("a")
        assert schedule.postpone("a", ["b"])
        assert schedule.ready() == ("b",)
        schedule.start("b")
        assert schedule.ready() == ()
        schedule.finish("b", good=True)
        assert schedule.ready() == ("a",)

    def test_not_twice_for_the_same(self) -> None:
        schedule = Schedule({"a": N(), "b": N()})
        schedule.start("a")
        assert schedule.postpone("a", ["b"])
        schedule.start("b")
        schedule.finish("b", good=True)
        schedule.start("a")
        assert not schedule.postpone("a", ["b"])

    def test_not_when_they_wait_for_each_other(self) -> None:
        schedule = Schedule({"a": N(), "b": N()})
        schedule.start("a")
        schedule.start("b")
        assert schedule.postpone("a", ["b"])
        assert not schedule.postpone("b", ["a"])

    def test_for_one_that_had_only_better_come_after_it(self) -> None:
        schedule = Schedule({"a": N(), "b": N(), "c": N()}, {"b": N("a")})
        schedule.start("a")
        assert schedule.postpone("a", ["b"])
        assert schedule.ready() == ("c", "b")

    def test_not_for_one_that_needs_it(self) -> None:
        schedule = Schedule({"a": N(), "b": N("a")})
        schedule.start("a")
        assert not schedule.postpone("a", ["b"])

    def test_not_for_what_nobody_will_write(self) -> None:
        schedule = Schedule({"a": N()})
        schedule.start("a")
        assert not schedule.postpone("a", ["elsewhere"])

    def test_for_what_ended_well_while_it_was_judged(self) -> None:
        schedule = Schedule({"a": N(), "b": N()})
        schedule.start("a")
        schedule.start("b")
        schedule.finish("b", good=True)
        assert schedule.postpone("a", ["b"])
        assert schedule.ready() == ("a",)
        assert schedule.obstacle("a") is None

    def test_not_for_what_failed(self) -> None:
        schedule = Schedule({"a": N(), "b": N()})
        schedule.start("a")
        schedule.start("b")
        schedule.finish("b", good=False)
        assert not schedule.postpone("a", ["b"])

    def test_for_what_is_taken_up_for_it(self) -> None:
        schedule = Schedule({"a": N()})
        schedule.start("a")
        assert not schedule.knows("c")
        schedule.add("c", [])
        assert schedule.postpone("a", ["c"])
        assert schedule.ready() == ("c",)


class TestKnot:
    def test_none_where_nothing_waits_for_it(self) -> None:
        schedule = Schedule({"a": N(), "b": N()})
        schedule.start("a")
        assert schedule.knot("a", ["b"]) == ()

    def test_none_with_what_nobody_will_write(self) -> None:
        schedule = Schedule({"a": N(), "b": N("a")})
        schedule.start("a")
        assert schedule.knot("a", ["b", "elsewhere"]) == ()

    def test_two_that_wait_for_each_other_start_as_one(self) -> None:
        schedule = Schedule({"a": N(), "b": N(), "c": N("b")})
        schedule.start("a")
        schedule.start("b")
        assert schedule.postpone("a", ["b"])
        assert schedule.knot("b", ["a"]) == ("a", "b")
        assert schedule.bind("b", ["a"], ("a", "b")) == "a"
        assert schedule.ready() == ("a",)
        assert schedule.members("a") == ("a", "b")
        schedule.start("a")
        assert schedule.ready() == ()
        schedule.finish("a", good=True)
        assert schedule.ready() == ("c",)
        assert schedule.obstacle("c") is None

    def test_what_has_not_begun_is_part_of_it(self) -> None:
        schedule = Schedule({"a": N(), "b": N("a")})
        schedule.start("a")
        assert schedule.knot("a", ["b"]) == ("a", "b")

    def test_a_circle_of_three_and_what_else_they_need(self) -> None:
        schedule = Schedule({"a": N(), "b": N(), "c": N(), "d": N(), "e": N("d")}, {"d": N("c")})
        for key, until in (("a", ["b"]), ("b", ["c"])):
            schedule.start(key)
            assert schedule.postpone(key, until)
        schedule.start("c")
        assert schedule.knot("c", ["a", "d"]) == ("a", "b", "c")
        schedule.bind("c", ["a", "d"], ("a", "b", "c"))
        assert schedule.ready() == ("d",)  # although it had better come after c
        schedule.start("d")
        schedule.finish("d", good=False)
        assert sorted(schedule.ready()) == ["a", "e"]
        assert schedule.obstacle("a") == "d"

    def test_it_fails_whole(self) -> None:
        schedule = Schedule({"a": N(), "b": N("a"), "c": N("b"), "d": N("a")})
        schedule.start("a")
        schedule.bind("a", ["b"], schedule.knot("a", ["b"]))
        schedule.start("a")
        schedule.finish("a", good=False)
        assert schedule.obstacle("c") == "b"
        assert schedule.obstacle("d") == "a"

    def test_it_waits_for_another_and_grows(self) -> None:
        schedule = Schedule({"a": N(), "b": N("a"), "c": N(), "d": N("b")})
        schedule.start("a")
        schedule.bind("a", ["b"], schedule.knot("a", ["b"]))
        schedule.start("a")
        assert schedule.postpone("a", ["b", "c"])
        assert schedule.ready() == ("c",)
        schedule.start("c")
        assert not schedule.postpone("c", ["b"])
        assert schedule.knot("c", ["b"]) == ("a", "c", "b")
        assert schedule.bind("c", ["b"], ("a", "c", "b")) == "a"
        assert schedule.ready() == ("a",)
        schedule.start("a")
        assert not schedule.postpone("a", ["c"])
        schedule.finish("a", good=True)
        assert schedule.ready() == ("d",)


meetings = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), max_size=7)


@given(graphs, meetings)
def test_whatever_the_gates_meet_every_key_ends_once(needs: dict[str, frozenset[str]], meets: dict[str, str]) -> None:
    schedule = Schedule(needs)
    ended: list[str] = []
    while not schedule.over:
        ready = schedule.ready()
        assert ready, "pending keys, none ready and none running"
        key = ready[0]
        schedule.start(key)
        until = {meets[one] for one in schedule.members(key) if one in meets} - {*schedule.members(key), *ended}
        if until and schedule.postpone(key, until):
            continue
        knot = schedule.knot(key, until) if until else ()
        if knot:
            schedule.bind(key, until, knot)
            continue
        ended += schedule.members(key)
        schedule.finish(key, good=not until)
    assert sorted(ended) == sorted(needs)
