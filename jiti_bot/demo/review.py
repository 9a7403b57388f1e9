"""The pull request's text as a terminal shows it. Pure."""

import re

_PICTURE = re.compile(r"An arrow [^\n]*\n\n```mermaid\n.*?```\n|```mermaid\n.*?```\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_CHAPTER = re.compile(r"^## ", re.MULTILINE)


def for_terminal(text: str) -> str:
    """Without what only GitHub draws: the picture of what uses what, and comments."""
    return _COMMENT.sub("", _PICTURE.sub("", text)).strip()


def opening(text: str) -> str:
    """What stands above the chapters."""
    return _CHAPTER.split(text, maxsplit=1)[0]
