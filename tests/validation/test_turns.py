"""Whose turn it is: nobody waits behind what can be done without."""

import threading
from concurrent.futures import ThreadPoolExecutor

from jiti_bot.validation.turns import Turns

PATIENCE = 30.0  # seconds; none of this is waited for unless something is wrong


def test_what_can_be_done_without_takes_an_idle_place() -> None:
    turns = Turns(1)

    with turns.spared(0.0) as had, turns.spared(0.0) as more:
        assert (had, more) == (True, False)
    with turns.spared(0.0) as again:
        assert again


def test_what_can_be_done_without_gives_way_to_who_waits() -> None:
    turns = Turns(1)
    order: list[str] = []
    ready, go = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.taken():
            ready.set()
            assert go.wait(PATIENCE)

    def need() -> None:
        with turns.taken():
            order.append("needed")

    def spare() -> None:
        with turns.spared(PATIENCE) as had:
            assert had
            order.append("spared")

    with ThreadPoolExecutor(3) as pool:
        holding = pool.submit(hold)
        assert ready.wait(PATIENCE)
        others = [pool.submit(spare), pool.submit(need)]
        while not turns.waiting:
            pass
        go.set()
        for one in (holding, *others):
            one.result(PATIENCE)
    assert order == ["needed", "spared"]


def test_a_place_comes_back_after_a_failure() -> None:
    turns = Turns(1)

    def fail() -> None:
        with turns.taken():
            raise ValueError

    with ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(fail).exception(PATIENCE), ValueError)
    with turns.spared(0.0) as had:
        assert had
