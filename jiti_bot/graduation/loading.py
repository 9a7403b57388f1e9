"""What a statement needs as soon as it runs, not only when a function that it defines is called. Pure.

A committed file runs when its stub is first called, with the whole module there. Folded in, its helpers run where they
stand, while the module is being loaded.

What runs is judged by form, and cautiously: a function that is handed to another call may be called by it.
"""

import ast
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from jiti_bot.source.bindings import dotted, function_scope, scope_of

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef

# What keeps or looks at what it is given, and calls it later, if ever.
_KEEPING = frozenset(
    {"partial", "partialmethod", "field", "cast", "isinstance", "issubclass", "callable", "type", "id", "hasattr",
     "getattr", "dict", "tuple", "MappingProxyType", "NewType", "TypeVar", "TypeAliasType", "defaultdict", "property",
     "staticmethod", "classmethod", "cached_property", "cache", "lru_cache", "wraps", "singledispatch", "append",
     "setdefault", "register", "ContextVar"}
)  # fmt: skip
_TABLES = frozenset({"dict", "tuple", "list", "set", "frozenset", "MappingProxyType", "OrderedDict"})


@dataclass(frozen=True, slots=True)
class _Run:
    """What runs: the names it reads, those of them that it calls, and the attributes it asks for.

    ``handed`` are those that it hands to a call, or calls a method of: a table of functions calls none of them then.
    ``bases`` are classes that another is derived from.
    """

    read: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    handed: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    def without(self, names: Iterable[str]) -> "_Run":
        """The same where ``names`` are its own."""
        gone = frozenset(names)
        return _Run(self.read - gone, self.called - gone, self.handed - gone, self.bases - gone, self.asked)

    def union(self, *others: "_Run") -> "_Run":
        """All of them as one."""
        runs = (self, *others)
        parts = (chain.from_iterable(getattr(run, part) for run in runs) for part in self.__slots__)
        return _Run(*map(frozenset, parts))


def needs(node: ast.stmt, own: Mapping[str, ast.stmt], *, postponed: bool = False) -> set[str]:
    """The names that ``node`` reads when it runs, through what it calls of ``own``, or hands to a call, too.

    ``own`` are the statements beside it, by the names that they bind. ``postponed``: annotations are not evaluated.
    """
    run = _at_once(node, postponed=postponed)
    while True:
        used = [_used(own[name], run.asked) for name in run.called & own.keys()]
        used += [_used(own[name], run.asked) for name in run.handed & own.keys() if not _is_table(own[name])]
        grown = run.union(*used, *(_derived(own[name]) for name in run.bases & own.keys()))
        if grown == run:
            return set(run.read)
        run = grown


def _at_once(node: ast.stmt, *, postponed: bool) -> _Run:
    """What runs as soon as the statement does."""
    nodes = list(_evaluated(node, postponed=postponed))
    bound = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    bound |= {name for one in nodes if isinstance(one, ast.ClassDef) for name in scope_of(one.body).names}
    bound |= {one.name for one in nodes if isinstance(one, ast.ExceptHandler) and one.name}
    run = _run(nodes)
    decorators = [one for it in nodes if isinstance(it, FUNCTIONS | ast.ClassDef) for one in it.decorator_list]
    return run.union(_Run(called=_roots(decorators))).without(bound)


