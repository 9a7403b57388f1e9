"""Take the stub that ``@jiti`` stands on, refuse what is none, and put the committed implementation in its place.

Imported by the first stub of a process, not by `import jiti`. What is returned is the committed function itself, so
that a call through ``@jiti`` costs what a plain call costs.
"""

from types import FunctionType

from jiti_bot import loader
from jiti_bot.bodies import is_stub_body
from jiti_bot.runtime import GATE
from jiti_bot.unit import Unit, defining_file, place_of, read, top_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_ROLES = {1: "deleter", 2: "setter"}  # of an accessor, by the number of its parameters


def implement(target: "Any", namespace: "Mapping[str, Any]") -> "Any":
    """What ``@jiti`` returns for a function or class; ``namespace`` is that of the scope it is called in.

    Raises StubError for anything that is no stub.
    """
    if isinstance(target, type):
        from jiti_bot.classes import implement_class

        return implement_class(target)
    _refuse_other(target)
    _refuse_nested(target)
    if not is_stub_body(target.__code__):
        raise _refusal(
            f"{place_of(target)}: {target.__qualname__} has a body of its own, so @jiti has nothing to do. "
            "Remove @jiti, or reduce the body to a docstring and `raise NotImplementedError`."
        )
    owner, _, name = target.__qualname__.rpartition(".")
    role = _bound_role(target, owner, name, namespace) if owner else ""
    unit = Unit(target.__qualname__ + role, owner, {"": target})
    found = unit.load()
    if found is None and owner and not role and (role := _written_role(target)):
        unit = Unit(target.__qualname__ + role, owner, {"": target})
        found = unit.load()
    return unit.implement(found)[""]


def implement_test(target: "Any", gated: "tuple[object, ...]" = ()) -> "Any":
    """What ``@jiti.required_for(...)`` returns: a test with a body as it is, for an empty one the committed test.

    ``gated`` are its targets, which the result remembers.
    """
    if isinstance(target, type):
        _refuse_empty_inside(target)
        test = target
    elif not isinstance(target, FunctionType) or not is_stub_body(target.__code__):
        if GATE not in getattr(target, "__dict__", ()):  # below stands another gate's decorator, which has looked
            _refuse_empty_below(target)
        test = target
    else:
        _refuse_nested(target)
        owner = target.__qualname__.rpartition(".")[0]
        unit = Unit(target.__qualname__, owner, {"": target}, is_test=True)
        test = unit.implement(unit.load())[""]
    _remember(test, gated)
    return test


def _remember(test: "Any", targets: "tuple[object, ...]") -> None:
    """Leave on a test what it gates. What takes no attributes is no test that pytest would collect."""
    known = getattr(test, "__dict__", {}).get(GATE, ())
    try:
        setattr(test, GATE, (*targets, *known))
    except (AttributeError, TypeError):
        return


def _refuse_other(target: object) -> None:
    if isinstance(target, FunctionType) and not hasattr(target, "__wrapped__"):
        return
    if isinstance(target, (staticmethod, classmethod, property)) or hasattr(target, "__wrapped__"):
        inner = getattr(target, "__wrapped__", None) or getattr(target, "fget", None)
        where = f"{top_of(inner)}: " if isinstance(inner, FunctionType) else ""
        raise _refusal(
            f"{where}@jiti stands above another decorator. Put it directly above the `def`, below all others."
        )
    raise _refusal(f"@jiti stands on {target!r}, which is neither a function nor a class. Put it above a `def`.")


def _refuse_nested(target: FunctionType) -> None:
    if "<locals>" in target.__qualname__:
        raise _refusal(
            f"{place_of(target)}: {target.__qualname__} is defined inside a function, where no committed file can find "
            "its surroundings. Move it to the top level of the module or of a class."
        )


def _refuse_empty_below(target: object) -> None:
    """An empty test below a decorator that wraps it would pass, whatever its target does."""
    inner = target
    while inner is not None:
        if isinstance(inner, FunctionType) and is_stub_body(inner.__code__):
            raise _refusal(
                f"{top_of(inner)}: {inner.__qualname__} is to be written, but @jiti.required_for(...) stands above "
                "another decorator. Put it directly above the `def`, below all others."
            )
        # `@given` keeps the test in a place of its own.
        below = getattr(getattr(inner, "hypothesis", None), "inner_test", None)
        inner = getattr(inner, "__wrapped__", below)


def _refuse_empty_inside(cls: type) -> None:
    """An empty test of a class that is a gate as a whole would pass, whatever the class's target does."""
    for name, value in vars(cls).items():
        if name.startswith("test") and isinstance(value, FunctionType) and is_stub_body(value.__code__):
            raise _refusal(
                f"{place_of(value)}: {value.__qualname__} is empty, and @jiti.required_for(...) on a class writes no "
                "tests. Put one directly above its `def` to have it written, or give it a body."
            )


def _refusal(message: str) -> Exception:
    from jiti_bot.errors import StubError

    return StubError(message)


def _bound_role(stub: FunctionType, owner: str, name: str, namespace: "Mapping[str, Any]") -> str:
    """``.setter`` or ``.deleter`` where the class body has bound a property by the stub's name already, else empty.

    The decorator itself sees a plain function.
    """
    if namespace.get("__qualname__") != owner or name not in namespace:
        return ""
    role = _ROLES.get(stub.__code__.co_argcount, "")
    if not role or not hasattr(namespace[name], role):
        return ""
    # One parameter may also be another getter: `@v.getter`.
    return _written_role(stub, unreadable=f".{role}") if role == "deleter" else f".{role}"


def _written_role(stub: FunctionType, *, unreadable: str = "") -> str:
    """The same from the source, for accessors of an inherited property: ``@Base.v.setter``.

    Read only where there is no committed file under the plain name. ``unreadable`` is the answer without source.
    """
    role = _ROLES.get(stub.__code__.co_argcount)
    file = defining_file(stub)
    archive = loader.archive_of(stub.__globals__)
    if role is None:
        return ""
    try:
        data = loader.read_archived(archive, file) if archive is not None else read(file)
    except OSError:
        return unreadable
    for line in data.splitlines()[stub.__code__.co_firstlineno - 1 :]:
        text = line.split(b"#")[0].strip()
        if text.startswith((b"def ", b"async ")):
            return ""
        if text.startswith(b"@") and text.endswith(b"." + role.encode()):
            return f".{role}"
    return ""
