"""What a statement needs as soon as it runs, not only when a function that it defines is called. Pure.

A committed file runs when its stub is first called, with the whole module there. Folded in, its helpers run where they
stand, while the module is being loaded.
"""

import ast
from collections.abc import Iterator, Mapping

from jiti_bot.source.bindings import function_scope, scope_of

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def needs(node: ast.stmt, own: Mapping[str, ast.stmt], *, postponed: bool = False) -> set[str]:
    """The names that ``node`` reads when it runs, through functions of ``own`` that it calls, too.

    ``own`` are the statements beside it, by the names that they bind. ``postponed``: annotations are not evaluated.
    """
    found, pending = _at_once(node, postponed=postponed)
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        target = own.get(name)
        if name not in seen and isinstance(target, FUNCTIONS) and target is not node:
            read, called = _inside(target)
            found |= read
            pending |= called
        seen.add(name)
    return found


def _at_once(node: ast.AST, *, postponed: bool) -> tuple[set[str], set[str]]:
    """The names that are read at once, and those of them that are called."""
    nodes = list(_evaluated(node, postponed=postponed))
    read = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    called = {one.func.id for one in nodes if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
    decorators = [one for it in nodes if isinstance(it, FUNCTIONS | ast.ClassDef) for one in it.decorator_list]
    called |= {one.id for one in decorators if isinstance(one, ast.Name)}
    bound = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    bound |= {name for one in nodes if isinstance(one, ast.ClassDef) for name in scope_of(one.body).names}
    bound |= {one.name for one in nodes if isinstance(one, ast.ExceptHandler) and one.name}
    return read - bound, called - bound


def _inside(node: ast.stmt) -> tuple[set[str], set[str]]:
    """What a function reads when it is called."""
    assert isinstance(node, FUNCTIONS), "only functions are called"
    inner = [one for statement in node.body for one in ast.walk(statement)]
    own = set(function_scope(node).names)
    read = {one.id for one in inner if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    called = {one.func.id for one in inner if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
    return read - own, called - own


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
