"""What a gate reaches: the digest that tells whether a test still asks for the same.

A gate's digest covers its own function and, transitively, what it uses on the side of the tests: names of its module,
fixtures (conftest files included, autouse ones always), set-up methods, parametrization, helpers in other test files.
It stops at the code under test, of which only the name counts.
"""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.digest import digest
from jiti_bot.source.fixtures import SETUP, Fixtures, conftests, is_hook
from jiti_bot.source.mentions import Mentions, mentions
from jiti_bot.source.model import GateKind
from jiti_bot.source.resolve import Definite, External, Package, Resolver, Symbol, Unreadable, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jiti_bot.source.bindings import Definition, Scope
    from jiti_bot.source.module import FoundGate

_TEST_FOLDERS = frozenset({"test", "tests", "testing"})

_UNDER_TEST = "under test"
_UNREADABLE = "unreadable"
_PLACED = frozenset({_UNDER_TEST, _UNREADABLE})  # items that say where something is

Item = tuple[str, str, str]  # what kind of thing, its name, its digest


def is_test_side(file: str, test_paths: Sequence[str] = ()) -> bool:
    """Whether a file belongs to the tests rather than to the code under test, by where it is and how it is named."""
    *folders, name = file.split("/")
    if _TEST_FOLDERS.intersection(folders) or name == "conftest.py":
        return True
    if name.startswith("test_") or name.endswith("_test.py"):
        return True
    return any(file == path or file.startswith(f"{path.rstrip('/')}/") for path in test_paths)


class Reach:
    """Computes the digests of gates; what it learns about a definition is kept for the next gate."""

    def __init__(self, resolver: Resolver, is_stub: Callable[[Definite], bool]) -> None:
        self._resolver = resolver
        self._is_stub = is_stub
        self._fixtures = Fixtures(resolver)
        self._known: dict[int, tuple[ast.AST, Mentions]] = {}  # the node keeps its id from being used again

    def of(
        self, gate: FoundGate, file: str, ours: Callable[[ast.expr], bool], body: ast.Module | None
    ) -> tuple[str, tuple[str, ...]]:
        """The digest of a gate in ``file``, and the definitions under test that it names, as ``file::unit``.

        ``body`` is a jiti-test's committed file, if there is one.
        """
        walk = _Reached(self, file)
        walk.gate(gate, ours, body)
        named = {where for kind, _, where in walk.items if kind == _UNDER_TEST}
        home = self._resolver.roots.home(file)
        told = ((kind, name, home.told(what) if kind in _PLACED else what) for kind, name, what in walk.items)
        return digest([list(item) for item in sorted(told)]), tuple(sorted(named))

    def is_followed(self, file: str, home: str) -> bool:
        """Whether what a gate of ``home`` uses in ``file`` counts with its content."""
        if file == home:
            return True
        project = self._resolver.roots.home(home)
        return is_test_side(project.told(file), project.test_paths)

    def is_under_test(self, symbol: Definite, home: str) -> bool:
        """Whether a definition counts by its name only: stubs do, and what is not of the tests."""
        return not self.is_followed(symbol.file, home) or self._is_stub(symbol)

    def mentions(self, node: ast.AST) -> Mentions:
        """What a definition or statement mentions."""
        known = self._known.get(id(node))
        if known is None:
            known = (node, mentions(node))
            self._known[id(node)] = known
        return known[1]

    @property
    def resolver(self) -> Resolver:
        """Follows names."""
        return self._resolver

    @property
    def fixtures(self) -> Fixtures:
        """Finds fixtures."""
        return self._fixtures


