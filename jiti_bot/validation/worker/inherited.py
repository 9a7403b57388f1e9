"""Tests that run in another class than the one they are defined in: they stand for the definition too.

What is asked for is a definition, ``tests/test_a.py::Base::test_x``; pytest may collect it in each class of that file
that inherits it, and in ``Base`` or not. So the whole file is collected, and what is not asked for is left out. A base
that pytest does not collect by its own name has its heirs in other files too: those that mention it are collected.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

import pytest

from jiti_bot.validation.jobs import covers

_NOT_OURS = frozenset({"build", "dist", "node_modules", "venv"})  # where pytest does not look either


def widened(nodes: Sequence[str], more: Sequence[str] = ()) -> list[str]:
    """What pytest is asked to collect: whole files where any of ``nodes`` is a class or stands in one, ``more`` files.

    Where there are ``more``, a file that bears no test's name is left to them.
    """
    whole = _whole(nodes)
    files = (node.partition("::")[0] for node in nodes)
    asked = [file if file in whole else node for file, node in zip(files, nodes, strict=True)]
    kept = [one for one in asked if not more or "::" in one or is_test_file(one)]
    return list(dict.fromkeys([*kept, *more]))


def heirs(root: str, nodes: Sequence[str]) -> list[str]:
    """The test files below ``root`` that mention a base of ``nodes`` which pytest does not collect by its own name."""
    bases: dict[str, set[str]] = {}
    for node in _in_classes(nodes):
        file, name = node.split("::")[:2]
        if not is_test_file(file) or not name.startswith("Test"):
            bases.setdefault(name, set()).add(file)
    words = {_word(name): files for name, files in bases.items()}
    return [file for file in _test_files(root) if _mentions(f"{root}/{file}", words, file)] if bases else []


def is_test_file(file: str) -> bool:
    """Whether pytest takes a file for tests by its name, unless it is told otherwise."""
    name = file.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def _test_files(root: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        inner = [one for one in folders if not one.startswith((".", "__")) and one not in _NOT_OURS]
        folders[:] = sorted(one for one in inner if not os.path.exists(f"{folder}/{one}/pyvenv.cfg"))
        inside = f"{folder}/".removeprefix(f"{root}/")
        yield from (f"{inside}{file}" for file in sorted(files) if file.endswith(".py") and is_test_file(file))


def _word(name: str) -> re.Pattern[bytes]:
    """A name by itself: what only holds it, as ``DeclarativeBase`` holds ``Base``, is nobody's heir for that."""
    return re.compile(rb"(?<!\w)%b(?!\w)" % re.escape(name.encode()))


def _mentions(path: str, words: Mapping[re.Pattern[bytes], set[str]], file: str) -> bool:
    try:
        with open(path, "rb") as stream:
            text = stream.read()
    except OSError:
        return False
    return any(file not in files and word.search(text) for word, files in words.items())


def select(
    items: Sequence[pytest.Item], nodes: Sequence[str], name: Callable[[pytest.Item], str], more: Sequence[str] = ()
) -> list[tuple[pytest.Item, list[str]]]:
    """The items that were asked for by ``nodes``, in their order, with the ids under which each is reported.

    ``name`` gives an item's own id. ``Base::test_x[in TestSub]`` is the id of what ``TestSub`` inherits from ``Base``,
    with its file before the class where that is one of ``more``.
    """
    whole = _whole(nodes) | set(more)
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
    return {node.partition("::")[0] for node in _in_classes(nodes)}


def _in_classes(nodes: Sequence[str]) -> list[str]:
    return [node for node in nodes if _in_class(node)]


def _id(item: pytest.Item, node: str, own: str) -> str:
    """The id by which an item counts for ``node``, '' if it does not."""
    if covers(node, own):
        return own
    path, _, inside = own.partition("::")
    asked = node.partition("::")[0]
    for file, defined in _definitions(item):
        if covers(node, f"{asked}::{defined}") and (asked == path if file == str(item.path) else _is_at(file, asked)):
            test = getattr(item, "originalname", None) or item.name
            holder = (inside if asked == path else own).removesuffix(item.name).removesuffix("::")
            return f"{asked}::{defined}[in {holder}]{item.name.removeprefix(test)}"
    return ""


def _is_at(file: str, asked: str) -> bool:
    return file.endswith(f"/{asked}")


def _definitions(item: pytest.Item) -> Iterator[tuple[str, str]]:
    """Where the test is defined or inherited, file and name: ``TestSub::test_x``, ``Base::test_x``."""
    cls, module = getattr(item, "cls", None), getattr(item, "module", None)
    test = getattr(item, "originalname", None) or item.name
    owner = _owner(cls, test)
    for base in getattr(cls, "__mro__", ()):
        if owner is not None and _owner(base, test) is owner:
            here = base.__module__ == getattr(module, "__name__", "")
            file = item.path if here else getattr(sys.modules.get(base.__module__), "__file__", None)
            yield str(file), f"{base.__qualname__.replace('.', '::')}::{test}"


def _owner(cls: object, test: str) -> type | None:
    return next((base for base in getattr(cls, "__mro__", ()) if test in vars(base)), None)


def _in_class(node: str) -> bool:
    """Whether it is a class or stands in one, as far as its names tell."""
    _, *inside = node.partition("[")[0].split("::")
    return len(inside) > 1 or not all(name.startswith("test") for name in inside)
