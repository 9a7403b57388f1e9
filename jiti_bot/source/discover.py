"""From the bytes of one file to its stubs, gates, examples and findings: from syntax alone, nothing is run."""

from __future__ import annotations

from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.bindings import Branch, Definition, Function, Scope, dotted, function_scope, scope_of, statements
from jiti_bot.source.doctests import broken_examples, doctest_of
from jiti_bot.source.duplicates import Occurrence, duplicates, hidden_gates
from jiti_bot.source.early import called_early
from jiti_bot.source.marks import Mark, Options, Place, last_names, marks, options, targets
from jiti_bot.source.model import EngineRef, GateKind, Kind, Stub
from jiti_bot.source.module import Asked, Doctest, FoundGate, Module, Reference
from jiti_bot.source.parse import Parsed, parse
from jiti_bot.source.placeholder import is_idle_body, is_placeholder_body
from jiti_bot.source.resolve import Resolver, Source
from jiti_bot.source.roots import Roots
from jiti_bot.source.units import Around, Wishes, class_stub, function_stub, unit_name
from jiti_bot.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WORD = b"jiti"
LONGEST = 200  # bytes of a unit's name: with what our files add to it they have to fit into the 255 of file systems
# What may stand on a stub method of a class stub: the runtime knows how to reach the function inside.
_MEMBER_DECORATORS = frozenset(
    {
        "staticmethod",
        "classmethod",
        "property",
        "setter",
        "getter",
        "deleter",
        "lru_cache",
        "cache",
        "override",
        "final",
    }
)
# Decorators that return the very function they are given.
_SAME = frozenset({"override", "final"})
# What keeps a class stub from being generated as it stands.
_SPOIL = frozenset({"class-member-decorator", "class-member-early"})
# Definitions that look like stubs and are none.
_INTERFACES = frozenset({"abstractmethod", "overload", "abstractproperty"})


def discover(file: str, data: bytes, resolver: Resolver | None = None, *, prefilter: bool = True) -> Module:
    """Read one file. Names from other files are followed only with a ``resolver`` that knows them."""
    if prefilter and WORD not in data:
        return Module(file)
    parsed = parse(file, data)
    if isinstance(parsed, Finding):
        return Module(file, findings=(parsed,))
    source = read_source(parsed)
    return discover_source(source, resolver or alone(source))


def read_source(parsed: Parsed) -> Source:
    """A parsed file with its names."""
    return Source(parsed, scope_of(parsed.tree.body, walrus=":=" in parsed.text))


def alone(source: Source) -> Resolver:
    """A resolver that knows one file only."""
    file = source.parsed.file
    return Resolver(lambda name: source if name == file else None, Roots(lambda name: name == file))


def discover_source(source: Source, resolver: Resolver) -> Module:
    """Read one file that is parsed already."""
    walk = _Walk(source.parsed, source.scope)
    place = Place(source.parsed.file, (source.scope,), resolver)
    _scope(walk, source.parsed.tree.body, _Where(place, place, ()))
    walk.findings += duplicates(source.parsed.file, walk.occurrences)
    walk.findings += hidden_gates(source.parsed.file, walk.occurrences, [gate.node for gate in walk.gates])
    return Module(
        source.parsed.file,
        stubs=tuple(walk.stubs),
        gates=tuple(walk.gates),
        doctests=tuple(walk.doctests),
        findings=tuple(sorted(set(walk.findings))),
        asked=tuple(walk.asked.items()),
        parsed=source.parsed,
        scope=source.scope,
    )


@dataclass(slots=True, eq=False)
class _Walk:
    """What one walk over a file gathers."""

    parsed: Parsed
    scope: Scope
    stubs: list[Stub] = field(default_factory=list)
    gates: list[FoundGate] = field(default_factory=list)
    doctests: list[Doctest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    occurrences: list[Occurrence] = field(default_factory=list)
    ours: set[ast.expr] = field(default_factory=set)

    def find(self, code: str, line: int, **details: str) -> None:
        self.findings.append(finding(code, self.parsed.file, line, level="error", **details))


@dataclass(frozen=True, slots=True, eq=False)
class _Where:
    """Where the walk is. Functions do not see the names of the classes around them: ``enclosing`` leaves those out."""

    place: Place
    enclosing: Place
    owners: tuple[ast.ClassDef, ...]
    function: str = ""
    generated: bool = False  # inside of a class stub
    branch: Branch | None = None  # that the class around stands in


def _scope(walk: _Walk, body: Sequence[ast.stmt], where: _Where) -> None:
    for statement, branch in statements(body, where.branch):
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                _definition(walk, statement, branch, where)
            case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call) if not where.function:
                _plain_call(walk, call, where)


