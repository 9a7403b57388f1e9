"""The agent's own tests as a test module that stands by itself. Pure."""

import ast
import builtins

from jiti_bot.source.model import Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import names

USUAL = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__"}


def module(stub: Stub, tests: str, host_text: str, import_name: str) -> str:
    """``tests`` with the imports they take for granted: names of the host by its import name, and pytest.

    Returns ``""`` for no tests. What the tests import or define themselves is left as it is.
    """
    if not tests.strip():
        return ""
    tree = syntax_tree(tests)
    host = names.bound(syntax_tree(host_text).body, "", "")
    wanted = {stub.owners[0] if stub.owners else stub.name}
    free = _free(tree)
    taken = sorted((free | wanted) & set(host) - set(_bound_at_top(tree)))
    lines = [f"from {import_name} import {', '.join(taken)}"] if taken else []
    if "pytest" in free and "pytest" not in taken:
        lines.insert(0, "import pytest\n")
    if not lines:
        return tests
    docstring = tree.body[0] if ast.get_docstring(tree, clean=False) is not None else None
    cut = docstring.end_lineno or 0 if docstring else 0
    rows = tests.splitlines(keepends=True)
    head = "".join(rows[:cut])
    return f"{head}{chr(10) if head else ''}{chr(10).join(lines)}\n\n{''.join(rows[cut:])}"


def _bound_at_top(tree: ast.Module) -> set[str]:
    return set(names.bound(tree.body, ""))


def _free(tree: ast.Module) -> set[str]:
    """Names that are read somewhere and bound nowhere in the tests."""
    read: set[str] = set()
    bound = _bound_at_top(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, names.DEFINITIONS):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update(name for name, _ in names.imported(node, ""))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return read - bound - USUAL
