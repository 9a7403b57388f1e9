"""Who needs a name of a file: its own code, and the other files that take it from there. Pure."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from jiti_bot.graduation.circles import module_of
from jiti_bot.graduation.imports import names_in
from jiti_bot.source.bindings import Imported, function_scope
from jiti_bot.source.parse import Parsed, parse

if TYPE_CHECKING:
    from jiti_bot.source.resolve import Resolver

STAR = "*"


class Names:
    """The names of some files at one moment, with those who need them. ``resolver`` knows where modules stand."""

    def __init__(self, files: Mapping[str, bytes], resolver: "Resolver") -> None:
        found = {file: parse(file, data) for file, data in files.items()}
        self.parsed = {file: one for file, one in found.items() if isinstance(one, Parsed)}
        self.obscure = {file: files[file].decode("utf-8", "replace") for file in files if file not in self.parsed}
        self.taken: dict[str, dict[str, str]] = {}
        for file, one in self.parsed.items():
            for path, name, line in _takes(resolver, file, one.tree):
                self.taken.setdefault(path, {}).setdefault(name, f"{file}:{line}")

    def user(self, file: str, name: str, without: Collection[ast.AST], within: ast.AST | None = None) -> str:
        """Where a ``name`` of ``file`` is needed (``file:line``), but for the nodes ``without``; empty for nowhere.

        Others are asked as well, unless the name is one of the function ``within``.
        """
        tree = self.parsed[file].tree
        line = names_in(within or tree, without if within else [*without, *_elsewhere(tree, name)]).get(name)
        if line is not None:
            return f"{file}:{line}"
        return "" if within is not None else self.taker(file, name)

    def taker(self, file: str, name: str) -> str:
        """Where another file takes ``name`` from ``file``."""
        taken = self.taken.get(file, {})
        if name in taken:
            return taken[name]
        if STAR in taken:
            users = (f"{one}:{line}" for one in self.parsed if one != file and (line := self._line(one, name)))
            return next(users, "")
        return next((f"{one}:1" for one, text in self.obscure.items() if re.search(rf"\b{name}\b", text)), "")

    def _line(self, file: str, name: str) -> int:
        return names_in(self.parsed[file].tree).get(name, 0)


def exposed(files: Mapping[str, bytes], resolver: "Resolver") -> dict[str, frozenset[str]]:
    """By file, the names that mean something where all of its names arrive: in ``files`` with a star import of it.

    Those may be starred in their turn.
    """
    found = {file: one for file, data in files.items() if isinstance(one := parse(file, data), Parsed)}
    names = {file: frozenset(names_in(one.tree)) for file, one in found.items()}
    takes = [
        (path, file)
        for file, one in found.items()
        for path, name, _ in _takes(resolver, file, one.tree)
        if name == STAR
    ]
    result = {path: frozenset[str]() for path, _ in takes}
    while True:
        earlier = dict(result)
        for path, file in takes:
            result[path] |= names[file] | result.get(file, frozenset())
        if result == earlier:
            return result


def _elsewhere(tree: ast.Module, name: str) -> Iterator[ast.stmt]:
    """The bodies of functions in which ``name`` is one of their own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or name not in function_scope(node).names:
            continue
        if not any(isinstance(one, ast.Global) and name in one.names for one in ast.walk(node)):
            yield from node.body


def _takes(resolver: "Resolver", file: str, tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """What ``file`` takes from others: their file, the name, the line."""
    modules: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        for one in _imports(node):
            paths = list(module_of(resolver, file, one))
            if one.attribute is None:
                modules.setdefault(one.name, []).extend(paths)
                continue
            yield from ((path, one.attribute, one.line) for path in paths if path != file)
            inner = Imported(one.name, one.line, None, (*one.module, one.attribute), None, one.level)
            modules.setdefault(one.name, []).extend(module_of(resolver, file, inner))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (root := _root(node)) in modules:
            yield from ((path, node.attr, node.lineno) for path in modules[root] if path != file)


def _imports(node: ast.AST) -> Iterator[Imported]:
    match node:
        case ast.Import(names=names):
            for one in names:
                yield Imported(
                    one.asname or one.name.split(".")[0], node.lineno, None, tuple(one.name.split(".")), None, 0
                )
        case ast.ImportFrom(module=module, names=names, level=level):
            for one in names:
                parts = tuple(module.split(".")) if module else ()
                yield Imported(one.asname or one.name, node.lineno, None, parts, one.name, level)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
