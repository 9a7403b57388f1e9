"""What shares a fresh process, and what is proved alone."""

import threading
from collections.abc import Mapping

from jiti_bot.validation.gathering import MOST, Batch, Gathering, Results
from jiti_bot.validation.jobs import Ran
from jiti_bot.validation.model import Accepted
from tests.validation.specs import spec

GOOD, BAD = Accepted("good", "", ()), Accepted("bad", "", ())


class Processes:
    """Notes what each process is given; the first one is at work until all others wait."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.given: list[tuple[str, ...]] = []
        self.first = threading.Event()
        self.go_on = threading.Event()
        self.breaks = breaks
        self.gathering = Gathering(self.prove, self.passed)

    def prove(self, batch: Batch) -> Results:
        self.given.append(tuple(sorted(batch)))
        if not self.first.is_set():
            self.first.set()
            assert self.go_on.wait(30)
        if self.breaks and len(batch) > 1:
            raise OSError("no room")
        return dict.fromkeys(batch, (Ran(), Ran()))

    def passed(self, batch: Batch, results: Results) -> bool:
        assert batch.keys() == results.keys()
        return all(one.text == "good" for _, one in batch.values())

    def run(self, calls: list[Mapping[str, Accepted]]) -> list[tuple[str, ...]]:
        """Prove the first call, and while that is at work all others; what was in place for each."""
        found: list[tuple[str, ...]] = [()] * len(calls)

        def one(at: int) -> None:
            batch = {key: (spec(), text) for key, text in calls[at].items()}
            results, whole = self.gathering.results(batch)
            assert batch.keys() <= results.keys()
            found[at] = tuple(sorted(whole))

        threads = [threading.Thread(target=one, args=(at,)) for at in range(len(calls))]
        threads[0].start()
        assert self.first.wait(30)
        for thread in threads[1:]:
            thread.start()
        while self.gathering.waiting < len(calls) - 1:
            threads[0].join(0.01)
        self.go_on.set()
        for thread in threads:
            thread.join(30)
        return found


def test_one_is_proved_alone() -> None:
    processes = Processes()
    assert processes.run([{"a": GOOD}]) == [("a",)]
    assert processes.given == [("a",)]


def test_what_arrives_meanwhile_shares_the_next_one() -> None:
    processes = Processes()
    assert processes.run([{"a": GOOD}, {"b": GOOD}, {"c": GOOD, "d": GOOD}])[1:] == [("b", "c", "d")] * 2
    assert processes.given == [("a",), ("b", "c", "d")]


def test_where_one_does_not_pass_each_is_proved_alone() -> None:
    processes = Processes()
    assert processes.run([{"a": GOOD}, {"b": GOOD}, {"c": BAD}])[1:] == [("b",), ("c",)]
    assert processes.given[:2] == [("a",), ("b", "c")]
    assert sorted(processes.given[2:]) == [("b",), ("c",)]


def test_the_same_unit_twice_has_two_processes() -> None:
    processes = Processes()
    assert processes.run([{"a": GOOD}, {"b": GOOD}, {"b": GOOD}])[1:] == [("b",), ("b",)]
    assert processes.given == [("a",), ("b",), ("b",)]


def test_no_more_than_fit() -> None:
    processes = Processes()
    processes.run([{"a": GOOD}, *({f"u{number:02}": GOOD} for number in range(MOST + 1))])
    assert [len(given) for given in processes.given] == [1, MOST, 1]
