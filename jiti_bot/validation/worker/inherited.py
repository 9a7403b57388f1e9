"""Tests that run in another class than the one they are defined in: they stand for the definition too.

What is asked for is a definition, ``tests/test_a.py::Base::test_x``; pytest may collect it in each class of that file
that inherits it, and in ``Base`` or not. So the whole file is collected, and what is not asked for is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import pytest

from jiti_bot.validation.jobs import covers


def widened(nodes: Sequence[str]) -> list[str]:
    """What pytest is asked to collect for ``nodes``: whole files where any of them is a class or stands in one."""
    whole = _whole(nodes)
    files = (node.partition("::")[0] for node in nodes)
    return list(dict.fromkeys(file if file in whole else node for file, node in zip(files, nodes, strict=True)))


def select(
    items: Sequence[pytest.Item], nodes: Sequence[str], name: Callable[[pytest.Item], str]
) -> list[tuple[pytest.Item, list[str]]]:
    """The items that were asked for by ``nodes``, in their order, with the ids under which each is reported.

    ``name`` gives an item's own id. ``Base::test_x[in TestSub]`` is the id of what ``TestSub`` inherits from ``Base``.
    """
    whole = _whole(nodes)
    found: list[tuple[pytest.Item, list[str]]] = []
    for path, group in groupby(items, key=lambda item: name(item).partition("::")[0]):
        if path not in whole:
            found += [(item, [name(item)]) for item in group]
            continue
        ranked: list[tuple[int, pytest.Item, list[str]]] = []
        for item in group:
            ids = {index: ids for index, node in enumerate(nodes) if (ids := _id(item, node, name(item)))}
            if ids:
                ranked.append((min(ids), item, list(dict.fromkeys(ids.values()))))
        found += [(item, ids) for _, item, ids in sorted(ranked, key=lambda one: one[0])]
    return found


def turned(items: Sequence[pytest.Item], nodes: Sequence[str], name: Callable[[pytest.Item], str]) -> list[pytest.Item]:
    """The items with those of the last node first; what belongs to one node stays as it is."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        own = name(item)
        groups.setdefault(next((node for node in nodes if covers(node, own)), own), []).append(item)
    return [item for group in reversed(groups.values()) for item in group]


def _whole(nodes: Sequence[str]) -> set[str]:
    return {node.partition("::")[0] for node in nodes if _in_class(node)}


def _id(item: pytest.Item, node: str, own: str) -> str:
    """The id by which an item counts for ``node``, '' if it does not."""
    if covers(node, own):
        return own
    path, _, inside = own.partition("::")
    for defined in _definitions(item):
        if covers(node, f"{path}::{defined}"):
            test = getattr(item, "originalname", None) or item.name
            holder = inside.removesuffix(item.name).removesuffix("::")
            return f"{path}::{defined}[in {holder}]{item.name.removeprefix(test)}"
    return ""


def _definitions(item: pytest.Item) -> Iterator[str]:
    """Where the test is defined or inherited, by the classes of its module: ``TestSub::test_x``, ``Base::test_x``."""
    cls, module = getattr(item, "cls", None), getattr(item, "module", None)
    test = getattr(item, "originalname", None) or item.name
    owner = _owner(cls, test)
    for base in getattr(cls, "__mro__", ()):
        if owner is not None and base.__module__ == getattr(module, "__name__", "") and _owner(base, test) is owner:
            yield f"{base.__qualname__.replace('.', '::')}::{test}"


def _owner(cls: object, test: str) -> type | None:
    return next((base for base in getattr(cls, "__mro__", ()) if test in vars(base)), None)


def _in_class(node: str) -> bool:
    """Whether it is a class or stands in one, as far as its names tell."""
    _, *inside = node.partition("[")[0].split("::")
    return len(inside) > 1 or not all(name.startswith("test") for name in inside)
