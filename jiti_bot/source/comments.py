"""Comments: where they are in text, and what they say whatever their layout."""

from __future__ import annotations

import io

from jiti_bot.light import ast, re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Notes to tools, not to people or models.
_PRAGMA = r"(?i)^(?:noqa|nosec|type:|pragma:|fmt:|ruff:|pylint:|pyright:|mypy:|ty:|isort:|yapf:|flake8:|coverage:)"


def said(comment: str) -> str:
    """What a comment says: without ``#``, the blank after it (formatters add one), and trailing blanks."""
    text = comment[1:]
    return (text[1:] if text[:1] in {" ", "\xa0"} else text).rstrip()


def is_pragma(text: str) -> bool:
    """Whether what a comment says is for a tool."""
    return re.match(_PRAGMA, text) is not None


def comments(text: str, tree: ast.Module) -> Iterator[str]:
    """What each comment of a file says, in order. ``tree`` is the file's syntax tree."""
    return (says for _, says in numbered(text, tree))


def numbered(text: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line of each comment of a file and what it says, in order."""
    if "#" not in text:
        return
    lines = text.split("\n")
    spans = _string_lines(tree)
    marked = [number for number, line in enumerate(lines, 1) if "#" in line]
    if any(number in spans for number in marked):
        yield from _by_tokens(text)
        return
    for number in marked:
        line = lines[number - 1]
        yield number, said(line[line.index("#") :].strip())


def _string_lines(tree: ast.Module) -> set[int]:
    """The lines on which string literals stand: only there can a ``#`` be something else than a comment."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif type(node).__name__ == "TemplateStr":
            lines.update(range(getattr(node, "lineno", 1), getattr(node, "end_lineno", 1) + 1))
    return lines


def _by_tokens(text: str) -> Iterator[tuple[int, str]]:
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], said(token.string.strip())
    except (tokenize.TokenError, IndentationError):
        return  # the text parses, so only the tokenizer's own view of its end can differ
