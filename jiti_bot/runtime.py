"""The decorators, as light as an import can be: everything else loads with the first stub.

`jiti` gives a stub its committed implementation, `required_for` marks a test that gates one. Nothing here generates,
needs a key, or touches the network.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import Any, TypeVar, overload

    from jiti_bot.engine import Engine

    Target = TypeVar("Target", bound=Callable[..., Any])


# The attribute of a gate that holds its targets, and its mark under pytest. `-k` matches names of attributes as it does
# those of marks, so one name for both adds nothing to what it finds.
GATE = "jiti_gate"


class Decorator:
    """``@jiti``, bare or called: ``@jiti(uses=[helper], engine=Engine(...))``.

    ``uses`` are symbols that the implementation has to use, ``engine`` settings for generating it; both are read from
    source by whatever generates and do nothing at run time.
    """

    __slots__ = ()
    __name__ = "jiti"

    if TYPE_CHECKING:

        @overload
        def __call__(self, target: "Target", /) -> "Target": ...
        @overload
        def __call__(
            self, /, *, uses: "Sequence[object]" = ..., engine: "Engine | None" = ...
        ) -> "Callable[[Target], Target]": ...

    def __call__(
        self, target: "Any" = None, /, *, uses: "Sequence[object]" = (), engine: "Engine | None" = None
    ) -> "Any":
        """Put the committed implementation in the place of a stub.

        Raises StubError when ``target`` is no stub. An implementation that is missing, stale or broken is told by
        calling the result: NotGeneratedError, StaleError, StoreError.
        """
        if target is not None:
            from jiti_bot.dispatch import implement

            return implement(target, _caller().f_locals)
        _check_settings(uses, engine)

        def decorate(target: "Target") -> "Target":
            from jiti_bot.dispatch import implement

            return implement(target, _caller().f_locals)

        return decorate

    def required_for(self, *targets: object, target: object = None) -> "Callable[[Target], Target]":
        """Mark a test as a gate of ``targets``: functions, methods or classes that carry ``@jiti``.

        A test with a body stays as it is. For an empty one the committed test stands in, or one that fails.
        """
        return required_for(*targets, target=target)

    def clear(self) -> None:
        """Drop the store of the current project: the calling file's, or that of the working directory."""
        _clear(_caller().f_globals)

    def __repr__(self) -> str:
        return "<jiti>"


jiti = Decorator()


def required_for(*targets: object, target: object = None) -> "Callable[[Target], Target]":
    """Mark a test as a gate of ``targets``; see `Decorator.required_for`. Raises StubError without targets.

    A single one may be called ``target``.
    """
    if not targets and target is None:
        from jiti_bot.errors import StubError

        raise StubError("@jiti.required_for() names no target. Name the function, method or class that it gates.")

    def decorate(test: "Target") -> "Target":
        from jiti_bot.dispatch import implement_test

        return implement_test(test, targets)

    return decorate


def clear() -> None:
    """Drop the store of the current project: the calling file's, or that of the working directory."""
    _clear(_caller().f_globals)


def _caller() -> "FrameType":
    """The frame that called the caller of this function."""
    return sys._getframe(2)  # noqa: SLF001  inspect, which spells it publicly, is a heavy import


def _clear(namespace: "Mapping[str, Any]") -> None:
    import os

    from jiti_bot import layout

    file = namespace.get("__file__")
    folder = os.path.dirname(os.path.abspath(file)) if isinstance(file, str) else os.getcwd()
    parent = layout.store_parent(folder)
    if parent is not None:
        layout.remove_store(os.path.join(parent, layout.STORE))


def stage(mapping: "Mapping[str, str | None]") -> None:
    """Use candidate files in place of committed ones in this process: validation's way to try what is not stored yet.

    Maps absolute paths of committed files to the files to load, or to None for "not there". Holds for stubs decorated
    from now on; replaces the mapping before it.
    """
    from jiti_bot import loader

    loader.stage(mapping)


def _check_settings(uses: object, engine: object) -> None:
    if not isinstance(uses, (list, tuple)):
        from jiti_bot.errors import StubError

        raise StubError(f"@jiti(uses=...) takes a list of symbols, not {uses!r}.")
    if engine is not None:
        from jiti_bot.engine import Engine
        from jiti_bot.errors import StubError

        if not isinstance(engine, Engine):
            raise StubError(f"@jiti(engine=...) takes an Engine, not {engine!r}.")
