"""Bytes of one file to text and syntax tree, or the reason why not.

Nothing that a file can hold makes it raise: encodings, NUL bytes, syntax of a newer Python and nesting that Python's
own parser gives up on all become a `Finding`.
"""

from __future__ import annotations

import _thread
import codecs
import sys
import warnings

from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast, re
from jiti_bot.values import dataclass

_PARSING = _thread.RLock()

# Compiled when a file declares an encoding, which hardly any does.
_COOKIE = rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"
_BLANK = rb"^[ \t\f]*(?:#.*)?$"

# Python, what it brought, what the offending line looks like, what the parser's message looks like.
_NEWER: tuple[tuple[tuple[int, int], str, str, str], ...] = (
    ((3, 12), "type parameters", r"^\s*(?:(?:async\s+)?def|class)\s+\w+\s*\[", ""),
    ((3, 12), "the type statement", r"^\s*type\s+\w+\s*(?:\[.*\])?\s*=", ""),
    ((3, 13), "defaults of type parameters", r"^\s*(?:(?:async\s+)?def|class|type)\s+\w+\s*\[[^\]]*=", ""),
    (
        (3, 12),
        "f-strings that nest quotes, backslashes or comments",
        r"\b[rR]?[fF][rR]?[\"']",
        r"f-string|unterminated",
    ),
    ((3, 14), "except without parentheses", r"^\s*except\*?\s+[^(:]+,", ""),
    ((3, 14), "template strings", r"(?<![\w\"'])[rR]?[tT][rR]?[\"']", ""),
)


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """One file: text with plain line feeds and no byte order mark, its lines, its tree."""

    file: str
    text: str
    lines: tuple[str, ...]
    tree: ast.Module

    def column(self, line: int, offset: int) -> int:
        """The column in characters of a byte ``offset`` in ``line`` (1-based), as trees count."""
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))

    def segment(self, node: ast.expr | ast.stmt | ast.AST) -> str:
        """The source text of a node."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        start = self.column(first, getattr(node, "col_offset", 0))
        end = self.column(last, getattr(node, "end_col_offset", 0))
        if first == last:
            return self.lines[first - 1][start:end]
        return "\n".join((self.lines[first - 1][start:], *self.lines[first : last - 1], self.lines[last - 1][:end]))


def parse(file: str, data: bytes) -> Parsed | Finding:
    """Read one file's bytes."""
    text = decode(file, data)
    if isinstance(text, Finding):
        return text
    try:
        tree = syntax_tree(text)
    except SyntaxError as error:
        return _syntax_finding(file, text, error)
    return Parsed(file, text, tuple(text.split("\n")), tree)


def syntax_tree(text: str, feature_version: tuple[int, int] | None = None) -> ast.Module:
    """`ast.parse` with no warnings; whatever it gives up on is a SyntaxError.

    The parser answers deep nesting with RecursionError, MemoryError or, on some Pythons, SystemError.
    ``feature_version`` refuses what came later than that Python, as far as the parser keeps book.
    """
    tree = _tree(text, "exec", feature_version)
    assert isinstance(tree, ast.Module)
    return tree


def expression_tree(text: str) -> ast.Expression:
    """The same for a lone expression."""
    tree = _tree(text, "eval", None)
    assert isinstance(tree, ast.Expression)
    return tree


def _tree(text: str, mode: str, feature_version: tuple[int, int] | None) -> ast.AST:
    try:
        # Python 3.11 counts the depth of all threads' trees together: a finalizer that lets another thread parse in
        # between made it raise SystemError for text that is in order.
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode=mode, feature_version=feature_version)
    except (RecursionError, MemoryError, SystemError) as error:
        raise TooDeepError("nested too deeply") from error
    except ValueError as error:
        raise SyntaxError(str(error)) from error


class TooDeepError(SyntaxError):
    """The file is nested deeper than Python's parser allows."""


def decode(file: str, data: bytes) -> str | Finding:
    """The text of a file as Python reads it: byte order mark, coding cookie (PEP 263), universal line ends."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return finding("file-encoding", file, 1, encoding="UTF-8", reason="it starts as UTF-16 does")
    if b"\0" in data:
        return finding("file-nul", file, data.count(b"\n", 0, data.index(b"\0")) + 1)
    encoding = "utf-8" if data.startswith(codecs.BOM_UTF8) else _cookie(data)
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except LookupError:
        return finding("file-encoding", file, 1, encoding=encoding, reason="Python knows no such text encoding")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return finding("file-encoding", file, line, encoding=encoding, reason=f"byte {error.start}: {error.reason}")
    except UnicodeError as error:
        return finding("file-encoding", file, 1, encoding=encoding, reason=str(error))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cookie(data: bytes) -> str:
    if b"coding" not in data[:4096]:
        return "utf-8"
    first, _, rest = data[:4096].replace(b"\r\n", b"\n").replace(b"\r", b"\n").partition(b"\n")
    match = re.match(_COOKIE, first)
    if match is None and re.match(_BLANK, first):
        match = re.match(_COOKIE, rest.partition(b"\n")[0])
    return match[1].decode("ascii", "replace") if match else "utf-8"


def _syntax_finding(file: str, text: str, error: SyntaxError) -> Finding:
    line = error.lineno or 1
    if isinstance(error, TooDeepError) or "too many" in str(error.msg):
        return finding("file-too-deep", file, line)
    newer = _newer_python(text, error)
    if newer is not None:
        version, feature = newer
        return finding("file-newer-python", file, line, version=version, feature=feature, running=running())
    return finding("file-syntax", file, line, reason=error.msg or "invalid syntax", running=running())


def _newer_python(text: str, error: SyntaxError) -> tuple[str, str] | None:
    """The Python that a line needs, judged by what stands there: the parser itself only says ``invalid syntax``."""
    lines = text.split("\n")
    line = lines[min(max((error.lineno or 1) - 1, 0), len(lines) - 1)]
    needed = [
        (version, feature)
        for version, feature, pattern, message in _NEWER
        if sys.version_info[:2] < version and re.search(pattern, line) and re.search(message, error.msg or "")
    ]
    if not needed:
        return None
    version, feature = max(needed, key=lambda one: one[0])
    return f"{version[0]}.{version[1]}", feature


def running() -> str:
    """The Python that runs this, as `3.13`."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
