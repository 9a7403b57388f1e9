"""What only jiti needed: engines and kept calls that nobody names any more; and what is left of jiti. Pure."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from jiti_bot.graduation.anatomy import RUNTIME_MODULES, Decorator
from jiti_bot.source.bindings import Imported, Scope, dotted, scope_of
from jiti_bot.source.parse import Parsed, parse

_MADE = frozenset({"Engine", "jiti"})


def find(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, list[Decorator]]:
    """Statements such as ``FAST = Engine(...)`` that somebody named before and nobody names after, by file."""
    wanted: list[tuple[str, str, Decorator]] = []
    for file, data in after.items():
        parsed = parse(file, data)
        if isinstance(parsed, Parsed):
            wanted += [(file, name, one) for name, one in _made(parsed)]
    if not wanted:
        return {}
    words, earlier = _words(after), _words(before)
    found: dict[str, list[Decorator]] = {}
    for file, name, one in wanted:
        if words[name] == 1 and earlier[name] > 1:
            found.setdefault(file, []).append(one)
    return found


def left(after: Mapping[str, bytes]) -> Iterator[str]:
    """Where the source imports jiti: ``file:line``."""
    for file, data in sorted(after.items()):
        parsed = parse(file, data)
        for node in ast.walk(parsed.tree) if isinstance(parsed, Parsed) else ():
            match node:
                case ast.Import(names=names):
                    modules = [alias.name for alias in names]
                case ast.ImportFrom(module=str() as module, level=0):
                    modules = [module]
                case _:
                    continue
            if any(module.split(".")[0] in RUNTIME_MODULES for module in modules):
                yield f"{file}:{node.lineno}"


def _made(parsed: Parsed) -> Iterator[tuple[str, Decorator]]:
    """Module-level names that are given an engine, or what ``jiti(...)`` returns."""
    scope = scope_of(parsed.tree.body)
    for node in parsed.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
                pass
            case _:
                continue
        if _is_ours(call.func, scope):
            first = node.lineno
            while first > 1 and parsed.lines[first - 2].startswith("#"):
                first -= 1
            last = (node.end_lineno or node.lineno) + _gap(parsed.lines, first, node.end_lineno or node.lineno)
            names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - {name}
            yield name, Decorator(first, last, frozenset(names), ours=True)


def _gap(lines: Sequence[str], first: int, last: int) -> int:
    """How many blank lines below go with the lines ``first`` to ``last``, so that the larger gap is left."""
    above = next((n for n in range(first - 1) if lines[first - 2 - n].strip()), first - 1)
    below = next((n for n in range(len(lines) - last) if lines[last + n].strip()), 0)
    return min(above, below)


def _is_ours(function: ast.expr, scope: Scope) -> bool:
    name = dotted(function)
    if name is None:
        return False
    for one in scope.names.get(name[0], ()):
        if isinstance(one, Imported) and one.module[:1] and one.module[0] in RUNTIME_MODULES:
            return (one.attribute or name[-1]) in _MADE
    return False


def _words(files: Mapping[str, bytes]) -> Counter[str]:
    """How often each name stands in the code of ``files``, whatever it means there."""
    found: Counter[str] = Counter()
    for file, data in files.items():
        parsed = parse(file, data)
        if isinstance(parsed, Parsed):
            found.update(word for node in ast.walk(parsed.tree) for word in _named(node))
        else:
            found.update(re.findall(r"\w+", data.decode("utf-8", "replace")))
    return found


def _named(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.alias(name=name, asname=asname):
            yield from {*name.split("."), *([asname] if asname else [])}
        case ast.Constant(value=str() as said) if said.isidentifier():
            yield said
