"""What can go wrong on the way to GitHub, as values to plan."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.github.hub import GitHub


@dataclass(frozen=True, slots=True)
class PrimaryLimit:
    """The hour's requests are used up: nothing is done, 403 or 429, remaining 0, reset in ``reset_in`` seconds."""

    reset_in: int = 0
    status: int = 403


@dataclass(frozen=True, slots=True)
class SecondaryLimit:
    """Too fast: nothing is done, 403 or 429, with ``retry-after`` seconds (or without the header)."""

    retry_after: int | None = 0
    status: int = 403


@dataclass(frozen=True, slots=True)
class LostReply:
    """The request is carried out, then the connection is dropped without an answer."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """The connection is dropped before anything is done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The service answers with an error and does nothing; ``body`` replaces GitHub's JSON (a proxy's page)."""

    status: int = 502
    message: str = "Server Error"
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Garbled:
    """The request is carried out; the answer's JSON ends in the middle."""


Fault = PrimaryLimit | SecondaryLimit | LostReply | Unreached | Answer | Garbled
Hook = Callable[["GitHub"], object]


@dataclass(slots=True)
class Planned:
    """A fault or a hook that waits for its request.

    It takes requests of the operation ``on`` (all when None), leaves the first ``skip`` alone and then takes
    ``times``; with ``each`` it takes every distinct request once.
    """

    what: Fault | Hook
    on: str | None = None
    times: int = 1
    skip: int = 0
    each: bool = False
    after: bool = False
    taken: set[str] = field(default_factory=set)

    def takes(self, operation: str, request: str) -> bool:
        """Whether this request is its own; asked once per request."""
        if self.on not in {None, operation}:
            return False
        if self.each:
            fresh = request not in self.taken
            self.taken.add(request)
            return fresh
        if self.skip:
            self.skip -= 1
            return False
        if not self.times:
            return False
        self.times -= 1
        return True
