"""Imports that lead back to the module they would stand in: at its top they would come too early. Pure over an index.

A committed file's imports run where its stub stands, when what is above is defined already. If what they load imports
this module in its turn, that has to stay so.
"""

from collections.abc import Iterator

from jiti_bot.source.bindings import Binding, Imported, Scope, scope_of
from jiti_bot.source.resolve import Definite, Package, Resolver, Symbol, Value
from jiti_bot.store.entry import Entry


def circular(resolver: Resolver, file: str, entry: Entry) -> frozenset[str]:
    """Names that the committed code for a stub of ``file`` imports, from modules that import ``file``."""
    scope = scope_of(entry.tree.body)
    return frozenset(
        name
        for name, bindings in scope.names.items()
        if any(_leads_to(resolver, start, file) for one in bindings for start in _files(resolver, file, one, scope))
    )


def _leads_to(resolver: Resolver, start: str, wanted: str) -> bool:
    seen: set[str] = set()
    pending = [start]
    while pending:
        file = pending.pop()
        if file == wanted:
            return True
        scope = resolver.scope(file) if file not in seen else None
        seen.add(file)
        if scope is not None:
            every = [*scope.stars, *(one for bindings in scope.names.values() for one in bindings)]
            pending += [found for one in every for found in _files(resolver, file, one, scope)]
    return False


def _files(resolver: Resolver, file: str, binding: Binding, scope: Scope) -> Iterator[str]:
    """The files of the project that an import loads, as far as its name leads."""
    if not isinstance(binding, Imported):
        return
    yield from _of(resolver.follow(file, binding, (scope,)))
    if not binding.level:
        yield from _of(resolver.absolute(binding.module, file))


def _of(symbols: tuple[Symbol, ...]) -> Iterator[str]:
    for symbol in symbols:
        match symbol:
            case Definite(file=found) | Value(file=found):
                yield found
            case Package(place) if place.file is not None:
                yield place.file
