"""Ways to reformat a program: ruff's formatter in several configurations, and a few that need no tool."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

Formatter = Callable[[str], str]

_RUFF = {
    "ruff": (),
    "ruff, narrow, single quotes": (
        "line-length=40",
        "format.quote-style='single'",
        "format.docstring-code-format=true",
    ),
    "ruff, wide, two blanks": ("line-length=200", "indent-width=2", "format.skip-magic-trailing-comma=true"),
    "ruff, tabs, crlf": (
        "format.indent-style='tab'",
        "format.line-ending='cr-lf'",
        "format.docstring-code-format=true",
    ),
    "ruff, preview": ("preview=true", "format.preview=true"),
}


def _ruff_binary() -> str | None:
    """This environment's ruff, or the one beside the repository: the other Pythons have none of their own."""
    places = (Path(sys.executable).parent, Path(__file__).parents[2] / ".venv" / "bin")
    return shutil.which("ruff", path=":".join(map(str, places))) or shutil.which("ruff")


def _ruff(binary: str, options: tuple[str, ...]) -> Formatter:
    arguments = [part for option in options for part in ("--config", option)]

    def run(text: str) -> str:
        command = [binary, "format", "--isolated", "--no-cache", "--stdin-filename", "a.py", *arguments, "-"]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        return done.stdout.decode()

    return run


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def marked(text: str) -> str:
    return f"\ufeff{text}"


def spaced(text: str) -> str:
    """More blanks and empty lines where they mean nothing."""
    return re.sub(r"(?m)^(@|class |def )", r"\n\n\1", text).replace("jiti\n", "jiti   \n") + "\n\n\n"


def unparsed(text: str) -> str:
    """As Python itself would write it; comments are lost, so only for programs without hints."""
    return ast.unparse(ast.parse(text))


def formatters() -> Mapping[str, Formatter]:
    """All that keep comments, by name."""
    binary = _ruff_binary()
    ruff = {name: _ruff(binary, options) for name, options in _RUFF.items()} if binary else {}
    return {"crlf": crlf, "byte order mark": marked, "spaced": spaced, **ruff}
