"""A stub under another name: the digests it would have, and code and tests that follow it to a new name or place."""

from collections.abc import Iterator, Mapping

from jiti_bot.light import ast, re
from jiti_bot.source.compose import shifted
from jiti_bot.source.digest import EMPTY, INTERFACE, combined, digest, signature
from jiti_bot.source.docstring_form import docstring_form
from jiti_bot.source.model import Digests, Kind, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.values import replace

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SELVES = frozenset({"self", "cls"})


def known_as(stub: Stub, unit: str, digests: Digests) -> bool:
    """Whether ``stub``, if it were called ``unit``, would ask for what ``digests`` were taken of.

    That is its interface: signature, docstring and hints. Where a docstring names the stub, as examples do, either name
    may stand there.
    """
    if not _same_shape(stub, unit):
        return False
    return any(not set(INTERFACE) & set(one.changed(digests)) for one in _forms(stub, unit))


def renames(stub: Stub, unit: str) -> dict[str, str]:
    """The names that became others when ``unit`` became ``stub``: of its classes and of itself, old to new."""
    pairs = zip(unit.split("."), stub.unit.split("."), strict=True)
    return {old: new for old, new in pairs if old != new}


def renamed_code(stub: Stub, unit: str, code: str) -> str:
    """The committed code of ``unit`` as that of ``stub``: its definition, its own calls of itself, its docstring.

    Raises SyntaxError for code that does not parse.
    """
    names = renames(stub, unit)
    if not names:
        return code
    top, *rest = unit.split(".")
    text = _respelled(code, names, top, {*_SELVES, top, *rest[:-1]})
    return _with_docstrings(stub, text)


def renamed_tests(stub: Stub, unit: str, file: str, tests: str) -> str:
    """The agent's own tests of ``unit`` in ``file`` as those of ``stub``: its module and its name are others.

    Raises SyntaxError for text that does not parse.
    """
    for old, new in _modules(file, stub.file, tests):
        tests = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, tests)
    names = renames(stub, unit)
    return _respelled(tests, names, unit.partition(".")[0], None) if names else tests


def _same_shape(stub: Stub, unit: str) -> bool:
    """Whether both names are those of a function, or of a method or accessor as deep."""
    there, here = unit.split("."), stub.unit.split(".")
    roles = [parts[-1] for parts in (there, here) if len(parts) > 2 and parts[-1] in {"setter", "deleter"}]
    return len(there) == len(here) and (not roles or (len(roles) == 2 and roles[0] == roles[1]))


def _forms(stub: Stub, unit: str) -> Iterator[Digests]:
    """The digests of ``stub`` as ``unit``: with its docstring as it stands, and with the old names in it."""
    try:
        plain = _class(stub, unit, {}) if stub.kind is Kind.CLASS else _function(stub, unit, {})
        yield plain
        names = {new: old for old, new in renames(stub, unit).items()}
        if names:
            yield _class(stub, unit, names) if stub.kind is Kind.CLASS else _function(stub, unit, names)
    except SyntaxError:
        return


def _function(stub: Stub, unit: str, names: Mapping[str, str]) -> Digests:
    (node,) = syntax_tree(f"{stub.header}\n    ...").body
    overloads = [one for text in stub.overloads for one in syntax_tree(text).body if isinstance(one, _FUNCTIONS)]
    assert isinstance(node, _FUNCTIONS), "a stub's header is that of a function"
    parts = unit.split(".")
    name = parts[-2] if stub.name != stub.unit.split(".")[-1] else parts[-1]
    for one in (node, *overloads):
        one.name = name
    return replace(stub.digests, signature=signature(node, stub.role, overloads), docstring=_docstring(stub, names))


def _class(stub: Stub, unit: str, names: Mapping[str, str]) -> Digests:
    members = [(f"{unit}{one.unit.removeprefix(stub.unit)}", one) for one in stub.members]
    hints = digest(list(stub.hints)) if stub.hints else EMPTY
    return replace(
        stub.digests,
        signature=combined(
            [("", digest(unit.rpartition(".")[2])), *((name, one.digests.signature) for name, one in members)]
        ),
        docstring=combined([("", _docstring(stub, names)), *((name, _docstring(one, names)) for name, one in members)]),
        hints=combined([("", hints), *((name, one.digests.hints) for name, one in members)]),
    )


