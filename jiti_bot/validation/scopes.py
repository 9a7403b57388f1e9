"""What the names in one part of a candidate lead to: through imports, and through one name given to another. Pure."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from jiti_bot.validation import names
from jiti_bot.validation.folding import Folder, constants

LOCAL = "<local>."
# Modules through which a candidate could reach what judges it: their names keep their meaning wherever they stand.
SENSITIVE = frozenset({"sys", "gc", "os", "ctypes", "inspect", "builtins", "importlib", "signal", "atexit"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean.

    ``meaning`` leads from a name to its path, ``modules`` are names of modules, ``outside`` names of modules, classes
    and functions that are not the candidate's, ``values`` are constants. ``module`` is the host's path.
    """

    meaning: Mapping[str, str]
    modules: frozenset[str]
    outside: frozenset[str]
    values: Mapping[str, object]
    package: str
    module: str = ""

    def path(self, node: ast.AST) -> str | None:
        """The path that a name or a chain of attributes leads to."""
        return names.path_of(node, self.meaning)

    def builtin(self, node: ast.AST) -> str:
        """The name of the builtin that ``node`` leads to, '' for anything else."""
        path = self.path(node) or ""
        return "" if "." in path or self.meaning.get(path, "").startswith(LOCAL) else path

    def fold(self, node: ast.AST | None) -> object:
        """The constant that an expression comes to, or `folding.UNKNOWN`."""
        return Folder(self.values).fold(node)


def around(host: ast.Module, helpers: ast.Module, module: str, package: str) -> Scope:
    """What the host and the helpers give to every part of a candidate."""
    meaning = names.bound(host.body, package, module) | names.bound(helpers.body, package, module)
    for statement in helpers.body:
        for name, value in _given(ast.Module([statement], [])) if isinstance(statement, ast.Assign) else ():
            meaning[name] = names.path_of(value, meaning) or meaning.get(name, name)
    top = [one for tree in (host, helpers) for one in names.statements(tree.body) if isinstance(one, ast.Import)]
    fixed = _fixed(host) | _fixed(helpers, imports_only=True)
    values = constants([one for one in helpers.body if not isinstance(one, names.DEFINITIONS)])
    return Scope(meaning, _modules(top), frozenset(fixed), values, package, module)


def inside(tree: ast.Module, known: Scope, *, top: bool = False) -> Scope:
    """``known`` with what ``tree`` binds itself; ``top``: its own statements bind what is ``known`` already."""
    meaning = dict(known.meaning)
    local: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            local.add(node.id)
        elif isinstance(node, ast.arg):
            local.add(node.arg)
    if top:
        local -= set(names.bound(tree.body, known.package))
    local -= {name for name in local & known.modules if meaning[name].partition(".")[0] in SENSITIVE}
    meaning.update((name, f"{LOCAL}{name}") for name in local)
    outside = set(known.outside) - local
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            pairs = dict(names.imported(node, known.package))
            meaning.update(pairs)
            outside.update(pairs)
    modules = (known.modules - local) | _modules(ast.walk(tree))
    _follow(tree, meaning, outside)
    values = {name: value for name, value in known.values.items() if name not in local}
    found = values | constants(tree.body)
    return Scope(meaning, frozenset(modules), frozenset(outside), found, known.package, known.module)


def without(known: Scope, parameters: Iterable[str]) -> Scope:
    """``known`` where names are those of parameters."""
    local = set(parameters)
    return replace(
        known,
        meaning={**known.meaning, **{name: f"{LOCAL}{name}" for name in local}},
        modules=known.modules - local,
        outside=known.outside - local,
        values={name: value for name, value in known.values.items() if name not in local},
    )


def _follow(tree: ast.Module, meaning: dict[str, str], outside: set[str]) -> None:
    """Let a name that is given to another one lead where the first one leads."""
    pairs = list(_given(tree))
    for _ in range(4):
        for name, value in pairs:
            path = names.path_of(value, meaning)
            if path is None or path.startswith(LOCAL) or not meaning.get(name, "").startswith(LOCAL):
                continue
            meaning[name] = path
            root = value
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in outside:
                outside.add(name)


def _given(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _matched(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            yield from _matched(node.target, node.value)
        elif isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            for one, default in zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True):
                yield one.arg, default
            for one, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if default is not None:
                    yield one.arg, default


def _matched(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, part in zip(target.elts, value.elts, strict=False):  # a star takes what is left
            yield from _matched(one, part)


def _modules(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names that ``import`` statements bind: those are modules."""
    imports = [node for node in nodes if isinstance(node, ast.Import)]
    return frozenset(name for node in imports for name, _ in names.imported(node, ""))


def _fixed(tree: ast.Module, *, imports_only: bool = False) -> set[str]:
    """Names that stand for modules, classes and functions: a candidate may use them, not change them."""
    found: set[str] = set()
    for node in names.statements(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(name for name, _ in names.imported(node, ""))
        elif isinstance(node, names.DEFINITIONS) and not imports_only:
            found.add(node.name)
    return found
