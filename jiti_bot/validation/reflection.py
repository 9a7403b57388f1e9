"""Ways around a name: modules passed on as values, attributes by text, the interpreter's own attributes. Pure.

What stands in the source under its own name can be judged; these forms hide it, and ordinary code does without them.
"""

import ast
from collections.abc import Iterator

from jiti_bot.validation.folding import UNKNOWN
from jiti_bot.validation.scopes import Scope

FRAMES = frozenset(
    {"f_back", "f_globals", "f_locals", "f_builtins", "f_code", "tb_frame", "tb_next", "gi_frame", "gi_code",
     "cr_frame", "cr_code", "ag_frame", "ag_code"}
)  # fmt: skip
PYTEST = frozenset({"_hookimpls", "_hookexec", "get_hookimpls", "pluginmanager", "_inner_hookexec"})
EQUALITY = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__"})
# What ordinary code reads of objects besides the methods of protocols.
_READ = frozenset(
    {"__name__", "__qualname__", "__module__", "__doc__", "__class__", "__dict__", "__file__", "__version__",
     "__annotations__", "__members__", "__dataclass_fields__", "__match_args__", "__slots__", "__args__", "__origin__",
     "__cause__", "__context__", "__notes__", "__suppress_context__", "__traceback__", "__wrapped__", "__path__",
     "__type_params__", "__value__", "__metadata__", "__required_keys__", "__optional_keys__"}
)  # fmt: skip
_NEVER = frozenset(
    {"__subclasses__", "__init_subclass__", "__getattribute__", "__reduce__", "__reduce_ex__", "__del__"}
)
# What a method of that name hands on to the next class.
_HANDED_ON = frozenset(
    {"__init_subclass__", "__reduce__", "__reduce_ex__", "__del__", "__prepare__", "__instancecheck__",
     "__subclasscheck__"}
)  # fmt: skip
_NAMED = frozenset({"getattr", "setattr", "delattr", "vars"})
_GETTERS = frozenset({"operator.attrgetter", "operator.methodcaller"})
_STATIC = "inspect.getattr_static"


def _protocols() -> frozenset[str]:
    """Methods that a class may define, and others call by name."""
    kinds = (object, int, float, str, list, dict, set, tuple, type(iter(())), type(x for x in ()))
    found = {name for kind in kinds for name in vars(kind) if name.startswith("__") and callable(vars(kind)[name])}
    more = ("enter", "exit", "aenter", "aexit", "aiter", "anext", "await", "call", "post_init", "get", "set", "delete",
            "set_name", "missing", "copy", "deepcopy", "fspath", "complex", "length_hint", "bytes", "matmul", "imatmul",
            "rmatmul", "class_getitem", "index", "setstate", "iadd", "ior", "iand", "isub", "imul",
            "getattr")  # fmt: skip
    return frozenset(found | {f"__{name}__" for name in more})


READABLE = (_READ | _protocols()) - _NEVER


def judge(tree: ast.Module, scope: Scope, *, test: bool) -> Iterator[tuple[int, str]]:
    """Refusals as (line, message). A ``test`` may pass modules on: to `monkeypatch`."""
    held = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in scope.modules and id(node) not in held and not test:
                yield node.lineno, f"`{node.id}` is a module: use it by its attributes, do not pass it on"
            elif id(node) not in called and scope.builtin(node) in _NAMED:
                yield node.lineno, f"`{node.id}` has to be called by its name, not to be passed on"
        elif isinstance(node, ast.Attribute):
            why = _attribute(node.attr, fixed=_root(node.value) in scope.outside)
            if why and not (node.attr in _HANDED_ON and id(node) in called and _is_super(node.value)):
                yield node.lineno, f"`.{node.attr}` {why}"
        elif isinstance(node, ast.Call):
            yield from _by_text(node, scope)


def _attribute(name: str, *, fixed: bool) -> str:
    """Why the attribute ``name`` is not to be used; ``fixed``: of what is not the candidate's."""
    if name in FRAMES:
        return "looks at its caller"
    if name in PYTEST:
        return "belongs to what judges it"
    if name.startswith("__") and name.endswith("__") and len(name) > 4:
        if name == "__dict__" and fixed:
            return "is another way to attributes: name them"
        if name not in READABLE:
            return "belongs to the interpreter"
    return ""


def _by_text(node: ast.Call, scope: Scope) -> Iterator[tuple[int, str]]:
    """Attributes that are named by text: judged as if they were written out, if it can be seen what they are."""
    path = scope.builtin(node.func) or scope.path(node.func) or ""
    spelled = f"`{ast.unparse(node)[:60]}`"
    if path == "vars" and node.args and _root(node.args[0]) in scope.outside:
        yield node.lineno, f"{spelled} is another way to attributes: name them"
    elif path in _NAMED - {"vars"} or path == _STATIC:
        if len(node.args) > 1 and not isinstance(node.args[1], ast.Starred):
            yield from _named(node, node.args[1], scope, fixed=_root(node.args[0]) in scope.outside)
    elif path in _GETTERS:
        for argument in node.args[: 1 if path.endswith("methodcaller") else None]:
            yield from _named(node, argument, scope)


def _named(node: ast.Call, text: ast.expr, scope: Scope, *, fixed: bool = False) -> Iterator[tuple[int, str]]:
    value = scope.fold(text)
    if value is UNKNOWN or not isinstance(value, str):
        return
    for name in value.split("."):
        why = _attribute(name, fixed=fixed)
        if why:
            yield node.lineno, f"`{name}` by text {why}"


def paths_by_text(tree: ast.Module, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """What calls of `getattr` lead to, where that can be seen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and scope.builtin(node.func) in _NAMED and len(node.args) > 1:
            base, value = scope.path(node.args[0]), scope.fold(node.args[1])
            if base is not None and isinstance(value, str):
                yield f"{base}.{value}", node


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
