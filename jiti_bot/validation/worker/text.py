"""Bounded text: a candidate may print or raise anything, of any length."""

import reprlib

SHORT, LONG = 2_000, 6_000
_GAP = "\n... {} characters left out ...\n"


def bounded(text: str, limit: int = SHORT) -> str:
    """``text`` if it is short enough, else its first third and its last two thirds with the gap named."""
    if len(text) <= limit:
        return text
    head = limit // 3
    tail = limit - head
    return text[:head] + _GAP.format(len(text) - limit) + text[-tail:]


class Reprs(reprlib.Repr):
    """Short reprs for people and models; an object whose ``__repr__`` fails is named by its type."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = 200
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = self.maxdeque = 12
        self.maxlevel = 4

    def show(self, value: object) -> str:
        """The repr, bounded."""
        try:
            return bounded(self.repr(value), 600)
        except Exception as error:  # noqa: BLE001 - a user's __repr__ may raise anything
            return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
