"""What a unit's brief is written from, gathered from the project."""

import os
from collections.abc import Mapping
from errno import ENOENT
from pathlib import Path

from jiti_bot import settings as settings_room
from jiti_bot.agent.brief import Limits, Material
from jiti_bot.errors import ConfigurationError
from jiti_bot.pipeline.classes import base_of
from jiti_bot.pipeline.guides import guide
from jiti_bot.settings import Settings
from jiti_bot.source.model import GateKind, Kind, Spec, Stub
from jiti_bot.store.entry import Entry
from jiti_bot.store.survey import Standing
from jiti_bot.trees import Tree, WorkTree


def gather(
    root: Path,
    units: Mapping[str, Standing],
    key: str,
    settings: Settings,
    *,
    python: str,
    hint: str = "",
    tree: Tree | None = None,
) -> Material:
    """The material for the unit ``key`` of ``units``.

    ``settings`` are those of the unit (see `settings_of`), ``python`` the project's version, ``hint`` what a person
    asked for. Files are read from ``tree``, without one from disk. Raises `ConfigurationError` for a guide that cannot
    be used.
    """
    unit = units[key]
    entry = unit.committed
    seen = tree or WorkTree(str(root))
    base = base_of(unit.spec.stub, entry, unit.state, everything=bool(hint))

    def read(file: str) -> str:
        data = seen.read(file)
        if data is None:  # it was there when the units were looked at
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), file)
        return data.decode("utf-8-sig", "replace")

    return Material(
        unit.spec,
        read,
        targets=_targets(unit.spec, units),
        committed=base.code if base else entry.code if isinstance(entry, Entry) else "",
        base=base,
        changed=unit.state.changes,
        hint=hint,
        generated={path: read(path) for path in _generated_tests(unit.spec, units) if seen.exists(path)},
        style=guide(root, settings, "style"),
        test_guide=guide(root, settings, "test_guide"),
        python=python,
    )


def settings_of(spec: Spec, settings: Settings) -> Settings:
    """The run's settings with those of the stub's own engine. Raises `ConfigurationError` where that cannot be read."""
    for problem in spec.problems:
        raise ConfigurationError(problem.message, remedy=problem.remedy, where=f"{problem.file}:{problem.line}")
    engine = spec.stub.engine
    if engine is None:
        return settings
    return settings_room.read_engine(settings, engine.values, f"{engine.file}:{engine.line}")


def limits_of(settings: Settings) -> Limits:
    """Where the work on a unit ends."""
    return Limits(
        max_turns=settings.max_turns,
        max_tokens=settings.max_tokens,
        quality_threshold=settings.quality_threshold,
        max_refactor=settings.max_refactor,
        execution_timeout=settings.execution_timeout,
    )


def _targets(spec: Spec, units: Mapping[str, Standing]) -> tuple[Stub, ...]:
    """The stubs that a jiti-test is about."""
    if spec.stub.kind is not Kind.TEST:
        return ()
    here = (spec.stub.file, spec.stub.unit)
    found = [unit.spec for unit in units.values()]
    return tuple(one.stub for one in found if any((gate.file, gate.name) == here for gate in one.gates))


def _generated_tests(spec: Spec, units: Mapping[str, Standing]) -> tuple[str, ...]:
    """The committed files of the jiti-tests among the gates."""
    places = {(unit.spec.stub.file, unit.spec.stub.unit): unit.spec.path for unit in units.values()}
    names = [(gate.file, gate.name) for gate in spec.gates if gate.kind is GateKind.TEST]
    return tuple(places[name] for name in names if name in places)
