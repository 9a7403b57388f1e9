"""Whether a body knows the gates' answers by heart. Pure, over `ast`.

Shared literals alone prove nothing (a currency table holds the same ``"USD"`` as its test), so they are a flag for the
reviewer. Refused is a body that does nothing but look answers up: a constant that a gate expects, or a table whose
keys are all inputs and whose values are all answers that stand in the gates.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from jiti_bot.source.model import Kind, Stub
from jiti_bot.validation import names
from jiti_bot.validation.model import Flag

SMALL = 9  # numbers up to here, and strings of one character, are everywhere and say nothing
PLAIN = (
    ast.Constant, ast.Name, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Dict, ast.Subscript, ast.Tuple, ast.List,
    ast.Set, ast.Attribute, ast.Call, ast.expr_context, ast.cmpop, ast.boolop, ast.unaryop, ast.IfExp,
    ast.match_case, ast.pattern,
)  # fmt: skip
STATEMENTS = (ast.If, ast.Return, ast.Assign, ast.AnnAssign, ast.Raise, ast.Match, ast.Expr)
Literal = str | bytes | int | float | complex


@dataclass(frozen=True, slots=True)
class Found:
    """Refusals as (line, message), and flags for the reviewer."""

    refusals: tuple[tuple[int, str], ...] = ()
    flags: tuple[Flag, ...] = ()


def judge(stub: Stub, body: ast.Module, helpers: ast.Module, gates: Sequence[str]) -> Found:
    """Compare a candidate's literals with those of its gates' source texts."""
    known = {literal for text in gates for literal in _literals(_tree(text))}
    known |= {value for text in gates for value in _negatives(_tree(text))}
    if not known:
        return Found()
    refusals: list[tuple[int, str]] = []
    if _takes_arguments(stub) and (constant := _only_constant(body)) in known and _tells(constant):
        refusals.append((1, f"it returns the gates' {constant!r} whatever it is given"))
    elif _only_looks_up(body):
        pairs = list(_pairs(body, helpers))
        told = [(key, value) for key, value in pairs if key in known and value in known]
        if len(pairs) > 1 and len(told) == len(pairs) and len({value for _, value in pairs}) > 1:
            refusals.append((1, "it looks the gates' answers up instead of computing them"))
    shared = sorted(
        {one for tree in (body, helpers) for one in _literals(tree) if one in known and _tells(one)}, key=repr
    )
    flags = ()
    if len(shared) > 2 or refusals:
        listed = ", ".join(repr(one)[:40] for one in shared[:5])
        flags = (Flag("shares-literals", f"{len(shared)} literals also stand in the gates: {listed}"),)
    return Found(tuple(refusals), flags)


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(dedent(text))
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _literals(tree: ast.AST) -> Iterator[Literal]:
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str | bytes | int | float | complex) and not isinstance(value, bool):
            yield value


def _negatives(tree: ast.AST) -> Iterator[Literal]:
    for node in ast.walk(tree):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = _value(node)
            if value is not None:
                yield value


def _value(node: ast.expr | None) -> Literal | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand)
        return -inner if isinstance(inner, int | float | complex) else None
    if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
        return node.value if isinstance(node.value, str | bytes | int | float | complex) else None
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        return _value(node.args[0])  # Decimal("1234.56")
    return None


def _tells(value: object) -> bool:
    """Whether finding the same literal twice says anything."""
    if isinstance(value, str | bytes):
        return len(value) > 1
    return isinstance(value, int | float | complex) and abs(value) > SMALL


def _takes_arguments(stub: Stub) -> bool:
    return len(names.parameters(stub.header)) > (stub.kind is Kind.METHOD)


def _only_constant(body: ast.Module) -> Literal | None:
    if len(body.body) == 1 and isinstance(body.body[0], ast.Return):
        return _value(body.body[0].value)
    return None


def _only_looks_up(body: ast.Module) -> bool:
    """Whether nothing is computed: comparisons with constants, tables and returns."""
    for node in ast.walk(body):
        if isinstance(node, ast.Module | ast.arguments | ast.keyword):
            continue
        if isinstance(node, ast.stmt):
            if not isinstance(node, STATEMENTS):
                return False
        elif not isinstance(node, PLAIN):
            return False
        if isinstance(node, ast.Call) and not _is_lookup(node):
            return False
    return True


def _is_lookup(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "get" or _value(node) is not None
    return _value(node) is not None or (isinstance(node.func, ast.Name) and node.func.id[:1].isupper())


def _pairs(body: ast.Module, helpers: ast.Module) -> Iterator[tuple[Literal | None, Literal | None]]:
    """Input and answer of each row: of tables, of ``if x == input: return answer``, of ``case input``."""
    used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    tables: list[ast.AST] = [body]
    for node in helpers.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id in used for one in targets):
                tables.append(node.value)
    for tree in tables:
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                yield from ((_value(key), _value(value)) for key, value in zip(node.keys, node.values, strict=True))
            elif isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and node.body:
                answer = node.body[0]
                if isinstance(answer, ast.Return):
                    key = next((v for one in [node.test.left, *node.test.comparators] if (v := _value(one))), None)
                    yield key, _value(answer.value)
            elif isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchValue) and node.body:
                answer = node.body[0]
                if isinstance(answer, ast.Return):
                    yield _value(node.pattern.value), _value(answer.value)
