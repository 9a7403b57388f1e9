"""The text of a committed file: the stub's own header and docstring, with the body that was written for it."""

from collections.abc import Mapping

from jiti_bot.light import ast, re
from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.source.spelled import dedented, string_interior

INDENT = "    "
_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import[ \t]+(?:\([^)]*\)|[^\n;]*)[;\n]?", re.MULTILINE)


def compose(stub: Stub, body: str | Mapping[str, str], helpers: str = "") -> str:
    """The text below the header: helpers, then the target as it would stand in its host, without decorators.

    ``body`` is what comes below the docstring, in any indentation; for a class stub one body for each member, by unit.
    A docstring at its start is dropped in favour of the stub's own, a ``from __future__`` import among the helpers
    altogether: the file runs under its host's. Nothing is checked: text that does not parse stays so.
    """
    above = reindented(helpers_text(helpers), 0).strip("\n")
    if stub.kind is Kind.CLASS:
        bodies = {stub.members[0].unit: body} if isinstance(body, str) else body
        written = "\n\n".join(method_text(stub, one, bodies[one.unit]) for one in stub.members if one.unit in bodies)
    else:
        written = _function(stub, body if isinstance(body, str) else body[stub.unit], len(stub.owners))
    return "\n\n\n".join(filter(None, [above, "\n".join(filter(None, (skeleton(stub), written)))])) + "\n"


def skeleton(stub: Stub) -> str:
    """The class lines that a unit stands below, one a line; for a class stub its own as well."""
    headers = stub.members[0].owner_headers if stub.kind is Kind.CLASS else stub.owner_headers
    return "\n".join(f"{INDENT * level}{header}" for level, header in enumerate(headers))


def method_text(stub: Stub, member: Stub, body: str) -> str:
    """One method of a class stub, as it stands in the committed file."""
    return _function(member, body, len(stub.owners) + 1)


def interface(stub: Stub) -> str:
    """The stub as it reads in its host, jiti's decorators left out: other decorators, header, docstring, hints."""
    lines = [*stub.overloads, *(f"@{decorator}" for decorator in stub.decorators), stub.header]
    inside = [stub.docstring_source] if stub.docstring_source else []
    inside += [f"# {hint}".rstrip() for hint in stub.hints]
    if stub.members:
        members = "\n\n".join(interface(member) for member in stub.members)
        inside.append(members)
    else:
        inside.append("...")
    return "\n".join((*lines, *(shifted(part, 1) for part in inside)))


def helpers_text(helpers: str) -> str:
    """Helpers without ``from __future__`` imports, which cannot stand in a committed file."""
    return _FUTURE.sub("", helpers) if "__future__" in helpers else helpers


def _function(stub: Stub, body: str, depth: int) -> str:
    inside = []
    if stub.docstring_source:
        inside.append(shifted(stub.docstring_source, depth + 1))
    text = reindented(_without_docstring(body) if stub.docstring_source else body, depth + 1)
    if text.strip():
        inside.append(text)
    elif not inside:
        inside.append(f"{INDENT * (depth + 1)}pass")
    return "\n".join((shifted_code(stub.header, depth), *inside))


def shifted(text: str, depth: int) -> str:
    """Text indented line by line: docstrings and prose."""
    return "\n".join(f"{INDENT * depth}{line}" if line.strip() else line for line in text.split("\n"))


def shifted_code(text: str, depth: int) -> str:
    """Code indented, lines inside of string literals left alone."""
    inside = string_interior(text) if _has_blocks(text) else set()
    lines = enumerate(text.split("\n"), 1)
    return "\n".join(line if number in inside or not line.strip() else INDENT * depth + line for number, line in lines)


def reindented(code: str, depth: int) -> str:
    """Code in the given depth, whatever its own indentation was; lines inside of string literals are left alone."""
    text = code.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    first = next((line for line in text.split("\n") if line.strip()), "")
    width = len(first) - len(first.lstrip(" \t"))
    if not width:
        return shifted_code(_first_line_mended(text).rstrip(), depth)
    flat = dedented(f"{first[:width]}\n{text}", width).partition("\n")[2]
    return shifted_code(flat.rstrip(), depth)


def _first_line_mended(text: str) -> str:
    """Undo a common slip: the first line lost its indentation, all others kept theirs."""
    first, _, rest = text.partition("\n")
    margins = [len(line) - len(line.lstrip(" \t")) for line in rest.split("\n") if line.strip()]
    if not margins or min(margins) == 0 or first.rstrip().endswith((":", "(", "[", "{", ",", "\\")) or _parses(text):
        return text
    mended = dedented(text, min(margins))
    return mended if _parses(mended) else text


def _parses(text: str) -> bool:
    try:
        syntax_tree(f"async def _():\n{shifted_code(text, 1)}")
    except SyntaxError:
        return False
    return True


def _without_docstring(body: str) -> str:
    """A body without the docstring at its start."""
    if not body.lstrip()[:3].lower().lstrip("rubf").startswith(("'", '"')):
        return body
    text = reindented(body, 0)
    try:
        tree = syntax_tree(f"async def _():\n{shifted_code(text, 1)}")
    except SyntaxError:
        return body
    function = tree.body[0]
    assert isinstance(function, ast.AsyncFunctionDef)
    match function.body:
        case [ast.Expr(value=ast.Constant(value=str())) as literal, next_statement, *_]:
            if next_statement.lineno == literal.end_lineno:
                return text
            return "\n".join(text.split("\n")[(literal.end_lineno or 2) - 1 :])
        case [ast.Expr(value=ast.Constant(value=str()))]:
            return ""
    return text


def _has_blocks(text: str) -> bool:
    return '"""' in text or "'''" in text or "\\\n" in text
