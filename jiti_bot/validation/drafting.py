"""From a candidate to the text that would be committed: guarded, composed, fixed and formatted. Nothing of it runs."""

import time
from collections.abc import Collection, Mapping

from jiti_bot.source.compose import compose
from jiti_bot.source.model import Kind, Spec
from jiti_bot.source.revise import kept, revise
from jiti_bot.validation import clashes, evidence, flags, guards, merged, report, scratch
from jiti_bot.validation.model import Accepted, Candidate, Check, Refused
from jiti_bot.validation.project import Project
from jiti_bot.validation.ruff import Ruff


class Drafting:
    """Drafts for one project. Thread-safe."""

    def __init__(self, project: Project, ruff: Ruff, views: merged.Views) -> None:
        self._project = project
        self._ruff = ruff
        self._views = views

    def draft(
        self, candidate: Candidate, staged: Mapping[str, str], beside: Collection[str] = ()
    ) -> Accepted | Refused:
        """What would be committed of a candidate that passes the guards.

        ``staged`` are texts of this run by committed path. Committed units whose paths are ``beside`` do not count:
        they are written anew as well.
        """
        spec = candidate.spec
        started = time.perf_counter()
        guarded = self.guard(candidate, staged, beside)
        checked = Check(
            "guards", not guarded.problems, report.problems(guarded.problems), time.perf_counter() - started
        )
        if guarded.problems:
            return Refused((checked,), report.report([checked]), guarded.flags)
        unit = _composed(candidate)
        slipped = guards.composed(spec.stub, unit)
        if slipped is not None:
            checked = Check("guards", ok=False, detail=report.problems([slipped]))
            return Refused((checked,), report.report([checked]), guarded.flags)
        text = merged.tidy(self._ruff, spec.stub, unit, self._views.style_path(spec.stub, spec.path))
        if candidate.base is not None:
            text = kept(spec.stub, candidate.base.code, text, candidate.base.kept - candidate.bodies.keys())
        return Accepted(text, self._tests(candidate), (checked,), guarded.flags)

    def guard(self, candidate: Candidate, staged: Mapping[str, str], beside: Collection[str] = ()) -> guards.Guarded:
        """What the static guards say of a candidate."""
        spec = candidate.spec
        file = spec.stub.file
        around = guards.Surroundings(
            host=self._project.read(file),
            modules=self._project.importable(file),
            neighbours=clashes.neighbours(self._units(spec, staged, beside), file),
            gates=tuple(flags.gate_texts(spec, self._project.read)),
            files=frozenset(gate.file for gate in spec.gates),
        )
        return guards.guard(candidate, around)

    def _units(self, spec: Spec, staged: Mapping[str, str], beside: Collection[str]) -> dict[str, str]:
        """The other units of the host, as they are committed or staged."""
        units = dict(self._project.committed(spec.store, spec.stub.file))
        folder = spec.path.rpartition("/")[0]
        for path, text in staged.items():
            if path.rpartition("/")[0] == folder:
                units[_unit(path)] = text
        for path in (spec.path, *beside):
            if path.rpartition("/")[0] == folder:
                units.pop(_unit(path), None)
        return units

    def _tests(self, candidate: Candidate) -> str:
        spec = candidate.spec
        if spec.stub.kind is Kind.TEST:
            return ""
        host_text = self._project.read(spec.stub.file)
        text = scratch.module(spec.stub, candidate.tests, host_text, self._project.import_name(spec.stub.file))
        if not text:
            return ""
        path = self._views.style_path(spec.stub, evidence.scratch_file(spec))
        return self._ruff.format(self._ruff.fix(text, path), path)


def _composed(candidate: Candidate) -> str:
    stub, base = candidate.spec.stub, candidate.base
    if base is None:
        return compose(stub, candidate.bodies, candidate.helpers)
    return revise(stub, base.code, candidate.bodies, candidate.helpers, prune="" not in base.edited)


def _unit(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")
