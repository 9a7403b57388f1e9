"""Classes whose objects pass for others: equality that does not compare, a ``repr`` that is not of the object. Pure.

A gate compares, and a docstring example shows what comes out: both believe what a class says of its objects.
"""

import ast
from collections.abc import Iterator

from jiti_bot.validation.folding import Folder
from jiti_bot.validation.reflection import EQUALITY
from jiti_bot.validation.scopes import Scope

_PAIRS = EQUALITY - {"__contains__", "__bool__"}
_SHOWN = frozenset({"__repr__", "__str__", "__format__"})
_KINDS = frozenset({"isinstance", "issubclass", "type", "hasattr", "callable", "id", "len", "bool"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def judge(tree: ast.Module, scope: Scope) -> Iterator[tuple[int, str]]:
    """Refusals as (line, message)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, Function):
                    yield from _method(member, derived=bool(node.bases))
        elif isinstance(node, Function) and node.name in EQUALITY and _always(node):
            yield node.lineno, f"{node.name} that always answers the same makes every comparison pass"
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in EQUALITY for target in node.targets
        ):
            yield node.lineno, "comparisons are written as methods"
    for line, text in Folder(scope.values).texts(tree):
        if text in EQUALITY:
            yield line, f"{text} is not to be set by name"


def _method(node: Function, *, derived: bool) -> Iterator[tuple[int, str]]:
    arguments = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    if node.name in EQUALITY and _always(node):
        yield node.lineno, f"{node.name} that always answers the same makes every comparison pass"
    elif node.name in _PAIRS and not _declines(node) and (len(arguments) < 2 or not _compares(node, *arguments[:2])):
        yield node.lineno, f"{node.name} has to compare what its two objects hold"
    elif node.name in _SHOWN and derived and (not arguments or not _shows(node, arguments[0])):
        yield node.lineno, f"{node.name} has to show the object: it is made of something else"


def _always(node: Function) -> bool:
    body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant)


def _declines(node: Function) -> bool:
    """Whether it leaves the answer to others in every case."""
    returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
    return bool(returned) and all(isinstance(one, ast.Name) and one.id == "NotImplemented" for one in returned)


def _compares(node: Function, one: str, other: str) -> bool:
    """Whether what comes of both objects meets in a comparison or call; their types alone say nothing."""
    ours, theirs = _made_of(node, one), _made_of(node, other)
    for part in ast.walk(node):
        if isinstance(part, ast.Compare):
            sides = [part.left, *part.comparators]
        elif isinstance(part, ast.Call) and not _asks_kind(part):
            sides = [part.func, *part.args, *(word.value for word in part.keywords)]
        elif isinstance(part, ast.BinOp):
            sides = [part.left, part.right]
        else:
            continue
        mine = {index for index, side in enumerate(sides) if _holds(side, ours)}
        yours = {index for index, side in enumerate(sides) if _holds(side, theirs)}
        if mine and yours and len(mine | yours) > 1:
            return True
    return False


def _shows(node: Function, own: str) -> bool:
    """Whether every text that it returns is made of the object."""
    made = _made_of(node, own)
    returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
    return all(one is not None and _is_made_of(one, made) for one in returned)


def _is_made_of(node: ast.expr, made: set[str]) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_made_of(node.body, made) and _is_made_of(node.orelse, made)
    if isinstance(node, ast.BoolOp):
        return all(_is_made_of(one, made) for one in node.values)
    implicit = any(isinstance(one, ast.Name) and one.id in {"super", "__class__"} for one in ast.walk(node))
    return implicit or _holds(node, made)


def _made_of(node: Function, name: str) -> set[str]:
    """``name`` and the local names that get something of it."""
    made = {name}
    for _ in range(3):
        for part in ast.walk(node):
            if isinstance(part, ast.Assign | ast.AnnAssign | ast.NamedExpr) and part.value is not None:
                targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                source = part.value
            elif isinstance(part, ast.For | ast.comprehension):
                targets, source = [part.target], part.iter
            elif isinstance(part, ast.Match):
                targets = [one for case in part.cases for one in ast.walk(case.pattern)]
                source = part.subject
            else:
                continue
            if _holds(source, made):
                made |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
                made |= {one.name for one in targets if isinstance(one, ast.MatchAs | ast.MatchStar) and one.name}
    return made


def _holds(node: ast.AST, made: set[str]) -> bool:
    """Whether a value in ``node`` comes from one of the names, its kind aside."""
    if isinstance(node, ast.Name):
        return node.id in made
    if isinstance(node, ast.Call) and _asks_kind(node):
        return False
    if isinstance(node, ast.Attribute) and node.attr == "__class__":
        return False
    return any(_holds(child, made) for child in ast.iter_child_nodes(node))


def _asks_kind(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in _KINDS
