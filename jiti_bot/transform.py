"""Turn the source of a committed unit into code that runs in its host module.

The file becomes one factory function. Run with the host module's globals it makes the unit: names the file does not
bind resolve in the host, late and natively; names it binds itself are closure variables. Imported only when there is
no bytecode yet, since it needs `ast`.
"""

import ast
import sys
from types import CodeType
from typing import TypeVar

from jiti_bot.errors import StoreError

# Raise when the produced code changes: cached bytecode carries it in its name.
VERSION = 1

FACTORY = "__jiti_factory__"
# All end in two underscores, or they would be mangled inside a class.
OWNER = "__jiti_owner__"
DEFAULT = "__jiti_default__"
MEMBERS = "__jiti_members__"
CLASS = "__jiti_class__"

Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Node = TypeVar("_Node", bound=ast.AST)
REMEDY = "Mend the file, or run `jiti generate` for this stub again."


class _Unit:
    """What was found in a committed file: the top-level statement to hide, its owners, and the generated defs."""

    def __init__(self, statement: ast.stmt, owners: list[ast.ClassDef], members: dict[str, Function]) -> None:
        self.statement = statement
        self.owners = owners
        self.members = members


def build(
    source: bytes, path: str, unit: str, *, flags: int = 0, optimize: int = -1, rewrite: bool = False
) -> CodeType:
    """Compile a committed file into its factory.

    ``flags`` are the host's compiler flags, ``rewrite`` asks for pytest's assertion rewriting. Raises SyntaxError and
    ValueError as `compile` does, and StoreError when the file does not hold ``unit`` as it should.
    """
    tree = ast.parse(source, path)
    if rewrite:
        _rewrite_asserts(tree, source, path)
    found = _find_unit(tree, path, unit)
    helpers = [node for node in tree.body if node is not found.statement]
    hidden = _hidden_name(source)
    names = _Names(found, hidden)
    module = _factory(helpers, found, hidden, names)
    code = compile(module, path, "exec", flags=flags, dont_inherit=True, optimize=optimize)
    factory = next(const for const in code.co_consts if isinstance(const, CodeType))
    _refuse_own_globals(tree, factory, path)
    return names.restore(factory)


def _rewrite_asserts(tree: ast.Module, source: bytes, path: str) -> None:
    from _pytest.assertion.rewrite import rewrite_asserts

    rewrite_asserts(tree, source, path)
    # pytest leaves the ends of what it adds open; filled in from a parent of ours they would lie before the start.
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.alias) and getattr(node, "end_lineno", None) is None:
            line = getattr(node, "lineno", None)
            if line is not None:
                node.end_lineno, node.end_col_offset = line, node.col_offset


def _find_unit(tree: ast.Module, path: str, unit: str) -> _Unit:
    """The defs that ``unit`` names. ``Parser.v.setter`` is a method of that name, or else the accessor of ``v``."""
    *owner_names, name = unit.split(".")
    found = _find(tree, path, owner_names, name)
    if found is None and name in {"setter", "deleter"} and len(owner_names) > 1:
        found = _find(tree, path, owner_names[:-1], owner_names[-1])
    if found is None:
        raise _broken(f"it does not define {unit}", path, 1)
    return found


def _find(tree: ast.Module, path: str, owner_names: list[str], name: str) -> _Unit | None:
    body: list[ast.stmt] = tree.body
    owners: list[ast.ClassDef] = []
    for owner in owner_names:
        skeleton = _named(body, owner, path)
        if not isinstance(skeleton, ast.ClassDef):
            return None
        owners.append(skeleton)
        body = skeleton.body
    target = _named(body, name, path)
    if target is None:
        return None
    for owner, child in zip(owners, [*owners, target][1:], strict=True):
        _only(owner, child, path)
    statement = owners[0] if owners else target
    if isinstance(target, ast.ClassDef):
        return _Unit(statement, [*owners, target], _class_members(target, path))
    if target.decorator_list:
        raise _broken("decorators belong on the stub", path, target.decorator_list[0].lineno)
    return _Unit(statement, owners, {"": target})


def _named(body: list[ast.stmt], name: str, path: str) -> Function | ast.ClassDef | None:
    named = [node for node in body if isinstance(node, _DEFINITIONS) and node.name == name]
    if len(named) > 1:
        raise _broken(f"{name} is defined twice", path, named[1].lineno)
    return named[0] if named else None