class _Reached:
    """One gate's walk: a list of what is still to be seen, and the items found."""

    def __init__(self, reach: Reach, home: str) -> None:
        self._reach = reach
        self._home = home
        self._seen: set[int] = set()
        self._pending: list[tuple[str, tuple[ast.ClassDef, ...], ast.AST]] = []
        self._wanted: set[tuple[str, str]] = set()
        self.items: set[Item] = set()

    def gate(self, gate: FoundGate, ours: Callable[[ast.expr], bool], body: ast.Module | None) -> None:
        """Follow everything from one gate."""
        node = gate.node
        form = _without(node, ours, with_body=gate.kind is not GateKind.TEST)
        self.items.add(("gate", gate.name, digest(form, body.body if body is not None else [])))
        self._seen.add(id(node))
        mentioned = self._reach.mentions(node)
        self._uses(self._home, gate.owners, mentioned, gate.scopes)
        if body is not None:
            self._uses(self._home, gate.owners, self._reach.mentions(body), gate.scopes)
        self._wants(self._home, gate.owners, [*mentioned.parameters, *mentioned.fixtures])
        self._always()
        for owner in gate.owners:
            self._class(self._home, owner)
        while self._pending:
            self._follow(*self._pending.pop())

    def _always(self) -> None:
        """Autouse fixtures, hooks and set-up functions of the gate's module and its conftest files."""
        for file in (self._home, *conftests(self._home)):
            scope = self._reach.resolver.scope(file)
            if scope is None:
                continue
            for fixture in self._reach.fixtures.of(file).automatic:
                self._pending.append((file, (), fixture))
            for name, bindings in scope.names.items():
                if is_hook(name):
                    self._pending += [(file, (), node) for binding in bindings if (node := _node(binding))]
            pytestmark = scope.names.get("pytestmark", ())
            for binding in pytestmark:
                marks = _node(binding)
                if marks is not None:
                    self._wants(file, (), self._reach.mentions(marks).fixtures)

    def _class(self, file: str, node: ast.ClassDef) -> None:
        """The class around a test, without its other tests: decorators, bases, values, set-up, automatic fixtures."""
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        scope = self._reach.resolver.class_scope(node)
        values = [statement for statement in node.body if isinstance(statement, ast.Assign | ast.AnnAssign)]
        self.items.add(("class", node.name, digest(node.decorator_list, node.bases, node.keywords, values)))
        for shell in (*node.decorator_list, *node.bases, *values):
            mentioned = self._reach.mentions(shell)
            self._uses(file, (), mentioned, None)
            self._wants(file, (node,), mentioned.fixtures)
        for name in SETUP:
            self._pending += [(file, (node,), method) for b in scope.names.get(name, ()) if (method := _node(b))]
        self._pending += [(file, (node,), fixture) for fixture in self._reach.fixtures.in_class(node).automatic]
        for base in self._bases(file, node):
            if isinstance(base.node, ast.ClassDef) and self._reach.is_followed(base.file, self._home):
                self._class(base.file, base.node)

    def _bases(self, file: str, node: ast.ClassDef) -> Iterator[Definite]:
        for base in node.bases:
            for name in self._reach.mentions(base).names:
                for symbol in self._reach.resolver.module_name(file, name):
                    if isinstance(symbol, Definite):
                        yield symbol

    def _follow(self, file: str, owners: tuple[ast.ClassDef, ...], node: ast.AST) -> None:
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        if isinstance(node, ast.Import | ast.ImportFrom):
            return  # what is used of it is followed by name
        name = getattr(node, "name", "")
        self.items.add(("reached", name, digest(node)))
        mentioned = self._reach.mentions(node)
        self._uses(file, owners, mentioned, None)
        if self._reach.fixtures.is_fixture(node) or is_hook(name) or name in SETUP:
            self._wants(file, owners, [*mentioned.parameters, *mentioned.fixtures])

    def _wants(self, file: str, owners: tuple[ast.ClassDef, ...], names: Sequence[str]) -> None:
        """Take in the fixtures that are asked for by name, wherever they are overridden."""
        for name in names:
            if (file, name) in self._wanted:
                continue
            self._wanted.add((file, name))
            for owner in owners:
                self._pending += [(file, (owner,), f) for f in self._reach.fixtures.in_class(owner).named.get(name, ())]
            for place, fixture in self._reach.fixtures.find(name, file):
                self._pending.append((place, (), fixture))

    def _uses(
        self, file: str, owners: tuple[ast.ClassDef, ...], mentioned: Mentions, scopes: Sequence[Scope] | None
    ) -> None:
        resolver = self._reach.resolver
        if scopes is None:
            module = resolver.scope(file)
            scopes = (module,) if module else ()
        for name in mentioned.names:
            for symbol in _longest(resolver, file, name, scopes):
                self._symbol(symbol, name)
        for owner in owners:
            for attribute in mentioned.own:
                for symbol in resolver.attribute(Definite(file, (), owner), attribute):
                    self._symbol(symbol, (attribute,))

    def _symbol(self, symbol: Symbol, name: Sequence[str]) -> None:
        match symbol:
            case Definite(file=file) if self._reach.is_under_test(symbol, self._home):
                self.items.add((_UNDER_TEST, ".".join(name), f"{file}::{symbol.qualname}"))
            case Definite(file=file):
                self._pending.append((file, symbol.owners, symbol.node))
            case Value(file=file, binding=binding) if self._reach.is_followed(file, self._home):
                self._pending.append((file, (), binding.node))
            case Value(file=file):
                self.items.add((_UNDER_TEST, ".".join(name), f"{file}::{symbol.name}"))
            case Package(place) if place.file is None:
                self.items.add(("outside", ".".join(name), ".".join(place.name)))
            case Package(place) if place.file is not None:
                self._module(place.file, name)
            case External(outside):
                self.items.add(("outside", ".".join(name), ".".join(outside)))
            case Unreadable(file):
                self.items.add((_UNREADABLE, ".".join(name), file))

    def _module(self, file: str, name: Sequence[str]) -> None:
        """A module that is used as a whole: all of it, when it is one of the tests'."""
        source = self._reach.resolver.source(file)
        if source is not None and file != self._home and self._reach.is_followed(file, self._home):
            self._pending += [(file, (), statement) for statement in source.parsed.tree.body]
        else:
            self.items.add((_UNDER_TEST, ".".join(name), file))


def _longest(resolver: Resolver, file: str, name: tuple[str, ...], scopes: Sequence[Scope]) -> tuple[Symbol, ...]:
    """What the longest part of a dotted name means that means anything: ``helpers.make`` of ``helpers.make.cache``."""
    for end in range(len(name), 0, -1):
        found = resolver.lookup(file, name[:end], scopes)
        if found:
            return found
    return ()


def _node(binding: object) -> ast.AST | None:
    return getattr(binding, "node", None)


def _without(node: Definition, ours: Callable[[ast.expr], bool], *, with_body: bool) -> list[object]:
    """A gate's own form: without jiti's decorators; a jiti-test's empty body counts by its docstring only."""
    decorators = [decorator for decorator in node.decorator_list if not ours(decorator)]
    if isinstance(node, ast.ClassDef):
        return [node.name, decorators, node.bases, node.keywords, node.body]
    is_async = isinstance(node, ast.AsyncFunctionDef)
    body = node.body if with_body else [statement for statement in node.body[:1] if isinstance(statement, ast.Expr)]
    return [node.name, str(is_async), decorators, node.args, node.returns, body]
