"""Frozen values with slots, as `dataclasses` makes them, at a price that the hook can pay at every commit.

Importing `dataclasses` loads `inspect`, and each class it makes is compiled from text: together that took the hook
longer than all it has to do. Here the methods are closures. Type checkers see the standard library's own functions, and
those (`replace`, `fields`, `asdict`) accept the values made here.
"""

from _operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, replace
    from typing import Any

    Setter = tuple[str, Callable[[object, object], None], "_Field"]

__all__ = ["dataclass", "field", "replace"]

_MISSING: "Any" = object()


class _Field:
    """What is known about one attribute."""

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(self, default: "Any", factory: "Any", *, in_repr: bool, in_compare: bool) -> None:
        self.default = default
        self.factory = factory
        self.repr = in_repr
        self.compare = in_compare


if not TYPE_CHECKING:

    def field(  # noqa: D103 - documented by its namesake
        *,
        default: "Any" = _MISSING,
        default_factory: "Any" = _MISSING,
        repr: bool = True,  # noqa: A002 - as there
        compare: bool = True,
    ) -> "Any":
        return _Field(default, default_factory, in_repr=repr, in_compare=compare)

    def dataclass(  # noqa: D103 - documented by its namesake
        cls: "type | None" = None,
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        order: bool = False,
        repr: bool = True,  # noqa: A002 - as there
    ) -> "Any":
        if not slots:
            raise TypeError("values have slots")
        if cls is None:
            return lambda cls: _made(cls, frozen=frozen, eq=eq, order=order, with_repr=repr)
        return _made(cls, frozen=frozen, eq=eq, order=order, with_repr=repr)

    def replace(value: "Any", /, **changes: "Any") -> "Any":  # noqa: D103 - documented by its namesake
        given = {name: getattr(value, name) for name in value.__match_args__}
        return type(value)(**{**given, **changes})


def _made(cls: type, *, frozen: bool, eq: bool, order: bool, with_repr: bool) -> type:
    """``cls`` anew, with slots and the methods of a value."""
    fields = _fields_of(cls)
    names = tuple(fields)
    space = {name: value for name, value in vars(cls).items() if name not in fields}
    for name in ("__dict__", "__weakref__"):
        space.pop(name, None)
    space |= {"__slots__": names, "__match_args__": names, "__dataclass_fields__": _StandardFields(fields)}
    compared = _values(tuple(name for name in names if fields[name].compare))
    if with_repr and "__repr__" not in space:
        space["__repr__"] = _representation(tuple(name for name in names if fields[name].repr))
    if eq and "__eq__" not in space:
        space |= {"__eq__": _equality(compared), "__hash__": _hash(compared) if frozen else None}
    if order:
        space |= _ordering(compared)
    if frozen:
        space |= {"__setattr__": _refuse, "__delattr__": _refuse, **_pickling(names)}
    made: Any = type(cls)(cls.__name__, cls.__bases__, space)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _initialiser(made, fields)
    return made


def _fields_of(cls: type) -> dict[str, _Field]:
    fields: dict[str, _Field] = {}
    for name in cls.__annotations__:
        default = vars(cls).get(name, _MISSING)
        known = isinstance(default, _Field)
        fields[name] = default if known else _Field(default, _MISSING, in_repr=True, in_compare=True)
    return fields


def _initialiser(cls: type, fields: dict[str, _Field]) -> "Callable[..., None]":
    setters = [(name, vars(cls)[name].__set__, about) for name, about in fields.items()]
    plain = [setter for _, setter, _ in setters]
    count = len(plain)
    after = getattr(cls, "__post_init__", None)

    def initialise(self: object, *args: object, **named: object) -> None:
        if len(args) == count and not named:
            for at in range(count):
                plain[at](self, args[at])
        else:
            _set_each(self, setters, args, named)
        if after is not None:
            after(self)

    return initialise


def _set_each(value: object, setters: "list[Setter]", args: tuple[object, ...], named: dict[str, object]) -> None:
    """Give each attribute its value: by place, by name, or by default. Raises TypeError as a call does."""
    given = len(args)
    if given > len(setters):
        raise TypeError(f"{type(value).__name__} takes {len(setters)} values but {given} were given")
    for at, (name, setter, about) in enumerate(setters):
        if at < given:
            setter(value, args[at])
        elif name in named:
            setter(value, named.pop(name))
        elif about.default is not _MISSING:
            setter(value, about.default)
        elif about.factory is not _MISSING:
            setter(value, about.factory())
        else:
            raise TypeError(f"{type(value).__name__} lacks a value for {name!r}")
    if named:
        raise TypeError(f"{type(value).__name__} has no {next(iter(named))!r}, or was given it twice")


def _values(names: tuple[str, ...]) -> "Callable[[Any], tuple[Any, ...]]":
    """A function that returns the values of ``names`` as a tuple."""
    if not names:
        return lambda _: ()
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda value: (get(value),)


def _representation(names: tuple[str, ...]) -> "Callable[[Any], str]":
    def represent(self: object) -> str:
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({inside})"

    return represent


def _hash(compared: "Callable[[Any], tuple[Any, ...]]") -> "Callable[[Any], int]":
    return lambda self: hash(compared(self))


def _equality(compared: "Callable[[Any], tuple[Any, ...]]") -> "Callable[[Any, Any], Any]":
    return lambda self, other: (
        compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented
    )


def _ordering(compared: "Callable[[Any], tuple[Any, ...]]") -> "dict[str, Any]":
    def comparing(compare: "Callable[[Any, Any], bool]") -> "Callable[[Any, Any], Any]":
        return lambda self, other: (
            compare(compared(self), compared(other)) if other.__class__ is self.__class__ else NotImplemented
        )

    return {
        "__lt__": comparing(lambda mine, other: mine < other),
        "__le__": comparing(lambda mine, other: mine <= other),
        "__gt__": comparing(lambda mine, other: mine > other),
        "__ge__": comparing(lambda mine, other: mine >= other),
    }


def _refuse(self: object, name: str, *_: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be changed")


def _pickling(names: tuple[str, ...]) -> "dict[str, Any]":
    def state(self: object) -> list[object]:
        return [getattr(self, name) for name in names]

    def restore(self: object, values: list[object]) -> None:
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": state, "__setstate__": restore}


class _StandardFields:
    """``__dataclass_fields__``, made when the standard library asks for it."""

    __slots__ = ("_fields", "_made")

    def __init__(self, fields: dict[str, _Field]) -> None:
        self._fields = fields
        self._made: dict[str, Any] | None = None

    def __get__(self, instance: object, owner: type) -> "dict[str, Any]":
        if self._made is None:
            import dataclasses

            named = [(name, owner.__annotations__[name], _standard(about)) for name, about in self._fields.items()]
            made: Any = dataclasses.make_dataclass(owner.__name__, named)
            self._made = made.__dataclass_fields__
        return self._made


def _standard(about: _Field) -> "Any":
    """The standard library's own field for one of ours."""
    import dataclasses

    if about.factory is not _MISSING:
        return dataclasses.field(default_factory=about.factory, repr=about.repr, compare=about.compare)
    if about.default is not _MISSING:
        return dataclasses.field(default=about.default, repr=about.repr, compare=about.compare)
    return dataclasses.field(repr=about.repr, compare=about.compare)
