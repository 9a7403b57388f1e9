"""Whether two units that each had a helper of their own may have one: nobody changes what it holds. Pure.

Judged by form, and cautiously: a copy more costs a few lines, one too few changes what a program does.
"""

import ast
from collections.abc import Sequence

from jiti_bot.source.bindings import dotted
from jiti_bot.source.digest import digest

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

# What makes a value that nobody can change, or one for all.
_FIXED = frozenset(
    {"compile", "frozenset", "str", "bytes", "int", "float", "complex", "bool", "Decimal", "Fraction", "range", "Path",
     "PurePath", "PurePosixPath", "getLogger", "itemgetter", "attrgetter", "methodcaller", "TypeVar", "NewType",
     "ParamSpec", "timedelta", "date", "datetime", "UUID", "Struct", "auto", "ord", "chr", "len", "hash",
     "abs", "round", "lower", "upper", "strip", "casefold", "title", "format", "join", "encode", "decode", "maketrans",
     "namedtuple"}
)  # fmt: skip
# What makes one that holds what it is given.
_HOLDING = frozenset({"tuple", "MappingProxyType", "list", "dict", "set", "sorted", "OrderedDict", "Counter"})
_CONSTANT = frozenset({"tuple", "MappingProxyType"})
# What hands on what it is given, one by one.
_PASSING = frozenset({"enumerate", "zip", "reversed", "items", "keys", "values", "split", "splitlines", "range"})
_READING = frozenset(
    {"get", "items", "keys", "values", "copy", "index", "count", "union", "intersection", "difference", "isdisjoint",
     "issubset", "issuperset", "symmetric_difference"}
)  # fmt: skip
_LOOKING = frozenset(
    {"len", "sorted", "min", "max", "sum", "any", "all", "tuple", "list", "dict", "set", "frozenset", "enumerate",
     "zip", "iter", "reversed"}
)  # fmt: skip
# What sets or deletes an attribute of what it is given first, or hands out all of them.
_CHANGING = frozenset({"setattr", "delattr", "vars", "__setattr__", "__delattr__"})
# Decorators that keep nothing between calls.
_FORGETTING = frozenset(
    {"staticmethod", "classmethod", "property", "setter", "dataclass", "contextmanager", "asynccontextmanager", "wraps",
     "overload", "total_ordering", "unique", "final", "override", "abstractmethod"}
)  # fmt: skip


def may_be_shared(piece: ast.stmt, name: str, users: Sequence[ast.AST]) -> bool:
    """Whether ``name``, bound by ``piece``, can be one for all ``users``, each of which had it for itself."""
    if isinstance(piece, DEFINITIONS):
        return not _remembers(piece) and not any(_is_given_attributes(user, name) for user in users)
    value = getattr(piece, "value", None)
    if not isinstance(piece, ast.Assign | ast.AnnAssign) or value is None:
        return type(piece).__name__ == "TypeAlias"
    if _is_fixed(value, _scalars(users[-1])):
        return True
    is_known = _holds_fixed(value) or isinstance(value, ast.BinOp)
    return is_known and all(_is_only_read(user, piece, name) for user in users)


def _scalars(tree: ast.AST) -> frozenset[str]:
    """Constants of a module that are numbers, texts or the like."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if _is_scalar(node.value, frozenset(found)):
                found.update(one.id for one in targets if isinstance(one, ast.Name))
    return frozenset(found)


def _is_scalar(value: ast.expr, names: frozenset[str]) -> bool:
    match value:
        case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.Attribute(value=ast.Name(id="math")):
            return True
        case ast.Name(id=name):
            return name in names
        case ast.UnaryOp(operand=operand):
            return _is_scalar(operand, names)
        case ast.BinOp(left=left, right=right):
            return _is_scalar(left, names) and _is_scalar(right, names)
        case ast.Call():
            return _method(value) in _FIXED
    return False


def _remembers(node: ast.AST) -> bool:
    """Whether a definition may keep something between calls: a cache, a default, an attribute of the class."""
    for one in ast.walk(node):
        match one:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if not all(_called(decorator) in _FORGETTING for decorator in one.decorator_list):
                    return True
                body = one.body if isinstance(one, ast.ClassDef) else []
                values = [inner.value for inner in body if isinstance(inner, ast.Assign | ast.AnnAssign)]
            case ast.arguments(defaults=defaults, kw_defaults=named):
                values = [*defaults, *named]
            case ast.Attribute(value=owner) if _is_class(owner) and _is_open(one):
                return True
            case ast.Call(args=[owner, *_]) if _called(one) in _CHANGING and _is_class(owner):
                return True
            case ast.Assign(value=owner) if _is_class(owner):  # and may be changed by that name
                return True
            case _:
                continue
        if not all(value is None or _is_fixed(value) or _called(value) == "field" for value in values):
            return True
    return False


def _is_class(node: ast.expr) -> bool:
    """Whether this is the class of something, by the ways a method has to it."""
    match node:
        case ast.Name(id="cls" | "__class__") | ast.Attribute(attr="__class__"):
            return True
        case ast.Call(func=ast.Name(id="type"), args=[_]):
            return True
    return False


def _is_open(node: ast.Attribute) -> bool:
    """Whether an attribute is set or deleted here, or may be: by way of `__dict__` or `__setattr__`."""
    return not isinstance(node.ctx, ast.Load) or node.attr in {"__dict__", "__setattr__", "__delattr__"}


def _called(node: ast.expr) -> str:
    """The last part of the name that is called, or stands there."""
    return (dotted(node.func if isinstance(node, ast.Call) else node) or ("",))[-1]


def _is_given_attributes(tree: ast.AST, name: str) -> bool:
    """Whether somebody sets or deletes an attribute of ``name``, or may."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner)) if owner == name and _is_open(node):
                return True
            case ast.Call(args=[ast.Name(id=owner), *_]) if owner == name and _called(node) in _CHANGING:
                return True
    return False


