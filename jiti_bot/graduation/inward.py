"""Move imports of a committed file into the functions that use them. Pure.

For those that lead back to the module: at its top they would come too early, or too late, whichever of the two modules
a program imports first. In the function they come when they came before: with the first call.
"""

import ast
from collections.abc import Iterator, Sequence

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.graduation.edits import Edit, Row, Source, apply
from jiti_bot.graduation.loading import FUNCTIONS, needs
from jiti_bot.graduation.names import mentioned
from jiti_bot.source.bindings import function_scope, scope_of
from jiti_bot.source.parse import syntax_tree

Import = ast.Import | ast.ImportFrom


def inward(text: str, names: frozenset[str], target: str, where: str = "") -> str:
    """``text`` with its imports of ``names`` in the functions that use them; line ends are plain.

    ``target`` is the definition that the file is there for. Raises `StoreError` where a helper needs such a name while
    the module is loaded.
    """
    tree = syntax_tree(text)
    moved = [node for node in tree.body if isinstance(node, Import) and _some(node, names) is not None]
    if not moved:
        return text
    _refuse_early(tree, names, target, where)
    lines = split_lines(text)
    edits = [_without(lines, node, names, where) for node in moved]
    functions = {id(node): names & _used(node) for node in _functions(tree.body)}
    loaded_only = names.difference(*functions.values())
    for node in _functions(tree.body):
        wanted = functions[id(node)] | (loaded_only if target in _named(tree, node) else frozenset())
        found = [one for one in (_some(other, wanted) for other in moved) if one is not None]
        if found:
            edits.append(_opened(lines, node, [ast.unparse(one) for one in found]))
    return apply(lines, edits, ()).text


def _used(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The names that a function takes from its module when it is called."""
    return frozenset(mentioned(ast.Module(node.body, [])) - function_scope(node).names.keys())


def _named(tree: ast.Module, node: ast.stmt) -> set[str]:
    """The name of the definition that holds ``node``."""
    around = (one for one in tree.body if any(inner is node for inner in ast.walk(one)))
    return {one.name for one in around if isinstance(one, FUNCTIONS | ast.ClassDef)}


def _some(node: Import, names: frozenset[str]) -> Import | None:
    """The import of those of ``node`` that bind one of ``names``."""
    found = [one for one in node.names if _bound(node, one) in names]
    if isinstance(node, ast.Import):
        return ast.Import(found) if found else None
    return ast.ImportFrom(node.module, found, node.level) if found else None


def _bound(node: Import, one: ast.alias) -> str:
    return one.asname or (one.name.split(".")[0] if isinstance(node, ast.Import) else one.name)


def _refuse_early(tree: ast.Module, names: frozenset[str], target: str, where: str) -> None:
    own = {name: node for node in tree.body for name in scope_of([node]).names}
    for node in tree.body:
        is_target = isinstance(node, FUNCTIONS | ast.ClassDef) and node.name == target
        if is_target or isinstance(node, Import):
            continue
        if found := sorted(needs(node, own) & names):
            raise StoreError(
                f"this needs {found[0]} while the module is loaded, from a module that imports this one.",
                remedy="Move it into the function that uses it; put quotes around an annotation.",
                where=f"{where}:{node.lineno}",
            )


def _without(lines: Sequence[str], node: Import, names: frozenset[str], where: str) -> Edit:
    last = node.end_lineno or node.lineno
    around = lines[node.lineno - 1].encode()[: node.col_offset] + lines[last - 1].encode()[node.end_col_offset :]
    if around.decode().partition("#")[0].strip():
        raise StoreError(
            "this import shares its line.", remedy="Give it one of its own.", where=f"{where}:{node.lineno}"
        )
    kept = _some(node, frozenset(_bound(node, one) for one in node.names) - names)
    rows = [Row(f"{ast.unparse(kept)}\n", Source.UNIT, node.lineno)] if kept is not None else []
    return Edit(node.lineno, last + 1, tuple(rows))


def _functions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The outermost functions, those of classes as well."""
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _opened(lines: Sequence[str], node: ast.FunctionDef | ast.AsyncFunctionDef, imports: Sequence[str]) -> Edit:
    """The edit that puts ``imports`` at the start of a function, below its docstring."""
    documented = ast.get_docstring(node, clean=False) is not None and len(node.body) > 1
    first = node.body[documented]
    line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    before = lines[first.lineno - 1].encode()[: first.col_offset].decode()
    if not before.strip():
        return Edit(line, line, tuple(Row(f"{before}{one}\n", Source.UNIT, line) for one in imports))
    header = lines[node.lineno - 1]
    margin = header[: len(header) - len(header.lstrip())] + "    "
    rest = lines[first.lineno - 1].encode()[first.col_offset :].decode()
    rows = [before.rstrip() + "\n", *(f"{margin}{one}\n" for one in imports), margin + rest]
    return Edit(line, line + 1, tuple(Row(row, Source.UNIT, line) for row in rows))
