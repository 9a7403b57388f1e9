"""Pieces of the scratch project worth looking at. Pure text."""

import ast
from pathlib import PurePosixPath

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definition(text: str, name: str) -> str:
    """The source text of ``name`` (``caret``, ``Version.bump``) with its decorators.

    Raises `LookupError` where there is none.
    """
    nodes = ast.parse(text).body
    found: Definition | None = None
    for part in name.split("."):
        found = next((node for node in nodes if isinstance(node, Definition) and node.name == part), None)
        nodes = found.body if found else []
    if found is None:
        raise LookupError(name)
    first = min(node.lineno for node in (found, *found.decorator_list))
    lines = text.splitlines()[first - 1 : found.end_lineno]
    return "\n".join(line.removeprefix(" " * found.col_offset) for line in lines)


def tree(paths: list[str]) -> list[str]:
    """Paths as an indented tree; a folder that holds one folder alone shares its line."""
    return list(_level([PurePosixPath(path).parts for path in sorted(paths)], 0))


def _level(paths: list[tuple[str, ...]], depth: int) -> list[str]:
    lines: list[str] = []
    files = [parts[0] for parts in paths if len(parts) == 1]
    folders = dict.fromkeys(parts[0] for parts in paths if len(parts) > 1)
    for folder in folders:
        inside = [parts[1:] for parts in paths if parts[0] == folder and len(parts) > 1]
        name = folder
        while len({parts[0] for parts in inside}) == 1 and all(len(parts) > 1 for parts in inside):
            name = f"{name}/{inside[0][0]}"
            inside = [parts[1:] for parts in inside]
        lines.append(f"{'  ' * depth}{name}/")
        lines += _level(inside, depth + 1)
    return lines + [f"{'  ' * depth}{name}" for name in files]
