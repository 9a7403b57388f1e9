"""What may run while a host is imported: imports, definitions, and constants out of literals and pure calls. Pure.

A call is followed into the candidate's own helpers: a table that a loop of arithmetic fills is a constant too.
"""

import ast
import sys
from collections.abc import Iterator

from jiti_bot.validation import names, world
from jiti_bot.validation.scopes import LOCAL, Scope

_BUILTINS = frozenset(
    {"abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "classmethod", "complex", "dict",
     "divmod", "enumerate", "filter", "float", "format", "frozenset", "hash", "hex", "int", "isinstance",
     "issubclass", "iter", "len", "list", "map", "max", "memoryview", "min", "next", "object", "oct", "ord", "pow",
     "property", "range", "repr", "reversed", "round", "set", "slice", "sorted", "staticmethod", "str", "sum",
     "super", "tuple", "type", "zip", "BaseException", "Exception", "ExceptionGroup"}
)  # fmt: skip
_STANDARD = frozenset(
    {"abc", "array", "base64", "bisect", "calendar", "collections", "colorsys", "contextlib", "contextvars", "copy",
     "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "html",
     "ipaddress", "itertools", "json", "keyword", "math", "numbers", "operator", "pathlib", "re", "statistics",
     "string", "struct", "textwrap", "types", "typing", "unicodedata", "uuid", "weakref", "zlib", "zoneinfo",
     "binascii", "cmath"}
)  # fmt: skip
_SINGLE = frozenset(
    {"logging.getLogger", "threading.Lock", "threading.RLock", "threading.local", "asyncio.Lock", "asyncio.Semaphore",
     "urllib.parse.quote", "urllib.parse.urlsplit", "urllib.parse.urlparse", "time.struct_time", "warnings.deprecated",
     "codecs.lookup", "importlib.metadata.version", "sys.intern", "io.StringIO", "io.BytesIO"}
)  # fmt: skip
# They keep the functions that they are given and call none.
_HOLDING = frozenset(
    {"dict", "tuple", "list", "set", "frozenset", "staticmethod", "classmethod", "property", "isinstance", "issubclass",
     "types.MappingProxyType", "functools.partial", "functools.lru_cache", "functools.cache", "functools.wraps",
     "dataclasses.field", "collections.OrderedDict", "collections.ChainMap", "typing.cast", "typing.NewType",
     "typing.TypeVar", "zip", "enumerate"}
)  # fmt: skip
_TESTING = frozenset({"pytest", "unittest"})
_IMPLICIT = frozenset(
    {"__init_subclass__", "__set_name__", "__prepare__", "__class_getitem__", "__del__", "_generate_next_value_"}
)
_TOP = ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign
_VALUES = (str, bytes, int, float, dict, list, set, tuple, bytearray)
_METHODS = frozenset(
    {name for kind in _VALUES for name in vars(kind) if not name.startswith("_")}
    | {"match", "fullmatch", "search", "sub", "findall", "finditer", "group", "quantize", "isoformat", "replace",
       "appendleft", "most_common", "maketrans", "with_suffix", "joinpath", "total_seconds", "timestamp", "date",
       "setter", "getter", "deleter", "register", "hexdigest", "digest", "pack", "getrandbits", "elements", "subtract",
       "cache_clear", "__init__", "__new__", "__post_init__", "new_child", "strftime", "utcoffset", "as_tuple",
       "is_integer"}
)  # fmt: skip


def judge(tree: ast.Module, scope: Scope, *, test: bool) -> Iterator[tuple[int, str]]:
    """What would do more than that while the module is imported, as (line, message)."""
    walk = _Walk(tree, scope, test=test)
    for statement in tree.body:
        if test and not isinstance(statement, _TOP | names.DEFINITIONS) and not _is_inert(statement):
            yield statement.lineno, "the top level of tests is imports, constants and definitions"
            continue
        for call in walk.calls(statement):
            yield (
                call.lineno,
                f"`{ast.unparse(call)[:60]}` would run while the module is imported: only pure calls may",
            )


def _is_inert(node: ast.stmt) -> bool:
    """A docstring, a block of imports for type checkers, a type alias."""
    if isinstance(node, ast.If):
        return all(isinstance(one, ast.Import | ast.ImportFrom) for one in [*node.body, *node.orelse])
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or type(node).__name__ == "TypeAlias"


