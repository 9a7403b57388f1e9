"""Notices that pytest no longer calls what it called: hooks taken out, put in or replaced, tests with other code.

`integrity` compares functions; here it is the lists that say which functions are called at all. Project code may
register and unregister plugins of its own, so the lists may grow, and lose what is not pytest's.
"""

from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import Any

import pytest

from jiti_bot.validation.worker.integrity import allowed, code_of, origin_of

_MACHINERY = ("_pytest", "pluggy", "jiti_bot")


class Hooks:
    """The hooks of one session, as they were before first-party code was imported and as they have grown since."""

    def __init__(self, manager: pytest.PytestPluginManager, own: tuple[str, ...]) -> None:
        self._manager: Any = manager
        self._own = own
        self._callers: dict[str, tuple[Any, list[tuple[Any, Any, Any, Any]]]] = {}
        self._names: set[str] = set()
        self._execute = self._executing()
        self._tests: list[tuple[pytest.Item, Any, Any]] = []
        self.found: dict[str, None] = {}
        self._take_in()

    def add_tests(self, items: Iterable[pytest.Item]) -> None:
        """Remember the code of each test."""
        functions = ((item, getattr(item, "function", None)) for item in items)
        self._tests += [(item, function, code_of(function)) for item, function in functions]

    def verify(self) -> list[str]:
        """What differs now, in words, each thing told once; what was added since is taken in."""
        if self._is_unchanged():
            return []
        new = [one for one in self._differences() if one not in self.found]
        self.found.update(dict.fromkeys(new))
        self._take_in()
        return new

    def _is_unchanged(self) -> bool:
        """The same as `_differences` in a fraction of the time: it is asked after each phase of each test."""
        now = vars(self._manager.hook)
        if self._executing() != self._execute or now.keys() != self._names:
            return False
        for name, (caller, known) in self._callers.items():
            if now[name] is not caller or len(caller.get_hookimpls()) != len(known):
                return False
            for impl, (expected, function, plain, code) in zip(caller.get_hookimpls(), known, strict=True):
                if impl is not expected or impl.function is not function:
                    return False
                if plain is not None and plain.__code__ is not code:
                    return False
        return not any(code_of(function) is not code or "runtest" in vars(item) for item, function, code in self._tests)

    def _take_in(self) -> None:
        self._names = set(vars(self._manager.hook))
        for name, caller in vars(self._manager.hook).items():
            if hasattr(caller, "get_hookimpls"):
                self._callers[name] = (caller, [_known(one) for one in caller.get_hookimpls()])

    def _differences(self) -> Iterator[str]:
        if self._executing() != self._execute and not self._is_allowed(self._executing()[0]):
            yield "it replaced how pytest calls its hooks"
        now = vars(self._manager.hook)
        for name, (caller, impls) in self._callers.items():
            if now.get(name) is not caller:
                yield f"it replaced the hook {name}"
                continue
            listed = caller.get_hookimpls()
            if listed != [one[0] for one in impls]:
                yield from self._listed(name, [one[0] for one in impls], listed)
            for impl, function, _, code in impls:
                if (impl.function is not function or code_of(function) is not code) and not self._is_allowed(
                    impl.function
                ):
                    yield f"it replaced an implementation of the hook {name}"
        for item, function, code in self._tests:
            if code_of(function) is not code:
                yield f"it replaced the code of {item.name}"
            if "runtest" in vars(item) and not self._is_allowed(vars(item)["runtest"]):
                yield f"it replaced how {item.name} is run"

    def _listed(self, name: str, before: list[Any], now: list[Any]) -> Iterator[str]:
        left = {id(impl) for impl in now}
        for impl in before:
            if id(impl) in left:
                continue
            if self._manager.is_registered(impl.plugin) or _is_machinery(impl.plugin):
                yield f"it took an implementation out of the hook {name}"
        known = {id(impl) for impl in before}
        for impl in now:
            if id(impl) not in known and not self._is_allowed(impl.function):
                yield f"it put an implementation into the hook {name}"

    def _executing(self) -> tuple[Any, Any]:
        execute = getattr(self._manager, "_inner_hookexec", None)
        return execute, code_of(execute)

    def _is_allowed(self, function: Any) -> bool:
        return allowed(origin_of(getattr(function, "__func__", function)), self._own)


def _known(impl: Any) -> tuple[Any, Any, Any, Any]:
    """An implementation, its function, the plain function below that one if there is any, and its code."""
    plain = getattr(impl.function, "__func__", impl.function)
    plain = plain if isinstance(plain, FunctionType) else None
    return impl, impl.function, plain, code_of(impl.function)


def _is_machinery(plugin: Any) -> bool:
    name = getattr(plugin, "__name__", None) or type(plugin).__module__
    return str(name).partition(".")[0] in _MACHINERY
