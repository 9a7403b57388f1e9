"""What ``@jiti(uses=[...])`` names: whether it is there when the decorator runs, as far as syntax tells."""

from __future__ import annotations

import builtins

from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.bindings import Binding, Defined, Scope
from jiti_bot.source.resolve import Definite, Package, Resolver, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jiti_bot.source.model import Stub
    from jiti_bot.source.module import Asked, Module, Reference

Unit = tuple[str, str]  # file, unit


def unit_owner(stub: Stub) -> str:
    """The qualified name of the definition that a stub is, without an accessor's role."""
    return ".".join((*stub.owners, stub.name))


def is_bound(wanted: Reference, scopes: tuple[Scope, ...]) -> bool:
    """Whether anything binds the first part of a name."""
    head = wanted.parts[0]
    return hasattr(builtins, head) or any(head in scope.names or scope.stars for scope in scopes)


class Asking:
    """Looks at the ``uses`` of stubs. ``module`` gives any file's module."""

    def __init__(self, resolver: Resolver, module: Callable[[str], Module]) -> None:
        self._resolver = resolver
        self._module = module

    def findings(self, file: str, stub: Stub, asked: Asked) -> Iterator[Finding]:
        """The entries that would not be there, or only after the stub itself."""
        for use in asked.uses:
            problem = self._problem(file, stub, asked, use)
            if problem is not None:
                yield problem

    def _problem(self, file: str, stub: Stub, asked: Asked, use: Reference) -> Finding | None:
        def found(code: str, **details: str) -> Finding:
            return finding(code, file, use.line, unit=stub.unit, name=str(use), **details)

        if not is_bound(use, asked.scopes):
            return found("uses-unbound")
        symbols = self._resolver.lookup(file, use.parts, asked.scopes)
        if any(_is(symbol, file, stub) for symbol in symbols):
            return found("uses-itself")
        later = _bound_later(use, asked.scopes)
        if later:
            return found("uses-later", below=str(later))
        absent = self._absent(file, use, asked.scopes)
        if absent:
            place, missing = absent
            return found("uses-absent", place=place, missing=missing)
        cycle = self._way_back((file, stub.unit), symbols)
        if cycle:
            return found("uses-cycle", cycle=" -> ".join("::".join(unit) for unit in cycle))
        return None

    def _absent(self, file: str, use: Reference, scopes: tuple[Scope, ...]) -> tuple[str, str] | None:
        """The module or class that has no such name, and the name; None where nothing can be said."""
        for count in range(1, len(use.parts)):
            if self._resolver.lookup(file, use.parts[: count + 1], scopes):
                continue
            around = self._resolver.lookup(file, use.parts[:count], scopes)
            places = [self._closed(symbol, use.parts[count]) for symbol in around]
            if places and all(places):
                return str(places[0]), use.parts[count]
            return None
        return None

    def _closed(self, symbol: Symbol, name: str) -> str:
        """Where a symbol's names are all to be seen: its place; empty where more may come at run time."""
        match symbol:
            case Package(place) if place.file is not None:
                scope = self._resolver.scope(place.file)
                dynamic = scope is None or scope.stars or "__getattr__" in scope.names or name.startswith("__")
                return "" if dynamic else place.file
            case Definite(file=file, node=ast.ClassDef() as node):
                dynamic = node.bases or node.keywords or node.decorator_list or hasattr(object, name)
                return "" if dynamic else f"{symbol.qualname} ({file}:{node.lineno})"
        return ""

    def _way_back(self, start: Unit, symbols: tuple[Symbol, ...]) -> list[Unit]:
        """The chain of ``uses`` from ``symbols`` back to ``start``; empty if there is none."""
        seen: set[Unit] = set()
        stack = [[start, unit] for unit in self._units(symbols)]
        while stack:
            way = stack.pop()
            if way[-1] == start:
                return way
            if way[-1] not in seen:
                seen.add(way[-1])
                stack += [[*way, unit] for unit in self._used_by(way[-1])]
        return []

    def _used_by(self, unit: Unit) -> Iterator[Unit]:
        file, name = unit
        asked = dict(self._module(file).asked).get(name)
        for use in asked.uses if asked else ():
            yield from self._units(self._resolver.lookup(file, use.parts, asked.scopes if asked else ()))

    def _units(self, symbols: tuple[Symbol, ...]) -> Iterator[Unit]:
        """The stubs among symbols."""
        for symbol in symbols:
            if isinstance(symbol, Definite):
                stubs = self._module(symbol.file).stubs
                yield from ((symbol.file, stub.unit) for stub in stubs if unit_owner(stub) == symbol.qualname)


def _is(symbol: Symbol, file: str, stub: Stub) -> bool:
    return isinstance(symbol, Definite) and symbol.file == file and symbol.qualname == unit_owner(stub)


def _bound_later(use: Reference, scopes: tuple[Scope, ...]) -> int:
    """The line at which a name is first bound, if that is below the decorator that names it; else 0."""
    head = use.parts[0]
    if hasattr(builtins, head) or any(scope.stars for scope in scopes):
        return 0
    if any(_bound_by(binding) < use.line for scope in scopes for binding in scope.visible(head, use.line)):
        return 0
    return min((_bound_by(binding) for scope in scopes for binding in scope.names.get(head, ())), default=0)


def _bound_by(binding: Binding) -> int:
    """The line after which a name is there: a class's name only when its body has run."""
    if isinstance(binding, Defined) and isinstance(binding.node, ast.ClassDef):
        return binding.node.end_lineno or binding.line
    return binding.line
