"""Methods that Python calls while it makes a class: ``@jiti`` on the class gives them their bodies too late."""

from __future__ import annotations

from jiti_bot.light import ast
from jiti_bot.source.bindings import dotted
from jiti_bot.source.marks import Place, last_names
from jiti_bot.source.resolve import Definite, External

_OF_MEMBERS = frozenset({"__new__", "__init__"})
_OF_AUTO = "_generate_next_value_"
_DEPTH = 8


def called_early(node: ast.ClassDef, place: Place) -> frozenset[str]:
    """The names of such methods. ``place`` is where the class stands; only enums with members have any."""
    values = [
        one.value
        for one in node.body
        if isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None and _may_be_member(one)
    ]
    if not values or not _is_enum(node, place, _DEPTH):
        return frozenset()
    calls = [one.func for value in values for one in ast.walk(value) if isinstance(one, ast.Call)]
    return _OF_MEMBERS | ({_OF_AUTO} if "auto" in last_names(calls) else set())


def _may_be_member(statement: ast.Assign | ast.AnnAssign) -> bool:
    """Whether not all of its names are of enum's own settings: ``_ignore_``, ``__slots__``."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [one.id for one in targets if isinstance(one, ast.Name)]
    return len(names) < len(targets) or not all(name.startswith("_") and name.endswith("_") for name in names)


def _is_enum(node: ast.ClassDef, place: Place, depth: int) -> bool:
    for base in node.bases if depth else ():
        for symbol in place.resolver.lookup(place.file, dotted(base) or (), place.scopes, node.lineno):
            match place.resolver.external(symbol):
                case External(name=("enum", *_)):
                    return True
                case Definite(file=file, node=ast.ClassDef() as inner):
                    scope = place.resolver.scope(file)
                    if _is_enum(inner, Place(file, (scope,) if scope else (), place.resolver), depth - 1):
                        return True
    return False
