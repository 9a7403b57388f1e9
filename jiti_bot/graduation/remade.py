"""Say which class `super()` and `__class__` mean, in a class that is made twice. Pure; a door to libcst.

A dataclass with slots and a `typing.NamedTuple` are made from the class that stands in the source. In methods written
there both words mean that first one, of which no object is (dataclasses until Python 3.14), or are refused. A committed
method finds the class of its receiver; once it is written into the class, it has to name it.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jiti_bot.errors import StoreError
from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.source.parse import syntax_tree

if TYPE_CHECKING:
    import libcst as cst
    from libcst.metadata import CodePosition

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def remade(host: ast.Module, line: int) -> tuple[str, bool]:
    """The dotted name of the innermost class around ``line``, if it is made twice, and whether it is a named tuple."""
    around = [
        node
        for node in ast.walk(host)
        if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    around.sort(key=lambda node: node.lineno)
    name = ".".join(node.name for node in around)
    is_tuple = bool(around) and any(ast.unparse(one).rpartition(".")[2] == "NamedTuple" for one in around[-1].bases)
    return (name if is_tuple or (around and _has_slots(around[-1])) else ""), is_tuple


def _has_slots(node: ast.ClassDef) -> bool:
    for one in node.decorator_list:
        slots = [word.value for word in one.keywords if word.arg == "slots"] if isinstance(one, ast.Call) else []
        if any(not isinstance(value, ast.Constant) or value.value for value in slots):
            return True
    return False


def spelled(text: str, owner: str, where: str = "", *, is_tuple: bool = False) -> str:
    """``text``, that of a unit, with the class ``owner`` named in its methods instead of `super()` and `__class__`.

    Raises `StoreError` where a method means something else by that name, or where Python takes no `super` at all:
    the class ``is_tuple``, a `typing.NamedTuple`.
    """
    if not owner or ("super" not in text and "__class__" not in text):
        return text
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider

    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    exact = wrapper.resolve(PositionProvider)
    found = [(exact[node], instead) for node, instead in _words(wrapper.module, _Around(owner))]
    if found and is_tuple:
        _refuse_super(syntax_tree(text), owner, where)
    if found:
        _refuse_hidden(syntax_tree(text), owner, where)
    begins = [0]
    for line in split_lines(text):
        begins.append(begins[-1] + len(line))

    def at(place: "CodePosition") -> int:
        return begins[place.line - 1] + place.column

    for place, instead in sorted(found, key=lambda one: -at(one[0].start)):
        text = text[: at(place.start)] + instead + text[at(place.end) :]
    return text


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a node: classes by their names, functions by their first parameters."""

    owner: str
    classes: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()

    @property
    def is_method(self) -> bool:
        return bool(self.receivers) and ".".join(self.classes) == self.owner


def _words(node: "cst.CSTNode", around: _Around) -> Iterator[tuple["cst.CSTNode", str]]:
    """The nodes that mean the class, with what they are to be instead."""
    import libcst as cst

    inside: Sequence[cst.CSTNode] = node.children
    match node:
        case cst.ClassDef() if around.receivers:  # its methods are others
            return
        case cst.ClassDef(name=name):
            around = replace(around, classes=(*around.classes, name.value))
        case cst.FunctionDef(params=params) | cst.Lambda(params=params):
            every = (*params.posonly_params, *params.params)
            around = replace(around, receivers=(*around.receivers, every[0].name.value if every else ""))
        case cst.Call(func=cst.Name(value="super"), args=()) if around.is_method and around.receivers[-1]:
            yield node, f"super({around.owner}, {around.receivers[-1]})"
            return
        case cst.Name(value="__class__") if around.is_method:
            yield node, around.owner
        case cst.Attribute(value=value):  # `self.__class__` is no name
            inside = [value]
    for child in inside:
        yield from _words(child, around)


def _refuse_super(tree: ast.Module, owner: str, where: str) -> None:
    for method in _methods(tree.body, owner.split(".")):
        for node in ast.walk(method):
            if isinstance(node, ast.Name) and node.id == "super":
                raise StoreError(
                    f"{owner} is a NamedTuple, whose methods cannot use `super()` where they stand in the class.",
                    remedy="Call the method of `tuple` by its name instead, as in `tuple.__repr__(self)`.",
                    where=f"{where}:{node.lineno}",
                )


def _refuse_hidden(tree: ast.Module, owner: str, where: str) -> None:
    first = owner.partition(".")[0]
    is_private = any(name.startswith("__") and not name.endswith("__") for name in owner.split("."))
    for node in _methods(tree.body, owner.split(".")):
        names = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        names |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        if first in names or is_private:
            raise StoreError(
                f"{owner} is a class made twice, where `super()` has to name it, and {first} cannot be named here.",
                remedy="Call the method of the base class by its name instead.",
                where=f"{where}:{node.lineno}",
            )


def _methods(body: list[ast.stmt], owner: list[str]) -> Iterator[ast.stmt]:
    for node in body:
        if owner and isinstance(node, ast.ClassDef) and node.name == owner[0]:
            yield from _methods(node.body, owner[1:])
        elif not owner and isinstance(node, FUNCTIONS):
            yield node
