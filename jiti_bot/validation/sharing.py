"""Which of the helpers that were submitted for several units each of them needs. Pure."""

import ast
import re
from collections.abc import Mapping

from jiti_bot.source.compose import helpers_text, reindented
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import names

_NAME = re.compile(r"[^\W\d]\w*")


def shares(helpers: str, bodies: Mapping[str, str]) -> Mapping[str, str]:
    """For each unit of ``bodies`` (its key, all that was written for it) the helpers that it reaches, word for word.

    What several reach goes to each of them; what none does goes to the first, where it is judged. Helpers that do not
    parse go to all.
    """
    text = reindented(helpers_text(helpers), 0)
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return dict.fromkeys(bodies, helpers)
    chunks = _chunks(text, tree)
    reached = {key: _reached(body, chunks) for key, body in bodies.items()}
    first = next(iter(bodies), "")
    idle = set(range(len(chunks))) - set().union(*reached.values())
    return {
        key: "\n".join(
            chunk for number, (chunk, _, _) in enumerate(chunks) if number in mine or (key == first and number in idle)
        )
        for key, mine in reached.items()
    }


def _chunks(text: str, tree: ast.Module) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    """Top-level statements with the comments above them, the names that each binds, and those that it reads."""
    lines = text.split("\n")
    groups: list[tuple[int, list[ast.stmt]]] = []
    for node in tree.body:
        start = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        end = node.end_lineno or node.lineno
        if groups and start <= groups[-1][0]:  # several on a line
            groups[-1] = (max(end, groups[-1][0]), [*groups[-1][1], node])
        else:
            groups.append((end, [node]))
    chunks = []
    last = 0
    for end, nodes in groups:
        chunks.append(("\n".join(lines[last:end]), frozenset(names.bound(nodes, "")), _read(nodes)))
        last = end
    return chunks


def _reached(body: str, chunks: list[tuple[str, frozenset[str], frozenset[str]]]) -> set[int]:
    try:
        wanted = set(_read(syntax_tree(reindented(body, 0)).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        wanted = set(_NAME.findall(body))
    found: set[int] = set()
    while more := {n for n, (_, binds, _) in enumerate(chunks) if n not in found and binds & wanted}:
        found |= more
        wanted |= {name for number in more for name in chunks[number][2]}
    return found


def _read(nodes: list[ast.stmt]) -> frozenset[str]:
    """Names that are mentioned, in annotations that are strings as well."""
    found: set[str] = set()
    for statement in nodes:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(_NAME.findall(node.value))
    return frozenset(found)
