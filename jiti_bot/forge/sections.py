"""From a project's units and a run's results to what a reviewer is shown of each. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from jiti_bot.forge.model import Section
from jiti_bot.forge.pieces import EXAMPLES
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source.compose import interface
from jiti_bot.source.model import Gate, GateKind, Kind, Spec
from jiti_bot.store.entry import Entry
from jiti_bot.store.evidence import strength
from jiti_bot.store.survey import Standing

_ATTEMPTS = re.compile(r"(?:^| )attempts=(\d{1,6})(?: |$)")
_CHECKS = ("guards", "ruff", "ty", "uses", "doctests", "gates", "tests")
_AGAIN = frozenset({Outcome.REVALIDATED, Outcome.RESTORED, Outcome.CURRENT})


#: The stubs, as ``file::unit`` with a digest, that code committed for a spec uses and ``uses=[...]`` does not list.
Depends = Callable[[Spec, str], Iterable[tuple[str, str]]]


def sections(
    standings: Mapping[str, Standing], results: Iterable[Result], depends: Depends, prefix: str = ""
) -> tuple[Section, ...]:
    """A section for each of ``results``, by the keys of ``standings`` as they are after the run.

    ``depends`` says what code really uses: what a header says of that is not believed here. ``prefix`` is the project's
    folder in its repository as the start of a path: '' or ``services/api/``.
    """
    keys = {f"{one.spec.stub.file}::{one.spec.stub.unit}": key for key, one in standings.items()}
    return tuple(_section(standings[one.key], one, keys, depends, prefix) for one in results if one.key in standings)


def _section(standing: Standing, result: Result, keys: Mapping[str, str], depends: Depends, prefix: str) -> Section:
    spec, entry = standing.spec, standing.committed
    committed = entry if isinstance(entry, Entry) else None
    used = [use.target for use in spec.uses if use.target]
    used += [name for name, _ in depends(spec, committed.code)] if committed and result.good else []
    return Section(
        result=replace(_with_evidence(result, committed), path=f"{prefix}{spec.path}"),
        asked=interface(spec.stub),
        came=committed.code.strip() + "\n" if committed else "",
        place=f"{prefix}{spec.stub.file}:{spec.stub.line}",
        gates=tuple(dict.fromkeys(_name(gate) for gate in spec.gates if gate.runs)),
        is_test=spec.stub.kind is Kind.TEST,
        strength=strength(committed.header.evidence) if committed else "",
        uses=tuple(dict.fromkeys(keys[name] for name in used if name in keys)),
    )


def _name(gate: Gate) -> str:
    return EXAMPLES if gate.kind is GateKind.DOCTEST else gate.name


def _with_evidence(result: Result, entry: Entry | None) -> Result:
    """A result that needed no new body, with what the committed file says of how it came to be."""
    if entry is None or result.outcome not in _AGAIN:
        return result
    attempts = _ATTEMPTS.search(entry.header.evidence)
    words = {word.partition("=")[0] for word in entry.header.evidence.split()}
    return replace(
        result,
        attempts=result.attempts or (int(attempts[1]) if attempts else 0),
        model=result.model or ("" if entry.header.model == "-" else entry.header.model),
        checks=result.checks or tuple((name, True) for name in _CHECKS if name in words),
    )
