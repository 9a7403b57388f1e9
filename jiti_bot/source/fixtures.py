"""Where pytest finds the fixtures that a test names."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import Function, Scope, statements
from jiti_bot.source.marks import last_names
from jiti_bot.source.resolve import Definite, Package, Resolver
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HOOKS = frozenset({
    "pytestmark", "setup_module", "teardown_module", "setup_function", "teardown_function", "setUpModule",
    "tearDownModule",
})  # fmt: skip
# Methods that run around every test of a class, of pytest's and of unittest's kind.
SETUP = (
    "setup_method", "teardown_method", "setup_class", "teardown_class", "setup", "teardown",
    "setUp", "tearDown", "setUpClass", "tearDownClass", "asyncSetUp", "asyncTearDown", "__init__",
)  # fmt: skip


@dataclass(slots=True)
class Table:
    """The fixtures of one module or class by name, and those that are used without being named."""

    named: dict[str, list[Function]] = field(default_factory=dict)
    automatic: list[Function] = field(default_factory=list)


class Fixtures:
    """Fixture tables of files and classes, made when first asked for."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._files: dict[str, Table] = {}
        self._classes: dict[int, Table] = {}

    def of(self, file: str) -> Table:
        """The fixtures that a module defines."""
        if file not in self._files:
            source = self._resolver.source(file)
            self._files[file] = _table(source.parsed.tree.body) if source else Table()
        return self._files[file]

    def in_class(self, node: ast.ClassDef) -> Table:
        """The fixtures that a class defines."""
        if id(node) not in self._classes:
            self._classes[id(node)] = _table(node.body)
        return self._classes[id(node)]

    def find(self, name: str, file: str) -> Iterator[tuple[str, Function]]:
        """All fixtures of that name that ``file`` can see, overridden ones included: they may use each other."""
        for place in self._places(file):
            for fixture in self.of(place).named.get(name, ()):
                yield place, fixture
            for symbol in self._resolver.module_name(place, (name,)):
                if isinstance(symbol, Definite) and isinstance(symbol.node, Function) and is_fixture(symbol.node):
                    yield symbol.file, symbol.node

    def is_fixture(self, node: ast.AST) -> bool:
        """Whether a definition is a fixture."""
        return isinstance(node, Function) and is_fixture(node)

    def _places(self, file: str) -> Iterator[str]:
        for place in (file, *conftests(file)):
            scope = self._resolver.scope(place)
            if scope is not None:
                yield place
                yield from self._plugins(place, scope)

    def _plugins(self, file: str, scope: Scope) -> Iterator[str]:
        """The modules that ``pytest_plugins`` names."""
        for binding in scope.names.get("pytest_plugins", ()):
            value = getattr(binding, "value", None)
            for node in ast.walk(value) if value is not None else ():
                if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                    continue
                for symbol in self._resolver.absolute(node.value.split("."), file):
                    if isinstance(symbol, Package) and symbol.place.file is not None:
                        yield symbol.place.file


def conftests(file: str) -> Iterator[str]:
    """The conftest files that hold for ``file``, nearest first, whether they are there or not."""
    folder = file.rpartition("/")[0]
    while folder:
        yield f"{folder}/conftest.py"
        folder = folder.rpartition("/")[0]
    yield "conftest.py"


def is_hook(name: str) -> bool:
    """Whether pytest uses a module-level name without being asked."""
    return name in _HOOKS or name.startswith("pytest_")


def is_fixture(node: Function) -> bool:
    """Whether a function is a fixture by its decorators."""
    return any(name == "fixture" or name.endswith("_fixture") for name in last_names(node.decorator_list))


def _table(body: list[ast.stmt]) -> Table:
    table = Table()
    for statement, _branch in statements(body):
        if not isinstance(statement, Function) or not is_fixture(statement):
            continue
        name, automatic = _options(statement)
        table.named.setdefault(name, []).append(statement)
        if automatic:
            table.automatic.append(statement)
    return table


def _options(node: Function) -> tuple[str, bool]:
    """A fixture's name (``name=`` may change it) and whether it is used automatically."""
    name, automatic = node.name, False
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        for keyword in decorator.keywords:
            match keyword:
                case ast.keyword(arg="name", value=ast.Constant(value=str() as text)):
                    name = text
                case ast.keyword(arg="autouse", value=value):
                    automatic = not (isinstance(value, ast.Constant) and value.value is False)
    return name, automatic