class _Walk:
    """Finds calls that are not known to be pure, each helper looked into once."""

    def __init__(self, tree: ast.Module, scope: Scope, *, test: bool) -> None:
        self._scope = scope
        self._test = test
        self._own: dict[str, ast.stmt] = {}
        for node in tree.body:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                self._own.update(dict.fromkeys(names.bound_by(node), node))
        self._pure: dict[str, bool] = {}

    def calls(self, statement: ast.stmt) -> Iterator[ast.expr]:
        """Those that run with the statement and may do anything."""
        yield from (node for node in _running(statement) if isinstance(node, ast.Call) and not self._is_pure(node))
        for part in ast.walk(statement):
            if isinstance(part, names.DEFINITIONS):
                yield from (one for one in part.decorator_list if not self._may_decorate(one))
            if isinstance(part, ast.ClassDef):
                yield from self._implicit(part)

    def _implicit(self, node: ast.ClassDef) -> Iterator[ast.expr]:
        """What a class of the candidate's own runs when it, or a class below it, is made."""
        yield from (one.value for one in node.keywords if not self._are_pure(one.value))
        bases = {(self._scope.path(base) or "").rpartition(".")[2] for base in node.bases}
        every = any(base == "type" or base.endswith(("Meta", "Enum", "Flag")) for base in bases)
        for member in node.body:
            if isinstance(member, ast.FunctionDef) and (every or member.name in _IMPLICIT):
                yield from (call for call in _calls_in(member) if not self._is_pure(call))

    def _may_decorate(self, node: ast.expr) -> bool:
        """A decorator is called, whether it is written as a call or not; what it returns is not called yet."""
        function = node.func if isinstance(node, ast.Call) else node
        if isinstance(function, ast.Attribute) and function.attr in {"setter", "getter", "deleter", "register"}:
            return True
        own = self._own.get(function.id) if isinstance(function, ast.Name) else None
        if isinstance(own, ast.FunctionDef):
            running = [part for statement in own.body for part in _running(statement)]
            return all(self._is_pure(part) for part in running if isinstance(part, ast.Call))
        path = self._scope.path(function)
        return path is not None and self._is_pure_path(path, function)

    def _is_pure(self, call: ast.Call) -> bool:
        path = self._scope.path(call.func) or LOCAL
        if path.startswith(LOCAL):
            inner = isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS
            return (inner or path.startswith((f"{LOCAL}self.", f"{LOCAL}cls"))) and self._takes(call)
        if not self._is_pure_path(path, call.func):
            return False
        constructs = path.rpartition(".")[2].lstrip("_")[:1].isupper()
        return constructs or path in _HOLDING or self._takes(call)

    def _takes(self, call: ast.Call) -> bool:
        """Whether what it is given may be called."""
        return self._are_pure(*call.args, *(one.value for one in call.keywords))

    def _is_pure_path(self, path: str, function: ast.expr) -> bool:
        root = function
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name) and root.id in self._own and self._is_owns(root.id):
            named = function is root or (isinstance(function, ast.Attribute) and function.attr in _METHODS)
            return named and self._is_pure_name(root.id)
        if path in _SINGLE or any(world.impurities(path)):
            return path in _SINGLE
        package, dot, _ = path.partition(".")
        if not dot:
            return path in _BUILTINS or path.endswith(("Error", "Exception", "Warning"))
        if package in sys.stdlib_module_names:
            return package in _STANDARD or (self._test and package in _TESTING)
        return True  # the project's own code, or installed: it was not written by the candidate

    def _is_owns(self, name: str) -> bool:
        """Whether the name is not given to something that stands elsewhere: ``_D = Decimal``."""
        node = self._own[name]
        return not isinstance(node, ast.Assign) or self._scope.path(node.value) is None

    def _are_pure(self, *nodes: ast.expr) -> bool:
        return all(
            self._is_pure_name(one.id)
            for node in nodes
            for one in ast.walk(node)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
        )

    def _is_pure_name(self, name: str) -> bool:
        """Whether a helper of the candidate's own, if it is one, does nothing but compute."""
        node = self._own.get(name)
        if node is None or self._scope.meaning.get(name, "").startswith(LOCAL):
            return True
        if name not in self._pure:
            self._pure[name] = True  # it may call itself
            every = [one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]
            calls = all(self._is_pure(call) for call in _calls_in(node))
            self._pure[name] = calls and all(self._is_pure_name(one.id) for one in every)
        return self._pure[name]


def _calls_in(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def _running(statement: ast.stmt) -> Iterator[ast.AST]:
    """What is evaluated when the statement runs: neither the bodies of functions nor, as such, decorators."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, names.DEFINITIONS):
            calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
            stack += [part for one in calls for part in (*one.args, *(word.value for word in one.keywords))]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            stack += [*node.args.defaults, *(one for one in node.args.kw_defaults if one)]
        elif isinstance(node, ast.ClassDef):
            stack += [*node.bases, *(one.value for one in node.keywords), *node.body]
        else:
            stack += ast.iter_child_nodes(node)
