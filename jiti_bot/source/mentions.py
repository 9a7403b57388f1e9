"""Which names a piece of syntax mentions."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import Function, dotted, parameters
from jiti_bot.values import dataclass

_BY_NAME = frozenset({"usefixtures", "getfixturevalue"})


@dataclass(frozen=True, slots=True)
class Mentions:
    """Dotted names not its own, attributes of ``self`` or ``cls``, its parameters, fixtures named in strings."""

    names: tuple[tuple[str, ...], ...]
    own: tuple[str, ...]
    parameters: tuple[str, ...]
    fixtures: tuple[str, ...]


def mentions(node: ast.AST) -> Mentions:
    """Look through a definition, statement or expression."""
    names: set[tuple[str, ...]] = set()
    fixtures: set[str] = set()
    local: set[str] = set()
    inner: set[int] = set()
    for child in ast.walk(node):
        match child:
            case ast.Attribute() if id(child) not in inner:
                name = dotted(child)
                if name is not None:
                    names.add(name)
                    inner.update(id(part) for part in ast.walk(child))
            case ast.Name(id=name, ctx=ast.Load()) if id(child) not in inner:
                names.add((name,))
            case ast.Name(id=name, ctx=ast.Store()) if isinstance(node, Function):
                local.add(name)
            case ast.Call(func=function, args=arguments):
                called = dotted(function)
                if called is not None and called[-1] in _BY_NAME:
                    fixtures.update(_strings(arguments))
    receivers = _receivers(node)
    local |= receivers | _parameters(node)
    own = sorted({name[1] for name in names if len(name) > 1 and name[0] in receivers})
    free = sorted(name for name in names if name[0] not in local)
    return Mentions(tuple(free), tuple(own), _asked(node), tuple(sorted(fixtures)))


def _strings(arguments: list[ast.expr]) -> list[str]:
    return [each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _receivers(node: ast.AST) -> set[str]:
    """The first parameters of a method or of a class's methods: ``self``, ``cls``."""
    if isinstance(node, Function):
        return set(parameters(node)[:1]) & {"self", "cls"}
    return {"self", "cls"} if isinstance(node, ast.ClassDef | ast.Module) else set()


def _parameters(node: ast.AST) -> set[str]:
    return set(parameters(node)) if isinstance(node, Function) else set()


def _asked(node: ast.AST) -> tuple[str, ...]:
    """The parameters that may be fixtures: of a function, or of all methods of a class."""
    functions = [node] if isinstance(node, Function) else []
    if isinstance(node, ast.ClassDef):
        functions = [statement for statement in node.body if isinstance(statement, Function)]
    found = {name for function in functions for name in parameters(function)}
    return tuple(sorted(found - {"self", "cls", "request"}))
