"""A canonical form of Python syntax: equal for equal programs on every supported Python.

`ast.dump` differs between versions, so the tree is written out in a form of our own. It carries what the program
means and nothing of how it is laid out: no positions, quotes, parentheses, prefixes or trailing commas, and none of
the few places where formatters change the tree itself (docstring indentation, ``del (a, b)``). Fields that are empty
are left out, so that a field which a newer Python adds does not change the form of programs that do not use it.
Written with an explicit stack: trees may be nested deeper than Python's own stack allows.
"""

from __future__ import annotations

from jiti_bot.light import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Not meaning: loading or storing follows from the place; kind is the u prefix; str is an interpolation's source text.
_SILENT = {"ctx", "kind", "type_comment", "type_ignores", "str"}


class _Literal(str):
    """Text that goes to the output as it is."""

    __slots__ = ()


_END, _CLOSE = _Literal("]"), _Literal(")")
# The name of each kind of node and its fields that have a meaning, as they are written.
_FORMS: dict[type[ast.AST], tuple[_Literal, list[tuple[str, _Literal]]]] = {}


def canonical(*items: object) -> bytes:
    """The canonical form of syntax trees, lists of them, strings, numbers and None, one after the other."""
    out: list[str] = []
    stack: list[Any] = [*reversed(items)]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is _Literal:
            out.append(item)
        elif kind is str:
            out.append(f"s{len(item)}:{item};")
        elif isinstance(item, list | tuple):
            stack.append(_END)
            stack += item[::-1]
            out.append("[")
        elif isinstance(item, ast.AST):
            stack += _SPECIAL.get(kind, _plain)(item)[::-1]
        else:
            out.append(_atom(item))
    return "".join(out).encode("utf-8", "surrogatepass")


def _plain(node: ast.AST) -> list[object]:
    """What stands for a node: its name, then each field that is not empty behind its own name."""
    kind = type(node)
    if kind not in _FORMS:
        named = [(field, _Literal(f" {field}=")) for field in kind._fields if field not in _SILENT]
        _FORMS[kind] = _Literal(f"({kind.__name__}"), named
    name, fields = _FORMS[kind]
    items: list[object] = [name]
    for field, shown in fields:
        value = getattr(node, field, None)
        if value is not None and value != []:
            items += (shown, value)
    items.append(_CLOSE)
    return items


def _atom(value: object) -> str:
    """A leaf. Text carries its length, since `repr` depends on the Unicode tables of the running Python."""
    match value:
        case str():
            return f"s{len(value)}:{value};"
        case bytes():
            return f"b{value.hex()};"
        case bool() | None:
            return f"{value};"
        case int():
            return f"{value:x};"
        case _ if value is ...:
            return "...;"
    return f"{value!r};"


def _constant(node: ast.Constant) -> list[object]:
    return [_Literal("(Constant "), node.value, _Literal(")")]


def _statement(node: ast.Expr) -> list[object]:
    """A string that stands as a statement is a docstring wherever it stands: formatters indent it anew."""
    if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        from jiti_bot.source.docstring_form import docstring_form

        return [_Literal("(Doc "), docstring_form(node.value.value), _Literal(")")]
    return _plain(node)


def _delete(node: ast.Delete) -> list[object]:
    """``del (a, b)`` and ``del a, b`` are one program, and formatters turn the first into the second."""
    targets: list[object] = []
    stack = list(reversed(node.targets))
    while stack:
        target = stack.pop()
        if isinstance(target, ast.Tuple | ast.List):
            stack.extend(reversed(target.elts))
        else:
            targets.append(target)
    return [_Literal("(Delete "), targets, _Literal(")")]


def _joined(node: ast.JoinedStr) -> list[object]:
    """Python 3.11 and later ones split and pad the literal parts differently: join neighbours, drop empty ones."""
    parts: list[object] = []
    text = ""
    for value in node.values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            text += value.value
            continue
        if text:
            parts.append(text)
            text = ""
        parts.append(value)
    if text:
        parts.append(text)
    return [_Literal("(JoinedStr "), parts, _Literal(")")]


def _formatted(node: ast.FormattedValue) -> list[object]:
    spec = node.format_spec
    if isinstance(spec, ast.JoinedStr) and not any(getattr(value, "value", None) != "" for value in spec.values):
        spec = None
    return [_Literal("(FormattedValue "), node.value, node.conversion, spec, _Literal(")")]


_SPECIAL: dict[type[ast.AST], Callable[[Any], list[object]]] = {
    ast.Constant: _constant,
    ast.Expr: _statement,
    ast.Delete: _delete,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
}
