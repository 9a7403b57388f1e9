"""What becomes of jiti's decorators in a file when some stubs, its own or those it gates, are stubs no more. Pure."""

import ast
from collections.abc import Collection, Iterator

from jiti_bot.source.index import Index
from jiti_bot.source.marks import Mark, Place, marks, targets
from jiti_bot.source.model import GateKind, Stub
from jiti_bot.source.module import FoundGate, Module

Unit = tuple[str, str]  # file, unit


def changes(index: Index, file: str, gone: Collection[Unit]) -> dict[int, str | None]:
    """Decorators of ``file`` by their line: None to be taken away, or what is left of a gate with other targets.

    ``gone`` are the stubs that stop to be some.
    """
    module = index.module(file)
    found: dict[int, str | None] = {}
    for stub in module.stubs:
        if (file, stub.unit) in gone:
            found |= {mark.node.lineno: None for mark in _of(index, module, stub) if mark.what == "jiti"}
    for gate in module.gates:
        for mark in marks(gate.node, Place(file, gate.scopes, index.resolver)):
            if mark.what == "required_for":
                found |= _left(index, module, gate, mark, gone)
    return found


def _of(index: Index, module: Module, stub: Stub) -> Iterator[Mark]:
    """The marks of a stub."""
    asked = dict(module.asked).get(stub.unit)
    if module.parsed is None or asked is None:
        return
    for node in ast.walk(module.parsed.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.lineno == stub.line:
            yield from marks(node, Place(module.file, asked.scopes, index.resolver))


def _left(index: Index, module: Module, gate: FoundGate, mark: Mark, gone: Collection[Unit]) -> dict[int, str | None]:
    """What is left of one ``@jiti.required_for``; nothing of it changes where none of its targets is gone."""
    named, _ = targets(mark, module.file)
    units = [index.aimed(module.file, target, gate.scopes) for target in named]
    kept = [target for target, found in zip(named, units, strict=True) if not found or not found <= set(gone)]
    is_folded = gate.kind is GateKind.TEST and (module.file, gate.name) in gone
    if (len(kept) == len(named) and not is_folded) or module.parsed is None or mark.call is None:
        return {}
    if not kept:
        return {mark.node.lineno: None}
    called = module.parsed.segment(mark.call.func)
    return {mark.node.lineno: f"@{called}({', '.join(map(str, kept))})"}
