"""A committed class with some of its methods written anew, added or dropped; all else as it stands."""

from collections.abc import Collection, Iterator, Mapping

from jiti_bot.light import ast, re
from jiti_bot.source.compose import helpers_text, method_text, reindented, skeleton
from jiti_bot.source.members import find_class, member_name, pieces
from jiti_bot.source.model import Stub
from jiti_bot.source.parse import syntax_tree

_IMPORTS = (ast.Import, ast.ImportFrom)


def revise(stub: Stub, code: str, bodies: Mapping[str, str], helpers: str = "", *, prune: bool = True) -> str:
    """``code``, a committed class without its header, with ``bodies`` (by unit) in place; in the order of the stub.

    Methods that are no stub's any more go, and with ``prune`` the helpers that only they and replaced bodies used.
    ``helpers`` are added; one of a name that is there takes its place. Raises SyntaxError for code that does not parse.
    """
    lines = code.split("\n")
    tree = syntax_tree(code)
    target = find_class(tree, stub.name)
    outer = next((node for node in tree.body if target is not None and target in ast.walk(node)), None)
    if target is None or outer is None:
        raise SyntaxError(f"it does not define {stub.unit}")
    known = {member_name(stub, member.unit) for member in stub.members}
    there = {piece.name: piece for piece in pieces(lines, target, known)}
    methods: list[str] = []
    gone = {name: "\n".join(lines[piece.first - 1 : piece.last]) for name, piece in there.items()}
    for member in stub.members:
        name = member_name(stub, member.unit)
        if member.unit in bodies:
            methods.append(method_text(stub, member, bodies[member.unit]))
        elif name in there:
            methods.append(gone.pop(name))
    first = _first_line(outer)
    last = max([outer.end_lineno or first, *(piece.last for piece in there.values())])
    above, below = "\n".join(lines[: first - 1]).strip("\n"), "\n".join(lines[last:]).strip("\n")
    above = _merged(above, reindented(helpers_text(helpers), 0).strip("\n"))
    written = "\n".join((skeleton(stub), "\n\n".join(methods)))
    if prune:
        above = _pruned(above, "\n".join(gone.values()), f"{written}\n{below}")
    return "\n\n\n".join(filter(None, [above, written, below])) + "\n"


def kept(stub: Stub, before: str, after: str, units: Collection[str]) -> str:
    """``after`` with the methods of ``units`` as they stand in ``before``, byte for byte. Both are committed code."""
    names = {member_name(stub, unit) for unit in units}
    known = {member_name(stub, member.unit) for member in stub.members}
    old, new = before.split("\n"), after.split("\n")
    was, now = find_class(syntax_tree(before), stub.name), find_class(syntax_tree(after), stub.name)
    if was is None or now is None:
        return after
    texts = {piece.name: old[piece.first - 1 : piece.last] for piece in pieces(old, was, known)}
    for piece in reversed(pieces(new, now, known)):
        if piece.name in names and piece.name in texts:
            new[piece.first - 1 : piece.last] = texts[piece.name]
    return "\n".join(new)


def bound(node: ast.stmt) -> tuple[str, ...]:
    """The names that a helper binds."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Import() | ast.ImportFrom():
            return tuple(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return tuple(part.id for one in targets for part in ast.walk(one) if isinstance(part, ast.Name))
    alias = getattr(node, "name", None)  # `type X = ...` exists from Python 3.12 on
    return (alias.id,) if isinstance(alias, ast.Name) else ()


def _merged(committed: str, new: str) -> str:
    """Helpers with new ones among them: imports below the imports, a definition in place of its namesake."""
    if not new or not committed:
        return new or committed
    old, fresh = syntax_tree(committed), syntax_tree(new)
    known = {ast.dump(node) for node in old.body}
    imported = [node for node in old.body if isinstance(node, _IMPORTS)]
    aliases = {(_origin(node), ast.dump(alias)) for node in imported for alias in node.names}
    added = [(node, text) for node, text in _statements(fresh, new) if ast.dump(node) not in known]
    replaced = {name for node, _ in added if not isinstance(node, _IMPORTS) for name in bound(node)}
    parts = [(node, text) for node, text in _statements(old, committed) if not replaced & {*bound(node)}]
    imports = []
    for node, _ in added:
        if isinstance(node, _IMPORTS):
            node.names = [alias for alias in node.names if (_origin(node), ast.dump(alias)) not in aliases]
            imports += [ast.unparse(node)] if node.names else []
    at = next((at for at, (node, _) in enumerate(parts) if not isinstance(node, _IMPORTS)), len(parts))
    above, others = [text for _, text in parts[:at]], [text for _, text in parts[at:]]
    others += [text for node, text in added if not isinstance(node, _IMPORTS)]
    return "\n\n\n".join(filter(None, ["\n".join([*above, *imports]), *others]))


def _pruned(helpers: str, gone: str, rest: str) -> str:
    """Helpers without those that ``gone`` mentions and nothing else does."""
    if not helpers or not gone:
        return helpers
    statements = list(_statements(syntax_tree(helpers), helpers))
    moved = True
    while moved:
        moved = False
        for one in statements:
            names = bound(one[0])
            others = "\n".join((*(text for other, text in statements if other is not one[0]), rest))
            if names and any(_says(gone, name) for name in names) and not any(_says(others, name) for name in names):
                statements.remove(one)
                gone = f"{gone}\n{one[1]}"
                moved = True
                break
    if len(statements) == len(syntax_tree(helpers).body):
        return helpers
    imports = [text for node, text in statements if isinstance(node, _IMPORTS)]
    others = [text for node, text in statements if not isinstance(node, _IMPORTS)]
    return "\n\n\n".join(filter(None, ["\n".join(imports), *others]))


def _says(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _statements(tree: ast.Module, text: str) -> Iterator[tuple[ast.stmt, str]]:
    """Each statement with its source, the comments above it included; those at the end go with the last."""
    lines = text.split("\n")
    end = 0
    for index, node in enumerate(tree.body):
        last = (node.end_lineno or node.lineno) if index < len(tree.body) - 1 else len(lines)
        yield node, "\n".join(lines[end:last]).strip("\n")
        end = last


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])


def _origin(node: ast.Import | ast.ImportFrom) -> str:
    return f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else "import"
