"""Parts of a definition as they are spelled in the file: header, docstring, hints."""

from __future__ import annotations

import io

from jiti_bot.light import ast
from jiti_bot.source.comments import is_pragma, said
from jiti_bot.source.placeholder import docstring_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from jiti_bot.source.bindings import Definition
    from jiti_bot.source.parse import Parsed


def header(parsed: Parsed, node: Definition) -> str:
    """The ``def`` or ``class`` line(s) up to and with the colon, dedented."""
    start = parsed.column(node.lineno, node.col_offset)
    if _is_plain(parsed, node):
        return parsed.lines[node.lineno - 1][start:].rstrip()
    lines = list(parsed.lines[node.lineno - 1 : node.body[0].end_lineno])
    lines[0] = lines[0][start:]
    end_line, end_column = _colon(lines)
    kept = [*lines[: end_line - 1], lines[end_line - 1][:end_column]]
    return dedented("\n".join(kept), start)


def _is_plain(parsed: Parsed, node: Definition) -> bool:
    """Whether the header is one line that ends in its colon, as most are: then no tokens have to be read."""
    line = parsed.lines[node.lineno - 1].rstrip()
    if not line.endswith(":") or "#" in line or "lambda" in line or line.count("(") != line.count(")"):
        return False
    return line.count("[") == line.count("]") and line.count("{") == line.count("}") and not {"'", '"'} & set(line)


def _colon(lines: list[str]) -> tuple[int, int]:
    """Line (1-based) and column behind the colon that ends a header."""
    import tokenize

    depth = lambdas = 0
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type == tokenize.NAME and token.string == "lambda" and depth == 0:
            lambdas += 1
        if token.type != tokenize.OP:
            continue
        if token.string in "([{":
            depth += 1
        elif token.string in ")]}":
            depth -= 1
        elif token.string == ":" and depth == 0:
            if not lambdas:
                return token.end
            lambdas -= 1
    raise AssertionError("a definition that parsed has a colon")


def dedented(text: str, width: int) -> str:
    """``text`` with up to ``width`` blanks fewer before its second and later lines, inside of strings none."""
    first, *others = text.split("\n")
    if not others:
        return text
    inside = _string_interior(text)
    kept = [line if number in inside else _less(line, width) for number, line in enumerate(others, 2)]
    return "\n".join((first, *kept))


def _string_interior(text: str) -> set[int]:
    if '"""' not in text and "'''" not in text:
        return set()
    return string_interior(text)


def string_interior(text: str) -> set[int]:
    """The lines (1-based) that begin inside of a string literal; what is found until a tokenizer error counts."""
    import tokenize

    lines: set[int] = set()
    starts: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(f"{text}\n").readline):
            name = tokenize.tok_name[token.type]
            if name == "STRING":
                lines.update(range(token.start[0] + 1, token.end[0] + 1))
            elif name in {"FSTRING_START", "TSTRING_START"}:
                starts.append(token.start[0])
            elif name in {"FSTRING_END", "TSTRING_END"} and starts:
                lines.update(range(starts.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        return lines
    return lines


def _less(line: str, width: int) -> str:
    blanks = len(line) - len(line.lstrip(" \t"))
    return line[min(blanks, width) :]


def docstring_source(parsed: Parsed, node: Definition) -> str:
    """The docstring's literal as written, its further lines dedented by the column it starts in."""
    literal = docstring_node(node)
    if literal is None:
        return ""
    text = parsed.segment(node.body[0])
    width = parsed.column(literal.lineno, node.body[0].col_offset)
    first, *others = text.split("\n")
    return "\n".join((first, *(_less(line, width) for line in others)))


def overload_sources(parsed: Parsed, nodes: list[ast.FunctionDef | ast.AsyncFunctionDef]) -> tuple[str, ...]:
    """``@overload`` definitions as written, dedented."""
    texts: list[str] = []
    for node in nodes:
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        width = parsed.column(node.lineno, node.col_offset)
        lines = parsed.lines[first - 1 : node.end_lineno]
        texts.append(dedented("\n".join((_less(lines[0], width), *lines[1:])), width))
    return tuple(texts)


def hint_lines(parsed: Parsed, node: Definition) -> tuple[int, ...]:
    """The lines of own-line comments in a body, outside of its statements, those before and behind them included."""
    body = node.body
    if body[0].lineno == node.lineno:
        return ()
    taken = {line for statement in body for line in range(first_line(statement), (statement.end_lineno or 0) + 1)}
    taken.update(range(node.lineno, _header_end(parsed, node) + 1))
    indent = body[0].col_offset
    last = max(taken)
    inside = [line for line in range(node.lineno, last + 1) if line not in taken and _comment(parsed, line)]
    if isinstance(node, ast.ClassDef):  # a deeper comment below a method is that method's
        inside = [line for line in inside if _indent(parsed, line) <= indent]
    return (*inside, *_trailing(parsed, last, indent))


def _header_end(parsed: Parsed, node: Definition) -> int:
    return node.lineno + header(parsed, node).count("\n")


def first_line(statement: ast.stmt) -> int:
    """The first line of a statement, decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _trailing(parsed: Parsed, last: int, indent: int) -> Iterator[int]:
    for line in range(last + 1, len(parsed.lines) + 1):
        text = parsed.lines[line - 1]
        if not text.strip():
            continue
        if not _comment(parsed, line) or _indent(parsed, line) < indent:
            return
        yield line


def _indent(parsed: Parsed, line: int) -> int:
    text = parsed.lines[line - 1]
    return len(text) - len(text.lstrip())


def _comment(parsed: Parsed, line: int) -> bool:
    return parsed.lines[line - 1].lstrip().startswith("#")


def hints(parsed: Parsed, lines: tuple[int, ...]) -> tuple[str, ...]:
    """What the comments on ``lines`` say, without those that speak to tools."""
    texts = (said(parsed.lines[line - 1].strip()) for line in lines)
    return tuple(text for text in texts if text.strip() and not is_pragma(text))
