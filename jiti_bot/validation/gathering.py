"""Fresh processes, shared by units that need one at the same time: starting it is most of what a proof costs."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jiti_bot.source.model import Spec
from jiti_bot.validation.jobs import Result
from jiti_bot.validation.model import Accepted

MOST = 16  # units in one process

Batch = Mapping[str, tuple[Spec, Accepted]]
Results = Mapping[str, tuple[Result, Result]]


@dataclass(slots=True)
class _Call:
    batch: Batch
    answered: bool = False
    answer: tuple[Results, Batch] | None = None  # None: it has to be proved alone


class Gathering:
    """Proves batches; what arrives while a process is at work shares the next one. Thread-safe.

    ``prove`` makes the results of a batch, ``passed`` says whether everything in it passed. Only then do they count for
    units that share a process: otherwise each is proved alone, with nothing in place that may never be stored.
    """

    def __init__(self, prove: Callable[[Batch], Results], passed: Callable[[Batch, Results], bool]) -> None:
        self._prove = prove
        self._passed = passed
        self._changed = threading.Condition()
        self._waiting: list[_Call] = []
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many batches wait for a process."""
        return len(self._waiting)

    def results(self, batch: Batch) -> tuple[Results, Batch]:
        """The results for ``batch``, and all that was in place when they were made."""
        call = _Call(batch)
        with self._changed:
            self._waiting.append(call)
            self._changed.wait_for(lambda: call.answered or not self._busy)
            taken = [] if call.answered else self._take(call)
            self._busy = self._busy or bool(taken)
        if taken:
            self._answer(taken)
        return call.answer or (self._prove(batch), batch)

    def _take(self, call: _Call) -> list[_Call]:
        """``call`` and those that can go with it: of other units, and not too many."""
        taken, keys = [call], set(call.batch)
        for other in self._waiting:
            if keys.isdisjoint(other.batch) and len(keys) + len(other.batch) <= MOST:
                taken.append(other)
                keys |= other.batch.keys()
        self._waiting = [other for other in self._waiting if other not in taken]
        return taken

    def _answer(self, taken: list[_Call]) -> None:
        whole = {key: pair for call in taken for key, pair in call.batch.items()}
        answer: tuple[Results, Batch] | None = None
        try:
            if len(taken) > 1:
                results = self._prove(whole)
                answer = (results, whole) if self._passed(whole, results) else None
            else:
                answer = (self._prove(whole), whole)
        finally:
            with self._changed:
                self._busy = False
                for call in taken:
                    call.answered, call.answer = True, answer
                self._changed.notify_all()
