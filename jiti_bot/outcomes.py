"""What stands in for a stub whose committed implementation cannot be used: it fails, with a reason, when called.

Never on import: a package with one missing body must stay importable.
"""

import os
from types import FunctionType

from jiti_bot.errors import JitiError, NotGeneratedError, StaleError, StoreError
from jiti_bot.unit import dress, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from jiti_bot.unit import Unit


class StandIn:
    """Makes the functions that take the place of a unit's stubs. ``path`` is the committed file, if there is one."""

    __slots__ = ("path", "unit")

    def __init__(self, unit: "Unit", path: str) -> None:
        self.unit = unit
        self.path = path

    def missing(self, stub: FunctionType) -> FunctionType:
        """For a stub without a committed file."""

        def call(*args: "Any", **kwargs: "Any") -> "Any":
            self._note(stub, args, kwargs)
            raise self.not_generated()

        return _disguise(call, stub)

    def stale(self, stub: FunctionType, what: str) -> FunctionType:
        """For a stub that the committed file no longer fits; ``what`` is a clause."""

        def call(*args: "Any", **kwargs: "Any") -> "Any":
            self._note(stub, args, kwargs)
            key, where = self.unit.key(), place_of(stub)
            reason = f"{key}: {what} since {self.path} was generated."
            error = StaleError(f"{where}: {reason} {_ways(key)}")
            error.key, error.where, error.message = key, where, reason
            raise error

        return _disguise(call, stub)

    def deferred(self, stub: FunctionType, resolve: "Callable[[], FunctionType]", *, is_async: bool) -> FunctionType:
        """For a file that could not be loaded while its host was imported: each call tries until it works.

        Two hosts whose committed files import each other need the second try. Errors reach the caller as StoreError.
        """
        if is_async:

            async def call_async(*args: "Any", **kwargs: "Any") -> "Any":
                return await self._resolved(resolve)(*args, **kwargs)

            return _disguise(call_async, stub)

        def call(*args: "Any", **kwargs: "Any") -> "Any":
            return self._resolved(resolve)(*args, **kwargs)

        return _disguise(call, stub)

    def not_generated(self) -> NotGeneratedError:
        """The error for a stub without a committed file; names it for people and for programs."""
        key, where = self.unit.key(), self.unit.where()
        reason = f"{key} has no implementation yet."
        error = NotGeneratedError(f"{where}: {reason} {_ways(key)}")
        error.key, error.file, error.unit = key, self.unit.file, self.unit.name
        error.where, error.message = where, reason
        return error

    def _note(self, stub: FunctionType, args: "tuple[Any, ...]", kwargs: "dict[str, Any]") -> None:
        """Write the call down where `jiti run` watches; that changes nothing of what follows."""
        if "JITI_OBSERVED" in os.environ:
            from jiti_bot import observe

            observe.note(self.unit.key(), self.unit.file, self.unit.name, stub, args, kwargs)

    def _resolved(self, resolve: "Callable[[], FunctionType]") -> FunctionType:
        try:
            return resolve()
        except (JitiError, NotGeneratedError):
            raise
        except SyntaxError as error:
            raise _unusable(error.msg, f"{self.path}:{error.lineno or 1}") from error
        except Exception as error:
            raise _unusable(f"{type(error).__name__}: {error}", self.path) from error


def _ways(key: str) -> str:
    return f"Push it and let the bot open a pull request, or run `jiti generate {key}`."


def _unusable(problem: str, where: str) -> StoreError:
    return StoreError(
        f"the committed file cannot be loaded: {problem}.",
        remedy="Mend it, or run `jiti generate` for this stub again.",
        where=where,
    )


def _disguise(call: "Callable[..., Any]", stub: FunctionType) -> FunctionType:
    assert isinstance(call, FunctionType)
    call.__name__ = stub.__name__
    call.__qualname__ = stub.__qualname__
    dress(call, stub)
    call.__dict__["__wrapped__"] = stub  # shows the stub's parameters, which are what pytest takes fixtures from
    return call
