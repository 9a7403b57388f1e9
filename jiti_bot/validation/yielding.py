"""Stubs of asynchronous generators as ty should see them.

An `async def` that promises an `AsyncIterator` is a generator by the `yield` of its body, which a stub has not: ty
takes it for a coroutine, and would refuse a body that iterates over it. Where the implementation yields, its stub is
shown to ty with a `yield` that is never reached, on the line of its placeholder, so that no line moves.
"""

import ast
from collections.abc import Callable, Iterable, Mapping

from jiti_bot.source.model import Kind, Spec, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.source.placeholder import docstring_node
from jiti_bot.validation import kinds


def hosts(
    own: Spec, specs: Mapping[str, Spec], read: Callable[[str], str], implementation: Callable[[Spec], str]
) -> dict[str, str]:
    """The files that hold such stubs, other than ``own``, and their texts to be shown.

    ``read`` gives a source file's text, ``implementation`` what a spec's unit holds, ``""`` for nothing.
    """
    found: dict[str, list[Stub]] = {}
    for spec in specs.values():
        if spec.key == own.key or spec.stub.kind is Kind.TEST:
            continue
        promised = [one for one in (spec.stub, *spec.stub.members) if one.is_async and one.is_generator]
        if promised and (yields := yielding(implementation(spec))):
            found.setdefault(spec.stub.file, []).extend(one for one in promised if one.name in yields)
    return {file: shown(read(file), stubs) for file, stubs in found.items() if stubs}


def yielding(unit_text: str) -> frozenset[str]:
    """The names of the asynchronous generators among a unit's own definitions."""
    try:
        tree = syntax_tree(unit_text)
    except SyntaxError:
        return frozenset()
    return frozenset(node.name for node in _definitions(tree.body) if kinds.is_generator(node))


def shown(text: str, stubs: Iterable[Stub]) -> str:
    """``text`` with a `yield` in the bodies of ``stubs``, as many lines as before."""
    at = {stub.line for stub in stubs}
    lines = text.split("\n")
    for node in _definitions(syntax_tree(text).body):
        if node.lineno not in at:
            continue
        last = node.body[-1]
        line, end = (last.end_lineno or last.lineno) - 1, last.end_col_offset or 0
        start, body = last.col_offset, "raise NotImplementedError; yield"
        if docstring_node(node) is not None and len(node.body) == 1:
            start, body = end, f"; {body}"
        elif last.lineno <= line:  # the error's text, over several lines
            start, body = end, "; yield"
        encoded = lines[line].encode()
        lines[line] = (encoded[:start] + body.encode() + encoded[end:]).decode()
    return "\n".join(lines)


def _definitions(body: Iterable[ast.stmt]) -> Iterable[ast.AsyncFunctionDef]:
    for node in body:
        if isinstance(node, ast.AsyncFunctionDef):
            yield node
        elif not isinstance(node, ast.FunctionDef):
            for inner in ("body", "handlers", "orelse", "finalbody"):
                yield from _definitions(getattr(node, inner, ()))
