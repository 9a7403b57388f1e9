"""Statements that only jiti needed, and what still imports it when they are gone. Pure.

An engine that nobody names any more, ``j = jiti.jiti``, ``try: from jiti import jiti`` with its ``except ImportError``,
an import below ``if TYPE_CHECKING:`` or inside of a function. A statement goes where that makes no difference to
anybody: it does nothing but bind names, somebody needed one of them before, and nobody does now.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiti_bot.graduation.anatomy import RUNTIME_MODULES, Decorator
from jiti_bot.graduation.takers import Names
from jiti_bot.source.bindings import Assigned, Imported, Scope, dotted, scope_of
from jiti_bot.source.parse import Parsed

_MADE = frozenset({"Engine", "jiti"})
_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception"})
_LOADERS = frozenset({"import_module", "__import__", "importorskip", "find_spec"})
_PLAIN = ast.Constant | ast.Name | ast.Attribute | ast.Lambda
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+jiti(?:_bot)?\b", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines of a file that can go, as `fold_all` takes ``waste``; ``instead`` stands there then, without its margin."""

    lines: Decorator
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A place (``file:line``) that still needs jiti, or may, and why, in words."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}."


def idle(file: str, before: Names, after: Names, *, last: bool) -> list[Cut]:
    """What can go from ``file``. ``last``: no stub is left anywhere, so what nobody ever needed can go, too."""
    parsed = after.parsed.get(file)
    return list(_Search(parsed, before, after, last=last).module()) if parsed is not None else []


def left(after: Names) -> Iterator[Left]:
    """Where the source still imports jiti, and why."""
    for file, parsed in sorted(after.parsed.items()):
        found = [(node, function, attempt) for node, function, attempt in _nodes(parsed.tree) if _is_of_jiti(node)]
        for node, function, attempt in sorted(found, key=lambda one: one[0].lineno):
            why = _why(after, file, node, function, attempt)
            yield Left(f"{file}:{node.lineno}", f"jiti is still imported here: {why}")
    for file, text in sorted(after.obscure.items()):
        if found := _IMPORT.search(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Left(f"{file}:{line}", "jiti is still imported here: this file does not parse, so it was left alone")


def _why(after: Names, file: str, node: ast.stmt, function: Function | None, attempt: ast.stmt | None) -> str:
    if not _ours(node):
        return "it is loaded by its name"
    around = attempt or node
    for name in dict.fromkeys([*_ours(node), *scope_of([around]).names]):
        if place := after.user(file, name, [around], function):
            return f"{place} needs `{name}`"
    return "nobody here needs it"


def _is_of_jiti(node: ast.stmt) -> bool:
    return bool(_ours(node)) or any(_loads(one) for one in (node, *_expressions(node)))


def _expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """What a statement evaluates, without the statements in it."""
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.withitem)]
    yield from (one for child in inner for one in ast.walk(child))


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.stmt, Function | None, ast.stmt | None]]:
    """Every statement with the function that it stands in, and the outermost ``try`` or ``with`` around it there."""
    pending: list[tuple[ast.AST, Function | None, ast.stmt | None]] = [(tree, None, None)]
    while pending:
        node, function, attempt = pending.pop()
        if isinstance(node, ast.stmt):
            yield node, function, attempt
        if isinstance(node, Function):
            function, attempt = node, None
        elif isinstance(node, ast.Try | ast.With):
            attempt = attempt or node
        inner = (
            one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt | ast.ExceptHandler | ast.match_case)
        )
        pending += [(one, function, attempt) for one in inner]


def _ours(node: ast.AST) -> dict[str, ast.alias]:
    """The names of jiti's that an import binds, empty for any other node."""
    match node:
        case ast.Import(names=names):
            return {one.asname or one.name.split(".")[0]: one for one in names if _is_runtime(one.name)}
        case ast.ImportFrom(module=str() as module, level=0, names=names) if _is_runtime(module):
            return {one.asname or one.name: one for one in names}
    return {}


