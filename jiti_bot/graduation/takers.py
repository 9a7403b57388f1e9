"""Who needs a name of a file: its own code, and the other files that take it from there. Pure."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from jiti_bot.graduation.circles import module_of
from jiti_bot.graduation.imports import names_in
from jiti_bot.source.bindings import Imported, dotted, function_scope, scope_of
from jiti_bot.source.parse import Parsed, parse

if TYPE_CHECKING:
    from jiti_bot.source.resolve import Resolver

STAR = "*"
_DEEPEST = 16  # dots in a name that a string spells


class Names:
    """The names of some files at one moment, with those who need them. ``resolver`` knows where modules stand."""

    def __init__(self, files: Mapping[str, bytes], resolver: "Resolver") -> None:
        found = {file: parse(file, data) for file, data in files.items()}
        self.parsed = {file: one for file, one in found.items() if isinstance(one, Parsed)}
        self.obscure = {file: files[file].decode("utf-8", "replace") for file in files if file not in self.parsed}
        self.taken: dict[str, dict[str, str]] = {}
        self.starred: dict[str, dict[str, None]] = {}  # by file, those that take all of its names
        for file, one in self.parsed.items():
            for path, name, line in _takes(resolver, file, one.tree):
                self.taken.setdefault(path, {}).setdefault(name, f"{file}:{line}")
                if name == STAR:
                    self.starred.setdefault(path, {})[file] = None

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
        """Where another file takes ``name`` from ``file``, also by way of star imports; empty for nowhere."""
        reached = [file]
        for one in reached:  # which grows meanwhile
            if place := self.taken.get(one, {}).get(name):
                return place
            if one != file and (line := self._line(one, name)):
                return f"{one}:{line}"
            reached += [other for other in self.starred.get(one, ()) if other not in reached]
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


def gone(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, set[str]]:
    """By file, the names that a module binds ``before`` and not ``after``."""
    changed = [file for file, data in before.items() if data != after[file]]
    found = {file: bound(file, before[file]) - bound(file, after[file]) for file in changed}
    return {file: names for file, names in found.items() if names}


def bound(file: str, data: bytes | None) -> set[str]:
    """The names that a module binds, as far as it can be read."""
    parsed = parse(file, data) if data is not None else None
    return set(scope_of(parsed.tree.body).names) if isinstance(parsed, Parsed) else set()


def _elsewhere(tree: ast.Module, name: str) -> Iterator[ast.stmt]:
    """The bodies of functions in which ``name`` is one of their own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or name not in function_scope(node).names:
            continue
        if not any(isinstance(one, ast.Global) and name in one.names for one in ast.walk(node)):
            yield from node.body


def _takes(resolver: "Resolver", file: str, tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """What ``file`` takes from others: their file, the name, the line."""
    modules: dict[str, list[Imported]] = {}  # by the name that they have here
    for node in ast.walk(tree):
        for one in _imports(node):
            if one.attribute is None:
                modules.setdefault(one.name, []).append(one)
                continue
            yield from ((path, one.attribute, one.line) for path in _files(resolver, file, one) if path != file)
            modules.setdefault(one.name, []).append(_inside(one, [one.attribute]))
    known = {name: [(one, list(_files(resolver, file, one))) for one in found] for name, found in modules.items()}
    for node in ast.walk(tree):
        for (root, *rest), line in _spelled(node):
            for one, paths in known.get(root, ()):
                deeper = _files(resolver, file, _inside(one, rest[:-1])) if paths and rest[1:] else ()
                yield from ((path, rest[-1], line) for path in (*paths, *deeper) if path != file)
        for parts, line in _quoted(node):
            for n in range(1, len(parts)):
                paths = _files(resolver, file, Imported(parts[0], line, None, parts[:n], None, 0))
                yield from ((path, parts[n], line) for path in paths if path != file)


def _files(resolver: "Resolver", file: str, module: Imported) -> Iterator[str]:
    """The files of a module's name: what its package binds by it, and what stands there."""
    found = list(module_of(resolver, file, module))
    yield from found
    first, rest = (None, module.module) if module.level else (module.module[0], module.module[1:])
    place = resolver.roots.top(first, file) if first is not None else resolver.roots.relative(file, module.level)
    for part in rest:
        place = resolver.roots.inside(place, part) if place is not None else None
    if place is not None and place.file is not None and place.file not in found:
        yield place.file


def _inside(module: Imported, names: Sequence[str]) -> Imported:
    return Imported(module.name, module.line, None, (*module.module, *names), None, module.level)


def _spelled(node: ast.AST) -> Iterator[tuple[tuple[str, ...], int]]:
    """``app.text.T``, also in two parts, as in ``setattr(app.text, "T", 1)``: with its line."""
    match node:
        case ast.Attribute():
            name = dotted(node)
        case ast.Call(args=[ast.Name() | ast.Attribute() as owner, ast.Constant(value=str() as said), *_]):
            name = (*(dotted(owner) or ()), said)
        case _:
            return
    if name is not None and len(name) > 1:
        yield name, node.lineno


def _quoted(node: ast.AST) -> Iterator[tuple[tuple[str, ...], int]]:
    """A string such as ``"app.text.T"``, by which tests replace things: with its line."""
    match node:
        case ast.Constant(value=str() as said) if 0 < said.count(".") < _DEEPEST and all(
            one.isidentifier() for one in said.split(".")
        ):
            yield tuple(said.split(".")), node.lineno


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
