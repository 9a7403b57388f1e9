"""Small changes to an accepted body, to see whether a test notices. Pure: text in, texts out, always the same ones.

Each changes one place of one of the unit's own functions: a comparison turned or opened by one, a whole number off by
one, ``and`` for ``or``, a ``not`` taken away, a statement left out, nothing returned. What nobody tests for its own
sake is left alone: docstrings, messages of exceptions, logging, annotations. Some changes make no difference to any
caller, so what survives is a question to a reviewer and no verdict (Papadakis et al., "Mutation Testing Advances",
2019, on equivalent mutants).
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import expression_tree, syntax_tree

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE,), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE,), ast.GtE: (ast.Gt,), ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log", "print", "warn"})
_EMPTY: dict[type[ast.expr], str] = {
    ast.List: "[]", ast.ListComp: "[]", ast.Dict: "{}", ast.DictComp: "{}", ast.Set: "set()", ast.SetComp: "set()",
    ast.Tuple: "()", ast.JoinedStr: '""',
}  # fmt: skip
_WIDE = 60  # characters of a change that are shown on each side
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """The text with one change: on ``line`` (1-based in it) ``before`` became ``after``; no text for a removed one."""

    text: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"`{self.before}` -> `{self.after}`" if self.after else f"without `{self.before}`"


@dataclass(frozen=True, slots=True)
class _Change:
    """An expression or statement, and the source that takes its place."""

    node: ast.expr | ast.stmt
    after: str


def mutants(text: str, stub: Stub, most: int) -> tuple[Mutant, ...]:
    """At most ``most`` changes of what ``text``, committed for ``stub``, does: one of each line first, from the top."""
    tree = syntax_tree(text)
    lines = text.encode().splitlines(keepends=True)
    found: dict[int, list[Mutant]] = {}
    for function in _functions(tree, stub):
        for change in _changes(_own(function)):
            mutant = _made(text, lines, change)
            if mutant is not None:
                found.setdefault(mutant.line, []).append(mutant)
    rows = [found[line] for line in sorted(found)]
    depth = max(map(len, rows), default=0)
    ordered = [row[at] for at in range(depth) for row in rows if at < len(row)]
    return tuple(ordered[:most])


def _functions(tree: ast.Module, stub: Stub) -> Iterator[_Function]:
    """The functions that were asked for, without the helpers above them."""
    body: Sequence[ast.stmt] = tree.body
    for owner in (*stub.owners, stub.name) if stub.kind is Kind.CLASS else stub.owners:
        body = next((node.body for node in body if isinstance(node, ast.ClassDef) and node.name == owner), [])
    names = {one.name for one in stub.members or (stub,)}
    yield from (node for node in body if isinstance(node, _Function) and node.name in names)


def _own(function: _Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body


def _changes(body: Sequence[ast.stmt]) -> Iterator[_Change]:
    for statement in body:
        if isinstance(statement, ast.Raise) or _is_logging(statement):
            if isinstance(statement, ast.Raise):
                yield _Change(statement, "pass")
            continue
        yield from _of_statement(statement)
        for field, value in ast.iter_fields(statement):
            if field in {"annotation", "returns", "decorator_list", "type_params"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.stmt):
                    yield from _changes([child])
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from _changes(child.body)
                elif isinstance(child, ast.expr):
                    yield from _of_expression(child)
                elif isinstance(child, ast.withitem):
                    yield from _of_expression(child.context_expr)


def _of_statement(statement: ast.stmt) -> Iterator[_Change]:
    match statement:
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Continue() | ast.Delete():
            yield _Change(statement, "pass")
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield _Change(statement, "pass")
        case ast.Return(value=ast.expr() as value) if not _is_empty(value):
            yield _Change(value, _EMPTY.get(type(value), "None"))
        case ast.If(test=test) | ast.While(test=test) if isinstance(test, ast.Name | ast.Call | ast.Attribute):
            if isinstance(statement, ast.If):  # a turned loop seldom ends
                yield _Change(test, f"not {ast.unparse(test)}")


def _of_expression(node: ast.expr) -> Iterator[_Change]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for at, op in enumerate(ops):
                for other in _TURNED[type(op)]:
                    turned = ast.Compare(left, [*ops[:at], other(), *ops[at + 1 :]], comparators)
                    yield _Change(node, ast.unparse(turned))
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield _Change(node, f"({ast.unparse(ast.BoolOp(other, values))})")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _Change(node, f"({ast.unparse(operand)})")
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield _Change(node, str(value + 1))
    if not isinstance(node, ast.JoinedStr):  # what stands in one is mostly for people
        yield from _inside(node)


def _inside(node: ast.expr) -> Iterator[_Change]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _of_expression(child)
        elif isinstance(child, ast.comprehension):
            for one in (child.iter, *child.ifs):
                yield from _of_expression(one)
        elif isinstance(child, ast.keyword):
            yield from _of_expression(child.value)


def _is_empty(value: ast.expr) -> bool:
    """Whether what is returned is nothing already."""
    if isinstance(value, ast.Constant):
        return not value.value
    return isinstance(value, ast.List | ast.Tuple | ast.Set) and not value.elts


def _is_logging(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in _LOGGING


def _made(text: str, lines: Sequence[bytes], change: _Change) -> Mutant | None:
    """The text with the change in place; None where that is no Python, or the same as before."""
    node = change.node
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    data = text.encode()
    made = (data[:start] + change.after.encode() + data[end:]).decode()
    before = data[start:end].decode()
    try:
        if ast.dump(syntax_tree(made)) == ast.dump(syntax_tree(text)):
            return None
    except (SyntaxError, ValueError, RecursionError):
        return None
    removed = change.after == "pass"
    after = "" if removed else ast.unparse(expression_tree(change.after.strip()))
    return Mutant(made, node.lineno, _short(before), _short(after))


def _short(code: str) -> str:
    line = " ".join(code.split())
    return line if len(line) <= _WIDE else f"{line[: _WIDE - 3]}..."
