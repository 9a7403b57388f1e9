"""One request on its way to the handler of its operation, and what handlers give back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.github.bare import Bare
from tests.github.problems import Problem, not_found
from tests.github.state import Person, Role, State, Token, at_least

if TYPE_CHECKING:
    from tests.github.hub import GitHub

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is allowed; ``token`` is None for a caller without one."""

    hub: "GitHub"
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    token: Token | None

    @property
    def state(self) -> State:
        """What is beside git."""
        return self.hub.state

    @property
    def bare(self) -> Bare:
        """What is in git."""
        return self.hub.bare

    @property
    def speaker(self) -> Token:
        """Who speaks.

        Raises `Problem`: nobody does.
        """
        if self.token is None:
            raise Problem(401, "Requires authentication")
        return self.token

    @property
    def login(self) -> str:
        """The account that acts."""
        return self.speaker.login

    @property
    def actor(self) -> Person:
        """The account that acts, with what is known of it."""
        return self.state.person(self.login)

    def number(self, name: str) -> int:
        """A parameter of the path as a number.

        Raises `Problem`: it is none, so nothing can be there.
        """
        text = self.params[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def may(self, role: Role, permission: str) -> bool:
        """Whether the caller, person or installation, may do what takes this role."""
        if self.token is None:
            return False
        if self.token.is_app:
            return self.token.permissions.get(permission) == "write"
        return at_least(self.actor.role, role)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``body`` None for none."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list to answer with page by page; ``wrap`` makes the document of one page of rendered items."""

    items: list[Any]
    render: Callable[[Any], Any]
    wrap: Callable[[list[Any]], Any] | None = None


Handler = Callable[[Request], Reply | Listed]
HANDLERS: dict[str, Handler] = {}


def handles(operation: str) -> Callable[[Handler], Handler]:
    """Register the handler of an operation of the description."""

    def register(handler: Handler) -> Handler:
        HANDLERS[operation] = handler
        return handler

    return register