def _definition(walk: _Walk, node: Definition, branch: Branch | None, where: _Where) -> None:
    found = marks(node, where.place) if node.decorator_list else ()
    walk.ours.update(mark.node for mark in found)
    unit = unit_name(node, where.owners)
    is_stub = False
    if where.function and found:
        code = "gate-nested" if found[0].what == "required_for" else "stub-nested"
        walk.find(code, node.lineno, unit=unit, function=where.function)
    elif found:
        is_stub = _marked(walk, node, found, where, unit)
    if not where.function:
        member = where.generated and not found and _is_member(node)
        walk.occurrences.append(Occurrence(unit, node, branch, is_stub or member, is_stub))
    if isinstance(node, ast.ClassDef):
        _class(walk, node, where, branch, generated=is_stub)
    else:
        _function(walk, node, where)


def _class(walk: _Walk, node: ast.ClassDef, where: _Where, branch: Branch | None, *, generated: bool) -> None:
    scope = where.place.resolver.class_scope(node)
    place = where.enclosing.within(scope)
    owners = (*where.owners, node)
    _scope(walk, node.body, _Where(place, where.enclosing, owners, where.function, generated, branch))


def _function(walk: _Walk, node: Function, where: _Where) -> None:
    """Look for what stands inside of a function, where neither stubs nor gates may be."""
    if not any(isinstance(statement, Definition) for statement, _branch in statements(node.body)):
        return
    place = where.enclosing.within(function_scope(node))
    _scope(walk, node.body, _Where(place, place, where.owners, where.function or node.name))


def _marked(walk: _Walk, node: Definition, found: tuple[Mark, ...], where: _Where, unit: str) -> bool:
    """Take in a definition that bears decorators of jiti's; whether it is a stub (or a jiti-test)."""
    kinds = [mark.what for mark in found]
    if "module" in kinds:
        walk.find("mark-module", node.lineno, unit=unit)
        return False
    if "required_for" in kinds:
        if "jiti" in kinds:
            walk.find("mark-both", node.lineno, unit=unit)
            return False
        return _gate(walk, node, found, where, unit)
    if len(found) > 1:
        walk.find("mark-twice", node.lineno, unit=unit)
    wanted = options(found[0], where.place, unit)
    walk.findings += wanted.findings
    wishes = Wishes(wanted.uses, wanted.engine if isinstance(wanted.engine, EngineRef) else None)
    below = _wrapped_below(node, found[-1])
    if below is not None:
        walk.find("mark-above", found[-1].node.lineno, unit=unit, decorator=walk.parsed.segment(below))
        return False
    if len(unit.encode()) > LONGEST:
        walk.find("stub-name", node.lineno, unit=f"{unit[:40]}...", longest=str(LONGEST))
        return False
    if isinstance(node, ast.ClassDef):
        before = len(walk.findings)
        stub = _class_stub(walk, node, where, wishes, unit)
        spoilt = tuple(one for one in walk.findings[before:] if one.code in _SPOIL)
        wanted = replace(wanted, findings=(*wanted.findings, *spoilt))
    else:
        stub = _function_stub(walk, node, where, wishes, unit)
    if stub is None:
        return False
    walk.stubs.append(stub)
    walk.asked[unit] = _asked(wanted, where)
    return True


def _wrapped_below(node: Definition, mark: Mark) -> ast.expr | None:
    """A decorator between ``@jiti`` and the ``def``, which would hand it something else than the function."""
    if isinstance(node, ast.ClassDef):
        return None
    below = node.decorator_list[node.decorator_list.index(mark.node) + 1 :]
    return next((each for each in below if not last_names([each]) & _SAME), None)


def _asked(wanted: Options, where: _Where) -> Asked:
    engine = wanted.engine if isinstance(wanted.engine, Reference) else None
    return Asked(wanted.uses, engine, where.place.scopes, wanted.findings)


def _function_stub(walk: _Walk, node: Function, where: _Where, wishes: Wishes, unit: str) -> Stub | None:
    if not is_placeholder_body(node):
        walk.find("stub-real-body", node.lineno, unit=unit)
        return None
    kind = Kind.METHOD if where.owners else Kind.FUNCTION
    stub = function_stub(
        node, Around(walk.parsed, where.owners, walk.ours), kind, wishes, _overloads(node, where.place)
    )
    _examples(walk, node, unit, unit)
    return stub


