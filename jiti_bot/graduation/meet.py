"""Where units and their host meet: what they share, and what has to be called otherwise. Pure.

Each unit has a room of its own at run time: its imports, constants and helpers are seen by nobody else. Folded in, they
become names of the module. One that means there what it means in the unit is used as it is; one that means something
else, in the module, in another unit or among Python's own names, gets a name that nobody has.
"""

import ast
import builtins
import re
import symtable
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import HEADER, Part
from jiti_bot.graduation.loading import needs
from jiti_bot.graduation.names import (
    MANY,
    Piece,
    There,
    is_late,
    mentioned,
    module_meanings,
    pieces,
)
from jiti_bot.graduation.rename import rename
from jiti_bot.graduation.sharing import may_be_shared
from jiti_bot.source.parse import syntax_tree

_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Guest:
    """A part to be folded; ``line`` is where the statement around its stub begins, ``conditional`` as of the stub."""

    part: Part
    line: int
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    """A guest's text, read: its syntax and the pieces beside the definition it is there for."""

    guest: Guest
    tree: ast.Module
    pieces: tuple[Piece, ...]

    @property
    def names(self) -> dict[str, tuple[str, Piece]]:
        """What its own names mean, and the statements that bind them; `MANY` for what is bound more than once."""
        found: dict[str, tuple[str, Piece]] = {}
        for piece in self.pieces:
            for name, means in piece.names:
                found[name] = (MANY if name in found else means, piece)
        return found

    @property
    def target(self) -> str:
        """The name of the outermost definition that it is there for."""
        place = self.guest.part.place
        return place.owners[0] if place.owners else place.name


def settle(
    host_text: str, guests: Sequence[Guest], package: Sequence[str] = (), exposed: frozenset[str] = frozenset()
) -> list[Part]:
    """The parts as they can be folded together, in the order of ``guests``.

    ``host_text`` has plain line ends; ``package`` is what relative imports of the host start from; ``exposed`` are
    names that it must not get, since a star import would give them to others. Raises `StoreError` for a unit that
    cannot live in its module.
    """
    tree = syntax_tree(host_text)
    settled: dict[int, Part] = {}
    units = [_read(guest, package) for guest in guests]
    host = _Host(tree, host_text, module_meanings(tree, package), units, exposed)
    for unit in sorted(units, key=lambda unit: unit.guest.line):
        settled[id(unit.guest)] = host.take(unit)
    return [settled[id(guest)] for guest in guests]


@dataclass(frozen=True, slots=True)
class _Brought:
    """A name that a unit has brought into the module: what it means, who brought it, and what it is called there."""

    means: str
    unit: _Unit
    own: str