def _used(node: ast.stmt, asked: Container[str]) -> _Run:
    """What runs when something calls what the statement binds, or a method of it; ``asked`` are attributes."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _body(node)
        case ast.ClassDef():
            return _instance(node, asked)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _anything(value)
    return _Run()


def _is_table(node: ast.stmt) -> bool:
    """Whether a statement binds a name to a value that holds others, or to one that nobody can call."""
    match getattr(node, "value", None):
        case ast.Call(func=func):
            return (dotted(func) or ("",))[-1] in _TABLES
        case None | ast.Lambda() | ast.Name() | ast.Attribute() | ast.IfExp() | ast.BoolOp() | ast.Subscript():
            return False
    return True


def _derived(node: ast.stmt) -> _Run:
    """What runs when a class is made from the one that the statement defines."""
    if not isinstance(node, ast.ClassDef):
        return _Run()
    hooks = [one for one in node.body if isinstance(one, FUNCTIONS) and one.name == "__init_subclass__"]
    return _Run(bases=_roots(node.bases)).union(*map(_body, hooks))


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> _Run:
    """What runs when a function is called, functions in it included."""
    inner = list(_deep(node.body))
    passed = [one.value for one in inner if isinstance(one, ast.Assign)]  # by another name
    run = _run(inner).union(_Run(called=frozenset(one.id for one in passed if isinstance(one, ast.Name))))
    return run.without(function_scope(node).names)


def _instance(node: ast.ClassDef, asked: Container[str]) -> _Run:
    """What runs when a class is called: what Python itself calls, and the methods that are asked for."""
    run = _Run(called=_roots(node.bases))
    for one in node.body:
        if isinstance(one, FUNCTIONS) and (one.name.startswith("__") or one.name in asked):
            run = run.union(_body(one))
        elif isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
            run = run.union(_anything(one.value))
    return run.without(scope_of(node.body).names)


def _anything(value: ast.expr) -> _Run:
    """What runs when a value is used, whatever stands in it."""
    nodes = list(_deep([value]))
    names = frozenset(one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    return _run(nodes).union(_Run(called=names))


def _deep(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """``nodes`` and all below them, but for names that functions and comprehensions have for themselves."""
    pending: list[tuple[ast.AST, frozenset[str]]] = [(node, frozenset()) for node in nodes]
    while pending:
        node, hidden = pending.pop()
        if isinstance(node, ast.Name) and node.id in hidden:
            continue
        yield node
        inside = hidden | _own(node)
        pending += [(child, inside) for child in ast.iter_child_nodes(node)]


def _own(node: ast.AST) -> frozenset[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return frozenset(function_scope(node).names)
        case ast.Lambda(args=arguments):
            return frozenset(one.arg for one in _arguments(arguments))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            inner = (one for clause in node.generators for one in ast.walk(clause.target))
            return frozenset(one.id for one in inner if isinstance(one, ast.Name))
    return frozenset()


def _run(nodes: Iterable[ast.AST]) -> _Run:
    """What runs in ``nodes``, each of which does."""
    return _Run().union(*map(_one, nodes))


def _one(node: ast.AST) -> _Run:
    """What runs with one node, but for what stands below it, and for a function that is given to a call."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return _Run(read=frozenset({name}))
        case ast.Attribute(attr=attr):
            return _Run(asked=frozenset({attr}))
        case ast.Call(func=func, args=args, keywords=named):
            keeps = (dotted(func) or ("",))[-1] in _KEEPING
            given = [] if keeps else [*args, *(keyword.value for keyword in named)]
            lambdas = [_anything(one) for one in (func, *given) if isinstance(one, ast.Lambda)]
            items = [one for one in given if isinstance(one, ast.Subscript)]
            is_method = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
            called = _roots(items) if is_method else _roots([func, *items])
            handed = [one for one in (func, *given) if isinstance(one, ast.Name | ast.Attribute | ast.Starred)]
            return _Run(called=called, handed=_roots(handed)).union(*lambdas)
        case ast.ClassDef(bases=bases, keywords=named):
            return _Run(bases=_roots(bases), called=_roots(keyword.value for keyword in named))
    return _Run()


def _roots(values: Iterable[ast.expr]) -> frozenset[str]:
    """The names that values are reached from, as ``a`` is in ``a``, ``a.b`` and ``a[1](2).c``."""
    found = set[str]()
    for value in values:
        at: ast.AST = value
        while isinstance(at, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
            at = at.func if isinstance(at, ast.Call) else at.value
        if isinstance(at, ast.Name):
            found.add(at.id)
    return frozenset(found)


def _evaluated(node: ast.AST, *, postponed: bool) -> Iterator[ast.AST]:
    """``node`` and what is evaluated below it, without the bodies of functions."""
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        pending += _children(one, postponed=postponed)


def _children(node: ast.AST, *, postponed: bool) -> Iterator[ast.AST]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from node.decorator_list
            yield from _defaults(node.args)
            if not postponed:
                yield from (arg.annotation for arg in _arguments(node.args) if arg.annotation is not None)
                yield from [node.returns] if node.returns is not None else []
        case ast.Lambda(args=arguments):
            yield from _defaults(arguments)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            yield from (one for one in (target, value, None if postponed else annotation) if one is not None)
        case _ if type(node).__name__ != "TypeAlias":  # what that stands for is evaluated when somebody asks
            yield from ast.iter_child_nodes(node)


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    yield from arguments.defaults
    yield from (one for one in arguments.kw_defaults if one is not None)


def _arguments(spec: ast.arguments) -> Iterator[ast.arg]:
    yield from (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)
    yield from (one for one in (spec.vararg, spec.kwarg) if one is not None)