def _overloads(node: Function, place: Place) -> list[Function]:
    """The ``@overload`` definitions of a function's name in its scope."""
    found: list[Function] = []
    for binding in place.scopes[0].names.get(node.name, ()):
        other = getattr(binding, "node", None)
        if isinstance(other, Function) and other is not node and "overload" in last_names(other.decorator_list):
            found.append(other)
    return found


def _class_stub(walk: _Walk, node: ast.ClassDef, where: _Where, wishes: Wishes, unit: str) -> Stub | None:
    members: list[Stub] = []
    owners = (*where.owners, node)
    place = where.enclosing.within(where.place.resolver.class_scope(node))
    around = Around(walk.parsed, owners, walk.ours)
    early = called_early(node, where.place)
    refused = False
    for statement, _branch in statements(node.body):
        if not isinstance(statement, Function) or not _is_member(statement) or marks(statement, place):
            continue
        member = unit_name(statement, owners)
        foreign = [each for each in statement.decorator_list if not last_names([each]) & _MEMBER_DECORATORS]
        for decorator in foreign[:1]:
            shown = walk.parsed.segment(decorator)
            walk.find("class-member-decorator", decorator.lineno, unit=member, decorator=shown)
            refused = True
        if not foreign and statement.name in early:
            walk.find("class-member-early", statement.lineno, unit=member)
        if not foreign:
            members.append(function_stub(statement, around, Kind.METHOD, Wishes(), _overloads(statement, place)))
            _examples(walk, statement, member, unit)
    if not members:
        if not refused:
            walk.find("class-without-stubs", node.lineno, unit=unit)
        return None
    _examples(walk, node, unit, unit)
    return class_stub(node, Around(walk.parsed, where.owners, walk.ours), tuple(members), wishes)


def _is_member(node: Definition) -> bool:
    """Whether a definition in a class stub is one of its stub methods, as far as its own decorators tell."""
    if isinstance(node, ast.ClassDef) or not is_placeholder_body(node):
        return False
    return not last_names(node.decorator_list) & _INTERFACES


def _examples(walk: _Walk, node: Definition, unit: str, stub: str) -> None:
    walk.findings += broken_examples(node, unit, walk.parsed.file)
    found = doctest_of(node, unit, stub, walk.scope)
    if found is not None:
        walk.doctests.append(found)


def _gate(walk: _Walk, node: Definition, found: tuple[Mark, ...], where: _Where, unit: str) -> bool:
    """A test that gates; with an empty body also a stub, which is to be written from the interface alone."""
    wanted: list[Reference] = []
    for mark in found:
        named, problems = targets(mark, walk.parsed.file)
        wanted += named
        walk.findings += problems
    empty = not isinstance(node, ast.ClassDef) and is_placeholder_body(node)
    if not empty and not isinstance(node, ast.ClassDef) and is_idle_body(node):
        walk.find("gate-idle", node.lineno, unit=unit)
    kind = GateKind.TEST if empty else GateKind.HUMAN
    walk.gates.append(FoundGate(unit, kind, node.lineno, tuple(wanted), node, where.owners, where.place.scopes))
    if isinstance(node, ast.ClassDef):
        _refuse_empty_tests(walk, node, where, unit)
        return False
    if not empty:
        return False
    walk.stubs.append(
        function_stub(node, Around(walk.parsed, where.owners, walk.ours), Kind.TEST, Wishes(tuple(wanted)))
    )
    walk.asked[unit] = Asked(tuple(wanted), None, where.place.scopes)
    return True


def _refuse_empty_tests(walk: _Walk, node: ast.ClassDef, where: _Where, unit: str) -> None:
    """An empty test in a class that is a gate as a whole would pass, whatever the class's target does."""
    place = where.enclosing.within(where.place.resolver.class_scope(node))
    for statement, _branch in statements(node.body):
        is_test = isinstance(statement, Function) and statement.name.startswith("test")
        if is_test and is_placeholder_body(statement) and not marks(statement, place):
            walk.find("gate-empty", statement.lineno, unit=f"{unit}.{statement.name}")


def _plain_call(walk: _Walk, call: ast.Call, where: _Where) -> None:
    """``slugify = jiti(write_me)``: a stub that only running the module would show."""
    name = dotted(call.func)
    if call.args and name is not None and where.place.own(call.func, call.lineno) == "jiti":
        walk.find("mark-call", call.lineno, name=".".join(name))