class _Host:
    """The module as it grows: what its names mean by now, and who brought them.

    ``exposed`` are names that other modules would get by a star import of this one, and that mean something there.
    """

    def __init__(
        self,
        tree: ast.Module,
        text: str,
        meanings: dict[str, There],
        units: Sequence[_Unit],
        exposed: frozenset[str],
    ) -> None:
        self.tree = tree
        self.meanings = meanings
        self.units = units
        self.exposed = exposed
        self.brought: dict[str, _Brought] = {}
        self.called: dict[int, dict[str, str]] = {}  # how the names of a unit are spelled in the module, by its id
        self.read = _read_names(text, tree)
        self.postponed = "annotations" in meanings and meanings["annotations"].means == "__future__.annotations"
        self.stars = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree))
        self.words = set(re.findall(r"\w+", text)).union(*(re.findall(r"\w+", unit.guest.part.text) for unit in units))

    def take(self, unit: _Unit) -> Part:
        """The part of a unit as it fits to what is there; afterwards its names are there, too."""
        part, names = unit.guest.part, unit.names
        shared = self._shared(unit)
        self._refuse_too_early(unit, shared.keys())
        others = {name: there for name, there in shared.items() if there != name}
        others |= {name: self._fresh(unit, name) for name in names if name not in shared and self._clashes(unit, name)}
        skip = {
            line
            for piece in unit.pieces
            if not piece.is_import and piece.names and all(name in shared for name, _ in piece.names)
            for line in range(piece.first, piece.last + 1)
        }
        deep = {name for piece in unit.pieces if piece.is_deep for name, _ in piece.names}
        known = {name for name in shared.keys() - deep if names[name][1].is_import and name in self.meanings}
        self.called[id(unit)] = {name: others.get(name, name) for name in names}
        for name, (means, piece) in names.items():
            if name not in shared:
                lasting = not unit.guest.conditional or piece.is_import
                self.brought[others.get(name, name)] = _Brought(means if lasting else MANY, unit, name)
        self.words.update(others.values())
        text = rename(part.text, others, part.where)
        beside = unit.guest.conditional
        return replace(part, text=text, skip=frozenset(skip), known=frozenset(known), beside=beside)

    def _clashes(self, unit: _Unit, name: str) -> bool:
        """Whether ``name`` cannot stay: somebody would get another thing by it."""
        means, piece = unit.names[name]
        there = [self.meanings[name].means] if name in self.meanings else []
        there += [self.brought[name].means] if name in self.brought else []
        if there:
            return not (piece.is_import and means != MANY and set(there) == {means})
        is_seen = not name.startswith("_")  # by a star import
        if is_seen and (name in self.exposed or (self.stars and not piece.is_deep)):
            return True
        if name in _BUILTINS:
            others = (other for other in self.units if other is not unit and name not in other.names)
            return name in self.read or any(name in mentioned(other.tree) for other in others)
        return False

    def _shared(self, unit: _Unit) -> dict[str, str]:
        """The names of a unit that the module has by now, as do all they are made of: what each is called there."""
        names = unit.names
        found = {name: list(self._there(unit, name, means)) for name, (means, _) in names.items()}
        while True:
            chosen = {name: choices[0] for name, choices in found.items() if choices}
            lost = [name for name in chosen if not self._is_made_alike(unit, name, chosen)]
            if not lost:
                return chosen
            for name in lost:
                found[name].pop(0)

    def _there(self, unit: _Unit, name: str, means: str) -> Iterator[str]:
        """What the module has for what ``name`` means to a unit."""
        piece = unit.names[name][1]
        if name in self.meanings:
            there = self.meanings[name]
            late = all(is_late(other.node, name) for other in unit.pieces if other is not piece and not other.is_import)
            in_time = there.line < unit.guest.line or (late and not piece.is_import)
            if there.means == means != MANY and there.always and in_time:
                yield from [name] if piece.is_import or may_be_shared(piece.node, name, [self.tree, unit.tree]) else []
        for called, one in self.brought.items():
            if one.own != name or one.means != means or means == MANY or (called == name and name in self.meanings):
                continue
            if piece.is_import or may_be_shared(piece.node, name, [one.unit.tree, unit.tree]):
                yield called

    def _is_made_alike(self, unit: _Unit, name: str, chosen: Mapping[str, str]) -> bool:
        piece = unit.names[name][1]
        if piece.is_import:
            return True
        there = self.brought.get(chosen[name])
        spelled = self.called[id(there.unit)] if there is not None else {}
        for other in mentioned(piece.node) - {name}:
            if other not in unit.names:
                if other in spelled:
                    return False
            elif chosen.get(other) != spelled.get(other, other):
                return False
        return True

    def _refuse_too_early(self, unit: _Unit, shared: Collection[str]) -> None:
        """Raise `StoreError` for a helper that needs, when the module is loaded, what is defined further below."""
        names = unit.names
        own = {name: piece.node for name, (_, piece) in names.items()}
        for piece in unit.pieces:
            if piece.is_import or (piece.names and all(name in shared for name, _ in piece.names)):
                continue
            for name in sorted(needs(piece.node, own, postponed=self.postponed) - own.keys()):
                there = self.meanings.get(name)
                if name == unit.target or (there is not None and there.line >= unit.guest.line):
                    raise StoreError(
                        f"this needs {name} while the module is loaded, which is defined only after it there.",
                        remedy="Move it into the function that uses it; put quotes around an annotation.",
                        where=f"{unit.guest.part.where}:{piece.node.lineno}",
                    )

    def _fresh(self, unit: _Unit, name: str) -> str:
        """A name that says whose it is and that stands nowhere yet."""
        place = unit.guest.part.place
        base = f"_{place.name.strip('_')}_{name.strip('_')}"
        return next(one for one in (base, *(f"{base}_{n}" for n in range(2, 1000))) if one not in self.words)


def _read(guest: Guest, package: Sequence[str]) -> _Unit:
    part = guest.part
    lines = part.text.split("\n")
    try:
        tree = syntax_tree(part.text)
    except SyntaxError as error:
        raise StoreError(
            "this committed file does not parse.", remedy="Mend it.", where=f"{part.where}:{error.lineno or 1}"
        ) from None
    _refuse(tree, part.where)
    target = part.place.owners[0] if part.place.owners else part.place.name
    header = next((n for n, line in enumerate(lines) if not line.startswith("#")), 0) if HEADER.match(lines[0]) else 0
    found = [replace(piece, first=max(piece.first, header + 1)) for piece in pieces(tree, lines, target, package)]
    _refuse_two(found, part.where)
    for piece in found:
        if target in dict(piece.names):
            raise StoreError(
                f"{target} is bound a second time here.",
                remedy="Let its definition be the only one.",
                where=f"{part.where}:{piece.node.lineno}",
            )
    return _Unit(guest, tree, tuple(found))


def _refuse_two(pieces: Sequence[Piece], where: str) -> None:
    """Raise `StoreError` for a name that is imported and bound otherwise, too: imports leave the order of the file."""
    earlier: dict[str, tuple[str, bool]] = {}
    for piece in pieces:
        for name, means in piece.names:
            known, was_import = earlier.setdefault(name, (means, piece.is_import))
            if known != means and (was_import or piece.is_import):
                raise StoreError(
                    f"{name} is imported here, and means something else, too.",
                    remedy="Give one of the two another name.",
                    where=f"{where}:{piece.node.lineno}",
                )


def _refuse(tree: ast.Module, where: str) -> None:
    """What may stand in a committed file and in no module below its imports."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            raise StoreError(
                "a star import would bring names into the module that nobody sees.",
                remedy="Import by name what the body uses.",
                where=f"{where}:{node.lineno}",
            )
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            raise StoreError(
                "`from __future__` would change the meaning of the whole module.",
                remedy="Write it into the source file, generate the stubs again there, or take it out of this file.",
                where=f"{where}:{node.lineno}",
            )


def _read_names(text: str, tree: ast.Module) -> set[str]:
    """Names that some scope of the module takes from it or from Python's own."""
    try:
        return _global(symtable.symtable(text, "<host>", "exec"), top=True)
    except (SyntaxError, ValueError):
        return mentioned(tree)


def _global(table: symtable.SymbolTable, *, top: bool = False) -> set[str]:
    found = {one.get_name() for one in table.get_symbols() if one.is_referenced() and (top or one.is_global())}
    return found.union(*(_global(child) for child in table.get_children()))
