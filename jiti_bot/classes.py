"""``@jiti`` on a class: its stub methods are generated together and stand in one committed file."""

from functools import _lru_cache_wrapper, lru_cache
from types import FunctionType

from jiti_bot.bodies import is_stub_body
from jiti_bot.errors import StubError
from jiti_bot.unit import Unit, place_of, top_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def implement_class(cls: type) -> type:
    """Give ``cls`` its generated methods and return it.

    Raises StubError when it has none, or has one below a decorator that cannot be put around another function.
    """
    found = {name: _stubs(cls, name, value) for name, value in vars(cls).items()}
    # Under another name than its own a stub is an alias: `first = partialmethod(left, count=1)`.
    every = [pair for own in found.values() for pair in own]
    stubs = {member: stub for member, stub in every if stub.__name__ == member.partition(".")[0]}
    if not stubs:
        raise StubError(
            f"{cls.__module__}.{cls.__qualname__}: @jiti stands on a class without stub methods. "
            "Remove it, or reduce the methods to generate to a docstring and `raise NotImplementedError`."
        )
    if "<locals>" in cls.__qualname__:
        raise StubError(
            f"{place_of(next(iter(stubs.values())))}: class {cls.__qualname__} is defined inside a function, where no "
            "committed file can find its surroundings. Move it to the top level of the module."
        )
    unit = Unit(cls.__qualname__, cls.__qualname__, stubs)
    made = unit.implement(unit.load())
    put = {stub: made[member] for member, stub in stubs.items()}
    for name in (name for name, own in found.items() if own):
        # Not setattr: a metaclass may refuse, and the methods are the class's own.
        type.__setattr__(cls, name, _rebuilt(vars(cls)[name], put))
    return cls


def _stubs(cls: type, name: str, value: object) -> "list[tuple[str, FunctionType]]":
    """The stubs in one attribute of a class, each with its member name: as written, where the attribute is mangled."""
    plain = name
    private = f"_{cls.__name__.lstrip('_')}__"
    if name.startswith(private) and not name.endswith("__"):
        plain = name[len(private) - 2 :]
    if isinstance(value, property):
        roles = {"": value.fget, ".setter": value.fset, ".deleter": value.fdel}
        found = [(plain + role, _own_stub(cls, name, accessor)) for role, accessor in roles.items()]
    else:
        found = [(plain, _own_stub(cls, name, value))]
    return [(member, stub) for member, stub in found if stub is not None]


def _own_stub(cls: type, name: str, value: "Any") -> FunctionType | None:
    """The stub under the decorators that can be put around another function.

    Abstract methods and stubs that stand in another class are none; a stub below any other decorator is an error.
    """
    while isinstance(value, (staticmethod, classmethod, _lru_cache_wrapper)) or _is_partial(value):
        value = value.func if _is_partial(value) else value.__wrapped__
    if isinstance(value, FunctionType) and _is_stub_of(cls, value) and not _is_own_unit(value):
        return value
    inner = value if _is_own_unit(value) else getattr(value, "__wrapped__", None) or getattr(value, "func", None)
    while inner is not None and not _is_own_unit(inner):
        if isinstance(inner, FunctionType) and _is_stub_of(cls, inner):
            raise StubError(
                f"{top_of(inner)}: {cls.__qualname__}.{name} has a decorator that @jiti on the class cannot keep. "
                "Put @jiti on that method instead, directly above its `def`."
            )
        inner = getattr(inner, "__wrapped__", None)
    return None


def _is_partial(value: "Any") -> bool:
    """Whether it is a `functools.partialmethod`, which few programs import."""
    return type(value).__name__ == "partialmethod" and type(value).__module__ == "functools"


def _is_stub_of(cls: type, function: FunctionType) -> bool:
    own = function.__qualname__.rpartition(".")[0] == cls.__qualname__ and function.__module__ == cls.__module__
    return own and not getattr(function, "__isabstractmethod__", False) and is_stub_body(function.__code__)


def _is_own_unit(value: object) -> bool:
    """Whether ``value`` came from a ``@jiti`` of the method's own: a committed function, or what stands in for one.

    A committed function is known by its file, which bears its name; while gates are tried it may look like a stub.
    """
    if not isinstance(value, FunctionType):
        return False
    file = value.__code__.co_filename.replace("\\", "/").rpartition("/")[2]
    own = {f"{value.__qualname__}{role}.py" for role in ("", ".setter", ".deleter")}
    return file in own or value.__globals__.get("__name__") == "jiti_bot.outcomes"


def _rebuilt(value: "Any", made: "Mapping[FunctionType, FunctionType]") -> "Any":
    """``value`` with its stubs replaced, under decorators like those it had."""
    if isinstance(value, FunctionType):
        return made.get(value, value)
    if isinstance(value, property):
        accessors = (value.fget, value.fset, value.fdel)
        return type(value)(*(_rebuilt(accessor, made) for accessor in accessors), value.__doc__)
    if isinstance(value, (staticmethod, classmethod)):
        return type(value)(_rebuilt(value.__wrapped__, made))
    if _is_partial(value):
        return type(value)(_rebuilt(value.func, made), *value.args, **value.keywords)
    if isinstance(value, _lru_cache_wrapper):
        cache: Callable[[Any], Any] = lru_cache(**value.cache_parameters())
        return cache(_rebuilt(value.__wrapped__, made))
    return value
