"""The canonical form of a docstring: its text line by line, the code in it as code.

Indentation within the text is kept: it can be meaning. What formatters do with it is undone: they indent a docstring
anew, strip trailing blanks, and on request (ruff's ``docstring-code-format``) rewrite the code of examples, Markdown
fences and reStructuredText blocks. One case stays open, for the tree cannot show it: lines that an escape breaks are
not indented anew with the others.
"""

from __future__ import annotations

from jiti_bot.light import re
from jiti_bot.source import docstrings
from jiti_bot.source.canonical import canonical
from jiti_bot.source.parse import syntax_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON = r"(?:python3?|py3?|pycon)"
# Compiled when a line looks like one: most docstrings have none, and a hook pays for each.
_FENCE = rf"(?i)^( *)(```+|~~~+)\s*(?:{_PYTHON}\b.*)?$"
_DIRECTIVE = rf"(?i)^( *)\.\. +(?:code|code-block|sourcecode|testcode|testsetup|testcleanup|ipython)::\s*{_PYTHON}?\s*$"
_LITERAL = r"^( *)(?!\.\. ).*::\s*$"


def docstring_form(doc: str) -> str:
    """The form of a docstring's value; empty for a blank one."""
    text = docstrings.stripped(doc)
    if "\n" not in text and ">>>" not in text:
        return text
    lines = text.split("\n")
    for example in reversed(docstrings.examples(text)):
        form = [f"{example.indent}>>> {_code_form(example.source)}"] if example.source.strip() else []
        lines[example.line : example.end] = [*form, *(example.want.split("\n") if example.want else [])]
    return "\n".join(_with_blocks(lines)).rstrip()


def _code_form(source: str) -> str:
    """Code in its canonical form, or as it is where the oldest supported Python does not parse it.

    Newer syntax in an example must not give another digest on a Python that knows it.
    """
    try:
        tree = syntax_tree(source, (3, 11))
    except SyntaxError:
        return source.strip("\n")
    return canonical(tree.body).decode("utf-8", "surrogatepass")


def _with_blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        yield lines[at]
        end = _fence_end(lines, at) or _block_end(lines, at)
        if end is not None:
            block = lines[at + 1 : end]
            yield _code_form("\n".join(_flush(block)))
        at = end or at + 1


def _fence_end(lines: list[str], at: int) -> int | None:
    """The line that closes a Markdown fence of Python, if one opens here."""
    opening = re.match(_FENCE, lines[at]) if lines[at].lstrip(" ").startswith(("```", "~~~")) else None
    if opening is None:
        return None
    end = at + 1
    while end < len(lines) and not lines[end].strip().startswith(opening[2]):
        end += 1
    return end if end < len(lines) else None


def _block_end(lines: list[str], at: int) -> int | None:
    """The line behind an indented block of code, if reStructuredText announces one here."""
    opening = (re.match(_DIRECTIVE, lines[at]) or re.match(_LITERAL, lines[at])) if "::" in lines[at] else None
    if opening is None:
        return None
    end = last = at + 1
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > len(opening[1])):
        end += 1
        if lines[end - 1].strip():
            last = end
    return last if last > at + 1 else None


def _flush(block: list[str]) -> list[str]:
    """A block without its options, at no indentation."""
    width = min((_indent(line) for line in block if line.strip()), default=0)
    return [line[width:] for line in block if not line.lstrip().startswith(":")]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
