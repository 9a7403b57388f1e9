"""Imports that lead back to the module they would stand in: at its top they would come too early. Pure over an index.

A committed file's imports run with the first call of its stub, when all modules are there. If what they load imports
this module in its turn, that has to stay so.
"""

import ast
from collections.abc import Iterator

from jiti_bot.source.bindings import Binding, Branch, Imported, Scope, dotted, scope_of
from jiti_bot.source.resolve import Definite, Package, Resolver, Symbol, Value
from jiti_bot.store.entry import Entry

_CHECKING = "TYPE_CHECKING"


def circular(resolver: Resolver, file: str, entry: Entry) -> frozenset[str]:
    """Names that the committed code for a stub of ``file`` imports, from modules that import ``file``."""
    scope = scope_of(entry.tree.body)
    return frozenset(
        name
        for name, bindings in scope.names.items()
        if any(
            _leads_to(resolver, start, file) for one in bindings for start in _files(resolver, file, one, scope, file)
        )
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
            pending += [found for one in every for found in _files(resolver, file, one, scope, wanted)]
    return False


def _files(resolver: Resolver, file: str, binding: Binding, scope: Scope, wanted: str) -> Iterator[str]:
    """The files of the project that an import loads, as far as its name leads.

    Packages around ``wanted`` are being loaded before it is: a whole module from there is no way back.
    """
    if not isinstance(binding, Imported) or _is_for_checkers(binding.branch):
        return
    around = {f"{wanted[:n]}/__init__.py" for n, letter in enumerate(wanted) if letter == "/"}
    found = resolver.follow(file, binding, (scope,))
    modules = [one for one in found if isinstance(one, Package)]
    yield from (path for path in _of(found) if not modules or path == wanted or path not in around)
    yield from (path for path in module_of(resolver, file, binding) if not modules or path not in around)


def module_of(resolver: Resolver, file: str, binding: Imported) -> Iterator[str]:
    """The file of the project that an import in ``file`` names, without what it takes from there."""
    if not binding.level:
        yield from _of(resolver.absolute(binding.module, file))
        return
    place = resolver.roots.relative(file, binding.level)
    for part in binding.module:
        place = resolver.roots.inside(place, part) if place is not None else None
    if place is not None and place.file is not None:
        yield place.file


def _is_for_checkers(branch: Branch | None) -> bool:
    """Whether it stands below ``if TYPE_CHECKING:``, which never runs."""
    while branch is not None:
        if isinstance(branch.fork, ast.If) and branch.arm == 0 and (dotted(branch.fork.test) or ("",))[-1] == _CHECKING:
            return True
        branch = branch.parent
    return False


def _of(symbols: tuple[Symbol, ...]) -> Iterator[str]:
    for symbol in symbols:
        match symbol:
            case Definite(file=found) | Value(file=found):
                yield found
            case Package(place) if place.file is not None:
                yield place.file
