"""Whether two units of one host mean the same by a helper's name: they meet when both are merged. Pure."""

import ast
from collections.abc import Mapping

from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import names


def binding(node: ast.stmt, name: str, package: str) -> str:
    """A canonical form of what ``node`` binds ``name`` to, to tell whether two units mean the same by it."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return dict(names.imported(node, package)).get(name, "")
    return ast.dump(node)


def neighbours(units: Mapping[str, str], file: str) -> dict[str, tuple[str, str]]:
    """Helper names that committed units of one host bind: name -> unit and canonical form. ``units``: unit -> text."""
    package = names.package_path(file)
    found: dict[str, tuple[str, str]] = {}
    for unit, text in sorted(units.items()):
        own = unit.split(".")[0]
        try:
            body = syntax_tree(text).body
        except (SyntaxError, ValueError):
            continue  # `check` reports a committed file that does not parse; it has no names to clash with
        for node in names.statements(body):
            if isinstance(node, ast.Import | ast.ImportFrom):
                bound = [name for name, _ in names.imported(node, package)]
            else:
                bound = list(names.bound_by(node))
            for name in bound:
                if name != own:
                    found[name] = (unit, binding(node, name, package))
    return found
