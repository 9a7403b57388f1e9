"""Which decorators are jiti's, and what they ask for."""

from __future__ import annotations

from jiti_bot import settings
from jiti_bot.errors import ConfigurationError
from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.bindings import Definition, Scope, dotted
from jiti_bot.source.model import EngineRef
from jiti_bot.source.module import Reference
from jiti_bot.source.resolve import Definite, External, Own, Resolver, Symbol, Unreadable, Value
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A decorator of jiti's: ``what`` is ``jiti``, ``required_for`` or ``module``; ``call`` holds its arguments."""

    what: str
    node: ast.expr
    call: ast.Call | None


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where names are looked up: a file and the scopes around, innermost first."""

    file: str
    scopes: tuple[Scope, ...]
    resolver: Resolver

    def within(self, scope: Scope) -> Place:
        """The same place, inside of another scope."""
        return Place(self.file, (scope, *self.scopes), self.resolver)

    def own(self, expression: ast.expr, line: int) -> str | None:
        """Which name of jiti's an expression means before ``line``, if any."""
        name = dotted(expression)
        if name is None:
            return None
        for symbol in self.resolver.lookup(self.file, name, self.scopes, line):
            if isinstance(symbol, Own):
                return symbol.name
        return None


def marks(node: Definition, place: Place) -> tuple[Mark, ...]:
    """The decorators of a definition that are jiti's, outermost first."""
    return tuple(mark for decorator in node.decorator_list if (mark := _mark(decorator, place, node.lineno)))


def _mark(decorator: ast.expr, place: Place, line: int) -> Mark | None:
    call = decorator if isinstance(decorator, ast.Call) else None
    what = place.own(call.func if call else decorator, line)
    if what is None and call is None:
        call = _kept_call(decorator, place, line)
        what = place.own(call.func, line) if call else None
        what = what if what == "jiti" else None
    return Mark(what, decorator, call) if what in {"jiti", "required_for", "module"} else None


def _kept_call(decorator: ast.expr, place: Place, line: int) -> ast.Call | None:
    """``fast = jiti(engine=...)``, then ``@fast``: the call whose result the name keeps."""
    if not isinstance(decorator, ast.Name):
        return None
    for symbol in place.resolver.lookup(place.file, (decorator.id,), place.scopes, line):
        if isinstance(symbol, Value) and symbol.file == place.file and isinstance(symbol.binding.value, ast.Call):
            return symbol.binding.value
    return None


@dataclass(frozen=True, slots=True)
class Options:
    """What ``@jiti(...)`` asks for."""

    uses: tuple[Reference, ...] = ()
    engine: EngineRef | Reference | None = None
    findings: tuple[Finding, ...] = ()


def options(mark: Mark, place: Place, unit: str) -> Options:
    """Read the arguments of ``@jiti(...)``."""
    if mark.call is None:
        return Options()
    file = place.file
    findings: list[Finding] = []
    uses: tuple[Reference, ...] = ()
    engine: EngineRef | Reference | None = None
    if mark.call.args:
        findings.append(finding("mark-arguments", file, mark.node.lineno, unit=unit, argument="a positional argument"))
    for keyword in mark.call.keywords:
        match keyword.arg:
            case "uses":
                uses = tuple(_uses(keyword.value, file, unit, findings))
            case "engine":
                engine = _engine(keyword.value, place, findings)
            case name:
                argument = f"`{name}=`" if name else "`**`"
                findings.append(finding("mark-arguments", file, keyword.lineno, unit=unit, argument=argument))
    return Options(uses, engine, tuple(findings))


def _uses(value: ast.expr, file: str, unit: str, findings: list[Finding]) -> Iterator[Reference]:
    if not isinstance(value, ast.List | ast.Tuple | ast.Set):
        findings.append(finding("uses-form", file, value.lineno, unit=unit))
        return
    for element in value.elts:
        name = dotted(element)
        if name is None:
            findings.append(finding("uses-form", file, element.lineno, unit=unit))
        else:
            yield Reference(name, element.lineno)


def _engine(value: ast.expr, place: Place, findings: list[Finding]) -> EngineRef | Reference | None:
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    name = dotted(value)
    if name is not None:
        return Reference(name, value.lineno)
    if isinstance(value, ast.Call) and place.own(value.func, value.lineno) == "Engine":
        read = engine_literal(value, place.file)
        findings += read.findings
        return read.engine
    findings.append(finding("engine-not-literal", place.file, value.lineno))
    return None


@dataclass(frozen=True, slots=True)
class EngineRead:
    """A literal ``Engine(...)``, or the reasons why it cannot be read."""

    engine: EngineRef | None
    findings: tuple[Finding, ...] = ()