def _only(owner: ast.ClassDef, child: ast.stmt, path: str) -> None:
    """The skeleton around a method is scenery: whatever else stands there would silently not exist at run time."""
    for node in owner.body:
        scenery = isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        if node is not child and not scenery:
            raise _broken(f"only the generated method may stand in `class {owner.name}`", path, node.lineno)


def _class_members(target: ast.ClassDef, path: str) -> dict[str, Function]:
    """Generated methods of a class unit by name, accessors as ``v.setter`` and ``v.deleter``."""
    members: dict[str, Function] = {}
    for node in target.body:
        if not isinstance(node, Function):
            continue
        key = node.name
        if key in members:
            role = {1: "deleter", 2: "setter"}.get(len(node.args.posonlyargs + node.args.args))
            key = f"{key}.{role}"
            if role is None or key in members:
                raise _broken(f"{node.name} is defined twice", path, node.lineno)
        node.decorator_list = []
        members[key] = node
    if not members:
        raise _broken(f"`class {target.name}` holds no methods", path, target.lineno)
    return members


def _hidden_name(source: bytes) -> str:
    """Underscores only, and more of them than stand together anywhere in the file."""
    name = "___"
    while name.encode() in source:
        name += "_"
    return name


def _prepare(function: Function, member: str, *, is_method: bool) -> None:
    """Drop annotations, take the stub's own default objects, and give `super()` its class."""
    arguments = function.args
    positional = arguments.posonlyargs + arguments.args
    function.returns = None
    for argument in [*positional, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]:
        if argument is not None:
            argument.annotation = None
    count = len(arguments.defaults)
    arguments.defaults = [_default(member, index, node) for index, node in enumerate(arguments.defaults)]
    for index, node in enumerate(arguments.kw_defaults):
        if node is not None:
            arguments.kw_defaults[index] = _default(member, count, node)
            count += 1
    if is_method:
        _bind_class(function)


def _default(member: str, index: int, node: ast.expr) -> ast.expr:
    call = ast.Call(_name(DEFAULT), [ast.Constant(member), ast.Constant(index)], [])
    return _at(call, node)


def _bind_class(function: Function) -> None:
    """Serve `super()` and `__class__` from a local that the receiver's class fills; the real one exists only later."""
    receiver = _first_parameter(function)
    finder = _ClassUses(receiver)
    function.body = [finder.visit(node) for node in function.body]
    if not finder.found:
        return
    start = 1 if ast.get_docstring(function, clean=False) is not None else 0
    arguments: list[ast.expr] = [_name(receiver)] if receiver else []
    assign = ast.Assign([ast.Name(CLASS, ast.Store())], ast.Call(_name(OWNER), arguments, []))
    place = function.body[min(start, len(function.body) - 1)]
    function.body.insert(start, _at(assign, place))


def _first_parameter(function: Function | ast.Lambda) -> str | None:
    positional = function.args.posonlyargs + function.args.args
    return positional[0].arg if positional else None


class _ClassUses(ast.NodeTransformer):
    """Replaces `__class__` and bare `super()` in a method and its nested functions, but not in nested classes."""

    def __init__(self, receiver: str | None) -> None:
        self.receiver = receiver
        self.found = False

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._nested(node, None)  # its first argument is the iterator: `super()` fails there natively too

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._nested(node, _first_parameter(node))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._nested(node, _first_parameter(node))

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._nested(node, _first_parameter(node))

    def _nested(self, node: ast.AST, receiver: str | None) -> ast.AST:
        outer, self.receiver = self.receiver, receiver
        self.generic_visit(node)
        self.receiver = outer
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        bare = not node.args and not node.keywords
        if bare and isinstance(node.func, ast.Name) and node.func.id == "super" and self.receiver:
            self.found = True
            node.args = [_at(_name(CLASS), node), _at(_name(self.receiver), node)]
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id != "__class__" or not isinstance(node.ctx, ast.Load):
            return node
        self.found = True
        return ast.copy_location(_name(CLASS), node)


