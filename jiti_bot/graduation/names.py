"""What a committed file and a module mean by the names that they bind: to tell whether it is the same. Pure."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiti_bot.source.bindings import Binding, Imported, scope_of, statements
from jiti_bot.source.digest import digest

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MANY = "many"  # the meaning of a name that is bound more than once, or not always


@dataclass(frozen=True, slots=True)
class Piece:
    """A top-level statement: the names that it binds with what they mean, its lines, and whether it imports."""

    node: ast.stmt
    names: tuple[tuple[str, str], ...]
    first: int
    last: int

    @property
    def is_import(self) -> bool:
        """Whether it imports."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def is_deep(self) -> bool:
        """Whether it is ``import a.b``, which binds ``a`` and loads more."""
        return isinstance(self.node, ast.Import) and any(
            "." in alias.name and alias.asname is None for alias in self.node.names
        )


def pieces(tree: ast.Module, lines: Sequence[str], target: str, package: Sequence[str]) -> Iterator[Piece]:
    """The statements of a unit beside the definition of ``target``, each with the comments glued above it."""
    for node in tree.body:
        if isinstance(node, DEFINITIONS) and node.name == target:
            continue
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        scope = scope_of([node])
        bound = [(name, meaning(found[0], package)) for name, found in scope.names.items()]
        yield Piece(node, tuple(bound), first, node.end_lineno or node.lineno)


def meaning(binding: Binding, package: Sequence[str]) -> str:
    """One text for what a binding means: an import's path, else the digest of the statement."""
    if isinstance(binding, Imported):
        module = binding.module
        if binding.level:
            module = (*package[: len(package) - binding.level + 1], *module)
        if binding.whole:
            return module[0]
        return ".".join((*module, binding.attribute) if binding.attribute else module)
    return digest(binding.node)


@dataclass(frozen=True, slots=True)
class There:
    """What a module's name means, the line that says so, and whether it always does."""

    means: str
    line: int
    always: bool = True


def module_meanings(tree: ast.Module, package: Sequence[str]) -> dict[str, There]:
    """What a module's own names mean; `MANY` for those that may mean several things."""
    found: dict[str, There] = {}
    for name, bindings in scope_of(tree.body).names.items():
        first = bindings[0]
        same = {meaning(binding, package) if isinstance(binding, Imported) else "" for binding in bindings}
        if len(bindings) == 1 or (len(same) == 1 and "" not in same):
            always = any(binding.branch is None for binding in bindings)
            is_import = isinstance(first, Imported)
            means = meaning(first, package) if always or is_import else MANY
            found[name] = There(means, first.line, always)
        else:
            found[name] = There(MANY, first.line)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found |= dict.fromkeys(node.names, There(MANY, node.lineno))
    for node, _ in statements(tree.body):
        if isinstance(node, ast.Delete):
            found |= {one.id: There(MANY, node.lineno) for one in node.targets if isinstance(one, ast.Name)}
    return found


def mentioned(node: ast.AST) -> set[str]:
    """Names that stand in ``node`` as code."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def is_late(node: ast.stmt, name: str) -> bool:
    """Whether a statement needs ``name`` only when a function that it defines is called."""
    if not isinstance(node, FUNCTIONS):
        return False
    shell: list[ast.AST] = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    return not any(name in mentioned(part) for part in shell)
