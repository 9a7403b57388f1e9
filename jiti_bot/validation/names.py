"""What names mean in a piece of source: the imports and definitions they lead to. Pure, over `ast`.

A *path* is a dotted name from the root of the import system: ``os.path.join``, ``app.text.slugify``. Names that a
module binds itself lead to the module's own path plus the name.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from textwrap import dedent

from jiti_bot.source.parse import syntax_tree

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def module_path(file: str) -> str:
    """The dotted path of a source file: ``src/app/text.py`` -> ``app.text``."""
    name = file.removesuffix(".py").removeprefix("src/").removesuffix("/__init__")
    return "" if name == "__init__" else name.replace("/", ".")


def package_path(file: str) -> str:
    """The package that relative imports in ``file`` start from."""
    module = module_path(file)
    return module if file.endswith("__init__.py") else module.rpartition(".")[0]


def imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, str]]:
    """Pairs of bound name and path for one import statement; a star binds ``*``."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            root = alias.name.split(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (root, root)
        return
    base = node.module or ""
    if node.level:
        parts = package.split(".") if package else []
        parts = parts[: len(parts) - node.level + 1]
        base = ".".join([*parts, *([node.module] if node.module else [])])
    for alias in node.names:
        yield alias.asname or alias.name, f"{base}.{alias.name}".lstrip(".")


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when this block runs: through ``if``, ``try``, ``with`` and loops, not into definitions.

    In source order, with a stack of its own: a chain of thousands of ``elif`` is nested as deeply in the tree.
    """
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, DEFINITIONS):
            continue
        inner: list[ast.stmt] = list(getattr(node, "body", []))
        for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
            inner += part.body
        inner += [*getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
        stack.extend(reversed(inner))


def bound(body: list[ast.stmt], package: str, module: str = "") -> dict[str, str]:
    """Names that a module-level block binds, and the path each leads to."""
    found: dict[str, str] = {}
    for node in statements(body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(imported(node, package))
        else:
            found.update((name, f"{module}.{name}".lstrip(".")) for name in bound_by(node))
    return found


def bound_by(node: ast.stmt) -> Iterator[str]:
    """Names that one statement binds in its own scope, imports aside."""
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    if isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    blocks = {"body", "orelse", "finalbody", "handlers", "cases"}
    for field, value in ast.iter_fields(node):
        if field in blocks:
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _stored(part)


def _stored(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, FUNCTIONS | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    for child in ast.iter_child_nodes(node):
        yield from _stored(child)


def parameters(header: str) -> tuple[str, ...]:
    """The names of the parameters in ``def`` line(s) that end in a colon; none where they are no function's."""
    try:
        node = syntax_tree(dedent(header) + " ...").body[0]
    except (SyntaxError, ValueError):
        return ()
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ()
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return tuple(one.arg for one in every)


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Parameters and everything the function's own scope binds, imports in it aside."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    names = {one.arg for one in every}
    for node in statements(function.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            names.update(bound_by(node))
        if isinstance(node, ast.Try | ast.TryStar):
            names.update(handler.name for handler in node.handlers if handler.name)
    return names


def path_of(node: ast.AST, meaning: Mapping[str, str]) -> str | None:
    """The path that a name or a chain of attributes leads to, ``None`` for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    root = meaning.get(node.id, node.id)
    return ".".join([root, *reversed(parts)])


def outermost_paths(tree: ast.AST, meaning: Mapping[str, str]) -> Iterator[tuple[str, ast.expr]]:
    """Every name and longest attribute chain in ``tree`` with the path it leads to."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name | ast.Attribute):
            path = path_of(node, meaning)
            if path is not None:
                yield path, node
                continue
        stack.extend(ast.iter_child_nodes(node))
