"""Where a quoted annotation names something of its module, wherever in the file that is defined. Pure."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from jiti_bot.source.bindings import dotted, function_scope, scope_of

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
Spot = tuple[int, int, str]  # line from 1, column in characters, the name


def quoted(tree: ast.Module, lines: Sequence[str], names: Collection[str]) -> Iterator[Spot]:
    """Every mention of one of the module's ``names`` in quotes, but for those that a scope around means otherwise."""
    wanted = frozenset(names)
    # A node, the names that mean the module's there, and those that do in functions below.
    pending: list[tuple[ast.AST, frozenset[str], frozenset[str]]] = [(tree, wanted, wanted)]
    while pending:
        node, here, below = pending.pop()
        for text in (text for hint in _hints(node) for text in _texts(hint)):
            yield from _mentions(text, lines, here)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                inside = below - function_scope(node).names.keys()
                pending += [(one, inside, inside) for one in node.body]
            case ast.ClassDef():
                inside = below - scope_of(node.body).names.keys()
                pending += [(one, inside, below) for one in node.body]
            case _:
                pending += [(one, here, below) for one in ast.iter_child_nodes(node)]


def _hints(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions below a node that say of what type something is."""
    match node:
        case ast.FunctionDef(args=args, returns=returns) | ast.AsyncFunctionDef(args=args, returns=returns):
            found = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
            yield from (one.annotation for one in found if one is not None and one.annotation is not None)
            yield from [returns] if returns is not None else []
        case ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.Call(func=func, args=[first, *_]) if (dotted(func) or ("",))[-1] == "cast":
            yield first
        case ast.Call(func=func, args=[_, *rest], keywords=named) if (dotted(func) or ("",))[-1] == "TypeVar":
            yield from rest
            yield from (one.value for one in named if one.arg == "bound")


def _texts(hint: ast.expr) -> Iterator[ast.Constant]:
    pending: list[ast.AST] = [hint]
    while pending:
        match node := pending.pop():
            case ast.Constant(value=str()):
                yield node
            case ast.Subscript(value=of, slice=inner):
                kind = (dotted(of) or ("",))[-1]
                first = inner.elts[:1] if isinstance(inner, ast.Tuple) else [inner]
                pending += [of, *([] if kind == "Literal" else first if kind == "Annotated" else [inner])]
            case _:
                pending += ast.iter_child_nodes(node)


def _mentions(text: ast.Constant, lines: Sequence[str], names: frozenset[str]) -> Iterator[Spot]:
    try:
        inner = ast.parse(f"({text.value})", mode="eval")  # which may be of several lines
    except (SyntaxError, ValueError):
        return
    found = names & {one.id for one in ast.walk(inner) if isinstance(one, ast.Name)}
    last = text.end_lineno or text.lineno
    for number in range(text.lineno, last + 1):
        row = lines[number - 1].encode()
        first = len(row[: text.col_offset].decode()) if number == text.lineno else 0
        end = len(row[: text.end_col_offset].decode()) if number == last else None
        for name in found:
            for one in re.finditer(rf"(?<![\w.]){re.escape(name)}\b", lines[number - 1][first:end]):
                yield number, first + one.start(), name
