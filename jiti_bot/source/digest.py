"""Digests of what a stub says: 16 hex digits over canonical syntax, one per part, so that one sees what changed."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import Definition, Function, statements
from jiti_bot.source.canonical import canonical
from jiti_bot.source.docstring_form import docstring_form
from jiti_bot.source.model import Digests, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.source.placeholder import docstring_node, is_placeholder_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

try:
    # hashlib loads OpenSSL, which costs a hook more than everything else that it hashes.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

EMPTY = "-"
# What a person asks for in words or types: if one of these changed, an edit made before cannot be kept unseen.
INTERFACE = ("signature", "docstring", "hints")
ROLES = frozenset({"staticmethod", "classmethod", "property", "setter", "getter", "deleter"})
_WRITTEN = frozenset({"__init__", "__new__", "__post_init__"})


def digest(*items: object) -> str:
    """16 hex digits over the canonical form of trees, strings, numbers and lists of them."""
    return blake2b(canonical(*items), digest_size=8).hexdigest()


def combined(digests: Iterable[tuple[str, str]]) -> str:
    """One digest over named ones, in any order; empty where all are."""
    present = sorted((name, value) for name, value in digests if value != EMPTY)
    return digest([list(pair) for pair in present]) if present else EMPTY


def stub_digests(
    node: Function,
    *,
    role: str,
    hints: Sequence[str],
    decorators: Sequence[ast.expr],
    overloads: Sequence[Function],
    owners: Sequence[ast.ClassDef],
    ours: Collection[ast.expr],
) -> Digests:
    """The parts of a function or method that its own file decides.

    ``decorators`` are those that are not jiti's; ``ours`` are jiti's decorators wherever they stand in the file.
    """
    others = [decorator for decorator in decorators if role_of([decorator]) == ""]
    return Digests(
        signature=signature(node, role, overloads),
        docstring=docstring(node),
        hints=digest(list(hints)) if hints else EMPTY,
        decorators=digest(others) if others else EMPTY,
        context=context(owners, ours),
    )


def class_digests(
    node: ast.ClassDef,
    members: Sequence[tuple[str, Digests]],
    *,
    hints: Sequence[str],
    decorators: Sequence[ast.expr],
    owners: Sequence[ast.ClassDef],
    ours: Collection[ast.expr],
) -> Digests:
    """The parts of a class stub: its own and those of its stub methods, which are given by name."""
    return Digests(
        signature=combined([("", digest(node.name)), *((name, part.signature) for name, part in members)]),
        docstring=combined([("", docstring(node)), *((name, part.docstring) for name, part in members)]),
        hints=combined(
            [("", digest(list(hints)) if hints else EMPTY), *((name, part.hints) for name, part in members)]
        ),
        decorators=combined(
            [
                ("", digest(list(decorators)) if decorators else EMPTY),
                *((name, part.decorators) for name, part in members),
            ]
        ),
        context=context([*owners, node], ours, but_decorators_of=node),
    )


def signature(node: Function, role: str, overloads: Sequence[Function] = ()) -> str:
    """Name, parameters, defaults, annotations, async-ness, type parameters, role in its class, overloads."""
    return digest(_signature_form(node, role), [_signature_form(other, "overload") for other in overloads])


def _signature_form(node: Function, role: str) -> list[object]:
    kind = "async" if isinstance(node, ast.AsyncFunctionDef) else ""
    return [kind, role, node.name, getattr(node, "type_params", []), node.args, node.returns]


def docstring(node: Definition) -> str:
    """The digest of a docstring."""
    literal = docstring_node(node)
    form = docstring_form(literal.value) if literal is not None and isinstance(literal.value, str) else ""
    return digest(form) if form else EMPTY


def context(
    owners: Sequence[ast.ClassDef], ours: Collection[ast.expr], *, but_decorators_of: ast.ClassDef | None = None
) -> str:
    """The classes around a stub: what their methods can rely on, but not the other methods.

    Decorators, bases, keywords, type parameters, class-level assignments and annotations, and the written
    ``__init__``, ``__new__`` and ``__post_init__``. jiti's own decorators are left out.
    """
    forms = [_class_form(owner, ours, with_decorators=owner is not but_decorators_of) for owner in owners]
    return digest(forms) if any(part for form in forms for part in form) else EMPTY


def _class_form(owner: ast.ClassDef, ours: Collection[ast.expr], *, with_decorators: bool) -> list[object]:
    decorators = [decorator for decorator in owner.decorator_list if decorator not in ours]
    body: list[ast.stmt] = []
    for statement, _branch in statements(owner.body):
        match statement:
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                body.append(statement)
            case ast.FunctionDef(name=name) if name in _WRITTEN and not is_placeholder_body(statement):
                body.append(statement)
    return [
        decorators if with_decorators else [],
        owner.bases,
        owner.keywords,
        getattr(owner, "type_params", []),
        body,
    ]


def interface_digest(node: Definition, owners: Sequence[ast.ClassDef] = ()) -> str:
    """The digest of what callers rely on: signature and docstring; for a class, its own and its public methods'."""
    if not isinstance(node, ast.ClassDef):
        role = role_of(node.decorator_list) if owners else ""
        return digest(signature(node, role), docstring(node))
    members: list[object] = []
    for statement, _branch in statements(node.body):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not name.startswith("_") or name in _WRITTEN:
                    members.append(interface_digest(statement, (*owners, node)))
            case ast.AnnAssign():
                members.append(statement)
    return digest(node.name, node.bases, node.keywords, getattr(node, "type_params", []), docstring(node), members)


def stub_interface(stub: Stub) -> str:
    """The same of a stub, from its own digests; for a class, its own and its stub methods'."""
    return digest(stub.digests.signature, stub.digests.docstring)


def role_of(decorators: Sequence[ast.expr]) -> str:
    """The role that decorators give a method: one of `ROLES`, or an empty string."""
    for decorator in decorators:
        match decorator:
            case ast.Name(id=name) if name in {"staticmethod", "classmethod", "property"}:
                return name
            case ast.Attribute(attr=name) if name in {"setter", "deleter"}:
                return name
            case ast.Attribute(attr="getter"):
                return "property"
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in ROLES:
                return name
    return ""


def body_digest(text: str) -> str:
    """The digest of a committed file's text below its header: its syntax and its comments, whatever the layout.

    Raises SyntaxError for text that does not parse.
    """
    from jiti_bot.source.comments import comments

    tree = syntax_tree(text)
    return digest(tree.body, list(comments(text, tree)))


def text_digest(text: str) -> str:
    """The digest of plain text."""
    return digest(text)
