"""Notices what a candidate did to the machinery that judges it.

Before first-party code is imported, the functions that decide over a test are written down; at the end they must be
the same ones. Classes made by a candidate whose instances equal everything are found too: a comparison with them
proves nothing. Whoever shares a process with the check can forge it in the end; this finds the known ways.
"""

import builtins
import doctest
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

_MODULES = (
    "_pytest.runner", "_pytest.python", "_pytest.reports", "_pytest.raises", "_pytest.python_api", "_pytest.outcomes",
    "_pytest.unittest", "_pytest.doctest", "_pytest.assertion", "_pytest.assertion.rewrite", "_pytest.assertion.util",
    "_pytest.fixtures", "_pytest.main", "_pytest.skipping", "_pytest._code.code", "pluggy._hooks", "pluggy._callers",
    "pluggy._manager", "unittest.case", "unittest.mock", "doctest", "math", "operator", "re", "json", "copy",
    "jiti_bot.validation.worker.plugin", "jiti_bot.validation.worker.channel", "jiti_bot.validation.worker.examples",
    "jiti_bot.validation.worker.hooks", "jiti_bot.validation.worker.watch",
)  # fmt: skip

_MOCK = str(Path(doctest.__file__).with_name("unittest") / "mock.py")

_VALUES: dict[type, tuple[object, ...]] = {
    int: (0, 1, -5, 10**9 + 7),
    float: (0.0, 1.5, -2.25),
    complex: (0j, 1 + 2j),
    str: ("", "a", "no candidate's value"),
    bytes: (b"", b"a", b"no candidate's value"),
    tuple: ((), (1,), ("a", 2)),
    list: ([], [1], ["a", 2]),
    dict: ({}, {1: 2}),
    set: (set(), {1}),
    frozenset: (frozenset(), frozenset({1})),
}

Snapshot = dict[tuple[str, str], tuple[object, CodeType | None]]


def snapshot() -> Snapshot:
    """What each name of the machinery is bound to now, and the code behind it. Taken once, before any fork."""
    taken: Snapshot = {}
    for name in _MODULES:
        module = sys.modules.get(name)
        if module is not None:  # not loaded, or elsewhere in this pytest
            taken.update((where, (value, code_of(value))) for where, value in _members(name, vars(module)))
    for name, value in vars(builtins).items():
        if name != "_":  # doctest's last value
            taken["builtins", name] = (value, code_of(value))
    return taken


def changed(before: Snapshot, own: tuple[str, ...]) -> list[str]:
    """What differs now and was not put there by a file of the project or of a plugin, in words.

    ``own`` are the candidate's files. Plugins and conftest files may patch pytest; a candidate may not, nor code that
    came from no file, nor a mock that was left in place.
    """
    now = snapshot()
    found: list[str] = []
    for where, (value, code) in before.items():
        current, current_code = now.get(where, (None, None))
        if (current is value and current_code is code) or allowed(origin_of(current), own):
            continue
        found.append(f"it replaced {'.'.join(where)}")
    return found


def equal_to_everything(own: tuple[str, ...]) -> list[str]:
    """Classes from the files ``own`` whose instances say that they equal whatever they are compared with."""
    found: list[str] = []
    for kind in _classes():
        equals = vars(kind).get("__eq__")
        if origin_of(equals) in own and _claims_all(kind):
            found.append(f"instances of its class {kind.__name__} equal everything")
    return found


def _members(module: str, names: dict[str, Any]) -> Iterator[tuple[tuple[str, str], object]]:
    for name, value in list(names.items()):
        if isinstance(value, FunctionType) or callable(value):
            yield (module, name), value
        if isinstance(value, type) and value.__module__ == module:
            for member, inner in list(vars(value).items()):
                if isinstance(inner, FunctionType | staticmethod | classmethod | property):
                    yield (module, f"{name}.{member}"), inner


def code_of(value: Any) -> CodeType | None:
    """The code behind a function, method or property; `None` for anything else."""
    value = getattr(value, "__func__", value) if isinstance(value, MethodType) else value
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    return value.__code__ if isinstance(value, FunctionType) else None


def origin_of(value: object) -> str | None:
    """The file that a function came from; for other objects that of their class's functions, if any."""
    code = code_of(value)
    if code is not None:
        return code.co_filename
    for member in vars(type(value)).values():
        if isinstance(member, FunctionType):
            return member.__code__.co_filename
    return None


def allowed(origin: str | None, own: tuple[str, ...]) -> bool:
    """Whether code from the file ``origin`` may change the machinery: a plugin's or the project's, not ``own``."""
    return origin is not None and origin not in own and not origin.startswith("<") and origin != _MOCK


def _classes() -> list[type]:
    """Those made since the fork: what was there before is frozen, and not listed."""
    return [thing for thing in gc.get_objects() if isinstance(thing, type)]


def _claims_all(kind: Any) -> bool:
    """Whether an instance that holds nothing equals everything, or everything of a class that it builds on."""
    try:
        instance = object.__new__(kind)
    except TypeError:
        try:
            instance = kind.__new__(kind)
        except Exception:  # noqa: BLE001 - a candidate's class may raise anything
            return False
    probes: list[tuple[object, ...]] = [(object(), 0.5, "no candidate's value", [object()])]
    probes += [_probes(base) for base in kind.__mro__[1:] if base is not object]
    return any(others and all(_equals(instance, other) for other in others) for others in probes)


def _equals(instance: object, other: object) -> bool:
    try:
        return bool(instance == other)
    except Exception:  # noqa: BLE001 - a candidate's class may raise anything
        return False


def _probes(base: type) -> tuple[object, ...]:
    """Different values of a builtin class; of another one an instance that holds nothing to be equal by."""
    if base in _VALUES:
        return _VALUES[base]
    try:
        return (object.__new__(base),)
    except TypeError:
        return ()
