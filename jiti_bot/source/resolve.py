"""Follow a dotted name to what it means: through imports, re-exports, assignments, classes and their bases.

Only syntax is read. A name can mean several things (``try: from fast import f`` / ``except ImportError: def f``), so
every answer is a tuple, the likeliest first, and empty where nothing can be known.
"""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import Assigned, Binding, Defined, Definition, Imported, Scope, dotted, scope_of
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jiti_bot.source.parse import Parsed
    from jiti_bot.source.roots import Place, Roots

# Chains of aliases and re-exports longer than this are not followed, nor more steps in all taken for one name (cycles
# of star imports multiply): no person writes them.
_DEPTH = 40
_STEPS = 2000
_RUNTIME = frozenset({"jiti", "jiti_bot"})
_OWN = {
    (): "module",
    ("jiti",): "jiti",
    ("required_for",): "required_for",
    ("jiti", "required_for"): "required_for",
    ("Engine",): "Engine",
}


@dataclass(frozen=True, slots=True)
class Own:
    """A name of jiti itself: ``jiti``, ``required_for``, ``Engine``, or ``module`` for the module."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Definite:
    """A ``def`` or ``class`` of the project. ``owners`` are the classes around it."""

    file: str
    owners: tuple[ast.ClassDef, ...]
    node: Definition

    @property
    def qualname(self) -> str:
        """Its name with its owners': ``Parser.parse``."""
        return ".".join((*(owner.name for owner in self.owners), self.node.name))


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A name of the project that is bound otherwise: an assignment, a loop variable."""

    file: str
    name: str
    binding: Assigned


@dataclass(frozen=True, slots=True)
class Package:
    """A module or package of the project."""

    place: Place


@dataclass(frozen=True, slots=True)
class External:
    """Something outside of the project, as far as its files tell."""

    name: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Whatever a name of a file means that is there and cannot be read."""

    file: str


