"""A value in a few words: bounded, without secrets, and without running any of its own code.

A person's ``__repr__`` may query a database, raise, or never end. So values are shown by what they are made of: plain
values as Python writes them, containers by their first items, other objects by their type and attributes.
"""

from __future__ import annotations

from types import FunctionType, MemberDescriptorType, ModuleType

from jiti_bot.redact import HIDDEN, hide, is_secret_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

_LONGEST = 600  # characters of a value
_STRING = 200  # of a string in it
_READ = 4_096  # of a string that are looked through for secrets
_ITEMS = 12
_DEPTH = 4
_BITS = 256
# Types whose own repr is known to be harmless, by module and name: importing them for a comparison would cost.
_HARMLESS = frozenset(
    (
        *(("datetime", name) for name in ("date", "timedelta", "timezone")),
        *(("decimal", "Decimal"), ("fractions", "Fraction"), ("uuid", "UUID"), ("builtins", "range")),
        *((module, f"{pure}{system}Path") for module in ("pathlib", "pathlib._local") for pure in ("", "Pure")
          for system in ("Posix", "Windows")),
    )
)  # fmt: skip
_BRACKETS: Mapping[type, tuple[str, str]] = {
    list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("frozenset({", "})"), dict: ("{", "}"),
}  # fmt: skip


class Show:
    """Shows values. ``known`` are secrets to leave out; ``other`` shows what is no plain value, where that is safe."""

    def __init__(self, known: Iterable[str] = (), other: Callable[[object], str] | None = None) -> None:
        self._known = tuple(known)
        self._other = other

    def arguments(self, named: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
        """The arguments of a call as (name, text) pairs."""
        return [(name, self._named(name, value, 0, frozenset())) for name, value in named]

    def value(self, value: object) -> str:
        """One value. Never raises."""
        return self._cut(value, 0, frozenset())

    def _named(self, name: object, value: object, depth: int, around: frozenset[int]) -> str:
        is_hidden = type(name) is str and is_secret_name(name) and value is not None and type(value) is not bool
        return HIDDEN if is_hidden else self._cut(value, depth, around)

    def _cut(self, value: object, depth: int, around: frozenset[int]) -> str:
        try:
            text = self._text(value, depth, around)
        except Exception:  # noqa: BLE001 - what is shown must never stop what it is shown of
            text = f"<{_name(type(value))}>"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

    def _text(self, value: Any, depth: int, around: frozenset[int]) -> str:
        kind = type(value)
        if value is None or value is ... or kind is bool or kind is float or kind is complex:
            return repr(value)
        if kind is int:
            return repr(value) if int.bit_length(value) <= _BITS else f"<int of {int.bit_length(value)} bits>"
        bases = type.__dict__["__mro__"].__get__(kind)
        if str in bases or bytes in bases or bytearray in bases:
            return self._string(value, is_text=str in bases)
        if _is_harmless(value):
            return hide(repr(value), self._known)
        if type in bases or FunctionType in bases or ModuleType in bases:
            return f"<{_name(kind)} {_name(value)}>"
        if id(value) in around or depth >= _DEPTH:
            return "..."
        inside = around | {id(value)}
        for container in _BRACKETS:
            if container in bases:
                return self._container(value, container, depth + 1, inside)
        if self._other is not None and not any("__dataclass_fields__" in vars(base) for base in bases):
            return hide(self._other(value), self._known)
        return self._object(value, bases, depth + 1, inside)

    def _string(self, value: Any, *, is_text: bool) -> str:
        if is_text:
            return repr(self._shortened(str.__getitem__(value, slice(_READ)), str.__len__(value)))
        data = bytes(value) if type(value) is bytes else bytes(memoryview(value)[:_READ])
        shown = self._shortened(data[:_READ].decode("latin-1"), len(data)).encode("latin-1", "replace")
        return repr(shown)

    def _shortened(self, start: str, length: int) -> str:
        """The beginning of a string: what is hidden has to be seen whole before it is cut."""
        clean = hide(str(start), self._known)
        if length <= _READ and len(clean) <= _STRING:
            return clean
        return f"{clean[:_STRING]}... ({length} in all)"

    def _container(self, value: Any, container: Any, depth: int, around: frozenset[int]) -> str:
        opening, closing = _BRACKETS[container]
        if container is dict:
            pairs = _first(dict.items(value))
            items = [f"{self._cut(k, depth, around)}: {self._named(k, v, depth, around)}" for k, v in pairs]
        else:
            items = [self._cut(item, depth, around) for item in _first(container.__iter__(value))]
        if container.__len__(value) > _ITEMS:
            items.append("...")
        comma = "," if container is tuple and len(items) == 1 else ""
        text = f"{opening}{', '.join(items)}{comma}{closing}" if items or container is not set else "set()"
        return text if type(value) is container else f"{_name(type(value))}({text})"

    def _object(self, value: object, bases: tuple[type, ...], depth: int, around: frozenset[int]) -> str:
        if any(base.__module__ == "enum" for base in bases):
            return f"{_name(type(value))}.{object.__getattribute__(value, '_name_')}"
        is_data = any("__dataclass_fields__" in vars(base) for base in bases)
        found = list(_first(_attributes(value, bases)))
        parts = [f"{name}={self._named(name, inner, depth, around)}" for name, inner in found]
        inside = ", ".join(parts)
        return f"{_name(type(value))}({inside})" if is_data else f"<{_name(type(value))} {inside}".rstrip() + ">"


def _attributes(value: object, bases: tuple[type, ...]) -> Iterator[tuple[object, object]]:
    """What an object holds, read past anything that it defines itself."""
    for base in reversed(bases):
        for name, slot in vars(base).items() if "__slots__" in vars(base) else ():
            if type(slot) is MemberDescriptorType:
                try:
                    yield name, slot.__get__(value)
                except AttributeError:
                    continue  # never set
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    if type(own) is dict:
        yield from list(own.items())


def _first(items: Iterable[tuple[object, object]] | Iterable[object]) -> Iterator:
    for count, item in enumerate(items):
        if count == _ITEMS:
            return
        yield item


def _is_harmless(value: object) -> bool:
    kind = type(value)
    if (kind.__module__, kind.__qualname__) in {("datetime", "datetime"), ("datetime", "time")}:
        zone = getattr(value, "tzinfo", None)
        return zone is None or type(zone).__module__ in {"datetime", "zoneinfo"}
    return (kind.__module__, kind.__qualname__) in _HARMLESS


def _name(value: object) -> str:
    if isinstance(value, type):
        return str(type.__getattribute__(value, "__qualname__"))
    return str(getattr(value, "__qualname__", "") or getattr(value, "__name__", ""))
