"""Comments that switch a checker off. Pure."""

import io
import re
import tokenize
from collections.abc import Iterator

from jiti_bot.validation.model import Flag

SUPPRESSION = re.compile(
    r"#\s*(?P<tool>noqa|ruff:\s*noqa|flake8:\s*noqa|type:\s*ignore|ty:\s*ignore|pyright:\s*ignore|mypy:\s*ignore)"
    r"(?P<codes>\s*(?::\s*[A-Z]+[0-9]+|\[[^\]]+\]))?"
)


def suppressions(text: str) -> tuple[list[tuple[int, str]], list[Flag]]:
    """Comments that switch a checker off: refused when blanket, noted when they name a rule."""
    refused: list[tuple[int, str]] = []
    noted: list[Flag] = []
    for line, comment in _comments(text):
        found = SUPPRESSION.search(comment)
        if found is None:
            continue
        if found["codes"] is None or found["tool"].startswith(("ruff", "flake8")):
            refused.append((line, f"`{found.group().strip()}` switches a checker off: write code that it accepts"))
        else:
            noted.append(Flag("suppresses", f"line {line}: {found.group().strip()}"))
    return refused, noted


def _comments(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return
