"""What names a module, class or function binds, and in which branch.

Statements are walked with an explicit stack: a chain of thousands of ``elif`` is nested as deeply in the tree.
"""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Branch:
    """A place that may not run: an arm of an ``if``, ``try``, loop or ``match``, inside of ``parent``."""

    parent: Branch | None
    fork: ast.stmt
    arm: int

    def path(self) -> list[Branch]:
        """The branches from the outermost to this one."""
        found: list[Branch] = []
        at: Branch | None = self
        while at is not None:
            found.append(at)
            at = at.parent
        return found[::-1]


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """``def`` or ``class``."""

    name: str
    line: int
    branch: Branch | None
    node: Definition


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """``import module`` (``attribute`` is None) or ``from module import attribute``; ``level`` counts the dots.

    ``whole`` tells ``import a.b``, which binds ``a``, from ``import a.b as c``.
    """

    name: str
    line: int
    branch: Branch | None
    module: tuple[str, ...]
    attribute: str | None
    level: int
    whole: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """Any other binding; ``value`` where it is one plain assignment of an expression."""

    name: str
    line: int
    branch: Branch | None
    value: ast.expr | None
    node: ast.AST


Binding = Defined | Imported | Assigned


@dataclass(slots=True, eq=False)
class Scope:
    """The names of one module, class or function body, each with its bindings in source order."""

    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)

    def visible(self, name: str, line: int | None = None) -> tuple[Binding, ...]:
        """The bindings that may be in force, latest first.

        That is the latest that always runs and all conditional ones after it: before ``line``, or at the end.
        """
        found: list[Binding] = []
        for binding in reversed(self.names.get(name, ())):
            if line is not None and binding.line >= line:
                continue
            found.append(binding)
            if binding.branch is None:
                break
        return tuple(found)


def exclusive(one: Branch | None, other: Branch | None) -> bool:
    """Whether at most one of two branches runs: other arms of one ``if`` or ``match``, ``try`` against ``except``."""
    if one is None or other is None:
        return False
    for mine, theirs in zip(one.path(), other.path(), strict=False):
        if mine.fork is not theirs.fork:
            return False
        if mine.arm != theirs.arm:
            return mine.arm >= 0 and theirs.arm >= 0
    return False


def statements(body: Sequence[ast.stmt], around: Branch | None = None) -> Iterator[tuple[ast.stmt, Branch | None]]:
    """All statements that run in this scope, in source order, with the branch they stand in; ``around`` is its own."""
    stack: list[tuple[ast.stmt, Branch | None]] = [(statement, around) for statement in reversed(body)]
    while stack:
        statement, branch = stack.pop()
        yield statement, branch
        inner = [(child, arm) for block, arm in _blocks(statement, branch) for child in block]
        stack.extend(reversed(inner))


def _blocks(statement: ast.stmt, branch: Branch | None) -> Iterator[tuple[list[ast.stmt], Branch | None]]:
    """The blocks of a compound statement. Arms from 0 up exclude each other; negative ones do not."""
    match statement:
        case ast.If():
            yield statement.body, Branch(branch, statement, 0)
            yield statement.orelse, Branch(branch, statement, 1)
        case ast.Try() | ast.TryStar():
            yield statement.body, Branch(branch, statement, 0)
            for arm, handler in enumerate(statement.handlers, 1):
                yield handler.body, Branch(branch, statement, arm)
            yield statement.orelse, Branch(branch, statement, -1)
            yield statement.finalbody, branch
        case ast.For() | ast.AsyncFor() | ast.While():
            yield statement.body, Branch(branch, statement, -1)
            yield statement.orelse, Branch(branch, statement, -2)
        case ast.With() | ast.AsyncWith():
            yield statement.body, branch
        case ast.Match():
            for arm, case in enumerate(statement.cases):
                yield case.body, Branch(branch, statement, arm)


def scope_of(body: Sequence[ast.stmt], *, walrus: bool = True) -> Scope:
    """The scope of a module or class body; ``walrus=False`` saves the search for ``:=``."""
    scope = Scope()
    for statement, branch in statements(body):
        for binding in _bindings(statement, branch, walrus=walrus):
            if isinstance(binding, Imported) and binding.attribute == "*":
                scope.stars.append(binding)
            else:
                scope.names.setdefault(binding.name, []).append(binding)
    return scope


def function_scope(node: Function) -> Scope:
    """The scope of a function: its parameters and all that its body binds."""
    scope = scope_of(node.body)
    for name in parameters(node):
        scope.names.setdefault(name, []).insert(0, Assigned(name, node.lineno, None, None, node))
    return scope


def parameters(node: Function) -> tuple[str, ...]:
    """The names of a function's parameters, in order."""
    spec = node.args
    named = [*spec.posonlyargs, *spec.args, spec.vararg, *spec.kwonlyargs, spec.kwarg]
    return tuple(arg.arg for arg in named if arg is not None)


def dotted(expression: ast.expr) -> tuple[str, ...] | None:
    """``a.b.c`` as its parts, None for any other expression."""
    parts: list[str] = []
    at = expression
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    if not isinstance(at, ast.Name):
        return None
    return (at.id, *reversed(parts))


def _bindings(statement: ast.stmt, branch: Branch | None, *, walrus: bool) -> Iterator[Binding]:
    line = statement.lineno
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield Defined(statement.name, line, branch, statement)
            return
        case ast.Import():
            for alias in statement.names:
                module = tuple(alias.name.split("."))
                whole = alias.asname is None
                yield Imported(module[0] if whole else alias.asname, line, branch, module, None, 0, whole)
            return
        case ast.ImportFrom():
            module = tuple(statement.module.split(".")) if statement.module else ()
            for alias in statement.names:
                yield Imported(alias.asname or alias.name, line, branch, module, alias.name, statement.level)
            return
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _targets(target, value, branch, statement)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            yield from _targets(target, value, branch, statement)
    for target in _other_targets(statement):
        yield from _targets(target, None, branch, statement)
    for name in _plain_names(statement):
        yield Assigned(name, line, branch, None, statement)
    if walrus:
        yield from _walrus(statement, branch)


def _targets(target: ast.expr, value: ast.expr | None, branch: Branch | None, node: ast.stmt) -> Iterator[Assigned]:
    if isinstance(target, ast.Name):
        yield Assigned(target.id, node.lineno, branch, value, node)
        return
    if not isinstance(target, ast.Tuple | ast.List | ast.Starred):
        return
    for inner in ast.walk(target):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield Assigned(inner.id, node.lineno, branch, None, node)


def _other_targets(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.AugAssign() | ast.For() | ast.AsyncFor():
            yield statement.target
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                if item.optional_vars is not None:
                    yield item.optional_vars
        case _ if type(statement).__name__ == "TypeAlias":  # Python 3.12
            yield getattr(statement, "name")  # noqa: B009 - unknown to Python 3.11's ast


def _plain_names(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Try() | ast.TryStar():
            for handler in statement.handlers:
                if handler.name:
                    yield handler.name
        case ast.Match():
            for case in statement.cases:
                for pattern in ast.walk(case.pattern):
                    name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                    if isinstance(name, str):
                        yield name


def _walrus(statement: ast.stmt, branch: Branch | None) -> Iterator[Assigned]:
    for expression in _expressions(statement):
        for inner in ast.walk(expression):
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                yield Assigned(inner.target.id, statement.lineno, branch, None, statement)


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself, not of the statements inside it."""
    for value in ast.iter_child_nodes(statement):
        if isinstance(value, ast.expr):
            yield value
        elif isinstance(value, ast.withitem):
            yield value.context_expr
