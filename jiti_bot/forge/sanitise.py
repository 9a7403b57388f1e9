"""Make text of unknown origin safe inside a pull request: it may show, never act.

What GitHub acts on: mentions (`@team`), closing keywords (`fixes #1`), HTML and comments, entities that spell them,
images (they are fetched), links, mathematics, control and bidirectional characters, and the fences that would end a
code block early.

Code on GitHub does nothing, but a repository may take a pull request's text for the message of its squashed commit,
where nothing is code: `fixes #1` in a docstring would close an issue. So that keyword is parted inside code too. Other
references and decorators stay as they are there: a link from an issue changes nothing, and a shown `@cache` is code.
"""

import re
import unicodedata
from html import escape

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LINES = re.compile("\r\n|[\r\x85\u2028\u2029]")
_REFERENCE = re.compile(r"#(?=\d)|(?<=[Gg][Hh])-(?=\d)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>|~!&$])")
_FENCE = re.compile(r"`{3,}")
_LINK = re.compile(r"(?<=[a-zA-Z]):(?=//)|(?<=www)(?=\.)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_START = re.compile(r"^([#+=-]|\d{1,9}(?=[.)]))")
_WORD = re.compile(r"[\w./:-]+")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_INNER = re.compile(r"\w[._]\w")
_CLOSING = re.compile(
    r"[cfr](?=(?:lose[sd]?|ix(?:e[sd])?|esolve[sd]?)[:\s]{1,20}\S{0,200}?(?:#|gh-|/(?:issues|pull)/)\d)",
    re.IGNORECASE,
)
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
    return _parted(_short(text, limit))


def inline(text: str, limit: int = 300) -> str:
    """``text`` on one line, every Markdown and GitHub meaning taken away, at most ``limit`` characters of it."""
    return _escaped(_short(text, limit))


def sentence(text: str, limit: int = 300) -> str:
    """As `inline`, with what looks like a name of the project as code: dotted, with underscores, a file."""
    line, told, at = _short(text, limit), "", 0
    for word in _WORD.finditer(line):
        name = word[0].rstrip("./:-")
        if _LETTERS.search(name) and _INNER.search(name):
            told += _escaped(line[at : word.start()]) + code(name)
            at = word.start() + len(name)
    return told + _escaped(line[at:])


def _escaped(line: str) -> str:
    line = _MARKDOWN.sub(r"\\\1", line)
    line = _START.sub(lambda match: f"{match[0]}{_BREAK}" if match[0].isdigit() else f"\\{match[0]}", line)
    return _parted(line)


def html(text: str, limit: int = 300) -> str:
    """``text`` on one line inside HTML of ours, where Markdown means nothing."""
    return _parted(escape(_short(text, limit), quote=False))


def html_code(text: str, limit: int = 300) -> str:
    """``text`` as code inside HTML of ours."""
    return f"<code>{html(text, limit)}</code>"


def code(text: str, limit: int = 300) -> str:
    """``text`` as an inline code span whatever backticks it holds."""
    line = unclosing(_short(text, limit))
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
    return f"{fence}{language}\n{unclosing(body)}\n{fence}"


def _short(text: str, limit: int) -> str:
    line = " ".join(plain(text[: 20 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def unclosing(text: str) -> str:
    """Code that closes no issue where it becomes a commit's message."""
    return _CLOSING.sub(lambda match: f"{match[0]}{_BREAK}", text)


def _parted(line: str) -> str:
    """A line in which no name is mentioned, no issue referred to and no address linked."""
    line = _LINK.sub(lambda match: f"{match[0]}{_BREAK}", line)
    return _REFERENCE.sub(lambda match: f"{match[0]}{_BREAK}", line.replace("@", f"@{_BREAK}"))
