"""Whether a body knows the gates' answers by heart. Pure, over `ast`.

Shared literals alone prove nothing (a currency table holds the same ``"USD"`` as its test), so they are a flag for the
reviewer. Refused is a body that does nothing but look answers up: a constant that a gate expects, or a table whose
keys are all inputs and whose values are all answers that stand in the gates.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import TypeGuard

from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import names
from jiti_bot.validation.folding import Folder, constants
from jiti_bot.validation.model import Flag

SMALL = 9  # numbers up to here, and strings of one character, are everywhere and say nothing
PLAIN = (
    ast.Constant, ast.Name, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Dict, ast.Subscript, ast.Tuple, ast.List,
    ast.Set, ast.Attribute, ast.Call, ast.expr_context, ast.cmpop, ast.boolop, ast.unaryop, ast.IfExp,
    ast.match_case, ast.pattern,
)  # fmt: skip
STATEMENTS = (ast.If, ast.Return, ast.Assign, ast.AnnAssign, ast.Raise, ast.Match, ast.Expr)
DERIVING = frozenset({"len", "hash", "ord", "sum", "min", "max", "abs"})
Literal = str | bytes | int | float | complex


@dataclass(frozen=True, slots=True)
class Found:
    """Refusals as (line, message), and flags for the reviewer."""

    refusals: tuple[tuple[int, str], ...] = ()
    flags: tuple[Flag, ...] = ()


def judge(stub: Stub, body: ast.Module, helpers: ast.Module, gates: Sequence[str]) -> Found:
    """Compare a candidate's literals with those of its gates' source texts."""
    known = {literal for text in gates for literal in _literals(_tree(text), Folder())}
    known |= {value for text in gates for value in _negatives(_tree(text))}
    if not known:
        return Found()
    folder = Folder(constants([*helpers.body, *body.body]))
    refusals: list[tuple[int, str]] = []
    if _takes_arguments(stub) and (constant := _only_constant(body, folder)) in known and _tells(constant):
        refusals.append((1, f"it returns the gates' {constant!r} whatever it is given"))
    elif _only_looks_up(body, folder):
        pairs = list(_pairs(body, helpers, folder))
        derived = {node.func.id for node in _walk(body, folder) if isinstance(node, ast.Call) and _derives(node.func)}
        told = [pair for pair in pairs if _is_told(*pair, known, derived)]
        if len(pairs) > 1 and len(told) == len(pairs) and len({value for _, value in pairs}) > 1:
            refusals.append((1, "it looks the gates' answers up instead of computing them"))
    shared = sorted(
        {one for tree in (body, helpers) for one in _literals(tree, folder) if one in known and _tells(one)}, key=repr
    )
    flags = ()
    if len(shared) > 2 or refusals:
        listed = ", ".join(repr(one)[:40] for one in shared[:5])
        flags = (Flag("shares-literals", f"{len(shared)} literals also stand in the gates: {listed}"),)
    return Found(tuple(refusals), flags)


def _walk(tree: ast.AST, folder: Folder) -> Iterator[ast.AST]:
    """As `ast.walk`, where an expression of constants is the constant that it comes to."""
    stack = [tree]
    while stack:
        node = stack.pop()
        value = folder.fold(node) if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Call | ast.Subscript) else None
        if isinstance(value, str | bytes | int | float | complex):
            yield ast.copy_location(ast.Constant(value), node)
        else:
            yield node
            stack.extend(ast.iter_child_nodes(node))


def _is_told(key: Literal | None, value: Literal | None, known: Collection[Literal], derived: Collection[str]) -> bool:
    """Whether a row is a gate's input and answer; the input may be there by its length, or by a sum of its letters."""
    if key is None or value is None or value not in known:
        return False
    if key in known:
        return True
    lengths = {len(one) for one in known if isinstance(one, str | bytes) and one != value}
    return _tells(value) and (bool(set(derived) - {"len"}) or ("len" in derived and key in lengths))


def _derives(function: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(function, ast.Name) and function.id in DERIVING


def _tree(text: str) -> ast.Module:
    try:
        return syntax_tree(dedent(text))
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _literals(tree: ast.AST, folder: Folder) -> Iterator[Literal]:
    for node in _walk(tree, folder):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str | bytes | int | float | complex) and not isinstance(value, bool):
            yield value


def _negatives(tree: ast.AST) -> Iterator[Literal]:
    for node in ast.walk(tree):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = _value(node, Folder())
            if value is not None:
                yield value


def _value(node: ast.expr | None, folder: Folder) -> Literal | None:
    folded = folder.fold(node)
    if isinstance(folded, str | bytes | int | float | complex):
        return None if isinstance(folded, bool) else folded
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        return _value(node.args[0], folder)  # Decimal("1234.56")
    return None


def _tells(value: object) -> bool:
    """Whether finding the same literal twice says anything."""
    if isinstance(value, str | bytes):
        return len(value) > 1
    return isinstance(value, int | float | complex) and abs(value) > SMALL


def _takes_arguments(stub: Stub) -> bool:
    return len(names.parameters(stub.header)) > (stub.kind is Kind.METHOD)


def _only_constant(body: ast.Module, folder: Folder) -> Literal | None:
    if len(body.body) == 1 and isinstance(body.body[0], ast.Return):
        return _value(body.body[0].value, folder)
    return None


def _only_looks_up(body: ast.Module, folder: Folder) -> bool:
    """Whether nothing is computed: comparisons with constants, tables and returns."""
    for node in _walk(body, folder):
        if isinstance(node, ast.Module | ast.arguments | ast.keyword):
            continue
        if isinstance(node, ast.stmt):
            if not isinstance(node, STATEMENTS):
                return False
        elif not isinstance(node, PLAIN):
            return False
        if isinstance(node, ast.Call) and not _is_lookup(node, folder):
            return False
    return True


def _is_lookup(node: ast.Call, folder: Folder) -> bool:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "get" or _value(node, folder) is not None
    return (
        _value(node, folder) is not None
        or _derives(node.func)
        or (isinstance(node.func, ast.Name) and node.func.id[:1].isupper())
    )


def _pairs(body: ast.Module, helpers: ast.Module, folder: Folder) -> Iterator[tuple[Literal | None, Literal | None]]:
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
                yield from (
                    (_value(key, folder), _value(value, folder))
                    for key, value in zip(node.keys, node.values, strict=True)
                )
            elif isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and node.body:
                answer = node.body[0]
                if isinstance(answer, ast.Return):
                    key = next(
                        (v for one in [node.test.left, *node.test.comparators] if (v := _value(one, folder))), None
                    )
                    yield key, _value(answer.value, folder)
            elif isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchValue) and node.body:
                answer = node.body[0]
                if isinstance(answer, ast.Return):
                    yield _value(node.pattern.value, folder), _value(answer.value, folder)
