"""Whether a unit uses what ``uses=[...]`` names: a composition contract, checked by syntax. Pure but for its resolver.

An entry is used when the body, or a helper that the body reaches, loads it where `flow` says that it matters: called,
passed on, aliased and then used, read through its module. Any name counts that leads to the definition itself, through
whatever re-exports; another definition of that name does not. A member of a class counts by the name of its attribute.

It is not checked that the value makes a difference: a use under a condition that never holds passes, and so does one
in an operand that decides nothing. That is left to tests and reviewers.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jiti_bot.source.model import Kind, Spec, Use
from jiti_bot.source.parse import expression_tree, syntax_tree
from jiti_bot.source.resolve import Definite, Resolver
from jiti_bot.validation import names
from jiti_bot.validation.flow import LOCAL, Flow
from jiti_bot.validation.origins import gives_value, origins, symbols


@dataclass(frozen=True, slots=True)
class _Entry:
    """A use as looked for: its path, its definition if it is known, and the attribute that stands for a member."""

    path: str
    target: str | None
    member: str | None


def unused(spec: Spec, unit_text: str, host_text: str, resolver: Resolver) -> tuple[str, ...]:
    """The entries of ``uses``, as spelled, that the unit in ``unit_text`` does not use."""
    if not spec.uses:
        return ()
    file = spec.stub.file
    module, package = names.module_path(file), names.package_path(file)
    host = names.bound(syntax_tree(host_text).body, package, module)
    tree = syntax_tree(unit_text)
    loaded, attributes = _reached(tree, spec, host, resolver)

    def is_used(use: Use) -> bool:
        entry = _entry(use, host, module)
        if entry.member is not None and entry.member in attributes:
            return True
        return any(_through(path, entry.path) for path in loaded) or _is_same(entry, loaded, file, resolver)

    return tuple(use.spelled for use in spec.uses if not is_used(use))


def _entry(use: Use, host: Mapping[str, str], module: str) -> _Entry:
    path = names.path_of(expression_tree(use.spelled).body, host) or use.spelled
    unit = use.target.partition("::")[2] if use.target else ""
    member = path.rpartition(".")[2] if "." in unit else None
    if member is None and path.startswith(f"{module}.") and path.count(".") > module.count(".") + 1:
        member = path.rpartition(".")[2]
    return _Entry(path, use.target, member)


def _through(path: str, wanted: str) -> bool:
    """Equal, or read through it."""
    return path == wanted or path.startswith(f"{wanted}.")


def _is_same(entry: _Entry, loaded: set[str], file: str, resolver: Resolver) -> bool:
    """Whether another path leads to the same definition, or through it."""
    goal = {entry.target} if entry.target else set(origins(resolver, file, entry.path))
    prefixes: set[str] = set()
    for path in loaded:
        parts = path.split(".")
        if parts[0] != LOCAL:
            prefixes.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return any(not goal.isdisjoint(origins(resolver, file, path)) for path in sorted(prefixes))


def _reached(tree: ast.Module, spec: Spec, host: Mapping[str, str], resolver: Resolver) -> tuple[set[str], set[str]]:
    """Paths and attribute names loaded by the unit and by the helpers it reaches."""
    file = spec.stub.file
    package = names.package_path(file)
    first = spec.stub.owners[0] if spec.stub.owners else spec.stub.name
    helpers: dict[str, ast.stmt] = {}
    pending: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, names.DEFINITIONS) and node.name == first:
            pending.append(node)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            helpers.update(dict.fromkeys(names.bound_by(node), node))
    meaning = {**host, **names.bound(tree.body, package, names.module_path(file))}
    meaning.update((name, f"{LOCAL}.{name}") for name in helpers)
    flow = Flow(meaning, package, _values(dict(helpers), file, resolver), asserts=spec.stub.kind is Kind.TEST)
    loaded: set[str] = set()
    attributes: set[str] = set()
    while pending:
        for part, scope in flow.live(pending.pop()):
            loaded.update(path for path, _ in names.outermost_paths(part, scope))
            attributes.update(one.attr for one in ast.walk(part) if isinstance(one, ast.Attribute))
            roots = {one.id for one in ast.walk(part) if isinstance(one, ast.Name)}
            for name in roots & set(helpers):
                if name in helpers:
                    pending.append(helpers.pop(name))
                    helpers = {key: value for key, value in helpers.items() if value is not pending[-1]}
    return loaded, attributes


def _values(helpers: Mapping[str, ast.stmt], file: str, resolver: Resolver) -> Callable[[str], bool]:
    def judge(path: str) -> bool:
        head, _, name = path.partition(".")
        if head == LOCAL:
            return name in helpers and gives_value(helpers[name])
        found = symbols(resolver, file, path)
        return bool(found) and all(isinstance(one, Definite) and gives_value(one.node) for one in found)

    known: dict[str, bool] = {}

    def remembered(path: str) -> bool:
        if path not in known:
            known[path] = judge(path)
        return known[path]

    return remembered
