"""Who may run a job now: at most so many at once, and what can be done without only while nobody else waits."""

import threading
from collections.abc import Generator
from contextlib import contextmanager


class Turns:
    """``count`` places. Thread-safe."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting = 0
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many wait that cannot do without."""
        return self._waiting

    @contextmanager
    def taken(self) -> Generator[None]:
        """Have a place, as soon as there is one."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._free)
            finally:
                self._waiting -= 1
            self._free -= 1
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def spared(self, wait: float) -> Generator[bool]:
        """Have a place that nobody else wants, if there is one within ``wait`` seconds; whether there was."""
        with self._changed:
            had = self._changed.wait_for(lambda: self._free and not self._waiting, max(0.0, wait))
            self._free -= bool(had)
        try:
            yield bool(had)
        finally:
            if had:
                self._give_back()

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
