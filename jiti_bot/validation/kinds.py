"""Whether a body keeps the kind of its stub: function, coroutine, generator or asynchronous generator. Pure."""

import ast
import builtins
from collections.abc import Iterator
from textwrap import dedent

from jiti_bot.source.parse import expression_tree, syntax_tree

_SYNC = frozenset({"Iterator", "Iterable", "Generator"})
_ASYNC = frozenset({"AsyncIterator", "AsyncIterable", "AsyncGenerator"})
_PLAIN = frozenset(
    {name for name, value in vars(builtins).items() if isinstance(value, type) and value is not object}
    | {"None", "List", "Dict", "Set", "FrozenSet", "Tuple", "Sequence", "Mapping", "Collection", "Optional", "Union",
       "Literal", "Self", "Callable", "NoReturn", "Never", "LiteralString", "Awaitable", "Coroutine", "Type"}
)  # fmt: skip
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def judge(header: str, body: ast.Module) -> Iterator[tuple[int, str]]:
    """Refusals as (line, message). ``header`` are the ``def`` line(s) of the stub."""
    try:
        stub = syntax_tree(dedent(header) + " ...").body[0]
    except (SyntaxError, ValueError):
        return
    if not isinstance(stub, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    awaits = isinstance(stub, ast.AsyncFunctionDef)
    yields = False
    for node in _own(body):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            if not yields and (why := _may_not_yield(stub)):
                yield node.lineno, why
            yields = True
        if isinstance(node, ast.YieldFrom) and awaits:
            yield node.lineno, "`yield from` cannot stand in an `async def`"
        if not awaits and (word := _waits(node)):
            yield getattr(node, "lineno", 1), f"`{word}` cannot stand in the body of a plain `def`"
    name = _returned(stub)
    if not yields and name == "AsyncGenerator" and awaits:
        yield 1, "the stub is an asynchronous generator: the body has to yield"


def is_generator(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function has a `yield` of its own."""
    return any(isinstance(one, ast.Yield | ast.YieldFrom) for one in _own(node))


def _may_not_yield(stub: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    name = _returned(stub)
    awaits = isinstance(stub, ast.AsyncFunctionDef)
    fitting, other = (_ASYNC, _SYNC) if awaits else (_SYNC, _ASYNC)
    if stub.returns is None or (name not in _PLAIN and name not in other):
        return ""
    kind = "an asynchronous generator" if awaits else "a generator"
    why = f"`yield` would make it {kind}: the stub promises {ast.unparse(stub.returns)}, not {min(fitting)}"
    if not awaits and name in other:
        return f"{why}; define an `async def` that yields in the body, and return what calling it gives"
    return why


def _returned(stub: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The last name of the return annotation, '' for none or a union of several."""
    node = stub.returns
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = expression_tree(node.value).body
        except (SyntaxError, ValueError):
            return ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts = {getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(node)}
        return "" if parts & (_SYNC | _ASYNC) else "Union"
    if isinstance(node, ast.Constant) and node.value is None:
        return "None"
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _waits(node: ast.AST) -> str:
    if isinstance(node, ast.Await):
        return "await"
    if isinstance(node, ast.AsyncFor | ast.AsyncWith):
        return "async for" if isinstance(node, ast.AsyncFor) else "async with"
    # A generator expression may be asynchronous anywhere: it waits where it is read.
    plain = isinstance(node, _COMPREHENSIONS) and not isinstance(node, ast.GeneratorExp)
    return "async for" if plain and any(one.is_async for one in node.generators) else ""


def _own(body: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What belongs to the function itself, in source order: not to one that is defined in it."""
    stack: list[ast.AST] = list(reversed(body.body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.GeneratorExp):
            stack.append(node.generators[0].iter)  # the rest is a function of its own
        elif isinstance(node, ast.Lambda):
            stack += [one for one in (*node.args.defaults, *node.args.kw_defaults) if one]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            stack += [*node.decorator_list, *(one for one in (*node.args.defaults, *node.args.kw_defaults) if one)]
        elif isinstance(node, ast.ClassDef):
            stack += [*node.decorator_list, *node.bases, *(one.value for one in node.keywords)]
        else:
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
