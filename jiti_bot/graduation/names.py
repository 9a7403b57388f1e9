"""What a committed file and a module mean by the names that they bind: to tell whether it is the same. Pure."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiti_bot.source.bindings import Binding, Imported, scope_of
from jiti_bot.source.digest import digest

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MANY = "many"  # the meaning of a name that is bound more than once, or not always

# What makes a value that nobody can change, or one for all.
_FIXED = frozenset(
    {"compile", "frozenset", "tuple", "str", "bytes", "int", "float", "complex", "bool", "Decimal", "Fraction", "range",
     "MappingProxyType", "Path", "PurePath", "PurePosixPath", "getLogger", "itemgetter", "attrgetter", "methodcaller",
     "TypeVar", "NewType", "ParamSpec", "timedelta", "date", "datetime", "UUID", "object", "Struct"}
)  # fmt: skip
_CHANGING = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_CONTAINERS = frozenset(
    {"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter", "count", "cycle", "iter",
     "Lock", "RLock", "local", "WeakKeyDictionary", "WeakValueDictionary"}
)  # fmt: skip
_READING = frozenset(
    {"get", "items", "keys", "values", "copy", "index", "count", "union", "intersection", "difference", "isdisjoint",
     "issubset", "issuperset", "symmetric_difference"}
)  # fmt: skip
_LOOKING = frozenset(
    {"len", "sorted", "min", "max", "sum", "any", "all", "tuple", "list", "dict", "set", "frozenset", "enumerate",
     "zip", "iter", "reversed"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A top-level statement: the names that it binds with what they mean, its lines, and whether it imports."""

    node: ast.stmt
    names: tuple[tuple[str, str], ...]
    first: int
    last: int

    @property
    def is_import(self) -> bool:
        """Whether it imports."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def is_deep(self) -> bool:
        """Whether it is ``import a.b``, which binds ``a`` and loads more."""
        return isinstance(self.node, ast.Import) and any(
            "." in alias.name and alias.asname is None for alias in self.node.names
        )


def pieces(tree: ast.Module, lines: Sequence[str], target: str, package: Sequence[str]) -> Iterator[Piece]:
    """The statements of a unit beside the definition of ``target``, each with the comments glued above it."""
    for node in tree.body:
        if isinstance(node, DEFINITIONS) and node.name == target:
            continue
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        scope = scope_of([node])
        bound = [(name, meaning(found[0], package)) for name, found in scope.names.items()]
        yield Piece(node, tuple(bound), first, node.end_lineno or node.lineno)


def meaning(binding: Binding, package: Sequence[str]) -> str:
    """One text for what a binding means: an import's path, else the digest of the statement."""
    if isinstance(binding, Imported):
        module = binding.module
        if binding.level:
            module = (*package[: len(package) - binding.level + 1], *module)
        if binding.whole:
            return module[0]
        return ".".join((*module, binding.attribute) if binding.attribute else module)
    return digest(binding.node)


@dataclass(frozen=True, slots=True)
class There:
    """What a module's name means, the line that says so, and whether it always does."""

    means: str
    line: int
    always: bool = True


def module_meanings(tree: ast.Module, package: Sequence[str]) -> dict[str, There]:
    """What a module's own names mean; `MANY` for those that may mean several things."""
    found: dict[str, There] = {}
    for name, bindings in scope_of(tree.body).names.items():
        first = bindings[0]
        same = {meaning(binding, package) if isinstance(binding, Imported) else "" for binding in bindings}
        if len(bindings) == 1 or (len(same) == 1 and "" not in same):
            always = any(binding.branch is None for binding in bindings)
            is_import = isinstance(first, Imported)
            means = meaning(first, package) if always or is_import else MANY
            found[name] = There(means, first.line, always)
        else:
            found[name] = There(MANY, first.line)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found |= dict.fromkeys(node.names, There(MANY, node.lineno))
    return found


def mentioned(node: ast.AST) -> set[str]:
    """Names that stand in ``node`` as code."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def is_late(node: ast.stmt, name: str) -> bool:
    """Whether a statement needs ``name`` only when a function that it defines is called."""
    if not isinstance(node, FUNCTIONS):
        return False
    shell: list[ast.AST] = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    return not any(name in mentioned(part) for part in shell)


def may_be_shared(piece: ast.stmt, name: str, users: Sequence[ast.AST]) -> bool:
    """Whether two units that each had a ``name`` of their own may have one: nobody changes what it holds."""
    if isinstance(piece, DEFINITIONS):
        return not _remembers(piece) and not any(_is_given_attributes(user, name) for user in users)
    value = getattr(piece, "value", None)
    if not isinstance(piece, ast.Assign | ast.AnnAssign) or value is None:
        return type(piece).__name__ == "TypeAlias"
    return _is_fixed(value) or all(_is_only_read(user, piece, name) for user in users)


def _remembers(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a definition keeps a value that calls may change: a default, an attribute of the class."""
    for one in ast.walk(node):
        match one:
            case ast.arguments(defaults=defaults, kw_defaults=named):
                values = [*defaults, *named]
            case ast.ClassDef(body=body):
                values = [inner.value for inner in body if isinstance(inner, ast.Assign | ast.AnnAssign)]
            case ast.Attribute(value=ast.Name(id="cls"), ctx=ast.Store() | ast.Del()):
                return True
            case _:
                continue
        if any(isinstance(value, _CHANGING) or _makes_changing(value) for value in values):
            return True
    return False


def _makes_changing(value: ast.expr | None) -> bool:
    match value:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _CONTAINERS
    return False


def _is_given_attributes(tree: ast.AST, name: str) -> bool:
    """Whether somebody sets or deletes an attribute of ``name``."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store | ast.Del)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(tree)
    )


def _is_fixed(value: ast.expr) -> bool:
    match value:
        case ast.Constant() | ast.Name() | ast.Attribute() | ast.Lambda() | ast.JoinedStr() | ast.Subscript():
            return True
        case ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return all(_is_fixed(part) for part in parts)
        case ast.UnaryOp(operand=operand):
            return _is_fixed(operand)
        case ast.BinOp(left=left, right=right):
            return _is_fixed(left) and _is_fixed(right)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _FIXED
    return False


def _is_only_read(tree: ast.AST, definition: ast.stmt, name: str) -> bool:
    """Whether every mention of ``name`` reads an item, looks for one, or goes through them."""
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
        case ast.Compare(ops=ops):
            return all(isinstance(one, ast.In | ast.NotIn) for one in ops)
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