class _Names:
    """Aliases for the generated functions while they are compiled, and the way back.

    A function compiled under its own name would be found by that name inside the factory; what it calls by it is the
    host's, which may stand under other decorators. An alias ends in underscores, or a class would mangle it.
    """

    def __init__(self, found: _Unit, hidden: str) -> None:
        owners = "".join(f"{owner.name}." for owner in found.owners)
        self.local = f"{FACTORY}.<locals>."
        self.aliases: dict[str, str] = {}
        self.real: dict[str, tuple[str, str]] = {}
        for index, (member, function) in enumerate(found.members.items()):
            alias = f"{hidden}{index}__"
            self.aliases[member] = alias
            self.real[alias] = (function.name, owners + function.name)
        # Helpers are named as attributes of the first function, where the runtime puts them for pickle to find.
        self.holder = next(qualified for _, qualified in self.real.values())

    def restore(self, code: CodeType) -> CodeType:
        """``code`` and all below it named as if the unit had been compiled in its host."""
        consts: list[object] = []
        for const in code.co_consts:
            if isinstance(const, CodeType):
                consts.append(self.restore(const))
            elif isinstance(const, str) and const == code.co_qualname:
                consts.append(self._qualified(const))  # a class body stores its qualified name from a constant
            else:
                consts.append(const)
        name = self.real.get(code.co_name, (code.co_name, ""))[0]
        return code.replace(co_consts=tuple(consts), co_name=name, co_qualname=self._qualified(code.co_qualname))

    def _qualified(self, name: str) -> str:
        for alias, (_, qualified) in self.real.items():
            _, found, rest = f"{name}.".partition(f".{alias}.")
            if found:
                return f"{qualified}.{rest}".rstrip(".")
        return f"{self.holder}.{name.removeprefix(self.local)}" if name.startswith(self.local) else name


def _factory(helpers: list[ast.stmt], found: _Unit, hidden: str, names: _Names) -> ast.Module:
    """``def factory(owner, default)``: the helpers, then the generated functions, and both returned."""
    body = found.owners[-1].body if found.owners else [found.statement]
    in_class = bool(found.owners) and _needs_class(found)
    for member, function in found.members.items():
        alias = names.aliases[member]
        _prepare(function, member, is_method=bool(found.owners))
        function.name = alias
        keep = ast.Assign([ast.Subscript(_name(MEMBERS), ast.Constant(member), ast.Store())], _name(alias))
        body.insert(body.index(function) + 1, _at(keep, function))
    if in_class:
        body = [_at(_shell(hidden, found.statement), found.statement)]
    kept = sorted({node.name for node in helpers if isinstance(node, _DEFINITIONS)})
    hung = ast.Dict([ast.Constant(name) for name in kept], [_name(name) for name in kept])
    members = ast.Assign([ast.Name(MEMBERS, ast.Store())], ast.Dict([], []))
    result = ast.Return(ast.Tuple([_name(MEMBERS), hung], ast.Load()))
    module = ast.parse(f"def {FACTORY}({OWNER}, {DEFAULT}): pass")
    factory = module.body[0]
    assert isinstance(factory, ast.FunctionDef)
    factory.body = [*helpers, _at(members, found.statement), *body, _at(result, found.statement)]
    return ast.fix_missing_locations(module)


def _shell(hidden: str, statement: ast.stmt) -> ast.ClassDef:
    """A class around the skeleton: class scopes are invisible to nested code, so the class's name means the host's."""
    shell = ast.ClassDef(name=hidden, bases=[], keywords=[], body=[statement], decorator_list=[])
    if sys.version_info >= (3, 12):
        shell.type_params = []
    return shell


def _needs_class(found: _Unit) -> bool:
    """Whether methods must be compiled inside their skeleton: for its type parameters, or to mangle private names.

    Making classes is what loading a method would spend most on.
    """
    return any(getattr(owner, "type_params", None) for owner in found.owners) or any(
        _is_private(text)
        for function in found.members.values()
        for node in ast.walk(function)
        for value in vars(node).values()
        for text in (value if isinstance(value, list) else [value])
    )


def _is_private(text: object) -> bool:
    return isinstance(text, str) and text.startswith("__") and not text.endswith("__")


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _at(node: _Node, place: ast.AST) -> _Node:
    """Give ``node`` and what it holds the line of ``place``, unless they have one."""
    ast.copy_location(node, place)
    return ast.fix_missing_locations(node)


def _refuse_own_globals(tree: ast.Module, factory: CodeType, path: str) -> None:
    """`global x` means the host's ``x``; for a name of the file's own it would silently split in two."""
    own = {*factory.co_varnames, *factory.co_cellvars}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global) and own.intersection(node.names):
            name = min(own.intersection(node.names))
            raise _broken(f"`global {name}` names a helper of this file, which is no module", path, node.lineno)


def _broken(problem: str, path: str, line: int) -> StoreError:
    return StoreError(f"the committed file cannot be used: {problem}.", remedy=REMEDY, where=f"{path}:{line}")
