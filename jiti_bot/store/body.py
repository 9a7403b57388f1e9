"""The digest of a unit's code: its syntax and its comments, blind to formatting."""

import ast
import io
import tokenize

from jiti_bot.source.canonical import canonical
from jiti_bot.source.parse import syntax_tree
from jiti_bot.store.header import digest


def body_digest(code: str) -> str:
    """The digest of the text below a header. Raises SyntaxError for text that does not parse."""
    return tree_digest(code, syntax_tree(code))


def tree_digest(code: str, tree: ast.Module) -> str:
    """`body_digest` of text that is parsed already."""
    return digest(canonical(tree.body, comments(code)))


def comments(code: str) -> list[str]:
    """The comments in order, as formatters leave them: without the blanks around the text."""
    if "#" not in code:
        return []
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return [token.string.lstrip("#").strip() for token in tokens if token.type == tokenize.COMMENT]
