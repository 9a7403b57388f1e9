"""A GitHub on the loopback over a real bare repository: the one door that tests use.

Every request and every response is held against GitHub's own description; what differs stands in ``violations``, which
the fixture ``hub`` asserts to be empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.github import access
from tests.github.faults import Fault, Hook, Planned
from tests.github.limits import Limits
from tests.github.log import Call
from tests.github.state import Access, Kind
from tests.github.wire import Server
from tests.github.world import World


@dataclass(slots=True)
class GitHub(World):
    """A context manager; ``with GitHub(bare, owner="acme", name="demo") as hub``."""

    log: list[Call] = field(init=False, default_factory=list)
    violations: list[str] = field(init=False, default_factory=list)
    limits: Limits = field(init=False)
    _planned: list[Planned] = field(init=False, default_factory=list)
    _requests: int = field(init=False, default=0)
    _server: Server | None = field(init=False, default=None)

    def __enter__(self) -> Self:
        self.limits = Limits(self.quota, self.clock)
        self._server = Server(self)
        self.url = self._server.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def token(
        self,
        login: str | None = None,
        permissions: Mapping[str, Access] | None = None,
        kind: Kind = "app",
    ) -> str:
        """A new secret.

        Without a login: ``jiti-bot[bot]`` (app), the owner (pat), ``github-actions[bot]`` (the others). Permissions are
        GitHub's names (contents, pull_requests, issues, checks, statuses, actions, administration); without them a bot
        gets what it needs. Kind fork reads everything and writes nothing, whatever is given. A pat (fine-grained) needs
        the person's role as well.
        """
        with self.lock:
            return access.make_token(self, login, permissions, kind).secret

    def expire(self, secret: str) -> None:
        """Let a token expire: 401 from now on."""
        with self.lock:
            del self.state.tokens[secret]

    # What goes wrong.

    def fail(self, fault: Fault, *, on: str | None = None, times: int = 1, skip: int = 0, each: bool = False) -> None:
        """Plan a fault: for the operation ``on`` ("git/update-ref") or any; ``each``: every distinct request once."""
        with self.lock:
            self._planned.append(Planned(fault, on, times, skip, each))

    def before(self, operation: str | None, hook: Hook, *, times: int = 1, skip: int = 0) -> None:
        """Call ``hook(hub)`` before a request is carried out; it may use the hub and send requests of its own."""
        with self.lock:
            self._planned.append(Planned(hook, operation, times, skip))

    def after(self, operation: str | None, hook: Hook, *, times: int = 1, skip: int = 0) -> None:
        """Call ``hook(hub)`` when a request has been carried out, before it is answered."""
        with self.lock:
            self._planned.append(Planned(hook, operation, times, skip, after=True))

    @property
    def writes(self) -> list[Call]:
        """The calls that may have changed something: no reads, no refusals."""
        with self.lock:
            return [call for call in self.log if call.writes]

    # What the server does with all this.

    def take_planned(self, operation: str, request: str) -> Fault | None:
        """Run the hooks that wait for this request; the fault that does, if any."""
        with self.lock:
            waiting = [planned for planned in self._planned if not planned.after]
            due = [planned.what for planned in waiting if planned.takes(operation, request)]
        fault: Fault | None = None
        for what in due:
            if callable(what):
                what(self)
            elif fault is None:
                fault = what
        return fault

    def run_after(self, operation: str, request: str) -> None:
        """Run the hooks that wait for this request to be carried out."""
        with self.lock:
            waiting = [planned for planned in self._planned if planned.after]
            due = [planned.what for planned in waiting if planned.takes(operation, request)]
        for what in due:
            if callable(what):
                what(self)

    def note(self, call: Call) -> None:
        """Remember a request."""
        with self.lock:
            self.log.append(call)

    def violate(self, what: str) -> None:
        """Remember what does not fit the description."""
        with self.lock:
            self.violations.append(what)

    def next_request_id(self) -> str:
        """A number for each answer."""
        with self.lock:
            self._requests += 1
            return f"{self._requests:04X}"
