"""Dissect a module's text into its anatomy. The only door to libcst.

Pure. Parsing and placing costs about 3 ms per KB of source, so a host is prepared once and folded into many times.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import BOM, Alias, Anatomy, Decorator, Definition, Import, split_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    import libcst as cst
    from libcst.metadata import CodeRange


def dissect(text: str, where: str = "") -> Anatomy:
    """Find the parts of a module.

    Raises:
        StoreError: libcst cannot parse ``text``.

    """
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider, WhitespaceInclusivePositionProvider

    bare = text.removeprefix(BOM)
    try:
        module = cst.parse_module(bare)
    except cst.ParserSyntaxError as error:
        place = f"{where}:{error.raw_line}" if where else ""
        raise StoreError("this file does not parse.", remedy="Correct its syntax.", where=place) from None
    except RecursionError:
        raise StoreError(
            "this file nests too deeply to be rewritten.", remedy="Split its deepest expression or block.", where=where
        ) from None
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    exact = wrapper.resolve(PositionProvider)
    wide = wrapper.resolve(WhitespaceInclusivePositionProvider)
    reader = _Reader(split_lines(bare), exact, wide)
    reader.read(module)
    return Anatomy(
        lines=reader.lines,
        newline=module.default_newline,
        indent=module.default_indent,
        bom=text.startswith(BOM),
        definitions=tuple(reader.definitions),
        imports=tuple(reader.imports),
        strings=reader.strings(),
        imports_after=reader.imports_after(module),
    )


class _Reader:
    """Walks a parsed module once and writes down positions."""

    def __init__(
        self,
        lines: tuple[str, ...],
        exact: "Mapping[cst.CSTNode, CodeRange]",
        wide: "Mapping[cst.CSTNode, CodeRange]",
    ) -> None:
        self.lines = lines
        self.exact = exact
        self.wide = wide
        self.definitions: list[Definition] = []
        self.imports: list[Import] = []
        self.ours: set[str] = set()

    def read(self, module: "cst.Module") -> None:
        for statement in module.body:
            self._note_import(statement)
        for statement in module.body:
            line = self._attached(statement)
            self._walk(statement, (), (line, line))

    def _note_import(self, statement: "cst.BaseStatement | cst.SimpleStatementLine") -> None:
        import libcst as cst

        for line in _statement_lines(statement):
            aliases = [alias for small in line.body for alias in _aliases(small)]
            self.ours.update(alias.bound for alias in aliases if alias.is_ours)
            if aliases and line is statement:
                place = self.exact[line]
                only = all(isinstance(small, cst.Import | cst.ImportFrom) for small in line.body)
                self.imports.append(Import(place.start.line, self._last(line), tuple(aliases), only))

    def _attached(self, statement: "cst.CSTNode") -> int:
        """The line where comments glued to a module-level statement begin, or its own first line."""
        floor = self.wide[statement].start.line
        line = self._first(statement)
        while line > floor and self.lines[line - 2].lstrip().startswith("#"):
            line -= 1
        return line

    def _first(self, node: "cst.CSTNode") -> int:
        import libcst as cst

        if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
            return self.exact[node.decorators[0]].start.line
        return self.exact[node].start.line

    def _last(self, node: "cst.CSTNode") -> int:
        end = self.wide[node].end
        return end.line if end.column else end.line - 1

    def _walk(self, node: "cst.CSTNode", owners: tuple[str, ...], above: tuple[int, int]) -> None:
        """Note definitions below ``node``, through ``if``, ``try``, ``with`` and classes but not into functions.

        ``above`` are the lines where the statements around begin: that of the module, and that of the branch.
        """
        import libcst as cst

        inner = owners
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.definitions.append(self._definition(node, owners, above))
            if isinstance(node, cst.FunctionDef):
                return
            inner = (*owners, _plain(node.name.value))
        if isinstance(node, cst.BaseSmallStatement | cst.BaseExpression):
            return
        is_branch = isinstance(node, cst.IndentedBlock) and not owners
        for child in node.children:
            is_first = is_branch and isinstance(child, cst.BaseCompoundStatement)
            self._walk(child, inner, (above[0], self._attached(child)) if is_first else above)

    def _definition(
        self, node: "cst.FunctionDef | cst.ClassDef", owners: tuple[str, ...], above: tuple[int, int]
    ) -> Definition:
        import libcst as cst

        keyword = self.exact[node].start.line
        cut, moved, documented = self._cut(node)
        margin = re.match(r"[ \t\f]*", self.lines[keyword - 1])
        block = node.body
        if isinstance(block, cst.IndentedBlock) and block.body:
            first = self._first(block.body[0])
            indent = re.match(r"[ \t\f]*", self.lines[first - 1])
            inside = indent.group() if indent else ""
        else:
            inside = (margin.group() if margin else "") + "    "
        return Definition(
            name=_plain(node.name.value),
            owners=owners,
            is_class=isinstance(node, cst.ClassDef),
            decorators=tuple(self._decorator(one) for one in node.decorators),
            attached=above[0],
            first=self._first(node),
            keyword=keyword,
            cut=cut,
            last=self._last(node.body),
            moved=moved,
            indent=inside,
            near=above[1],
            documented=documented,
        )

    def _cut(self, node: "cst.FunctionDef | cst.ClassDef") -> tuple[tuple[int, int], str | None, bool]:
        import libcst as cst

        block = node.body
        start = self.wide[block].start
        if isinstance(block, cst.SimpleStatementSuite):
            doc = _docstring(block.body[0]) if block.body else None
            return (start.line, start.column), self._source(doc) if doc else None, doc is not None
        assert isinstance(block, cst.IndentedBlock)
        head = block.body[0] if block.body else None
        doc = _docstring(head.body[0]) if isinstance(head, cst.SimpleStatementLine) else None
        if doc is None or not isinstance(head, cst.SimpleStatementLine):
            return (start.line + 1, 0), None, False
        if len(head.body) > 1:
            end = self.exact[doc].end
            return (end.line, end.column), None, True
        return (self._last(head) + 1, 0), None, True

    def _source(self, node: "cst.CSTNode") -> str:
        place = self.exact[node]
        rows = list(self.lines[place.start.line - 1 : place.end.line])
        rows[-1] = rows[-1][: place.end.column]
        rows[0] = rows[0][place.start.column :]
        return "".join(rows)

    def _decorator(self, node: "cst.Decorator") -> Decorator:
        place = self.exact[node]
        names = frozenset(_names(node.decorator))
        root = _root(node.decorator)
        return Decorator(place.start.line, self._last(node), names, root in self.ours)

    def strings(self) -> frozenset[int]:
        import libcst as cst

        inside: set[int] = set()
        kinds = tuple(
            kind
            for name in ("SimpleString", "FormattedString", "TemplatedString")
            if (kind := getattr(cst, name, None))
        )
        for node, place in self.exact.items():
            if place.end.line > place.start.line and isinstance(node, kinds):
                inside.update(range(place.start.line + 1, place.end.line + 1))
        return frozenset(inside)

    def imports_after(self, module: "cst.Module") -> int:
        """The last line of the run of imports that opens the module, or of what has to stand before imports."""
        import libcst as cst

        last = 0
        for number, statement in enumerate(module.body):
            if not isinstance(statement, cst.SimpleStatementLine):
                if not isinstance(statement, cst.If | cst.Try) or not _only_imports(statement):
                    break
                continue
            small = statement.body[0]
            if number == 0 and _docstring(small):
                last = self._last(statement)
                continue
            if not all(isinstance(one, cst.Import | cst.ImportFrom) for one in statement.body):
                break
            last = self._last(statement)
        return last or self._header_end(module)

    def _header_end(self, module: "cst.Module") -> int:
        """The last line of a licence or shebang block at the top."""
        return len(module.header) if any(line.comment for line in module.header) else 0


def _statement_lines(node: "cst.CSTNode") -> "Iterator[cst.SimpleStatementLine]":
    import libcst as cst

    if isinstance(node, cst.SimpleStatementLine):
        yield node
    elif not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.BaseExpression):
        for child in node.children:
            yield from _statement_lines(child)


def _only_imports(node: "cst.CSTNode") -> bool:
    import libcst as cst

    return all(
        isinstance(small, cst.Import | cst.ImportFrom | cst.Pass)
        for line in _statement_lines(node)
        for small in line.body
    )


def _aliases(small: "cst.BaseSmallStatement") -> list[Alias]:
    import libcst as cst
    from libcst.helpers import get_full_name_for_node

    if isinstance(small, cst.Import):
        return [Alias(None, one.evaluated_name, one.evaluated_alias) for one in small.names]
    if isinstance(small, cst.ImportFrom):
        dots = "." * len(small.relative)
        module = dots + (get_full_name_for_node(small.module) or "" if small.module else "")
        if isinstance(small.names, cst.ImportStar):
            return [Alias(module, "*", None)]
        return [Alias(module, one.evaluated_name, one.evaluated_alias) for one in small.names]
    return []


def _docstring(small: "cst.CSTNode") -> "cst.BaseExpression | None":
    import libcst as cst

    if not isinstance(small, cst.Expr):
        return None
    value = small.value
    if isinstance(value, cst.SimpleString) and "b" not in value.prefix:
        return value
    return value if isinstance(value, cst.ConcatenatedString) else None


def _names(node: "cst.CSTNode") -> Iterator[str]:
    import libcst as cst

    if isinstance(node, cst.Name):
        yield _plain(node.value)
    elif isinstance(node, cst.Attribute | cst.Arg):
        yield from _names(node.value)
    else:
        for child in node.children:
            yield from _names(child)


def _root(node: "cst.BaseExpression") -> str | None:
    import libcst as cst

    while isinstance(node, cst.Call | cst.Attribute):
        node = node.func if isinstance(node, cst.Call) else node.value
    return _plain(node.value) if isinstance(node, cst.Name) else None


def _plain(name: str) -> str:
    """A name as Python takes it: letters that are one to it are one here (PEP 3131)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)
