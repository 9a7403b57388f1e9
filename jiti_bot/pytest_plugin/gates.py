"""Which gates an item is part of, from what `required_for` left on tests and test classes."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from jiti_bot.runtime import GATE

Place = tuple[str, str]  # absolute file, qualified name


@dataclass(frozen=True, slots=True)
class Found:
    """One gate of an item: where it may be defined, likeliest first, and where its targets are."""

    places: tuple[Place, ...]
    targets: tuple[Place, ...]


def found(item: pytest.Function) -> tuple[Found, ...]:
    """The gates that ``item`` is part of: its function, and the test classes around it."""
    return (*_of_function(item), *(gate for node in item.listchain() for gate in _of_class(node)))


def _of_function(item: pytest.Function) -> Iterator[Found]:
    named = _marked(item.function)
    if named is None:
        return
    test, targets = named
    name = item.originalname or item.name
    owner = next((cls for cls in getattr(item.cls, "__mro__", ()) if name in vars(cls)), None)
    defined = place_of(owner)
    places = [(defined[0], f"{defined[1]}.{name}")] if defined else []
    inside = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    places += [place for place in (place_of(test), (_real(str(item.path)), ".".join([*inside, name]))) if place]
    yield Found(tuple(dict.fromkeys(places)), _places(targets))


def _of_class(node: object) -> Iterator[Found]:
    """The gates that a test class is, or inherits from one."""
    if not isinstance(node, pytest.Class):
        return
    for cls in getattr(node.obj, "__mro__", ()):
        place = place_of(cls) if GATE in vars(cls) else None
        if place:
            yield Found((place,), _places(vars(cls)[GATE]))


def _marked(test: Any) -> tuple[Any, tuple[object, ...]] | None:
    """The function among the layers of a test that bears targets, and those."""
    for _ in range(100):
        own = getattr(test, "__dict__", {}).get(GATE)
        if isinstance(own, tuple):
            return test, own
        # `@given` keeps the test in a place of its own.
        below = getattr(getattr(test, "hypothesis", None), "inner_test", None)
        test = getattr(test, "__wrapped__", below)
        if test is None:
            return None
    return None


def _places(targets: tuple[object, ...]) -> tuple[Place, ...]:
    return tuple(place for target in targets if (place := place_of(target)))


def place_of(target: Any) -> Place | None:
    """Where a function, method, accessor or class is defined."""
    if isinstance(target, property):
        target = target.fget or target.fset or target.fdel
    for _ in range(100):
        below = (getattr(target, name, None) for name in ("__func__", "__wrapped__", "func"))
        inner = None if isinstance(target, type) else next((one for one in below if one is not None), None)
        if inner is None:
            break
        target = inner
    module = sys.modules.get(getattr(target, "__module__", None) or "")
    file, name = getattr(module, "__file__", None), getattr(target, "__qualname__", None)
    return (_real(file), name) if isinstance(file, str) and isinstance(name, str) else None


@cache
def _real(file: str) -> str:
    return os.path.realpath(file)
