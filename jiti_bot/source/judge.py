"""What a file refers to in others: targets of gates, symbols of ``uses``, engines. Resolved, or complained about."""

from __future__ import annotations

from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.asked import Asking, Unit, is_bound, unit_owner
from jiti_bot.source.bindings import Scope, dotted
from jiti_bot.source.digest import combined, digest, interface_digest
from jiti_bot.source.marks import EngineRead, Place, engine_elsewhere, marks
from jiti_bot.source.model import EngineRef, Gate, GateKind, Kind, Spec, Stub, Use
from jiti_bot.source.module import Asked, FoundGate, Module, Reference
from jiti_bot.source.parse import decode, syntax_tree
from jiti_bot.source.resolve import Definite, External, Own, Package, Resolver, Symbol, Unreadable, Value
from jiti_bot.source.roots import Place as Located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jiti_bot.source.reach import Reach


class Judge:
    """Resolves what modules refer to.

    ``module`` gives any file's module, ``committed`` a stub's committed file, ``store_of`` a stub's store.
    """

    def __init__(
        self,
        resolver: Resolver,
        module: Callable[[str], Module],
        committed: Callable[[Stub], bytes | None],
        candidates: Callable[[], tuple[str, ...]],
        store_of: Callable[[Stub], str],
    ) -> None:
        self._resolver = resolver
        self._candidates = candidates
        self._module = module
        self._committed = committed
        self._store_of = store_of
        self._asking = Asking(resolver, module)
        self._reach: Reach | None = None

    def gates(self, module: Module) -> Iterator[tuple[Gate, frozenset[Unit]]]:
        """The gates of a module with the units they are for; ``targets`` are left to who knows the keys."""
        for found in module.gates:
            named = [self._units(module.file, target, found.scopes) for target in found.targets]
            units = frozenset[Unit]().union(*named)
            if units:
                digest, reaches = self._reached(module, found)
                yield Gate(found.name, found.kind, module.file, found.line, (), digest, reaches=reaches), units

    def units(self, file: str, target: Reference, scopes: tuple[Scope, ...]) -> frozenset[Unit]:
        """The stubs that a target names: one, an accessor's whole property, or all of a class."""
        return self._units(file, target, scopes)

    def findings(self, module: Module) -> Iterator[Finding]:
        """References of a module that lead nowhere."""
        for gate in module.gates:
            for target in gate.targets:
                if not self._units(module.file, target, gate.scopes):
                    yield self._lost(module.file, gate, target)
        for stub in module.stubs:
            yield from self.problems(module, stub)

    def problems(self, module: Module, stub: Stub) -> tuple[Finding, ...]:
        """Why what stands in a stub's ``@jiti(...)`` cannot be followed."""
        asked = dict(module.asked).get(stub.unit, Asked())
        found = [*asked.findings, *self._engine(module, asked).findings]
        engine = self.engine(module, stub)
        wanted = dict(engine.values).get("store") if engine else None
        if engine and wanted is not None and wanted != self._store_of(stub):
            place = self._store_of(stub)
            found.append(finding("engine-store", engine.file, engine.line, store=wanted, unit=stub.unit, place=place))
        if stub.kind is not Kind.TEST:  # what a test names are targets, judged as such
            found += self._asking.findings(module.file, stub, asked)
        return tuple(found)

    def engine(self, module: Module, stub: Stub) -> EngineRef | None:
        """The engine of a stub, followed to where it stands."""
        asked = dict(module.asked).get(stub.unit, Asked())
        return stub.engine or self._engine(module, asked).engine

    def uses(self, module: Module, stub: Stub) -> tuple[tuple[Use, ...], str]:
        """What a stub has to use, and one digest over it: names, definitions and their interfaces."""
        asked = dict(module.asked).get(stub.unit, Asked())
        uses: list[Use] = []
        forms: list[tuple[str, str]] = []
        for wanted in asked.uses:
            target, form = self._use(module.file, wanted, asked.scopes)
            uses.append(Use(str(wanted), target))
            told = target and self._resolver.roots.home(module.file).told(target)
            forms.append((str(wanted), digest(told, form)))
        return tuple(uses), combined(forms)

    def depends(self, spec: Spec, tree: ast.Module) -> tuple[Unit, ...]:
        """The stubs that committed code uses without listing them."""
        from jiti_bot.source.depends import Depends  # the hook asks for none

        return Depends(self._resolver, self._stubs_of).of(spec, tree)

    @staticmethod
    def gates_digest(gates: Iterable[Gate]) -> str:
        """One digest over the gates of a stub. Examples are not counted in: their text is the docstring's."""
        counted = (gate for gate in gates if gate.kind is not GateKind.DOCTEST)
        return combined((f"{gate.kind} {gate.name}", gate.digest) for gate in counted)

    def _engine(self, module: Module, asked: Asked) -> EngineRead:
        if asked.engine is None:
            return EngineRead(None)
        return engine_elsewhere(Place(module.file, asked.scopes, self._resolver), asked.engine)

    def _use(self, file: str, wanted: Reference, scopes: tuple[Scope, ...]) -> tuple[str | None, str]:
        for symbol in self._resolver.lookup(file, wanted.parts, scopes):
            match symbol:
                case Definite(file=where, owners=owners, node=node):
                    return f"{where}::{symbol.qualname}", interface_digest(node, owners)
                case Value(file=where, name=name, binding=binding):
                    return f"{where}::{name}", digest(binding.node)
        return None, ""

    def _is_stub(self, symbol: Definite) -> bool:
        return any(unit_owner(stub) == symbol.qualname for stub in self._module(symbol.file).stubs)

    def _units(self, file: str, target: Reference, scopes: tuple[Scope, ...]) -> frozenset[Unit]:
        """The stubs that a target names: one, an accessor's whole property, or all of a class."""
        found: set[Unit] = set()
        symbols = self._resolver.lookup(file, target.parts, scopes)
        for symbol in symbols:
            found |= self._stubs_of(symbol)
        if not found:
            for symbol in symbols:
                found |= self._stubs_elsewhere(symbol)
        return frozenset(found)

    def _stubs_elsewhere(self, symbol: Symbol) -> set[Unit]:
        """The stubs of a name that no usual import root holds: in the roots of all packages that have stubs.

        How ``sys.path`` is made is not ours to know: PYTHONPATH, a ``.pth`` file, a line in a conftest file.
        """
        match symbol:
            case External(name) | Package(place=Located(name=name, file=None)) if name:
                pass
            case _:
                return set()
        roots = {self._resolver.roots.package_root(candidate) for candidate in self._candidates()}
        for root in sorted(roots):
            found: tuple[Symbol, ...] = (Package(self._resolver.roots.at(root, name[0])),)
            for attribute in name[1:]:
                found = tuple(inner for each in found for inner in self._resolver.attribute(each, attribute))
            stubs = set[Unit]().union(*(self._stubs_of(each) for each in found))
            if stubs:
                return stubs
        return set()

    def _stubs_of(self, symbol: Symbol, depth: int = 8) -> set[Unit]:
        """The stubs that a symbol is, holds, inherits or wraps."""
        if depth <= 0:
            return set()
        match symbol:
            case Definite(file=file, node=node):
                found = self._stubs_at(symbol)
                if not found and isinstance(node, ast.ClassDef):
                    inherited = [self._stubs_of(base, depth - 1) for base in self._bases(node, file)]
                    return set[Unit]().union(*inherited)
                return found
            case Value(file=file, binding=binding) if isinstance(binding.value, ast.Call):
                wrapped = [self._stubs_of(inner, depth - 1) for inner in self._arguments(binding.value, file)]
                named = [units for units in wrapped if units]
                return named[0] if len(named) == 1 else set()
        return set()

    def _arguments(self, call: ast.Call, file: str) -> Iterator[Symbol]:
        """What a call is given by name: ``cached = lru_cache(slugify)`` is a wrapper around one stub."""
        for argument in call.args:
            yield from self._resolver.module_name(file, dotted(argument) or ())

    def _bases(self, node: ast.ClassDef, file: str) -> Iterator[Symbol]:
        for base in node.bases:
            name = dotted(base.value if isinstance(base, ast.Subscript) else base)
            yield from self._resolver.module_name(file, name or ())

    def _stubs_at(self, symbol: Definite) -> set[Unit]:
        qualname = symbol.qualname
        found: set[Unit] = set()
        for stub in self._module(symbol.file).stubs:
            if stub.kind is Kind.TEST:
                continue
            inside = stub.kind is Kind.CLASS and any(unit_owner(member) == qualname for member in stub.members)
            below = isinstance(symbol.node, ast.ClassDef) and stub.unit.startswith(f"{qualname}.")
            if unit_owner(stub) == qualname or inside or below:
                found.add((symbol.file, stub.unit))
        return found

    def _reached(self, module: Module, gate: FoundGate) -> tuple[str, tuple[str, ...]]:
        place = Place(module.file, gate.scopes, self._resolver)
        ours = frozenset(mark.node for mark in marks(gate.node, place))
        body: ast.Module | None = None
        if gate.kind is GateKind.TEST:
            stub = next(stub for stub in module.stubs if stub.unit == gate.name)
            body = _tree(self._committed(stub))
        if self._reach is None:
            from jiti_bot.source.reach import Reach  # judging staged files needs no digests of gates

            self._reach = Reach(self._resolver, self._is_stub)
        return self._reach.of(gate, module.file, ours.__contains__, body)

    def _lost(self, file: str, gate: FoundGate, target: Reference) -> Finding:
        """Why a target is no stub."""
        found = self._resolver.lookup(file, target.parts, gate.scopes)
        line = target.line
        for symbol in found:
            if isinstance(symbol, Definite) and self._resolver.roots.home(symbol.file).leaves_out(symbol.file):
                return finding("gate-excluded", file, line, gate=gate.name, target=str(target), excluded=symbol.file)
            place = _place_of(symbol)
            if place:
                return finding("gate-not-stub", file, line, gate=gate.name, target=str(target), place=place)
        reason = _reason(found, is_bound(target, gate.scopes), target)
        return finding("gate-unresolved", file, line, gate=gate.name, target=str(target), reason=reason)


def _place_of(symbol: Symbol) -> str:
    match symbol:
        case Definite(file=file, node=node):
            return f"{file}:{node.lineno}"
        case Value(file=file, binding=binding):
            return f"{file}:{binding.line}"
        case Package(place) if place.file is not None:
            return f"the module {place.file}"
        case Own():
            return "a part of jiti itself"
    return ""


def _reason(found: tuple[Symbol, ...], bound: bool, target: Reference) -> str:
    for symbol in found:
        match symbol:
            case Unreadable(file):
                return f"{file} cannot be read"
            case External(name) | Package(place=Located(name=name)):
                return f"`{'.'.join(name)}` is not among the project's files"
    if not bound:
        return f"`{target.parts[0]}` is not bound in this file"
    return f"`{target}` is not found where `{target.parts[0]}` comes from"


def _tree(data: bytes | None) -> ast.Module | None:
    """The syntax of a committed file; its header is comments and counts nothing."""
    if data is None:
        return None
    text = decode("", data)
    try:
        return syntax_tree(text) if isinstance(text, str) else None
    except SyntaxError:
        return None
