"""The whole project's stubs with their gates: what one file says, joined with what the others say about it."""

from __future__ import annotations

from jiti_bot import layout
from jiti_bot.findings import Finding, finding
from jiti_bot.source.digest import stub_interface
from jiti_bot.source.discover import WORD, discover_source, read_source
from jiti_bot.source.judge import Judge
from jiti_bot.source.model import EngineRef, Gate, GateKind, Kind, Spec, Stub
from jiti_bot.source.module import Module, Reference
from jiti_bot.source.parse import parse, syntax_tree
from jiti_bot.source.resolve import Resolver, Source
from jiti_bot.source.roots import Home, Roots
from jiti_bot.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jiti_bot.source.bindings import Scope
    from jiti_bot.source.tree import Tree

Unit = tuple[str, str]  # file, unit


class Index:
    """Stubs, gates and findings of a project at one moment.

    ``store_of`` gives the store's folder for a source file, relative to the project root, ``test_store_of`` that for
    tests to be generated, where it is another. With ``only``, these files
    are judged and others are read only as far as theirs have to be known (the hook's way); otherwise all candidates
    of the tree. Leave files out of ``only`` that were deleted. ``home_of`` tells a file's project with those of its
    settings that count here: ``doctests`` (gate, show, off), pytest's ``pythonpath``, ``test_paths``, the folders that
    hold the gates, where not all of the project may, and what it excludes: files in which no stub or gate is seen.
    """

    def __init__(
        self,
        tree: Tree,
        *,
        store_of: Callable[[str], str],
        test_store_of: Callable[[str], str] | None = None,
        only: Iterable[str] | None = None,
        home_of: Callable[[str], Home] = lambda _file: Home(),
    ) -> None:
        self._tree = tree
        self._store_of = store_of
        self._test_store_of = test_store_of or store_of
        self._only = None if only is None else tuple(dict.fromkeys(only))
        self._home = home_of
        self._candidates: tuple[str, ...] | None = None
        self._sources: dict[str, Source | None] = {}
        self._unreadable: dict[str, Finding] = {}
        self._modules: dict[str, Module] = {}
        self._keys: dict[Unit, str] | None = None
        self.resolver = Resolver(self.source, Roots(tree.exists, home_of=home_of))
        self._judge = Judge(self.resolver, self.module, self.committed, lambda: self.candidates, self._store)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are judged, in order."""
        return self.candidates if self._only is None else self._only

    @property
    def candidates(self) -> tuple[str, ...]:
        """All files that mention jiti."""
        if self._candidates is None:
            self._candidates = tuple(sorted(self._tree.candidates()))
        return self._candidates

    def source(self, file: str) -> Source | None:
        """A file's syntax and names; None where it is absent or cannot be read."""
        if file not in self._sources:
            self._sources[file] = self._read(file)
        return self._sources[file]

    def leaves_out(self, file: str) -> bool:
        """Whether the project that ``file`` belongs to, or one around it, excludes it."""
        return self._home(file).leaves_out(file)

    def module(self, file: str) -> Module:
        """What a file holds."""
        if file not in self._modules:
            self._modules[file] = self._discover(file)
        return self._modules[file]

    def stubs(self) -> tuple[Stub, ...]:
        """The stubs of the judged files, gates and uses not counted in."""
        return tuple(stub for file in self.files for stub in self.module(file).stubs)

    def findings(self) -> tuple[Finding, ...]:
        """What a person has to look at in the judged files."""
        found: set[Finding] = set()
        for file in self.files:
            module = self.module(file)
            found.update(module.findings)
            found.update(self._judge.findings(module))
        found.update(self._collisions())
        return tuple(sorted(found))

    def specs(self, *, gates: bool = True) -> tuple[Spec, ...]:
        """The specs of the judged files' stubs, by file and line.

        ``gates=False`` leaves gates out (and their digest empty): then no other file has to be searched for them.
        """
        keys = self._all_keys() if gates or self._only is None else self._keys_of(self.files)
        by_unit = self._gates(keys) if gates else {}
        return tuple(self._spec(stub, keys, by_unit) for stub in self.stubs())

    def gates(self) -> tuple[Gate, ...]:
        """Every gate of the project that has a target."""
        found = {gate for gates in self._gates(self._all_keys()).values() for gate in gates}
        return tuple(sorted(found, key=lambda gate: (gate.file, gate.line, gate.name, gate.kind)))

    def aimed(self, file: str, target: Reference, scopes: tuple[Scope, ...]) -> frozenset[Unit]:
        """The stubs that a gate's target in ``file`` names, as file and unit."""
        return self._judge.units(file, target, scopes)

    def find(self, target: str) -> tuple[Spec, ...]:
        """The specs that a user's words name; raises TargetError with close matches."""
        from jiti_bot.source.targets import find

        return find(target, self.specs(), filter(self.leaves_out, self.candidates))

    def path(self, stub: Stub) -> str:
        """The committed file of a stub, relative to the project root."""
        store = self._store(stub)
        place = layout.test_path if stub.kind is Kind.TEST else layout.unit_path
        return f"{store}/{place(self._inside(stub.file, store), stub.unit)}"

    def committed(self, stub: Stub) -> bytes | None:
        """The committed file of a stub, None where there is none."""
        try:
            return self._tree.read(self.path(stub))
        except OSError:
            return None

    def interface(self, name: str) -> str | None:
        """The digest of what the stub ``file::unit`` promises its callers: signature and docstring.

        Empty where a definition stands there that is no stub, None where there is none.
        """
        file, _, unit = name.partition("::")
        # A name comes from a header, which anybody may have written.
        if file.startswith("/") or ".." in file.split("/") or not file.endswith(".py") or not self._tree.exists(file):
            return None
        for stub in self.module(file).stubs:
            if stub.unit == unit:
                return stub_interface(stub)
        parts = [part for part in unit.split(".") if part not in {"setter", "deleter"}]
        return "" if self.resolver.module_name(file, parts) else None

    def dependencies(self, spec: Spec, code: str) -> tuple[tuple[str, str], ...]:
        """The stubs that ``code``, committed for ``spec``, uses without listing them, with their `interface`."""
        names = ["::".join(unit) for unit in self._judge.depends(spec, syntax_tree(code))]
        # What stands on a line of its own has to come back from there as it was.
        plain = [name for name in names if name.isprintable() and name == " ".join(name.split())]
        return tuple((name, digest) for name in plain if (digest := self.interface(name)))

    def _read(self, file: str) -> Source | None:
        try:
            data = self._tree.read(file)
        except OSError as error:
            self._unreadable[file] = finding("file-unreadable", file, 1, reason=error.strerror or str(error))
            return None
        if data is None:
            self._unreadable[file] = finding(
                "file-unreadable", file, 1, reason="no file is there, or a link in a circle"
            )
            return None
        parsed = parse(file, data)
        if isinstance(parsed, Finding):
            # What does not mention jiti is none of our business, unless a name leads there: then that name is told.
            if WORD in data:
                self._unreadable[file] = parsed
            return None
        return read_source(parsed)

    def _discover(self, file: str) -> Module:
        if self.leaves_out(file):
            return Module(file)
        source = self._sources.get(file) or self._mentioning(file)
        if source is not None:
            return discover_source(source, self.resolver)
        problem = self._unreadable.get(file)
        return Module(file, findings=(problem,) if problem else ())

    def _mentioning(self, file: str) -> Source | None:
        """The file's source if it mentions jiti: nothing else is worth parsing."""
        try:
            data = self._tree.read(file)
        except OSError:
            data = None
        return self.source(file) if data is None or WORD in data else None

    def _gates(self, keys: dict[Unit, str]) -> dict[Unit, list[Gate]]:
        """The gates of every stub."""
        found: dict[Unit, list[Gate]] = {}
        for file in self.candidates:
            for gate, units in self._judge.gates(self.module(file)):
                named = replace(gate, targets=tuple(sorted({keys[unit] for unit in units if unit in keys})))
                for unit in units:
                    found.setdefault(unit, []).append(named)
        for file in self.candidates:
            for doctest in self.module(file).doctests:
                use = self._home(file).doctests
                if use == "off":
                    break
                unit = (file, doctest.stub)
                runs = doctest.runs and use == "gate"
                key = keys.get(unit, "")
                gate = Gate(doctest.unit, GateKind.DOCTEST, file, doctest.line, (key,), doctest.digest, runs)
                found.setdefault(unit, []).append(gate)
        return found

    def _spec(self, stub: Stub, keys: dict[Unit, str], by_unit: dict[Unit, list[Gate]]) -> Spec:
        unit = (stub.file, stub.unit)
        module = self.module(stub.file)
        engine = self._judge.engine(module, stub)
        home = self._home(stub.file)
        counted = [gate for gate in by_unit.get(unit, ()) if _counts(gate, engine, home)]
        gates = tuple(sorted(counted, key=lambda gate: (gate.file, gate.line, gate.name)))
        uses, digest = self._judge.uses(module, stub)
        return Spec(
            key=keys[unit],
            stub=replace(stub, engine=engine),
            gates=gates,
            uses=uses,
            digests=replace(stub.digests, gates=self._judge.gates_digest(gates), uses=digest),
            store=self._store(stub),
            path=self.path(stub),
            problems=self._judge.problems(module, stub),
            project=home.folder,
        )

    def _all_keys(self) -> dict[Unit, str]:
        if self._keys is None:
            self._keys = self._keys_of(tuple(dict.fromkeys((*self.candidates, *self.files))))
        return self._keys

    def _keys_of(self, files: Iterable[str]) -> dict[Unit, str]:
        """A name for every stub: dotted, or with the file's path where that would name two."""
        stubs = [stub for file in files for stub in self.module(file).stubs]
        dotted = {(stub.file, stub.unit): self._dotted(stub) for stub in stubs}
        taken: dict[str, int] = {}
        for key in dotted.values():
            taken[key] = taken.get(key, 0) + 1
        return {unit: key if taken[key] == 1 else f"{unit[0]}::{unit[1]}" for unit, key in dotted.items()}

    def _dotted(self, stub: Stub) -> str:
        return layout.dotted_key(self._inside(stub.file, self._store(stub)), stub.unit)

    def _store(self, stub: Stub) -> str:
        return (self._test_store_of if stub.kind is Kind.TEST else self._store_of)(stub.file)

    @staticmethod
    def _inside(file: str, store: str) -> str:
        parent = store.rpartition("/")[0]
        return file.removeprefix(f"{parent}/") if parent else file

    def _collisions(self) -> Iterator[Finding]:
        """Stubs of several files whose committed files would be one, as case-insensitive file systems see them."""
        taken: dict[str, Stub] = {}
        for stub in self.stubs():
            other = taken.setdefault(self.path(stub).casefold(), stub)
            if other.file != stub.file:
                yield finding(
                    "case-collision", stub.file, stub.line, unit=stub.unit, other=f"{other.file}::{other.unit}"
                )


def _counts(gate: Gate, engine: EngineRef | None, home: Home) -> bool:
    """Whether a gate stands where tests are to be looked for: everywhere, unless ``test_paths`` says where."""
    own = dict(engine.values).get("test_paths") if engine else None
    paths = own if isinstance(own, tuple) else home.test_paths
    return gate.kind is GateKind.DOCTEST or not paths or _is_within(home.told(gate.file), paths)


def _is_within(file: str, paths: tuple[str, ...]) -> bool:
    return any(path == "." or file == path or file.startswith(f"{path}/") for path in paths)
