"""What has to be done for each unit, and what it needs first. Pure: specs and states in, steps out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jiti_bot.planning.reuse import Former
from jiti_bot.planning.schedule import in_order
from jiti_bot.source.digest import INTERFACE
from jiti_bot.source.model import GateKind, Kind, Spec
from jiti_bot.store.state import Condition, State


class Action(StrEnum):
    """What a unit's state asks for."""

    NOTHING = "nothing"
    GENERATE = "generate"
    REVALIDATE = "revalidate"
    RESTORE = "restore"  # an implementation was found that answers what is asked: validate it first
    DECIDE = "decide"  # only a person can


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of a plan.

    ``needs`` are keys of other pending units without which it cannot be judged, ``after`` of those that its gates name
    too: they had better come first, but their failure need not be its own. ``former`` is the implementation that is to
    be restored, ``note`` why one that was found is not.
    """

    spec: Spec
    state: State
    action: Action
    needs: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    former: Former | None = None
    note: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether the machine has work to do."""
        return self.action in {Action.GENERATE, Action.REVALIDATE, Action.RESTORE}


@dataclass(frozen=True, slots=True)
class Plan:
    """Every wanted unit in the order in which it will be worked on; those that need nothing done among them."""

    steps: tuple[Step, ...]

    @property
    def pending(self) -> tuple[Step, ...]:
        """The units that the machine will work on."""
        return tuple(step for step in self.steps if step.is_pending)


def action_of(state: State) -> Action:
    """What ``state`` asks for.

    A spec that changed only in what a body may well survive (gates, uses, class context, decorators) asks for a
    validation first, which costs no tokens. So does a class that only lost methods.
    """
    match state.condition:
        case Condition.MISSING:
            return Action.GENERATE
        case Condition.STALE:
            changed = any(part in INTERFACE for part in state.stale_parts) and state.methods != ()
            return Action.GENERATE if changed else Action.REVALIDATE
        case Condition.EDITED if state.methods:
            return Action.GENERATE  # of these methods alone: what was edited stays
        case Condition.EDITED:
            return Action.REVALIDATE if state.stale_parts else Action.NOTHING
        case Condition.CURRENT:
            return Action.NOTHING
        case _:
            return Action.DECIDE


def make(units: Sequence[tuple[Spec, State]], wanted: Iterable[str] | None = None) -> Plan:
    """The plan for the units whose keys are ``wanted`` (None: all), and for the pending ones that those need."""
    by_key = {spec.key: (spec, state, _action(spec, state)) for spec, state in units}
    places = {(spec.stub.file, spec.stub.unit): spec.key for spec, _ in units}
    needs = {
        key: (_needs(spec, places) | _changed(spec, state, places)) & by_key.keys() - {key}
        for key, (spec, state, _) in by_key.items()
    }
    chosen = _closure(by_key if wanted is None else [key for key in wanted if key in by_key], needs, by_key)
    pending = {key for key in chosen if by_key[key][2] in {Action.GENERATE, Action.REVALIDATE}}
    named = {key: _named(by_key[key][0], places) - needs[key] - {key} for key in chosen}
    order = in_order({key: frozenset((needs[key] | named[key]) & chosen) for key in by_key if key in chosen})
    return Plan(
        tuple(
            Step(*by_key[key], needs=frozenset(needs[key] & pending), after=frozenset(named[key] & pending))
            for key in order
        )
    )


def _action(spec: Spec, state: State) -> Action:
    """What a unit asks for: a person's decision where the machine would not do what was asked."""
    action = action_of(state)
    return Action.DECIDE if spec.problems and action is not Action.NOTHING else action


def _needs(spec: Spec, places: Mapping[tuple[str, str], str]) -> set[str]:
    """Keys that have to be implemented before ``spec`` can be judged: generated tests, and what it must use."""
    if spec.stub.kind is Kind.TEST:
        return set()  # written from the interface alone, before anything else
    tests = {places.get((gate.file, gate.name)) for gate in spec.gates if gate.kind is GateKind.TEST}
    used = {places.get(_place(use.target)) for use in spec.uses if use.target}
    return {key for key in tests | used if key is not None}


def _changed(spec: Spec, state: State, places: Mapping[tuple[str, str], str]) -> set[str]:
    """Keys of the stubs that the committed code uses and that changed: it is validated with what becomes of them."""
    if spec.stub.kind is Kind.TEST:
        return set()
    found = {places.get(_place(name)) for name in state.dependencies}
    return {key for key in found if key is not None}


def _named(spec: Spec, places: Mapping[tuple[str, str], str]) -> set[str]:
    """Keys of the units that the gates of ``spec`` name."""
    found = {places.get(_place(target)) for gate in spec.gates for target in gate.reaches}
    return {key for key in found if key is not None}


def _place(target: str) -> tuple[str, str]:
    file, _, unit = target.partition("::")
    return file, unit


def _closure(
    start: Iterable[str], needs: Mapping[str, set[str]], by_key: Mapping[str, tuple[Spec, State, Action]]
) -> set[str]:
    """``start`` and what it needs, as far as that is pending; a current unit hides what lies behind it."""
    chosen: set[str] = set()
    stack = list(start)
    while stack:
        key = stack.pop()
        if key in chosen:
            continue
        chosen.add(key)
        if by_key[key][2] is not Action.NOTHING:
            stack.extend(other for other in needs[key] if by_key[other][2] is not Action.NOTHING)
    return chosen
