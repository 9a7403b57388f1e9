"""What there is to prove: the project's stubs and all their gates, read by syntax as `jiti check` reads them.

A run sees only what pytest collected; a gate in a file that was left out is found here alone.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from jiti_bot import layout
from jiti_bot.pytest_plugin.gates import Found, Place
from jiti_bot.source.index import Index
from jiti_bot.source.model import GateKind, Kind, Spec
from jiti_bot.source.targets import find
from jiti_bot.trees import WorkTree
from jiti_bot.workspace import open_workspace

GateId = tuple[str, str]  # file relative to the root, qualified name


@dataclass(frozen=True, slots=True)
class Known:
    """A stub as the summary needs it: ``place`` is ``file:line``, ``missing`` that it has no implementation.

    ``examples`` is the gate that its docstring is, where it is one.
    """

    key: str
    place: str
    missing: bool = False
    gates: frozenset[GateId] = frozenset()
    examples: frozenset[GateId] = frozenset()


class Project:
    """The project that ``folder`` lies in. Nothing is read before it is asked for. May raise `JitiError`."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @cached_property
    def root(self) -> str:
        """Its root, links resolved."""
        return os.path.realpath(layout.project_root(self._folder) or self._folder)

    @cached_property
    def _index(self) -> Index:
        workspace = open_workspace(self.root, os.environ, thorough=False)
        return workspace.index(workspace.work_tree())

    @cached_property
    def specs(self) -> tuple[Spec, ...]:
        """Every stub, tests to be written among them."""
        return self._index.specs()

    @cached_property
    def known(self) -> dict[str, Known]:
        """Every stub that is no test, by key."""
        return {spec.key: self._known(spec) for spec in self.specs if spec.stub.kind is not Kind.TEST}

    @cached_property
    def _aims(self) -> dict[GateId, frozenset[str]]:
        aims: dict[GateId, set[str]] = {}
        for known in self.known.values():
            for gate in known.gates:
                aims.setdefault(gate, set()).add(known.key)
        return {gate: frozenset(keys) for gate, keys in aims.items()}

    def named(self, target: str) -> tuple[Spec, ...]:
        """The stubs that a user's words name. Raises `TargetError` with near matches."""
        return find(target, self.specs)

    def aimed(self, gate: Found) -> tuple[GateId, frozenset[str]]:
        """A gate that an item is part of, with the keys of its stubs; syntax decides, then what it was given."""
        ids = [one for place in gate.places if (one := self._inside(place))]
        for one in ids:
            if one in self._aims:
                return one, self._aims[one]
        if any(self._index.leaves_out(file) for file, _ in ids):
            return ids[0], frozenset()
        units = [unit for target in gate.targets if (unit := self._inside(target))]
        keys = {spec.key for unit in units for spec in self.specs if _is_at(spec, unit)}
        return (ids or [gate.places[0]])[0], frozenset(keys)

    def example(self, file: str, unit: str) -> bool:
        """Whether the docstring of ``unit`` in ``file`` gates a stub."""
        inside = self._inside((os.path.realpath(file), unit))
        if inside is None or not self._mentions(file):
            return False
        return any(one.unit == unit and one.runs for one in self._index.module(inside[0]).doctests)

    def scratch(self, specs: Iterable[Spec] | None = None) -> list[str]:
        """The files of tests that a model wrote for itself, all or those of ``specs``."""
        if specs is not None:
            wanted = [f"{self.root}/{_scratch(spec)}" for spec in specs if spec.stub.kind is not Kind.TEST]
            return sorted(file for file in wanted if os.path.isfile(file))
        tree = WorkTree(self.root)
        folders = [f"{store}/{layout.TESTS}" for store in tree.stores() if tree.is_folder(store)]
        files = [f"{self.root}/{file}" for folder in folders for file in tree.under(folder) if is_scratch(file)]
        return [file for file in files if not os.path.islink(file)]

    def relative(self, file: str) -> str | None:
        """``file`` as the index names it; None for one outside."""
        inside = self._inside((os.path.realpath(file), ""))
        return inside[0] if inside else None

    def _inside(self, place: Place) -> GateId | None:
        start = self.root.rstrip(os.sep) + os.sep
        return (layout.relative(place[0], self.root), place[1]) if place[0].startswith(start) else None

    @staticmethod
    def _mentions(file: str) -> bool:
        try:
            with open(file, "rb") as stream:
                return b"jiti" in stream.read()
        except OSError:
            return False

    def _known(self, spec: Spec) -> Known:
        gates = [gate for gate in spec.gates if gate.runs]
        return Known(
            spec.key,
            f"{spec.stub.file}:{spec.stub.line}",
            missing=not os.path.isfile(os.path.join(self.root, spec.path)),
            gates=frozenset((gate.file, gate.name) for gate in gates),
            examples=frozenset((gate.file, gate.name) for gate in gates if gate.kind is GateKind.DOCTEST),
        )


def is_scratch(file: str) -> bool:
    """Whether a path is that of a test that a model wrote for itself."""
    path = "/" + file.replace(os.sep, "/")
    name = path.rpartition("/")[2]
    return f"/{layout.STORE}/{layout.TESTS}/" in path and name.startswith("test_scratch_") and name.endswith(".py")


def _scratch(spec: Spec) -> str:
    parent = spec.store.rpartition("/")[0]
    source = spec.stub.file.removeprefix(f"{parent}/") if parent else spec.stub.file
    return f"{spec.store}/{layout.scratch_path(source, spec.stub.unit)}"


def _is_at(spec: Spec, unit: GateId) -> bool:
    """Whether a stub is what stands there, lies in it (a class), or holds it (a method of a class stub)."""
    own, wanted = spec.stub.unit, unit[1]
    near = own == wanted or own.startswith(f"{wanted}.")
    inside = spec.stub.kind is Kind.CLASS and wanted.startswith(f"{own}.")
    return spec.stub.file == unit[0] and spec.stub.kind is not Kind.TEST and (near or inside)