def engine_literal(call: ast.Call, file: str) -> EngineRead:
    """Read ``Engine(...)`` without running it; that its function is jiti's ``Engine`` is for the caller to see."""
    findings = [finding("engine-value", file, argument.lineno, name="a positional argument") for argument in call.args]
    read = settings.Settings()
    names: list[str] = []
    for keyword in call.keywords:
        if keyword.arg is None:
            findings.append(finding("engine-value", file, keyword.lineno, name="`**`"))
            continue
        try:
            value = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            findings.append(finding("engine-value", file, keyword.lineno, name=f"`{keyword.arg}`"))
            continue
        try:
            read = settings.read_engine(read, [(keyword.arg, value)], file)
        except ConfigurationError as error:
            findings.append(finding("engine-setting", file, keyword.lineno, problem=_clause(error, keyword.arg)))
            continue
        if value is not None:
            names.append(keyword.arg)
    if findings:
        return EngineRead(None, tuple(findings))
    return EngineRead(EngineRef(tuple((name, getattr(read, name)) for name in names), file, call.lineno))


def _clause(error: ConfigurationError, name: str) -> str:
    """What is wrong with a setting, as a part of a sentence."""
    said = f"{error.message[0].lower()}{error.message[1:].rstrip('.')}"
    hint = f"{error.remedy[0].lower()}{error.remedy[1:].rstrip('.')}"
    return said if name in settings.ENGINE_NAMES else f"{said} ({hint})"


def engine_elsewhere(place: Place, wanted: Reference) -> EngineRead:
    """Follow a name to the one literal ``Engine(...)`` that it is assigned to."""
    looked_up = place.resolver.lookup(place.file, wanted.parts, place.scopes)
    symbols = tuple(place.resolver.external(symbol) for symbol in looked_up)
    values = [symbol for symbol in symbols if isinstance(symbol, Value)]
    again = _bound_again(values, place)
    found = values[0] if len(values) == 1 and not again else None
    call = found.binding.value if found else None
    if found is None or not isinstance(call, ast.Call) or not _is_engine(call, found, place):
        reason = f"it is bound more than once ({again})" if again else _no_engine(symbols)
        found_here = finding("engine-unresolved", place.file, wanted.line, name=str(wanted), reason=reason)
        return EngineRead(None, (found_here,))
    return engine_literal(call, found.file)


def _bound_again(values: Sequence[Value], place: Place) -> str:
    """The places of a name that has several bindings: then no text tells which one holds. Empty for one."""
    lines: set[tuple[str, int]] = set()
    for value in values:
        scope = place.resolver.scope(value.file)
        bindings = scope.names.get(value.name, ()) if scope else ()
        others = bindings if value.binding in bindings else (value.binding,)
        lines |= {(value.file, binding.line) for binding in others}
    return ", ".join(f"{file}:{line}" for file, line in sorted(lines)) if len(lines) > 1 else ""


def _no_engine(symbols: Sequence[Symbol]) -> str:
    """What a name is that is no literal ``Engine(...)``."""
    for symbol in symbols:
        match symbol:
            case Value(file=file, binding=binding):
                return f"{file}:{binding.line} gives it another value"
            case Definite(file=file, node=node):
                return f"{file}:{node.lineno} defines it as something else"
            case Unreadable(file):
                return f"{file} cannot be read"
            case External(name):
                return f"`{'.'.join(name)}` is not among the project's files"
            case Own():
                return "it is a part of jiti itself"
    return "nothing by that name is found"


def _is_engine(call: ast.Call, found: Value, place: Place) -> bool:
    name = dotted(call.func)
    symbols = place.resolver.module_name(found.file, name or ())
    return Own("Engine") in symbols


def targets(mark: Mark, file: str) -> tuple[tuple[Reference, ...], tuple[Finding, ...]]:
    """What ``@jiti.required_for(...)`` names: one target or more, each a name that can be read."""
    call = mark.call
    named = [keyword.value for keyword in call.keywords if keyword.arg == "target"] if call else []
    names = [dotted(value) for value in (*call.args, *named)] if call else []
    read = tuple(Reference(name, mark.node.lineno) for name in names if name is not None)
    if call is None or not names or len(read) < len(names) or len(named) < len(call.keywords):
        return (), (finding("gate-form", file, mark.node.lineno),)
    return read, ()


def last_names(decorators: Sequence[ast.expr]) -> set[str]:
    """The last part of each decorator's name: ``lru_cache`` for ``@functools.lru_cache(8)``."""
    found: set[str] = set()
    for decorator in decorators:
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name is not None:
            found.add(name[-1])
    return found
