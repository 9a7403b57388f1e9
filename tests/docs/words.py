"""What an expression of the source can say, read from its syntax alone.

Constants, local names, both arms of a condition, what a small function returns and what the callers of a maker
of errors hand it are followed to where they are written. What is only known when it happens stands as a word in
capitals.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tests.repo import ROOT

_MOST = 24  # variants of one text: more are told by a word in capitals
_DEPTH = 6  # of names that stand for names
_WORDS = {"error": "REASON", "strerror": "REASON", "e": "REASON", "said": "REASON", "_": "VALUE", "value": "VALUE"}


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its tree, its constants and functions, their calls, and the function around each node.

    Texts that it imports from our own files are among the constants. ``path`` is posix, relative to the root.
    """

    path: str
    tree: ast.Module
    constants: dict[str, ast.expr] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    inside: dict[ast.AST, "Function"] = field(default_factory=dict)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def module(path: str, source: bytes) -> Module:
    """A source file, ready to be asked."""
    found = Module(path, ast.parse(source))
    for node in found.tree.body:
        match node:
            case ast.FunctionDef(name=name):
                found.functions[name] = node
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found.constants[name] = value
            case ast.ImportFrom(module=str(home), names=names) if home.startswith("jiti_bot."):
                there = _texts(home)
                found.constants.update({one.asname or one.name: there[one.name] for one in names if one.name in there})
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            found.calls.setdefault(last(node.func), []).append(node)
        if isinstance(node, Function):
            # Outer functions are met first, so that the innermost one is what stays.
            found.inside.update(dict.fromkeys(ast.walk(node), node))
    return found