def _is_runtime(module: str) -> bool:
    return module.partition(".")[0] in RUNTIME_MODULES


def _loads(node: ast.AST) -> bool:
    """Whether something loads jiti by its name as a string."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str() as said), *_]):
            return name in _LOADERS and _is_runtime(said)
        case ast.Assign(targets=[ast.Name(id="pytest_plugins")], value=value):
            said = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant)]
            return any(isinstance(one, str) and _is_runtime(one) for one in said)
    return False


class _Search:
    """Looks through one file."""

    def __init__(self, parsed: Parsed, before: Names, after: Names, *, last: bool) -> None:
        self.parsed = parsed
        self.file = parsed.file
        self.before = before
        self.after = after
        self.last = last
        self.scope = scope_of(parsed.tree.body)

    def module(self) -> Iterator[Cut]:
        yield from self._block(self.parsed.tree.body, None)

    def _block(
        self, block: Sequence[ast.stmt], function: Function | None, above: ast.stmt | None = None
    ) -> Iterator[Cut]:
        """Cuts in a block; ``above`` is the ``if`` or ``with`` around, ``function`` whose names it binds."""
        for node in block:
            if not self._stands_alone(node):
                continue
            if self._can_go(node, function):
                yield self._cut(node, block)
            elif _ours(node):
                yield from self._import(node, block, function, above)
            else:
                yield from self._inside(node, function)

    def _inside(self, node: ast.stmt, function: Function | None) -> Iterator[Cut]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._block(node.body, node)
            case ast.ClassDef():  # what a class imports is an attribute of it
                for one in node.body:
                    yield from self._inside(one, function) if isinstance(one, Function | ast.ClassDef) else ()
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
                yield from self._block(node.body, function, node)
                yield from self._block(node.orelse, function, node)
            case ast.With() | ast.AsyncWith():
                yield from self._block(node.body, function, node)

    def _can_go(self, node: ast.stmt, function: Function | None) -> bool:
        """Whether the whole of a statement was there for jiti, and nobody needs what it binds."""
        if isinstance(node, ast.Assign | ast.AnnAssign):
            is_meant = function is None and _is_made(node, self.scope)
        else:
            is_meant = _is_attempt(node)
        return is_meant and self._is_idle(set(scope_of([node]).names), node, function)

    def _is_idle(self, names: set[str], node: ast.stmt, function: Function | None) -> bool:
        if not names or any(self.after.user(self.file, name, [node], function) for name in names):
            return False
        return self._never_needed_is_enough(node, function) or any(self._was_needed(name) for name in names)

    def _never_needed_is_enough(self, node: ast.stmt, function: Function | None) -> bool:
        """Whether nobody outside of the project can need it either."""
        return self.last and (function is not None or (isinstance(node, ast.If) and _is_for_checkers(node)))

    def _was_needed(self, name: str) -> bool:
        earlier = self.before.parsed.get(self.file)
        binding = [node for node in earlier.tree.body if name in scope_of([node]).names] if earlier else []
        return bool(earlier) and bool(self.before.user(self.file, name, binding))

    def _import(
        self, node: ast.stmt, block: Sequence[ast.stmt], function: Function | None, above: ast.stmt | None
    ) -> Iterator[Cut]:
        """What can go of an import."""
        assert isinstance(node, ast.Import | ast.ImportFrom), "only imports import"
        checking = isinstance(above, ast.If) and _is_for_checkers(above)
        ours = {
            name: one
            for name, one in _ours(node).items()
            if not self.after.user(self.file, name, [node], function)
            and ((self.last and (function is not None or checking)) or self._was_needed(name))
        }
        if not ours:
            return
        kept = [one for one in node.names if one not in ours.values()]
        rest = ast.ImportFrom(node.module, kept, 0) if isinstance(node, ast.ImportFrom) else ast.Import(kept)
        yield self._cut(node, block, rest if kept else None)

    def _stands_alone(self, node: ast.stmt) -> bool:
        """Whether nothing else stands on its lines."""
        last = node.end_lineno or node.lineno
        before = self.parsed.lines[node.lineno - 1][: self.parsed.column(node.lineno, node.col_offset)]
        after = self.parsed.lines[last - 1][self.parsed.column(last, node.end_col_offset or 0) :]
        return not before.strip() and not after.partition("#")[0].strip()

    def _cut(self, node: ast.stmt, block: Sequence[ast.stmt], instead: ast.stmt | None = None) -> Cut:
        lines = self.parsed.lines
        first, last = node.lineno, node.end_lineno or node.lineno
        if instead is not None or (len(block) == 1 and block is not self.parsed.tree.body):
            text = ast.unparse(instead) if instead is not None else "pass"
            return Cut(Decorator(first, last, frozenset(), ours=True), text)
        top = first
        while top > 1 and not node.col_offset and lines[top - 2].startswith("#"):
            top -= 1
        first = top if top > 1 else first  # at the top of a file, comments are about all of it
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        own = {name for one in self.parsed.tree.body if one is node or _ours(one) for name in scope_of([one]).names}
        gap = _below(lines, last) if block[0] is node and node.col_offset else _gap(lines, first, last)
        return Cut(Decorator(first, last + gap, frozenset(names - own), ours=True))


def _is_made(node: ast.Assign | ast.AnnAssign, scope: Scope) -> bool:
    """Whether a name is given an engine, what ``jiti(...)`` returns, or ``jiti`` itself."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or node.value is None:
        return False
    name = dotted(node.value.func if isinstance(node.value, ast.Call) else node.value) or ("",)
    for one in scope.names.get(name[0], ()):
        match one:
            case Imported(module=(root, *_), attribute=attribute) if _is_runtime(root):
                if (attribute if len(name) == 1 else name[-1]) in _MADE:
                    return True
            case Assigned(node=ast.Assign() | ast.AnnAssign() as other, line=line) if line < node.lineno:
                if _is_made(other, scope):
                    return True
    return False


