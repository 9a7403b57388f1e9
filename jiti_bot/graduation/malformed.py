"""Marks that cannot be followed as they stand: merging around them would leave them, or lose what they ask. Pure."""

import ast
from collections.abc import Collection, Iterator, Mapping

from jiti_bot import layout
from jiti_bot.findings import Finding
from jiti_bot.source.bindings import dotted
from jiti_bot.source.index import Index
from jiti_bot.source.marks import Mark, Place, marks
from jiti_bot.source.model import Spec, Stub
from jiti_bot.source.module import FoundGate, Reference

Unit = tuple[str, str]  # file, unit

_KINDS = ("mark-", "stub-", "class-", "uses-", "engine-")
# Not among them: what is wrong with a test alone, for nothing of jiti's is left of that.
_CODES = frozenset(
    {
        "duplicate-stub",
        "duplicate-definition",
        "duplicate-overridden",
        "case-collision",
        "gate-form",
        "gate-nested",
        "gate-unresolved",
        "gate-not-stub",
        "gate-excluded",
    }
)


def malformed(index: Index, files: Collection[str]) -> tuple[Finding, ...]:
    """What is wrong with the marks in ``files``, as ``jiti check`` says it."""
    if not files:
        return ()
    return tuple(one for one in index.findings() if one.file in files and _is_of_a_mark(one))


def _is_of_a_mark(found: Finding) -> bool:
    return found.code in _CODES or found.code.startswith(_KINDS)


def meant(index: Index, target: str) -> list[str]:
    """The files that mention jiti and that a user's word names whole: a path, a folder or a dotted module."""
    path = target.strip().replace("\\", "/").removeprefix("./").rstrip("/")
    dots = target.strip()
    return [
        file
        for file in index.candidates
        if f"{file}/".startswith(f"{path}/") or f"{layout.dotted_key(file, '')}.".startswith(f"{dots}.")
    ]


def of_stub(index: Index, spec: Spec) -> Iterator[Finding]:
    """What is wrong with a stub, from its first decorator to its end."""
    yield from spec.problems
    found = index.module(spec.stub.file).findings
    first = _first_line(index, spec.stub) if found else spec.stub.line
    yield from (one for one in found if one.file == spec.stub.file and first <= one.line <= spec.stub.end_line)


def _first_line(index: Index, stub: Stub) -> int:
    parsed = index.module(stub.file).parsed
    for node in ast.walk(parsed.tree) if parsed is not None else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.lineno == stub.line:
            return min([stub.line, *(one.lineno for one in node.decorator_list)])
    return stub.line


def of_gates(index: Index, keys: Mapping[str, Unit]) -> Iterator[tuple[Unit, Finding]]:
    """The units, of those in ``keys``, that a gate names which cannot be read: it would go on naming them."""
    for file in index.candidates:
        module = index.module(file)
        found = {one.line: one for one in module.findings if one.code == "gate-form"}
        for gate in module.gates if found else ():
            for mark in marks(gate.node, Place(file, gate.scopes, index.resolver)):
                if mark.what == "required_for" and mark.node.lineno in found:
                    yield from ((unit, found[mark.node.lineno]) for unit in _named(index, file, gate, mark, keys))


def _named(index: Index, file: str, gate: FoundGate, mark: Mark, keys: Mapping[str, Unit]) -> Iterator[Unit]:
    for node in (*mark.call.args, *(one.value for one in mark.call.keywords)) if mark.call is not None else ():
        match node:
            case ast.Constant(value=str() as key):
                yield from (keys[key],) if key in keys else ()
            case ast.Name() | ast.Attribute() if name := dotted(node):
                yield from index.aimed(file, Reference(name, node.lineno), gate.scopes) & set(keys.values())
