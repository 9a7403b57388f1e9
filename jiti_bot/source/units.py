"""From a definition's syntax to its `Stub`."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source import spelled
from jiti_bot.source.digest import class_digests, role_of, stub_digests
from jiti_bot.source.docstrings import clean
from jiti_bot.source.model import EngineRef, Kind, Stub
from jiti_bot.source.placeholder import docstring_node
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jiti_bot.source.bindings import Definition, Function
    from jiti_bot.source.module import Reference
    from jiti_bot.source.parse import Parsed

_GENERATORS = frozenset({"Generator", "Iterator"})
_ASYNC_GENERATORS = frozenset({"AsyncGenerator", "AsyncIterator"})


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What stands around a definition: its file, its owners, and jiti's decorators met so far."""

    parsed: Parsed
    owners: tuple[ast.ClassDef, ...]
    ours: Collection[ast.expr]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What ``@jiti(...)`` asks for."""

    uses: tuple[Reference, ...] = ()
    engine: EngineRef | None = None


def unit_name(node: Definition, owners: Sequence[ast.ClassDef]) -> str:
    """The qualified name of a unit, for an accessor with its role: ``Parser.v.setter``."""
    parts = [*(owner.name for owner in owners), node.name]
    role = role_of(node.decorator_list) if owners and not isinstance(node, ast.ClassDef) else ""
    return ".".join((*parts, role) if role in {"setter", "deleter"} else parts)


def function_stub(
    node: Function, around: Around, kind: Kind, wishes: Wishes, overloads: Sequence[Function] = ()
) -> Stub:
    """The stub that a function or method is."""
    parsed, owners = around.parsed, around.owners
    others = [decorator for decorator in node.decorator_list if decorator not in around.ours]
    lines = spelled.hint_lines(parsed, node)
    hints = spelled.hints(parsed, lines)
    role = role_of(others) if owners else ""
    return Stub(
        file=parsed.file,
        unit=unit_name(node, owners),
        kind=kind,
        line=node.lineno,
        end_line=max([node.end_lineno or node.lineno, *lines]),
        header=spelled.header(parsed, node),
        docstring=docstring_text(node),
        hints=hints,
        decorators=tuple(parsed.segment(decorator) for decorator in others),
        uses=tuple(str(use) for use in wishes.uses),
        engine=wishes.engine,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=_is_generator(node),
        body_lines=_body_lines(node, lines),
        members=(),
        digests=stub_digests(
            node,
            role=role,
            hints=hints,
            decorators=others,
            overloads=overloads,
            owners=owners,
            ours=around.ours,
        ),
        role=role,
        docstring_source=spelled.docstring_source(parsed, node),
        owner_headers=owner_headers(owners),
        overloads=spelled.overload_sources(parsed, list(overloads)),
    )


def class_stub(node: ast.ClassDef, around: Around, members: tuple[Stub, ...], wishes: Wishes) -> Stub:
    """The stub that a class is whose stub methods are generated together."""
    parsed = around.parsed
    others = [decorator for decorator in node.decorator_list if decorator not in around.ours]
    lines = spelled.hint_lines(parsed, node)
    hints = spelled.hints(parsed, lines)
    return Stub(
        file=parsed.file,
        unit=unit_name(node, around.owners),
        kind=Kind.CLASS,
        line=node.lineno,
        end_line=max([node.end_lineno or node.lineno, *lines]),
        header=spelled.header(parsed, node),
        docstring=docstring_text(node),
        hints=hints,
        decorators=tuple(parsed.segment(decorator) for decorator in others),
        uses=tuple(str(use) for use in wishes.uses),
        engine=wishes.engine,
        is_async=False,
        is_generator=False,
        body_lines=_body_lines(node, lines),
        members=members,
        digests=class_digests(
            node,
            [(member.unit, member.digests) for member in members],
            hints=hints,
            decorators=others,
            owners=around.owners,
            ours=around.ours,
        ),
        docstring_source=spelled.docstring_source(parsed, node),
        owner_headers=owner_headers(around.owners),
    )


def docstring_text(node: Definition) -> str | None:
    """The cleaned docstring, None where there is none."""
    literal = docstring_node(node)
    return clean(literal.value) if literal is not None and isinstance(literal.value, str) else None


def owner_headers(owners: Sequence[ast.ClassDef]) -> tuple[str, ...]:
    """The skeleton class lines of a committed method: names and type parameters, neither bases nor decorators."""
    return tuple(skeleton_header(owner) for owner in owners)


def skeleton_header(owner: ast.ClassDef) -> str:
    """``class Parser[T]:``."""
    parameters = ", ".join(ast.unparse(parameter) for parameter in getattr(owner, "type_params", []))
    return f"class {owner.name}[{parameters}]:" if parameters else f"class {owner.name}:"


def _body_lines(node: Definition, hint_lines: Sequence[int]) -> tuple[int, int]:
    last = node.body[-1].end_lineno or node.body[-1].lineno
    return min([spelled.first_line(node.body[0]), *hint_lines]), max([last, *hint_lines])


def _is_generator(node: Function) -> bool:
    """Whether the return annotation says so: a stub's body cannot."""
    annotation = node.returns
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        name = annotation.value.partition("[")[0].strip().rpartition(".")[2]
    else:
        head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        name = getattr(head, "attr", None) or getattr(head, "id", "")
    return name in (_ASYNC_GENERATORS if isinstance(node, ast.AsyncFunctionDef) else _GENERATORS)
