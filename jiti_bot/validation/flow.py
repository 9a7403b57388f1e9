"""Which expressions of a definition matter: their value goes somewhere, or they are evaluated for an effect. Pure.

Told by syntax, without regard to the order of statements. What is assigned to names that nothing reads goes nowhere,
nor does what stands in an ``assert`` or in an inner definition that nobody names. Of a call whose value is thrown away
the arguments matter, and the call itself unless the function is known to be there for its value. In a test, what is
asserted matters, and so does every call: it may raise.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jiti_bot.validation import names

Part = tuple[ast.AST, Mapping[str, str]]
TERMINAL = ast.Return | ast.Raise | ast.Continue | ast.Break
LOCAL = "<local>"  # no module has such a name
# Of these nothing but the value is left: what is passed to them goes nowhere either.
PURE = frozenset(
    {
        "abs",
        "bool",
        "bytes",
        "callable",
        "dict",
        "float",
        "frozenset",
        "hash",
        "id",
        "int",
        "isinstance",
        "len",
        "list",
        "max",
        "min",
        "object",
        "range",
        "repr",
        "round",
        "set",
        "slice",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
    }
)


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a block stands: what names mean there, and which of them anything reads.

    ``keeps`` where all that is bound can be reached from outside: in a module or a class. ``watched`` in a ``try``
    whose handlers act on a failure. ``asserts`` in a test. ``gives_value`` tells of a path whether it is a function
    there for its value.
    """

    meaning: Mapping[str, str]
    package: str
    gives_value: Callable[[str], bool]
    read: frozenset[str] | None = None
    keeps: bool = True
    watched: bool = False
    asserts: bool = False

    def live(self, node: ast.stmt) -> Iterator[Part]:
        """The expressions of a definition or a statement that matter, each with what names mean there."""
        if isinstance(node, ast.ClassDef):
            for base in [*node.bases, *node.keywords, *node.decorator_list]:
                yield base, self.meaning
            for child in node.body:
                yield from replace(self, keeps=True).live(child)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in node.decorator_list:
                yield part, self.meaning
            yield from self._function(node)
        else:
            yield from self.block([node])

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Part]:
        inner = {**self.meaning, **{name: f"{LOCAL}.{name}" for name in names.local_names(node)}}
        for child in names.statements(node.body):
            if isinstance(child, ast.Import | ast.ImportFrom):
                inner.update(names.imported(child, self.package))
        flow = replace(self, meaning=inner, keeps=False, watched=False)
        if self.read is None:
            flow = replace(flow, read=flow.read_in(node))
        yield from flow.block(node.body)

    def read_in(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
        """The names that the function reads, starting at what matters whatever is read."""
        read = frozenset(name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names)
        while True:
            parts = [part for part, _ in replace(self, read=read).block(node.body)]
            more = read | {
                one.id
                for part in parts
                for one in ast.walk(part)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
            }
            if more == read:
                return read
            read = more

    def block(self, body: Sequence[ast.stmt]) -> Iterator[Part]:
        """The same of statements in a row, as far as they can be reached."""
        for node in body:
            yield from self._statement(node)
            if isinstance(node, TERMINAL):
                return

    def _statement(self, node: ast.stmt) -> Iterator[Part]:
        if isinstance(node, names.DEFINITIONS):
            if node.decorator_list or not self._is_lost([ast.Name(node.name)]):
                yield from self.live(node)
        elif isinstance(node, ast.Expr):
            yield from self._discarded(node.value, assigned=False)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and self._is_lost(_targets(node)):
            if node.value is not None:
                yield from self._discarded(node.value, assigned=True)
        elif isinstance(node, ast.If | ast.While) and _never(node.test):
            yield from self.block(node.orelse)
        elif self.asserts or not isinstance(node, ast.Assert):
            yield from self._fields(node)

    def _fields(self, node: ast.stmt) -> Iterator[Part]:
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "type_comment"}:
                continue
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.expr | ast.withitem | ast.pattern):
                    yield part, self.meaning
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                tried = field == "body" and any(_acts(one) for one in getattr(node, "handlers", []))
                yield from replace(self, watched=self.watched or tried).block(value)
        for handler in getattr(node, "handlers", []):
            yield from ((part, self.meaning) for part in [handler.type] if part)
            yield from self.block(handler.body)
        for case in getattr(node, "cases", []):
            yield from ((part, self.meaning) for part in (case.pattern, case.guard) if part)
            yield from self.block(case.body)

    def _is_lost(self, targets: Sequence[ast.expr]) -> bool:
        """Whether all that is bound are names that nothing reads."""
        if self.keeps or self.read is None:
            return False
        leaves = [leaf for target in targets for leaf in _leaves(target)]
        return all(isinstance(leaf, ast.Name) and leaf.id not in self.read for leaf in leaves)

    def _discarded(self, node: ast.expr, *, assigned: bool) -> Iterator[Part]:
        """What matters of an expression whose value goes nowhere; ``assigned`` to a name that nothing reads."""
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.Lambda):
            return
        if isinstance(node, ast.NamedExpr) and self._is_lost([node.target]):
            yield from self._discarded(node.value, assigned=True)
        elif isinstance(node, ast.Call):
            path = names.path_of(node.func, self.meaning)
            watched = self.watched or (self.asserts and not assigned)
            arguments = [*node.args, *(one.value for one in node.keywords)]
            if path in PURE and not watched:
                for one in arguments:
                    yield from self._discarded(one, assigned=assigned)
                return
            unwanted = path is not None and (assigned or self.gives_value(path))
            wanted = arguments if unwanted and not watched else [node]
            yield from ((one, self.meaning) for one in wanted)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Compare | ast.BinOp | ast.UnaryOp | ast.Starred):
            for one in ast.iter_child_nodes(node):
                if isinstance(one, ast.expr):
                    yield from self._discarded(one, assigned=assigned)
        else:
            yield node, self.meaning


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            yield from _leaves(one)
    elif isinstance(target, ast.Starred):
        yield from _leaves(target.value)
    else:
        yield target


def _acts(handler: ast.ExceptHandler) -> bool:
    return any(not isinstance(one, ast.Pass) for one in handler.body)


def _never(test: ast.expr) -> bool:
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    return isinstance(test, ast.Constant) and not test.value