@cache
def _texts(home: str) -> Mapping[str, ast.Constant]:
    """The constants of one of our files that are plain texts."""
    file = ROOT / f"{home.replace('.', '/')}.py"
    body = ast.parse(file.read_bytes()).body if file.is_file() else []
    return {
        node.targets[0].id: node.value
        for node in body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: a function in a module. ``given`` are its arguments at one call."""

    module: Module
    function: Function | None
    given: Mapping[str, tuple["Scope", ast.expr]] = field(default_factory=dict)
    depth: int = 0

    def together(self, parts: Sequence[ast.expr]) -> Iterator[tuple[str, ...]]:
        """The texts of ``parts`` for each way in which the function is called."""
        for scope in self._calls(parts) or [self]:
            yield from itertools.product(*(scope.texts(part) for part in parts))

    def _calls(self, parts: Sequence[ast.expr]) -> list["Scope"]:
        """This scope once for each call in the module, where the texts are made of parameters."""
        function = self.function
        if function is None or self.depth >= _DEPTH:
            return []
        args = [*function.args.posonlyargs, *function.args.args]
        names = [one.arg for one in args if one.arg not in {"self", "cls"}]
        # A text that is a parameter, perhaps with a full stop, is one of a maker of errors. Others show its name.
        wanted = {name for part in parts for name in _bare(part) if name in {*names, *_keywords(function)}}
        if not wanted:
            return []
        scopes = []
        for call in self.module.calls.get(function.name, []):
            outer = Scope(self.module, self.module.inside.get(call), depth=self.depth + 1)
            given = dict(zip(names, call.args, strict=False)) | {one.arg: one.value for one in call.keywords if one.arg}
            if wanted & given.keys():
                scopes.append(Scope(self.module, function, {n: (outer, v) for n, v in given.items()}, self.depth + 1))
        return scopes

    def texts(self, node: ast.expr) -> list[str]:
        """What an expression can say."""
        match node:
            case ast.Constant(value=value):
                return [] if value is None else [str(value)]
            case ast.JoinedStr(values=values):
                return self._product(values)
            case ast.FormattedValue(value=value):
                found = self._known(value)
                return found if found and len(found) <= 4 else [placeholder(value)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._product([left, right])
            case ast.IfExp(body=body, orelse=orelse):
                return self._some([*self.texts(body), *self.texts(orelse)], node)
            case ast.BoolOp(values=values):
                return self._some([text for value in values for text in self.texts(value) if text], node)
            case ast.Name():
                return self._known(node) or [placeholder(node)]
            case ast.Call(func=ast.Name(id=name)) if name in self.module.functions and self.depth < _DEPTH:
                return self._returned(self.module.functions[name]) or [placeholder(node)]
            case _:
                return [placeholder(node)]

    def _returned(self, function: Function) -> list[str]:
        """What a function of this module can return, where all of that is written down."""
        scope = Scope(self.module, function, depth=self.depth + 1)
        values = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
        told = [text for value in values for text in scope.texts(value)]
        return self._some(told, function) if _are_texts(told) else []

    def _product(self, values: Sequence[ast.expr]) -> list[str]:
        parts = [self.texts(value) for value in values]
        if len(list(itertools.islice(itertools.product(*parts), _MOST + 1))) > _MOST:
            parts = [
                part if len(part) == 1 else [placeholder(value)] for part, value in zip(parts, values, strict=True)
            ]
        return list(dict.fromkeys("".join(part) for part in itertools.product(*parts)))

    def _some(self, texts: list[str], node: ast.AST) -> list[str]:
        return list(dict.fromkeys(texts)) if len(texts) <= _MOST else [placeholder(node)]

    def _known(self, node: ast.expr) -> list[str]:
        """The texts that a name or a constant table stands for; none where they are only known later."""
        if self.depth >= _DEPTH:
            return []
        deeper = Scope(self.module, self.function, self.given, self.depth + 1)
        match node:
            case ast.Name(id=name) if name in self.given:
                scope, value = self.given[name]
                return Scope(scope.module, scope.function, scope.given, self.depth + 1).texts(value)
            case ast.Name(id=name) if self.function is not None and name in _bindings(self.function):
                values = _bound(self.function, name, node.lineno)
                told = [text for value in values if value is not None for text in deeper.texts(value)]
                return deeper._some(told, node) if None not in values and _are_texts(told) else []
            case ast.Name(id=name) if name in self.module.constants:
                value = self.module.constants[name]
                return deeper.texts(value) if _is_text(value) else []
            case ast.IfExp() | ast.Constant(value=str()) | ast.JoinedStr() | ast.Call(func=ast.Name()):
                told = deeper.texts(node)
                return told if _are_texts(told) else []
        return []


def placeholder(node: ast.AST) -> str:
    """A word in capitals for what is only known when it happens."""
    match node:
        case ast.FormattedValue(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
            return placeholder(value)
        case ast.Attribute(attr="name" | "path" | "message" | "said", value=ast.Name(id=owner)) if owner != "self":
            return _word(owner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return _word(name)
        case ast.Call(func=ast.Attribute(attr="join"), args=[inner, *_]):
            return placeholder(inner)
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in {"sorted", "str", "repr", "len", "type"}:
            return placeholder(inner)
        case ast.Call(func=func):
            return _word(last(func))
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner) | ast.BoolOp(values=[inner, *_]):
            return placeholder(inner)
        case ast.BinOp(left=left):
            return placeholder(left)
        case ast.IfExp(body=body):
            return placeholder(body)
    return "VALUE"


def _word(name: str) -> str:
    return _WORDS.get(name) or name.strip("_").replace("_", " ").upper() or "VALUE"


def last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _bare(node: ast.expr) -> set[str]:
    """Names of which a text consists, but for a full stop."""
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name)), *rest]) if all(
            isinstance(one, ast.Constant) for one in rest
        ):
            return {name}
    return set()


def _keywords(function: Function) -> set[str]:
    return {one.arg for one in function.args.kwonlyargs}


@dataclass(frozen=True, slots=True)
class _Binding:
    """One way in which a local name gets a value; None for one that holds no text in the source."""

    line: int
    value: ast.expr | None


def _bound(function: Function, name: str, line: int) -> list[ast.expr | None]:
    """What a local name may be bound to where ``line`` uses it: by the last binding that is sure, and later ones."""
    found = [one for one in _bindings(function).get(name, []) if one.line <= line]
    used = _blocks(function, line)
    sure = [one.line for one in found if used[: len(at := _blocks(function, one.line))] == at]
    return [one.value for one in found if one.line >= max(sure, default=0)]


def _blocks(function: Function, line: int) -> list[int]:
    """The blocks of statements around a line of a function, the outermost first, each by its first line."""
    path: list[int] = []
    block: list[ast.stmt] = function.body
    while block:
        around = next((one for one in block if one.lineno <= line <= (one.end_lineno or line)), None)
        if around is None:
            return path
        path.append(block[0].lineno)
        inner = [getattr(around, name, []) for name in ("body", "orelse", "finalbody")]
        inner += [one.body for one in (*getattr(around, "handlers", ()), *getattr(around, "cases", ()))]
        block = next((one for one in inner if one and one[0].lineno <= line <= (one[-1].end_lineno or line)), [])
    return path


@cache
def _bindings(function: Function) -> Mapping[str, list[_Binding]]:
    """Every binding of each local name."""
    found: dict[str, list[_Binding]] = {}

    def bind(name: str, line: int, value: ast.expr | None) -> None:
        found.setdefault(name, []).append(_Binding(line, value))

    for node in ast.walk(function):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                bind(name, node.lineno, value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for one, value in zip(names, values, strict=False):
                    bind(last(one), node.lineno, value)
            case ast.Assign(targets=[ast.Tuple(elts=names)]):
                for one in names:
                    bind(last(one), node.lineno, None)
            case ast.arg(arg=name):
                bind(name, function.lineno, None)
    return found


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _are_texts(texts: list[str]) -> bool:
    """Whether something of it was written down, and is no more than a word for what is not known."""
    return all(re.search(r"[a-z]", text) for text in texts if text) and any(texts)
