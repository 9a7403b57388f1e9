"""Docstring examples that are set aside because they contradict the interface. Pure.

They are known by their number in the docstring, 1-based, examples that are marked to be skipped not counted. What the
header's evidence holds of them, ``aside=Shelf.put:2``, is how they stay aside when the same body is judged again.
"""

from collections.abc import Iterable, Sequence

from jiti_bot.light import ast
from jiti_bot.source.docstrings import Example, examples
from jiti_bot.source.model import Gate, GateKind, Spec, Stub
from jiti_bot.values import replace

_WORD = "aside="


def examples_of(spec: Spec, gate: Gate) -> tuple[Example, ...]:
    """The examples that a docstring gate runs, those that are set aside included."""
    stub = _stub(spec, gate.name)
    found = examples(stub.docstring or "") if stub and gate.kind is GateKind.DOCTEST else ()
    return tuple(one for one in found if not one.skipped and one.source.strip())


def find(spec: Spec, said: str) -> tuple[Gate, tuple[int, ...]] | None:
    """The docstring and the numbers of the examples that ``said`` names: an example's code, or the unit for all."""
    gates = [gate for gate in spec.gates if gate.kind is GateKind.DOCTEST]
    wanted = _code(said)
    for gate in gates:
        numbers = tuple(
            number
            for number, one in enumerate(examples_of(spec, gate), 1)
            if wanted and wanted in {_code(one.source), _code(one.source.partition("\n")[0])}
        )
        if numbers:
            return gate, numbers
    name = said.strip().rpartition("::")[2]
    for gate in gates:
        if name in {gate.name, gate.name.rpartition(".")[2], spec.key}:
            return gate, tuple(range(1, len(examples_of(spec, gate)) + 1))
    return None


def without(spec: Spec, gate: Gate, numbers: Iterable[int]) -> Spec:
    """``spec`` with these examples of ``gate`` set aside as well; one with none left gates nothing."""
    stub = _stub(spec, gate.name)
    found = examples_of(spec, gate)
    if stub is None:
        return spec
    start = gate.line + _blank_lines(stub)
    lines = {*gate.skip, *(start + found[number - 1].line for number in numbers if 0 < number <= len(found))}
    changed = replace(gate, skip=tuple(sorted(lines)), runs=gate.runs and len(lines) < len(found))
    return replace(spec, gates=tuple(changed if one == gate else one for one in spec.gates))


def words(spec: Spec) -> str:
    """What is set aside in ``spec``, as a word for the header's evidence; '' for nothing."""
    named = [f"{gate.name}:{number}" for gate in spec.gates for number in _numbers(spec, gate)]
    return f"{_WORD}{','.join(named)}" if named else ""


def as_judged(spec: Spec, evidence: str) -> Spec:
    """``spec`` without the examples that a header's evidence says are aside."""
    said = next((word.removeprefix(_WORD) for word in evidence.split() if word.startswith(_WORD)), "")
    for one in said.split(",") if said else ():
        name, _, number = one.rpartition(":")
        gate = next((gate for gate in spec.gates if gate.kind is GateKind.DOCTEST and gate.name == name), None)
        if gate is not None and number.isdecimal():
            spec = without(spec, gate, (int(number),))
    return spec


def listed(spec: Spec, gate: Gate, numbers: Sequence[int]) -> str:
    """The examples as they stand in the docstring."""
    found = examples_of(spec, gate)
    return ", ".join(f"`>>> {found[number - 1].source.partition(chr(10))[0]}`" for number in numbers)


def _numbers(spec: Spec, gate: Gate) -> list[int]:
    stub = _stub(spec, gate.name)
    if stub is None or not gate.skip:
        return []
    start = gate.line + _blank_lines(stub)
    return [number for number, one in enumerate(examples_of(spec, gate), 1) if start + one.line in gate.skip]


def _stub(spec: Spec, unit: str) -> Stub | None:
    return next((one for one in (spec.stub, *spec.stub.members) if one.unit == unit), None)


def _blank_lines(stub: Stub) -> int:
    """How many empty lines at its beginning cleaning took from a docstring."""
    try:
        value = ast.literal_eval(stub.docstring_source)
    except (SyntaxError, ValueError):
        return 0
    lines = value.split("\n") if isinstance(value, str) else []
    return next((at for at, line in enumerate(lines) if line.strip()), 0)


def _code(text: str) -> str:
    """Code without its prompt and without blanks that say nothing."""
    return " ".join(text.strip().strip("`").strip().removeprefix(">>>").split())
