"""Where the parts of a module stand: definitions, decorators, imports.

Values only. Lines are 1-based, columns 0-based in characters, as libcst counts them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

RUNTIME_MODULES = frozenset({"jiti", "jiti_bot"})
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Decorator:
    """A decorator: the lines it covers, the names it reads, and whether it is ``@jiti`` itself."""

    first: int
    last: int
    names: frozenset[str]
    ours: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """One ``def`` or ``class`` outside of functions.

    ``attached`` is the line where the module-level statement around it begins, comments glued to it included.
    ``first`` is the line of its first decorator or keyword. A new body replaces everything from ``cut`` to the end
    of line ``last``; ``moved`` is the docstring's source where it shares the header's line and has to move to a line
    of its own. ``indent`` is the indentation of its block. ``near`` is like ``attached`` for the statement that holds
    it in its own branch, where it stands in one of a module-level ``if`` or ``try``. ``documented``: it has a
    docstring.
    """

    name: str
    owners: tuple[str, ...]
    is_class: bool
    decorators: tuple[Decorator, ...]
    attached: int
    first: int
    keyword: int
    cut: tuple[int, int]
    last: int
    moved: str | None
    indent: str
    near: int
    documented: bool

    @property
    def is_conditional(self) -> bool:
        """Whether it stands in a branch."""
        return self.near != self.attached


@dataclass(frozen=True, slots=True)
class Alias:
    """One name that an import binds. ``module`` is the ``from`` part with its dots, ``None`` for a plain import."""

    module: str | None
    name: str
    asname: str | None

    @property
    def bound(self) -> str:
        """The name it binds in the module."""
        return self.asname or (self.name if self.module is not None else self.name.split(".")[0])

    @property
    def is_ours(self) -> bool:
        """Whether it comes from jiti's runtime."""
        return (self.name if self.module is None else self.module).split(".")[0] in RUNTIME_MODULES

    def __str__(self) -> str:
        name = f"{self.name} as {self.asname}" if self.asname else self.name
        return f"import {name}" if self.module is None else f"from {self.module} import {name}"


@dataclass(frozen=True, slots=True)
class Import:
    """A module-level line of imports. ``only`` is False where it shares the line with something else."""

    first: int
    last: int
    aliases: tuple[Alias, ...]
    only: bool = True


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A module's text in lines (line ends kept) and where its parts stand.

    ``strings`` are the lines that begin inside a string and so must not be indented anew. ``imports_after`` is the
    line after which an import may be added, 0 for the top.
    """

    lines: tuple[str, ...]
    newline: str
    indent: str
    bom: bool
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]
    strings: frozenset[int]
    imports_after: int

    def find(self, name: str, owners: Sequence[str] = (), line: int | None = None) -> Definition | None:
        """The definition of that name under those classes; where there are several, the one that spans ``line``."""
        found = [one for one in self.definitions if one.name == name and one.owners == tuple(owners)]
        for one in found:
            if line is not None and one.first <= line <= one.last:
                return one
        ours = [one for one in found if any(decorator.ours for decorator in one.decorators)]
        return next(iter(ours or found), None)

    def at(self, line: int) -> Definition | None:
        """The innermost definition whose decorators, header or body cover ``line``."""
        covering = [one for one in self.definitions if one.first <= line <= one.last]
        return max(covering, key=lambda one: one.first, default=None)


def split_lines(text: str) -> tuple[str, ...]:
    """Lines with their ends, split only where Python's tokenizer does (not at form feeds or U+2028)."""
    return tuple(re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text))
