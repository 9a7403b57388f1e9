"""What committed code uses of other stubs: the names that it mentions, followed as if it stood in its host."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import Definition, Scope, scope_of
from jiti_bot.source.mentions import mentions
from jiti_bot.source.model import Kind, Spec, Stub
from jiti_bot.source.resolve import Definite, Resolver, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jiti_bot.source.asked import Unit


class Depends:
    """Finds stubs. ``stubs_of`` are those that a symbol is, holds, inherits or wraps."""

    def __init__(self, resolver: Resolver, stubs_of: Callable[[Symbol], set[Unit]]) -> None:
        self._resolver = resolver
        self._stubs_of = stubs_of

    def of(self, spec: Spec, tree: ast.Module) -> tuple[Unit, ...]:
        """The stubs that the committed code ``tree`` uses, but for itself and what ``uses=[...]`` lists anyway.

        A method of an object whose class is not named in the code cannot be known: it is found where the gates run.
        """
        stub = spec.stub
        host = self._resolver.scope(stub.file)
        scopes = (_own(stub, tree), *((host,) if host else ()))
        mentioned = mentions(tree)
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        found: set[Unit] = set()
        for name in mentioned.names:
            for symbol in self._longest(stub.file, name, scopes):
                found |= {unit for unit in self._stubs_of(symbol) if _is_meant(symbol, unit, attributes)}
        for symbol in self._around(stub, scopes[1:]):
            for attribute in mentioned.own:
                for inner in self._resolver.attribute(symbol, attribute):
                    found |= self._stubs_of(inner)
        declared = tuple(use.target for use in spec.uses if use.target)
        return tuple(sorted(unit for unit in found - {(stub.file, stub.unit)} if not _is_declared(unit, declared)))

    def _longest(self, file: str, name: tuple[str, ...], scopes: Sequence[Scope]) -> tuple[Symbol, ...]:
        """What the longest part of a dotted name means that means anything."""
        for end in range(len(name), 0, -1):
            found = self._resolver.lookup(file, name[:end], scopes)
            if found:
                return found
        return ()

    def _around(self, stub: Stub, scopes: Sequence[Scope]) -> tuple[Symbol, ...]:
        """What ``self`` is in the code of ``stub``: its class."""
        owner = (*stub.owners, stub.name) if stub.kind is Kind.CLASS else stub.owners
        return self._resolver.lookup(stub.file, owner, scopes)


def _own(stub: Stub, tree: ast.Module) -> Scope:
    """The names that the committed file binds itself: the target's own, or its class's, is the host's."""
    first = (*stub.owners, stub.name)[0]
    body = [node for node in tree.body if not (isinstance(node, Definition) and node.name == first)]
    return scope_of([*body, *_inner_imports(tree)])


def _inner_imports(tree: ast.Module) -> Iterator[ast.stmt]:
    outer = set(tree.body)
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) and node not in outer)


def _is_meant(symbol: Symbol, unit: Unit, attributes: set[str]) -> bool:
    """Of a class that is named only those stubs count whose names the code mentions, and what operators call."""
    if not isinstance(symbol, Definite) or not isinstance(symbol.node, ast.ClassDef):
        return True
    names = unit[1].split(".")[1:]
    return not names or any(name in attributes or (name[:2] == "__" == name[-2:]) for name in names)


def _is_declared(unit: Unit, targets: Sequence[str]) -> bool:
    name = "::".join(unit)
    return any(name == target or name.startswith(f"{target}.") for target in targets)
