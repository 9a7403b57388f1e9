"""Keep a file that merging changes as tidy as it was: imports sorted and code formatted by the project's ruff."""

import ast
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.errors import ToolError
from jiti_bot.settings import Settings
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation.environment import find_python
from jiti_bot.validation.project import find_tool
from jiti_bot.validation.ruff import Ruff

_BOM = b"\xef\xbb\xbf"
_CONFIGURATION = ("ruff.toml", ".ruff.toml")


def tidier(root: Path, settings: Settings, environ: Mapping[str, str]) -> Callable[[str, bytes, bytes], bytes]:
    """What makes of a file's bytes, before and after merging, those that are written.

    Imports that the project's ruff found sorted before are so afterwards, but for those that a function has of its own,
    and what it found formatted is so, too, in a project that configures it; anything else is left as it came.
    """
    try:
        python = find_python(root, settings.python, environ)
    except ToolError:
        python = Path(sys.executable)
    try:
        program = find_tool("ruff", python, environ)
    except ToolError:
        return _as_it_is
    env = {name: environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in environ}
    return _Tidier(Ruff(program, root, env), _uses_ruff(root))


def _as_it_is(_file: str, _before: bytes, after: bytes) -> bytes:
    return after


def _uses_ruff(root: Path) -> bool:
    if any((root / name).is_file() for name in _CONFIGURATION):
        return True
    try:
        return b"[tool.ruff" in (root / "pyproject.toml").read_bytes()
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Tidier:
    ruff: Ruff
    formats: bool

    def __call__(self, file: str, before: bytes, after: bytes) -> bytes:
        """``after``, tidied in what ``before`` was tidy in."""
        mark = _BOM if after.startswith(_BOM) else b""
        try:
            old, new = before.removeprefix(_BOM).decode(), after.removeprefix(_BOM).decode()
        except UnicodeDecodeError:
            return after  # ruff reads UTF-8 only
        try:
            if self._is_sorted(old, file) and not self._is_sorted(new, file):
                new = self.ruff.sort_imports(new, file, _inside(new))
            if self.formats and self.ruff.format(old, file) == old:
                new = self.ruff.format(new, file)
        except ToolError:
            return after  # a configuration that ruff refuses has never kept anything tidy
        return mark + new.encode()

    def _is_sorted(self, text: str, file: str) -> bool:
        return all(found.code != "I001" for found in self.ruff.check(text, file))


def _inside(text: str) -> frozenset[int]:
    """The lines of functions: what imports there do, they do in their order."""
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(n for node in functions for n in range(node.lineno, (node.end_lineno or node.lineno) + 1))
