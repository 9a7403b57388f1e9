"""What merging would change in a project: every file as it would be, and what cannot be merged. Writes nothing."""

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from jiti_bot.errors import JitiError, StoreError
from jiti_bot.findings import Finding
from jiti_bot.graduation import host, marks, suite
from jiti_bot.graduation.circles import circular
from jiti_bot.graduation.leftovers import Left, left
from jiti_bot.graduation.malformed import malformed, of_gates, of_stub
from jiti_bot.graduation.outsiders import Outsiders
from jiti_bot.graduation.takers import Names, bound, exposed, gone
from jiti_bot.places import owners
from jiti_bot.source.discover import WORD
from jiti_bot.source.model import GateKind, Kind, Spec
from jiti_bot.source.parse import parse
from jiti_bot.sparse import command, lacking_of
from jiti_bot.store.entry import Entry
from jiti_bot.store.journal import Change
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, scratch_of, survey
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace

Unit = tuple[str, str]  # file, unit
Tidy = Callable[[str, bytes, bytes], bytes]  # file, its bytes before and after


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to merge: without the agent's own tests (``prune``), with the stubs' hints (``hints``)."""

    prune: bool = False
    hints: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one stub cannot be merged: what is wrong at ``where`` (``file:line``), and what to do.

    ``key`` is empty for a mark that makes no stub.
    """

    key: str
    where: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        what = f"{self.key} cannot be merged: " if self.key else ""
        return f"{self.where}: {what}{self.reason} {self.remedy}".rstrip()


