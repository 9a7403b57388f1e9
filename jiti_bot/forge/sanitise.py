"""Make text of unknown origin safe inside a pull request: it may show, never act.

What GitHub acts on: mentions (`@team`), closing keywords (`fixes #1`), HTML and comments, images (they are fetched),
links, control and bidirectional characters, and the fences that would end a code block early.
"""

import re
import unicodedata

_MENTION = re.compile(r"@(?=[\w-])")
_REFERENCE = re.compile(r"#(?=\d)|(?<=[Gg][Hh])-(?=\d)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>|~!])")
_FENCE = re.compile(r"`{3,}")
_LINK = re.compile(r"(?<=[a-zA-Z])://")


def plain(text: str) -> str:
    """``text`` without what steers a terminal or reorders what is read; line ends become newlines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
    )


def inline(text: str, limit: int = 300) -> str:
    """``text`` on one line, every Markdown and GitHub meaning taken away, at most ``limit`` characters of it."""
    line = " ".join(plain(text).split())
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    line = _MARKDOWN.sub(r"\\\1", line)
    line = _LINK.sub(":\u200b//", line)
    return _REFERENCE.sub(lambda match: f"{match[0]}\u200b", _MENTION.sub("@\u200b", line))


def code(text: str) -> str:
    """``text`` as an inline code span whatever backticks it holds."""
    line = " ".join(plain(text).split())
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(text: str, language: str = "", limit: int = 4_000) -> str:
    """``text`` as a fenced block that nothing inside it can end; cut at ``limit`` characters with a word about it."""
    body = plain(text).rstrip("\n")
    if len(body) > limit:
        body = body[:limit].rsplit("\n", 1)[0] + f"\n… cut: {len(text):,} characters in all"
    fence = "`" * max(3, *(len(run) + 1 for run in _FENCE.findall(body) or [""]))
    return f"{fence}{language}\n{body}\n{fence}"