Symbol = Own | Definite | Value | Package | External | Unreadable


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file that could be read, with the names of its module scope."""

    parsed: Parsed
    scope: Scope


class Resolver:
    """Resolves names against the files that ``load`` gives: None for one that is absent or cannot be read."""

    def __init__(self, load: Callable[[str], Source | None], roots: Roots) -> None:
        self._load = load
        self.roots = roots
        self._class_scopes: dict[int, tuple[ast.ClassDef, Scope]] = {}
        self._steps = 0

    def lookup(
        self, file: str, name: Sequence[str], scopes: Sequence[Scope], line: int | None = None, depth: int = _DEPTH
    ) -> tuple[Symbol, ...]:
        """What a dotted name means in ``scopes`` (innermost first) of ``file``; before ``line``, or at the end."""
        self._steps = _STEPS if depth == _DEPTH else self._steps - 1
        if depth <= 0 or self._steps <= 0 or not name:
            return ()
        head, *rest = name
        found = tuple(self._head(file, head, scopes, line, depth))
        for attribute in rest:
            found = tuple(inner for symbol in found for inner in self.attribute(symbol, attribute, depth - 1))
        return found

    def source(self, file: str) -> Source | None:
        """The file, if it is there and can be read."""
        return self._load(file)

    def scope(self, file: str) -> Scope | None:
        """The names of the module ``file``."""
        source = self._load(file)
        return source.scope if source else None

    def module_name(self, file: str, name: Sequence[str], depth: int = _DEPTH) -> tuple[Symbol, ...]:
        """What a dotted name means at the end of the module ``file``."""
        source = self._load(file)
        return self.lookup(file, name, (source.scope,), None, depth) if source else ()

    def absolute(self, name: Sequence[str], importer: str, depth: int = _DEPTH) -> tuple[Symbol, ...]:
        """What an absolute dotted name means where ``importer`` imports it."""
        own = own_name(name)
        if own is not None and (name[0] == "jiti_bot" or self.roots.top(name[0], importer).file is None):
            return (own,)
        found: tuple[Symbol, ...] = (Package(self.roots.top(name[0], importer)),)
        for attribute in name[1:]:
            found = tuple(inner for symbol in found for inner in self.attribute(symbol, attribute, depth - 1))
        return found

    def attribute(self, symbol: Symbol, name: str, depth: int = _DEPTH) -> tuple[Symbol, ...]:
        """What ``symbol.name`` means."""
        if depth <= 0:
            return ()
        match symbol:
            case Own():
                own = own_name(("jiti", name) if symbol.name == "module" else ("jiti", symbol.name, name))
                return (own,) if own else ()
            case Package(place):
                return self._member(place, name, depth)
            case External():
                return (External((*symbol.name, name)),)
            case Unreadable():
                return (symbol,)
            case Definite(node=ast.ClassDef() as node):
                return self._class_member(symbol.file, (*symbol.owners, node), name, depth)
        return ()

    def class_scope(self, node: ast.ClassDef) -> Scope:
        """The names that a class body binds."""
        known = self._class_scopes.get(id(node))
        if known is None:
            known = (node, scope_of(node.body))
            self._class_scopes[id(node)] = known
        return known[1]

    def external(self, symbol: Symbol) -> Symbol:
        """A namespace folder in which nothing was found is something outside."""
        if isinstance(symbol, Package) and symbol.place.file is None:
            return External(symbol.place.name)
        return symbol

    def _head(self, file: str, head: str, scopes: Sequence[Scope], line: int | None, depth: int) -> Iterator[Symbol]:
        for scope in scopes:
            bindings = scope.visible(head, line)
            if bindings:
                for binding in bindings:
                    yield from self.follow(file, binding, scopes, depth - 1)
                return
        for scope in scopes:
            for star in scope.stars:
                module = self._imported_module(file, star, depth - 1)
                yield from (inner for symbol in module for inner in self.attribute(symbol, head, depth - 1))

    def follow(self, file: str, binding: Binding, scopes: Sequence[Scope], depth: int = _DEPTH) -> tuple[Symbol, ...]:
        """What a binding binds."""
        self._steps -= 1
        if depth <= 0 or self._steps <= 0:
            return ()
        match binding:
            case Defined():
                return (Definite(file, (), binding.node),)
            case Imported(attribute=None, whole=True):
                return self.absolute(binding.module[:1], file, depth)
            case Imported(attribute=None):
                return self.absolute(binding.module, file, depth)
            case Imported(attribute=str() as attribute):
                module = self._imported_module(file, binding, depth)
                return tuple(inner for symbol in module for inner in self.attribute(symbol, attribute, depth - 1))
            case Assigned(value=value):
                name = dotted(value) if value is not None else None
                if name is not None:
                    outer = scopes[1:] if len(scopes) > 1 and name[0] == binding.name else scopes
                    return self.lookup(file, name, outer, binding.line, depth - 1)
                return (Value(file, binding.name, binding),)
        return ()

    def _imported_module(self, file: str, binding: Imported, depth: int) -> tuple[Symbol, ...]:
        if not binding.level:
            return self.absolute(binding.module, file, depth) if binding.module else ()
        place = self.roots.relative(file, binding.level)
        if place is None:
            return ()
        for part in binding.module:
            place = self.roots.inside(place, part)
        return (Package(place),)

    def _member(self, place: Place, name: str, depth: int) -> tuple[Symbol, ...]:
        """A name of a module: what it binds, else its submodule."""
        source = self._load(place.file) if place.file else None
        if source is None and place.file is not None:
            inner = self.roots.inside(place, name)
            return (Package(inner) if inner.file else Unreadable(place.file),)
        if source is not None and place.file is not None and (name in source.scope.names or source.scope.stars):
            found = self.lookup(place.file, (name,), (source.scope,), None, depth - 1)
            known = tuple(symbol for symbol in found if not isinstance(self.external(symbol), External))
            if known or name in source.scope.names:
                return found
        inner = self.roots.inside(place, name)
        if inner.file is None and place.file is not None:
            return ()
        return (Package(inner),)

    def _class_member(self, file: str, owners: tuple[ast.ClassDef, ...], name: str, depth: int) -> tuple[Symbol, ...]:
        """A name of a class: what its body binds, else what its bases have, in order."""
        scope = self.class_scope(owners[-1])
        found: list[Symbol] = []
        for binding in scope.visible(name):
            if isinstance(binding, Defined):
                found.append(Definite(file, owners, binding.node))
            else:
                source = self._load(file)
                scopes = (scope, source.scope) if source else (scope,)
                found += self.follow(file, binding, scopes, depth - 1)
        if found:
            return tuple(found)
        for base in owners[-1].bases:
            parts = dotted(base.value if isinstance(base, ast.Subscript) else base)
            for symbol in self.module_name(file, parts or (), depth - 1):
                found += self.attribute(symbol, name, depth - 1)
            if found:
                break
        return tuple(found)


def own_name(name: Sequence[str]) -> Own | None:
    """What a dotted name that starts at jiti's own module means, None for any other."""
    if not name or name[0] not in _RUNTIME:
        return None
    rest = tuple(name[1:])
    if rest[:1] == ("runtime",):
        rest = rest[1:]
    own = _OWN.get(rest)
    return Own(own) if own else None
