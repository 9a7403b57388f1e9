"""What an expression of constants comes to, without running it: ``"to" + "p"``, ``"-".join(("a", "b"))``. Pure.

Bounded: what would be long, or is no plain text or number, is `UNKNOWN`.
"""

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

UNKNOWN: Final = object()
NOTHING: Mapping[str, object] = MappingProxyType({})
_LONGEST = 10_000
_LARGEST = 10**18
_WIDE = re.compile(r"[0-9]{4}")  # a field as wide as that is no text that somebody means
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_METHODS = frozenset(
    {"join", "lower", "upper", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip", "replace",
     "removeprefix", "removesuffix", "format", "decode", "encode", "hex", "fromhex", "split", "casefold"}
)  # fmt: skip
_CALLS: Mapping[str, Callable[..., Any]] = {
    "chr": chr, "ord": ord, "str": str, "int": int, "float": float, "len": len, "abs": abs,
    "reversed": lambda value: tuple(reversed(value)), "tuple": tuple, "list": tuple,
}  # fmt: skip


class Folder:
    """Folds expressions, each once. ``names`` are constants."""

    def __init__(self, names: Mapping[str, object] = NOTHING) -> None:
        self._names = names
        self._done: dict[int, object] = {}

    def fold(self, node: ast.AST | None) -> Any:
        """The value of ``node``, sequences as tuples; `UNKNOWN` where it is none of constants."""
        if id(node) not in self._done:
            try:
                value = self._fold(node)
            except Exception:  # noqa: BLE001 - an expression of constants may raise anything: then it has no value
                value = UNKNOWN
            if isinstance(value, str | bytes | tuple) and len(value) > _LONGEST:
                value = UNKNOWN
            self._done[id(node)] = value
        return self._done[id(node)]

    def texts(self, tree: ast.AST) -> Iterator[tuple[int, str]]:
        """Every string that stands in ``tree`` or is put together there, with its line."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr | ast.Call | ast.Subscript):
                value = self.fold(node)
                if isinstance(value, str):
                    yield node.lineno, value

    def _fold(self, node: ast.AST | None) -> Any:
        match node:
            case ast.Constant(value=str() | bytes() | int() | float() | complex() as value):
                return value
            case ast.Name(id=name):
                return self._names.get(name, UNKNOWN)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._all(parts)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.fold(operand)
            case ast.BinOp(left=left, op=operation, right=right):
                return _combined(_OPERATORS[type(operation)], self.fold(left), self.fold(right))
            case ast.JoinedStr(values=parts):
                return "".join(self._piece(part) for part in parts)
            case ast.Subscript(value=base, slice=ast.Slice(lower=low, upper=high, step=step)):
                return self.fold(base)[slice(*(None if end is None else self.fold(end) for end in (low, high, step)))]
            case ast.Call(func=function, args=arguments, keywords=[]):
                return self._called(function, arguments)
            case _:
                return UNKNOWN

    def _piece(self, part: ast.expr) -> Any:
        if not isinstance(part, ast.FormattedValue):
            return self.fold(part)
        value = self.fold(part.value)
        if value is UNKNOWN or part.format_spec is not None:
            return UNKNOWN  # no text: what joins it raises
        return repr(value) if part.conversion == ord("r") else str(value)

    def _called(self, function: ast.expr, arguments: Sequence[ast.expr]) -> Any:
        values = self._all(arguments)
        if values is UNKNOWN:
            return UNKNOWN
        if isinstance(function, ast.Name) and function.id in _CALLS and function.id not in self._names:
            return _CALLS[function.id](*values)
        if not isinstance(function, ast.Attribute) or function.attr not in _METHODS:
            return UNKNOWN
        base = self.fold(function.value)
        if base is UNKNOWN or _grows(base, function.attr, values):
            return UNKNOWN
        value = getattr(base, function.attr)(*values)
        return tuple(value) if isinstance(value, list) else value

    def _all(self, nodes: Sequence[ast.expr]) -> Any:
        values = tuple(self.fold(node) for node in nodes)
        return UNKNOWN if any(value is UNKNOWN for value in values) else values


def constants(body: Sequence[ast.stmt]) -> dict[str, object]:
    """Names that a block binds once, to a constant expression."""
    found: dict[str, object] = {}
    every = [node for statement in body for node in ast.walk(statement)]
    stored = Counter(node.id for node in every if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
    for node in every:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            target, value = node.target, node.value
        else:
            continue
        if isinstance(target, ast.Name) and stored[target.id] == 1:
            folded = Folder(found).fold(value)
            if folded is not UNKNOWN:
                found[target.id] = folded
    return found


def _combined(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    for one, other in ((left, right), (right, left)):
        if function is operator.mul and isinstance(one, str | bytes | tuple) and len(one) * other > _LONGEST:
            return UNKNOWN
    if isinstance(left, str) and function is operator.mod and _WIDE.search(left):
        return UNKNOWN
    if any(isinstance(one, int) and abs(one) > _LARGEST for one in (left, right)):
        return UNKNOWN
    return function(left, right)


def _grows(base: Any, method: str, values: Sequence[Any]) -> bool:
    """Whether the result may be far longer than what it is made of."""
    if method == "format":
        return _WIDE.search(base) is not None or any(isinstance(one, int) and one > _LONGEST for one in values)
    if method == "replace":
        return len(base) * len(values[-1]) > _LONGEST
    return method == "join" and len(base) * len(values[0]) > _LONGEST