def _is_attempt(node: ast.stmt) -> bool:
    """A statement that imports jiti if it can, or for type checkers, and does nothing else but bind names."""
    match node:
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=[]):
            if not all(_is_for_missing(one.type) for one in handlers):
                return False
            rest = [*orelse, *(inner for one in handlers for inner in one.body)]
        case ast.If(body=body, orelse=rest) if _is_for_checkers(node):
            pass
        case ast.With(items=[ast.withitem(context_expr=ast.Call(func=function))], body=body):
            rest = []
            if (dotted(function) or ("",))[-1] != "suppress":
                return False
        case _:
            return False
    return any(_ours(one) for one in body) and all(_only_binds(one) for one in (*body, *rest))


def _is_for_checkers(node: ast.If) -> bool:
    return (dotted(node.test) or ("",))[-1] == "TYPE_CHECKING"


def _is_for_missing(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return all(one is None or (dotted(one) or ("",))[-1] in _MISSING for one in kinds)


def _only_binds(node: ast.stmt) -> bool:
    """Whether a statement has no effect but the names that it binds, if it runs where jiti is installed or is not."""
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return len(_ours(node)) == len(names) and all(one.name != "*" for one in names)
        case ast.Assign(targets=targets, value=value):
            return isinstance(value, _PLAIN) and all(isinstance(one, ast.Name) for one in targets)
        case ast.AnnAssign(target=target, value=value):
            return isinstance(value, _PLAIN | None) and isinstance(target, ast.Name)
        case ast.FunctionDef(decorator_list=[]) | ast.ClassDef(decorator_list=[], keywords=[]):
            return True
    return isinstance(node, ast.Pass | ast.Raise)


def _gap(lines: Sequence[str], first: int, last: int) -> int:
    """How many blank lines below go with the lines ``first`` to ``last``, so that the larger gap is left."""
    above = next((n for n in range(first - 1) if lines[first - 2 - n].strip()), first - 1)
    return min(above, _below(lines, last))


def _below(lines: Sequence[str], last: int) -> int:
    return next((n for n in range(len(lines) - last) if lines[last + n].strip()), 0)
