"""What a stub's body may be: a docstring, then ``...``, ``pass`` or ``raise NotImplementedError``, or nothing."""

from __future__ import annotations

from jiti_bot.light import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.source.bindings import Definition, Function


def docstring_node(node: Definition) -> ast.Constant | None:
    """The literal of a definition's docstring."""
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str()) as literal), *_]:
            return literal
    return None


def is_placeholder_body(node: Function) -> bool:
    """Whether a function is a stub by its body."""
    rest = node.body[1:] if docstring_node(node) is not None else node.body
    return not rest or (len(rest) == 1 and is_placeholder(rest[0]))


def is_placeholder(statement: ast.stmt) -> bool:
    """``...``, ``pass``, ``raise NotImplementedError``, with or without a plain message."""
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
        case ast.Raise(exc=ast.Name(id="NotImplementedError"), cause=None):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=args, keywords=[]), cause=None):
            return len(args) < 2 and all(_is_text(argument) for argument in args)
    return False


def is_idle_body(node: Function) -> bool:
    """Whether a body does nothing and cannot fail: compiled, it may look as a placeholder does."""
    return all(_is_idle(statement) for statement in node.body)


def _is_idle(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Global() | ast.Nonlocal() | ast.AnnAssign(value=None):
            return True
        case ast.Return(value=None | ast.Constant(value=None)):
            return True
        case ast.Assert(test=ast.Constant(value=value)):
            return bool(value)
    return False


def _is_text(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Constant) and isinstance(argument.value, str)