@dataclass(frozen=True, slots=True)
class Graduation:
    """What would be done: the changes in their order, the stubs merged by key, and those that cannot be.

    ``tests`` are the agent's own tests with the file that each becomes, empty for one that is dropped; ``left`` is
    where the source would still import jiti.
    """

    changes: tuple[Change, ...]
    merged: tuple[str, ...]
    refused: tuple[Refusal, ...]
    tests: tuple[tuple[str, str], ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(slots=True)
class _Plan:
    """What one attempt gathers."""

    taken: dict[Unit, Standing]
    changes: dict[str, Change] = field(default_factory=dict)
    tests: list[tuple[str, str]] = field(default_factory=list)
    left: tuple[Left, ...] = ()


class Planner:
    """Plans over one moment of a project."""

    def __init__(self, workspace: Workspace, tree: Tree, wishes: Wishes, tidy: Tidy) -> None:
        self.workspace = workspace
        self.tree = tree
        self.wishes = wishes
        self.tidy = tidy
        self.index = workspace.index(tree)
        self.outsiders = Outsiders(workspace, tree)
        self.standings = {
            (one.spec.stub.file, one.spec.stub.unit): one
            for one in survey(tree, self.index.specs(), self.index.interface)
        }

    def plan(self, specs: Iterable[Spec], files: Collection[str] = ()) -> Graduation:
        """Merge ``specs``, with the tests that were written for them. What cannot be is left out and told.

        So is every malformed mark in ``files``.
        """
        wanted = {(spec.stub.file, spec.stub.unit) for spec in specs}
        wanted |= {unit for unit in self.standings if self._is_written_for(unit, wanted)}
        refused = {unit: found for unit in wanted if (found := self._refusal(self.standings[unit]))}
        for unit, found in of_gates(self.index, {self.standings[unit].spec.key: unit for unit in wanted}):
            refused.setdefault(unit, _refused(found, self.standings[unit].spec.key))
        while True:
            self._take_along(wanted, refused)
            plan = _Plan({unit: self.standings[unit] for unit in self.standings if unit in wanted - refused.keys()})
            more = dict(self._attempt(plan))
            if not more:
                break
            refused |= more
        self._finish(plan)
        order = {unit: number for number, unit in enumerate(self.standings)}
        told = [refused[unit] for unit in sorted(refused, key=order.__getitem__)]
        spoilt = [_refused(found) for found in malformed(self.index, files)]
        said = {(one.where, one.reason) for one in told}
        return Graduation(
            tuple(plan.changes.values()),
            tuple(one.spec.key for one in plan.taken.values()),
            (*told, *(one for one in spoilt if (one.where, one.reason) not in said)),
            tuple(plan.tests),
            plan.left,
        )

    def _is_written_for(self, unit: Unit, wanted: Iterable[Unit]) -> bool:
        """Whether a test that is to be written gates one of ``wanted``."""
        keys = {self.standings[one].spec.key for one in wanted}
        gates = [gate for one in wanted for gate in self.standings[one].spec.gates if gate.kind is GateKind.TEST]
        return bool(keys) and any((gate.file, gate.name) == unit for gate in gates)

    def _take_along(self, wanted: Iterable[Unit], refused: dict[Unit, Refusal]) -> None:
        """Refuse what is gated by a test that cannot be merged: left empty, that would pass whatever happens."""
        for unit in wanted:
            spec = self.standings[unit].spec
            for gate in spec.gates:
                test = (gate.file, gate.name)
                if gate.kind is GateKind.TEST and test in refused and unit not in refused:
                    why = refused[test]
                    reason = f"its test {why.key} cannot be: {why.reason}"
                    refused[unit] = Refusal(spec.key, f"{gate.file}:{gate.line}", reason, why.remedy)

    def _refusal(self, standing: Standing) -> Refusal | None:
        """Why a stub cannot be merged as it stands."""
        spec = standing.spec
        where = f"{spec.stub.file}:{spec.stub.line}"
        found = standing.finding()
        if found is not None:
            return _refused(found, spec.key)
        if (problem := next(of_stub(self.index, spec), None)) is not None:
            return _refused(problem, spec.key)
        if standing.state.condition is Condition.MISSING:
            return Refusal(spec.key, where, "it has no implementation yet.", f"Run `jiti generate {spec.key}`.")
        if standing.state.changes:
            parts = ", ".join(standing.state.changes)
            edited = "it was edited by hand, and " if standing.state.condition is Condition.EDITED else ""
            said = f"{edited}what was asked for has changed since ({parts})."
            return Refusal(spec.key, where, said, f"Run `jiti generate {spec.key}`, or take the change back.")
        return self._unwritable(spec.key, spec.stub.file) or self._unreadable_tests(spec)

    def _unreadable_tests(self, spec: Spec) -> Refusal | None:
        """Why the agent's own tests cannot become the user's."""
        scratch = scratch_of(spec)
        data = self.tree.read(scratch) if scratch and not self.wishes.prune else None
        found = parse(scratch, data) if data is not None else None
        if not isinstance(found, Finding):
            return None
        where, said = f"{found.file}:{found.line}", f"the tests that came with it cannot be read: {found.message}"
        return Refusal(spec.key, where, said, "Mend them, or drop them with --prune.")

    def _unwritable(self, key: str, file: str) -> Refusal | None:
        lacking = lacking_of(self.tree, (file,))
        if lacking:
            said = f"this sparse checkout does without {file}."
            return Refusal(key, f"{file}:1", said, f"Bring it here: `{command(self.tree, lacking)}`.")
        path = os.path.join(self.workspace.root, file)
        root = os.path.realpath(self.workspace.root)
        real = os.path.realpath(path)
        if real != os.path.join(root, file.replace("/", os.sep)):
            return Refusal(key, f"{file}:1", "a symbolic link leads to its file.", "Name the file itself.")
        if not os.stat(path).st_mode & stat.S_IWUSR:
            return Refusal(key, f"{file}:1", "its file is read-only.", f"Allow writing: chmod u+w {file}")
        return None

    def _attempt(self, plan: _Plan) -> Iterator[tuple[Unit, Refusal]]:
        """Fill ``plan``; what turns out not to be possible."""
        taken = plan.taken
        edited: dict[str, tuple[list[host.Unit], dict[int, str | None]]] = {}
        for file in self._files(taken):
            units = [self._unit(one) for unit, one in taken.items() if unit[0] == file]
            decorators = marks.changes(self.index, file, taken)
            if not units and not decorators:
                continue
            try:
                plan.changes[file] = self._file(file, units, decorators)
                edited[file] = units, decorators
            except JitiError as error:
                for unit in list(self._blamed(error, file, units, taken)) or list(taken):
                    spec = taken[unit].spec
                    where = error.where or f"{file}:{spec.stub.line}"
                    yield unit, Refusal(spec.key, where, error.message, error.remedy)
        for file, names in self._lost(plan).items():
            plan.changes[file] = self._file(file, *edited[file], keep=names)
        for standing in taken.values():
            self._store_files(plan, standing)

    def _lost(self, plan: _Plan) -> dict[str, frozenset[str]]:
        """Names by file that others import from there, and that the changes would take away."""
        if not plan.changes:
            return {}
        before = self._sources()
        after = before | self._changed(plan, before)
        going = gone(before, after)
        if not going:
            return {}
        now = Names(self.outsiders.takers(going) | after, self.index.resolver)
        taken = {file: frozenset(name for name in names if now.taker(file, name)) for file, names in going.items()}
        return {file: names for file, names in taken.items() if names}

    def _sources(self) -> dict[str, bytes]:
        return {file: data for file in self.index.candidates if (data := self.tree.read(file)) is not None}

    @staticmethod
    def _changed(plan: _Plan, files: Collection[str]) -> dict[str, bytes]:
        """What ``plan`` makes of those of ``files`` that it changes."""
        return {path: one.after for path, one in plan.changes.items() if path in files and one.after is not None}

    def _unit(self, standing: Standing) -> host.Unit:
        stub, entry = standing.spec.stub, standing.committed
        assert isinstance(entry, Entry), "others are refused"
        return host.Unit(stub, entry, circular(self.index.resolver, stub.file, entry))

    def _files(self, taken: Mapping[Unit, Standing]) -> list[str]:
        """Files that may change: stubs first, so that tests that are older than their target still pass."""
        return list(dict.fromkeys([*(file for file, _ in taken), *(self.index.candidates if taken else ())]))

    def _file(
        self,
        file: str,
        units: Sequence[host.Unit],
        decorators: Mapping[int, str | None],
        keep: frozenset[str] = frozenset(),
    ) -> Change:
        refusal = self._unwritable("", file)
        if refusal is not None:
            raise StoreError(refusal.reason, remedy=refusal.remedy, where=refusal.where)
        before = self.tree.read(file)
        assert before is not None, "the index has read it"
        package, hints = self._package(file), self.wishes.hints
        exposed = self._exposed.get(file, frozenset()) if units else frozenset()
        after = host.graft(file, before, units, decorators, package=package, hints=hints, keep=keep, exposed=exposed)
        return Change(file, before, after)

    @cached_property
    def _exposed(self) -> dict[str, frozenset[str]]:
        """Names that a file must not get, since star imports would give them to others: see `exposed`."""
        found = self.outsiders.starring()
        seen = exposed(found, self.index.resolver) if found else {}
        return {file: names for file, names in seen.items() if "__all__" not in bound(file, self.tree.read(file))}

    def _finish(self, plan: _Plan) -> None:
        """Take out what only jiti needed, and tidy up."""
        files = self._sources()
        after = files | self._changed(plan, files)
        others: dict[str, bytes] = {}
        last = len(plan.taken) == len(self.standings)
        if plan.taken or last:
            open_files = [file for file in after if self._unwritable("", file) is None]
            after, others = self._cleared(files, after, open_files, last=last)
        for file, data in after.items():
            if data != files[file]:
                plan.changes[file] = Change(file, files[file], self.tidy(file, files[file], data))
        new = {one.path: one.after for one in plan.changes.values() if one.before is None and one.after is not None}
        plan.left = (*left(Names(others | after | new, self.index.resolver)), *self._unseen())

    def _cleared(
        self, before: dict[str, bytes], after: dict[str, bytes], files: Collection[str], *, last: bool
    ) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """``after`` without what only jiti needed, and the other files that were asked whether they need it."""
        others: dict[str, bytes] = {}
        while True:
            all_after = host.cleared(others | before, others | after, self.index.resolver, files, last=last)
            cleared = {file: all_after[file] for file in after}
            asked = others | self.outsiders.takers(gone(after, cleared))
            if asked.keys() == others.keys():
                return cleared, others
            others = asked

    def _unseen(self) -> Iterator[Left]:
        """Source files that the store has code for, and that nobody looks into."""
        root = os.path.realpath(self.workspace.root)
        paths = {path for store in self.tree.stores() for path in self.tree.under(store) if "/.cache/" not in path}
        files = {file for path in paths for file in owners(path) if self.tree.exists(file)}
        for file in sorted(files - set(self.index.candidates)):
            real = os.path.relpath(os.path.realpath(os.path.join(root, file)), root).replace(os.sep, "/")
            if real == ".." or real.startswith("../"):
                yield Left(f"{file}:1", "a link leads out of the project here, so its stubs were not looked at")
            elif real == file and WORD in (self.tree.read(file) or b""):
                yield Left(f"{file}:1", "git ignores this file, so its stubs were not looked at")

    def _package(self, file: str) -> tuple[str, ...]:
        """What relative imports in ``file`` start from."""
        root = self.index.resolver.roots.package_root(file)
        inside = file.removeprefix(f"{root}/") if root else file
        return tuple(inside.split("/")[:-1])

    @staticmethod
    def _blamed(
        error: JitiError, file: str, units: Sequence[host.Unit], taken: Mapping[Unit, Standing]
    ) -> Iterator[Unit]:
        """Which of those taken an error is about: its own, or all that would change this file."""
        own = {(file, unit) for unit in host.blame(error, units)}
        for unit, standing in taken.items():
            gates = {gate.file for gate in standing.spec.gates}
            if unit in own or (not units and file in gates):
                yield unit

    def _store_files(self, plan: _Plan, standing: Standing) -> None:
        """What becomes of a unit's files in the store: they go, its own tests into the user's suite."""
        spec = standing.spec
        assert isinstance(standing.committed, Entry), "others are refused"
        plan.changes[spec.path] = Change(spec.path, standing.committed.raw, None)
        scratch = scratch_of(spec)
        tests = self.tree.read(scratch) if scratch else None
        if tests is None or spec.stub.kind is Kind.TEST:
            return
        plan.changes[scratch] = Change(scratch, tests, None)
        place = ""
        if not self.wishes.prune:
            place = suite.place(self.workspace, self.tree, spec, plan.changes)
            plan.changes[place] = Change(place, None, self.tidy(place, b"", tests))
        plan.tests.append((scratch, place))


def _refused(found: Finding, key: str = "") -> Refusal:
    return Refusal(key, f"{found.file}:{found.line}", found.message, found.remedy)
