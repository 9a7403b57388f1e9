"""Make text of unknown origin safe inside a pull request: it may show, never act.

What GitHub acts on: mentions (`@team`), closing keywords (`fixes #1`), HTML and comments, entities that spell them,
images (they are fetched), links, mathematics, control and bidirectional characters, and the fences that would end a
code block early.
"""

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LINES = re.compile("\r\n|[\r\x85\u2028\u2029]")
_REFERENCE = re.compile(r"#(?=\d)|(?<=[Gg][Hh])-(?=\d)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>|~!&$])")
_FENCE = re.compile(r"`{3,}")
_LINK = re.compile(r"(?<=[a-zA-Z]):(?=//)|(?<=www)(?=\.)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_START = re.compile(r"^([#+=-]|\d{1,9}(?=[.)]))")
_BREAK = "\u200b"  # a space of no width: shows nothing, and parts what would act together


def plain(text: str) -> str:
    """``text`` without what steers a terminal or reorders what is read; line ends become newlines."""
    return "\n".join(map(_visible, _LINES.sub("\n", text).split("\n")))


def _visible(line: str) -> str:
    """A line without its hidden characters; most have none, and there are many."""
    if line.isprintable():
        return line
    return "".join(char for char in line if char == "\t" or unicodedata.category(char) not in _HIDDEN)


def one_line(text: str, limit: int = 300) -> str:
    """``text`` on one line of at most ``limit`` characters, for where Markdown means nothing: titles, commits."""
    line = " ".join(plain(text[: 20 * limit]).split())
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    return _parted(line)


def inline(text: str, limit: int = 300) -> str:
    """``text`` on one line, every Markdown and GitHub meaning taken away, at most ``limit`` characters of it."""
    line = " ".join(plain(text[: 20 * limit]).split())
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    line = _MARKDOWN.sub(r"\\\1", line)
    line = _START.sub(lambda match: f"{match[0]}{_BREAK}" if match[0].isdigit() else f"\\{match[0]}", line)
    return _parted(line)


def code(text: str, limit: int = 300) -> str:
    """``text`` as an inline code span whatever backticks it holds."""
    line = " ".join(plain(text[: 20 * limit]).split())
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(markdown: str) -> str:
    """Markdown of ours inside a table, where a bar ends the cell even in a code span."""
    return re.sub(r"(?<!\\)\|", r"\\|", markdown)


def block(text: str, language: str = "", limit: int = 4_000) -> str:
    """``text`` as a fenced block that nothing inside it can end; cut at ``limit`` characters with a word about it."""
    body = plain(text[: 2 * limit]).rstrip("\n")
    if len(body) > limit or len(text) > 2 * limit:
        body = body[:limit].rsplit("\n", 1)[0] + f"\n… cut: {len(text):,} characters in all"
    fence = "`" * max(3, *(len(run) + 1 for run in _FENCE.findall(body) or [""]))
    return f"{fence}{language}\n{body}\n{fence}"


def _parted(line: str) -> str:
    """A line in which no name is mentioned, no issue referred to and no address linked."""
    line = _LINK.sub(lambda match: f"{match[0]}{_BREAK}", line)
    return _REFERENCE.sub(lambda match: f"{match[0]}{_BREAK}", line.replace("@", f"@{_BREAK}"))
