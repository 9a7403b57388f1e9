"""Where the definitions are that dotted paths lead to, read from the project's own files: by syntax, never imported."""

import ast
from collections.abc import Iterator

from jiti_bot.findings import Finding
from jiti_bot.source.bindings import Imported, Scope
from jiti_bot.source.discover import read_source
from jiti_bot.source.parse import parse
from jiti_bot.source.resolve import Definite, External, Package, Resolver, Source, Symbol, Value
from jiti_bot.source.roots import Roots
from jiti_bot.validation.project import Project

NO_VALUE = frozenset({"None", "NoReturn", "Never"})


def resolver_of(project: Project) -> Resolver:
    """A resolver over the project as it is on disk now."""
    known: dict[str, Source | None] = {}

    def load(file: str) -> Source | None:
        if file not in known:
            known[file] = _read(project, file)
        return known[file]

    folders = [path for path in project.environment.python_path if path.is_relative_to(project.root)]
    pythonpath = [path.relative_to(project.root).as_posix() for path in folders]
    return Resolver(load, Roots(lambda file: (project.root / file).is_file(), pythonpath))


def symbols(resolver: Resolver, file: str, path: str) -> tuple[Symbol, ...]:
    """What an absolute dotted path may mean where ``file`` imports it."""
    parts = tuple(path.split("."))
    start = Imported(parts[0], 1, None, parts[:1], None, 0, whole=True)
    return resolver.lookup(file, parts, (Scope({parts[0]: [start]}),))


def origins(resolver: Resolver, file: str, path: str) -> Iterator[str]:
    """The names of these meanings: ``file::unit`` for what the project defines, whatever name leads there."""
    for symbol in symbols(resolver, file, path):
        match resolver.external(symbol):
            case Definite(file=where) as found:
                yield f"{where}::{found.qualname}"
            case Value(file=where, name=name):
                yield f"{where}::{name}"
            case Package(place) if place.file:
                yield place.file
            case External(name=name):
                yield ".".join(name)


def gives_value(node: ast.AST) -> bool:
    """Whether a definition is a function that says it returns something, or one that only runs when awaited."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    if not isinstance(node, ast.FunctionDef) or node.returns is None:
        return False
    said = node.returns
    text = said.value if isinstance(said, ast.Constant) and isinstance(said.value, str) else ast.unparse(said)
    return text.rpartition(".")[2] not in NO_VALUE


def _read(project: Project, file: str) -> Source | None:
    try:
        parsed = parse(file, (project.root / file).read_bytes())
    except OSError:
        return None
    return None if isinstance(parsed, Finding) else read_source(parsed)
