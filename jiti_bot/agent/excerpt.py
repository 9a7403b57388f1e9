"""A part of a source file that fits: whole if it can be, else its imports and what is asked for. Pure."""

import ast

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def excerpt(text: str, units: tuple[str, ...], most: int) -> tuple[str, bool]:
    """At most ``most`` characters of a module, and whether that is all of it.

    A module that is too long is cut to its top-level imports, assignments and the heads of its definitions, with the
    top-level definitions that hold ``units`` (qualified names) whole.
    """
    if len(text) <= most:
        return text, True
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return _cut(text, most), False
    lines = text.splitlines()
    wanted = {unit.partition(".")[0] for unit in units}
    pieces = []
    for node in tree.body:
        first = min((one.lineno for one in getattr(node, "decorator_list", [])), default=node.lineno)
        whole = lines[first - 1 : node.end_lineno]
        if isinstance(node, _DEFINITIONS) and node.name not in wanted:
            head = lines[first - 1 : node.body[0].lineno - 1] or [lines[first - 1]]
            pieces.append("\n".join([*head, "    ..."]))
        elif isinstance(node, _DEFINITIONS) or len(whole) <= 20:
            pieces.append("\n".join(whole))
    return _cut("\n".join(pieces), most), False


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rsplit("\n", 1)[0] + "\n# ... and so on"