def _is_fixed(value: ast.expr, names: frozenset[str] = frozenset()) -> bool:
    """Whether a value is one that nobody can change, or the same object for everybody who spells it so.

    ``names`` are constants that are numbers or texts: two lists can be added, too, to a new one.
    """
    match value:
        case ast.Constant() | ast.Name() | ast.Attribute() | ast.JoinedStr() | ast.Subscript() | ast.Compare():
            return True
        case ast.Lambda():
            return not _remembers(value)
        case ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return all(_is_fixed(part, names) for part in parts)
        case ast.Starred(value=inner) | ast.UnaryOp(operand=inner):
            return _is_fixed(inner, names)
        case ast.BinOp():
            return _is_scalar(value, names)
        case ast.IfExp(body=left, orelse=right):
            return _is_fixed(left, names) and _is_fixed(right, names)
        case ast.Call(args=given):
            if _method(value) in _CONSTANT:
                return all(_passes_fixed(one) for one in given)
            return _method(value) in _FIXED
    return False


def _holds_fixed(value: ast.expr) -> bool:
    """Whether a value can be changed, but nothing in it."""
    match value:
        case ast.List(elts=parts) | ast.Set(elts=parts):
            return all(_is_fixed(part) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return all(part is None or _is_fixed(part) for part in (*keys, *values))
        case ast.ListComp() | ast.SetComp():
            return _is_fixed(value.elt) and all(_passes_fixed(one.iter) for one in value.generators)
        case ast.DictComp():
            return _is_fixed(value.value) and all(_passes_fixed(one.iter) for one in value.generators)
        case ast.Call(func=ast.Attribute(attr="split" | "splitlines")):
            return True
        case ast.Call(args=given, keywords=named) if _method(value) in _HOLDING:
            return all(_passes_fixed(one) for one in (*given, *(keyword.value for keyword in named)))
    return False


def _passes_fixed(value: ast.expr) -> bool:
    """Whether all that comes out of going through a value is fixed."""
    match value:
        case ast.Call(func=func, args=given) if _method(value) in _PASSING:
            origin = [func.value] if isinstance(func, ast.Attribute) else []
            return all(_passes_fixed(one) for one in (*origin, *given))
        case ast.GeneratorExp():
            return _is_fixed(value.elt) and all(_passes_fixed(one.iter) for one in value.generators)
    return _is_fixed(value) or _holds_fixed(value)


def _method(call: ast.Call) -> str:
    """The function or method that is called, whatever it is called on."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_only_read(tree: ast.AST, definition: ast.stmt, name: str) -> bool:
    """Whether every mention of ``name`` reads an item, looks for one, goes through them, or computes something new."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or node.id != name:
            continue
        if not isinstance(node.ctx, ast.Load):
            if digest(above.get(node, node)) != digest(definition):
                return False
            continue
        if not _reads(node, above):
            return False
    return True


def _reads(node: ast.Name, above: dict[ast.AST, ast.AST]) -> bool:
    around = above.get(node)
    match around:
        case ast.Subscript(value=value, ctx=ast.Load()):
            return value is node
        case ast.Compare() | ast.BinOp() | ast.UnaryOp() | ast.FormattedValue():
            return True
        case ast.For(iter=value) | ast.AsyncFor(iter=value) | ast.comprehension(iter=value):
            return value is node
        case ast.Call(func=ast.Name(id=called), args=args):
            return called in _LOOKING and node in args
        case ast.Attribute(attr=attr):
            call = above.get(around)
            return attr in _READING and isinstance(call, ast.Call) and call.func is around
        case ast.Starred():
            return True
    return False
