"""Definitions of one file that would be one unit."""

from __future__ import annotations

from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.bindings import Branch, Definition, exclusive
from jiti_bot.source.marks import last_names
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# A function of the same name may stand beside these: they extend or declare it.
_COMPANIONS = frozenset({"overload", "register", "getter", "setter", "deleter"})


@dataclass(frozen=True, slots=True, eq=False)
class Occurrence:
    """One definition outside of functions; ``has_file`` tells a unit of its own from a member of a class stub."""

    unit: str
    node: Definition
    branch: Branch | None
    is_stub: bool
    has_file: bool


def duplicates(file: str, occurrences: Iterable[Occurrence]) -> Iterator[Finding]:
    """Stubs that share a unit with another stub or, in the same block, with another definition."""
    by_unit: dict[str, list[Occurrence]] = {}
    for occurrence in occurrences:
        by_unit.setdefault(occurrence.unit, []).append(occurrence)
    by_folded: dict[str, str] = {}
    for unit, same in by_unit.items():
        stubs = [occurrence for occurrence in same if occurrence.is_stub]
        if not stubs:
            continue
        yield from _same_unit(file, stubs, same)
        first = by_folded.setdefault(unit.casefold(), unit)
        if first != unit and stubs[0].has_file:
            yield finding("case-collision", file, stubs[0].node.lineno, unit=unit, other=first)


def hidden_gates(file: str, occurrences: Iterable[Occurrence], gates: Iterable[Definition]) -> Iterator[Finding]:
    """Gates with a body that another definition of their name replaces: pytest never sees them."""
    marked = {id(gate) for gate in gates}
    by_unit: dict[str, list[Occurrence]] = {}
    for occurrence in occurrences:
        by_unit.setdefault(occurrence.unit, []).append(occurrence)
    for unit, same in by_unit.items():
        for gate in same:
            if id(gate.node) not in marked or gate.is_stub:
                continue
            later = (
                one for one in same if one.node.lineno > gate.node.lineno and not exclusive(gate.branch, one.branch)
            )
            hiding = next((one for one in later if _overrides(gate, one)), None)
            if hiding is not None:
                yield finding("duplicate-gate", file, gate.node.lineno, unit=unit, other=hiding.node.lineno)


def _same_unit(file: str, stubs: Sequence[Occurrence], same: Sequence[Occurrence]) -> Iterator[Finding]:
    first, *others = stubs
    for other in others:
        yield finding("duplicate-stub", file, other.node.lineno, unit=other.unit, first=first.node.lineno)
    if others:
        return
    for other in same:
        if other is first or _is_companion(other.node) or exclusive(first.branch, other.branch):
            continue
        if _overrides(first, other):
            code = "duplicate-overridden" if other.node.lineno > first.node.lineno else "duplicate-definition"
            yield finding(code, file, first.node.lineno, unit=first.unit, other=other.node.lineno)


def _overrides(stub: Occurrence, other: Occurrence) -> bool:
    """Whether one certainly replaces the other: both in one block, or the other always runs, after the stub."""
    if stub.branch is other.branch or _same_block(stub.branch, other.branch):
        return True
    return other.node.lineno > stub.node.lineno and _holds(other.branch, stub.branch)


def _holds(outer: Branch | None, inner: Branch | None) -> bool:
    """Whether what stands in ``outer`` itself runs whenever ``inner`` does."""
    return outer is None or (inner is not None and outer in inner.path())


def _same_block(one: Branch | None, other: Branch | None) -> bool:
    return one is not None and other is not None and one.fork is other.fork and one.arm == other.arm


def _is_companion(node: Definition) -> bool:
    return not isinstance(node, ast.ClassDef) and bool(last_names(node.decorator_list) & _COMPANIONS)