def _docstring(stub: Stub, names: Mapping[str, str]) -> str:
    if not names and stub.kind is not Kind.CLASS:
        return stub.digests.docstring
    form = docstring_form(_words(stub.docstring or "", names))
    return digest(form) if form else EMPTY


def _words(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = re.sub(rf"\b{re.escape(old)}\b", new, text)
    return text


def _respelled(text: str, names: Mapping[str, str], top: str, owners: set[str] | None) -> str:
    """``text`` with ``names`` spelled anew: where they are defined, imported, read, or taken from ``owners``.

    ``top`` is the one that a module binds; None for ``owners`` takes every attribute of such a name for the one meant.
    """
    tree = syntax_tree(text)
    lines = text.split("\n")
    taken = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    taken |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    places = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                after = "class" if isinstance(node, ast.ClassDef) else "def"
                places += [(node.lineno, _column(lines, node), name, after)] if name in names else []
            case ast.Name(id=name) if name in names and name == top and name not in taken:
                places.append((node.lineno, _column(lines, node), name, ""))
            case ast.alias(name=name) if name in names and name == top:
                places.append((node.lineno, _column(lines, node), name, ""))
            case ast.Attribute(attr=name, value=value) if name in names and name != top:
                if owners is None or (isinstance(value, ast.Name) and value.id in owners):
                    end = _column_of(lines, node.end_lineno or 1, node.end_col_offset or 0)
                    places.append((node.end_lineno or 1, end - len(name), name, ""))
    for line, column, name, after in sorted(set(places), reverse=True):
        found = re.compile(rf"\b{after}\s+{re.escape(name)}\b" if after else rf"{re.escape(name)}\b")
        at = found.search(lines[line - 1], column)
        if at is not None:
            start = at.end() - len(name)
            lines[line - 1] = f"{lines[line - 1][:start]}{names[name]}{lines[line - 1][at.end() :]}"
    return "\n".join(lines)


def _column(lines: list[str], node: ast.stmt | ast.expr | ast.alias) -> int:
    return _column_of(lines, node.lineno, node.col_offset)


def _column_of(lines: list[str], line: int, offset: int) -> int:
    return len(lines[line - 1].encode()[:offset].decode(errors="ignore"))


def _with_docstrings(stub: Stub, code: str) -> str:
    """``code`` with the docstrings of the stub, where those in it say something else."""
    lines = code.split("\n")
    wanted = {one.name: one for one in (stub.members or (stub,)) if one.docstring_source}
    found = [node for node in ast.walk(syntax_tree(code)) if isinstance(node, _FUNCTIONS) and node.name in wanted]
    for node in sorted(found, key=lambda node: -node.lineno):
        match node.body[0]:
            case ast.Expr(value=ast.Constant(value=str() as said)) as literal:
                one = wanted[node.name]
                same = docstring_form(said) == docstring_form(one.docstring or "")
                if not same and literal.lineno > node.lineno and literal.col_offset % 4 == 0:
                    new = shifted(one.docstring_source, literal.col_offset // 4).split("\n")
                    lines[literal.lineno - 1 : literal.end_lineno] = new
    return "\n".join(lines)


def _modules(before: str, after: str, text: str) -> Iterator[tuple[str, str]]:
    """The names under which ``text`` imports the module ``before``, with those of ``after``."""
    old, new = (file.removesuffix(".py").removesuffix("/__init__").split("/") for file in (before, after))
    if old == new:
        return
    imported = set[str]()
    for node in ast.walk(syntax_tree(text)):
        match node:
            case ast.ImportFrom(module=str() as module, level=0):
                imported |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.Import(names=aliases):
                imported.update(alias.name for alias in aliases)
    for first in range(len(old)):
        dotted = ".".join(old[first:])
        if dotted in imported and old[:first] == new[:first]:
            yield dotted, ".".join(new[first:])
            return
