"""Whether a unit really uses what ``uses=[...]`` names: a composition contract, checked statically. Pure.

An entry is used when the body, or a helper that the body reaches, loads it where the value matters: called, passed
on, aliased and then used, read through its module. A bare mention, an annotation, dead code and a name that the
function binds itself are no use; neither is doing the same work inline.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jiti_bot.source.model import Spec, Use
from jiti_bot.source.parse import expression_tree, syntax_tree
from jiti_bot.validation import names

TERMINAL = ast.Return | ast.Raise | ast.Continue | ast.Break


@dataclass(frozen=True, slots=True)
class _Entry:
    """A use as looked for: its path, and the attribute that stands for it where it is a class's member."""

    path: str
    member: str | None


def unused(spec: Spec, unit_text: str, host_text: str) -> tuple[str, ...]:
    """The entries of ``uses``, as spelled, that the unit in ``unit_text`` does not use."""
    if not spec.uses:
        return ()
    file = spec.stub.file
    module, package = names.module_path(file), names.package_path(file)
    host = names.bound(syntax_tree(host_text).body, package, module)
    tree = syntax_tree(unit_text)
    meaning = host | names.bound(tree.body, package, module)
    loaded, attributes = _reached(tree, spec, meaning, package)
    return tuple(use.spelled for use in spec.uses if not _is_used(_entry(use, host, module), loaded, attributes))


def _entry(use: Use, host: Mapping[str, str], module: str) -> _Entry:
    path = names.path_of(expression_tree(use.spelled).body, host) or use.spelled
    unit = use.target.partition("::")[2] if use.target else ""
    member = path.rpartition(".")[2] if "." in unit else None
    if member is None and path.startswith(f"{module}.") and path.count(".") > module.count(".") + 1:
        member = path.rpartition(".")[2]
    return _Entry(path, member)


def _is_used(entry: _Entry, loaded: set[str], attributes: set[str]) -> bool:
    if entry.member is not None and entry.member in attributes:
        return True
    return any(_same(path, entry.path) for path in loaded)


def _same(path: str, wanted: str) -> bool:
    """Equal, read through it, or the same name re-exported by a module of the same top-level package."""
    if path == wanted or path.startswith(f"{wanted}."):
        return True
    parts, goal = path.split("."), wanted.split(".")
    return len(goal) > 1 and len(parts) > 1 and parts[0] == goal[0] and goal[-1] in parts[1:]


def _reached(tree: ast.Module, spec: Spec, meaning: Mapping[str, str], package: str) -> tuple[set[str], set[str]]:
    """Paths and attribute names loaded by the unit and by the helpers it reaches."""
    first = spec.stub.owners[0] if spec.stub.owners else spec.stub.name
    helpers: dict[str, ast.stmt] = {}
    pending: list[ast.stmt] = []
    for node in tree.body:
        bound = set(names.bound_by(node))
        if isinstance(node, names.DEFINITIONS) and node.name == first:
            pending.append(node)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            helpers.update(dict.fromkeys(bound, node))
    loaded: set[str] = set()
    attributes: set[str] = set()
    while pending:
        node = pending.pop()
        for part, scope in _live(node, meaning, package):
            paths = [(path, found) for path, found in names.outermost_paths(part, scope)]
            loaded.update(path for path, _ in paths)
            attributes.update(one.attr for one in ast.walk(part) if isinstance(one, ast.Attribute))
            roots = {one.id for one in ast.walk(part) if isinstance(one, ast.Name)}
            for name in roots & set(helpers):
                pending.append(helpers.pop(name))
                helpers = {key: value for key, value in helpers.items() if value is not pending[-1]}
    return loaded, attributes


def _live(node: ast.stmt, meaning: Mapping[str, str], package: str) -> Iterator[tuple[ast.AST, Mapping[str, str]]]:
    """Expressions whose value matters, each with what names mean there."""
    if isinstance(node, ast.ClassDef):
        for base in [*node.bases, *node.keywords, *node.decorator_list]:
            yield base, meaning
        for child in node.body:
            yield from _live(child, meaning, package)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for part in node.decorator_list:
            yield part, meaning
        inner = {k: v for k, v in meaning.items() if k not in names.local_names(node)}
        for child in names.statements(node.body):
            if isinstance(child, ast.Import | ast.ImportFrom):
                inner.update(names.imported(child, package))
        read = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
        yield from _block(node.body, inner, package, read)
    else:
        yield from _block([node], meaning, package, None)


def _block(
    body: Sequence[ast.stmt], meaning: Mapping[str, str], package: str, read: set[str] | None
) -> Iterator[tuple[ast.AST, Mapping[str, str]]]:
    for node in body:
        yield from _statement(node, meaning, package, read)
        if isinstance(node, TERMINAL):
            return


def _statement(
    node: ast.stmt, meaning: Mapping[str, str], package: str, read: set[str] | None
) -> Iterator[tuple[ast.AST, Mapping[str, str]]]:
    if isinstance(node, names.DEFINITIONS):
        yield from _live(node, meaning, package)
        return
    if _is_idle(node, read):
        return
    if isinstance(node, ast.If | ast.While) and _never(node.test):
        yield from _block(node.orelse, meaning, package, read)
        return
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "type_comment"}:
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.expr | ast.withitem | ast.pattern):
                yield part, meaning
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield from _block(value, meaning, package, read)
    for handler in getattr(node, "handlers", []):
        yield from ((part, meaning) for part in [handler.type] if part)
        yield from _block(handler.body, meaning, package, read)
    for case in getattr(node, "cases", []):
        yield from ((part, meaning) for part in (case.pattern, case.guard) if part)
        yield from _block(case.body, meaning, package, read)


def _is_idle(node: ast.stmt, read: set[str] | None) -> bool:
    """A bare mention, or an alias that nothing reads."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Name | ast.Attribute)
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Name | ast.Attribute):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return read is not None and all(isinstance(one, ast.Name) and one.id not in read for one in targets)


def _never(test: ast.expr) -> bool:
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    return isinstance(test, ast.Constant) and not test.value
