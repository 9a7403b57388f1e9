"""One file with its stubs replaced by what is committed for them. Pure."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from jiti_bot import transform
from jiti_bot.errors import JitiError, StoreError
from jiti_bot.graduation import bytes as contents
from jiti_bot.graduation.anatomy import Alias, Anatomy
from jiti_bot.graduation.fold import Folded, Part, Place, fold_all, prepare
from jiti_bot.graduation.inward import inward
from jiti_bot.graduation.leftovers import Cut, idle
from jiti_bot.graduation.meet import Guest, settle
from jiti_bot.graduation.remade import remade, spelled
from jiti_bot.graduation.takers import Names
from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.source.resolve import Resolver
from jiti_bot.store.entry import Entry

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class UnitError(StoreError):
    """One unit cannot be folded; ``unit`` is its name in its file."""

    unit = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stub and what is committed for it; ``late`` are names of imports that lead back to its module."""

    stub: Stub
    entry: Entry
    late: frozenset[str] = frozenset()


def graft(
    file: str,
    data: bytes,
    units: Sequence[Unit],
    marks: Mapping[int, str | None],
    *,
    package: Sequence[str] = (),
    hints: bool = False,
    keep: frozenset[str] = frozenset(),
    exposed: frozenset[str] = frozenset(),
) -> bytes:
    """The bytes of ``file`` with ``units`` folded in and decorators changed as ``marks`` says (see `fold_all`).

    Imports of the names ``keep`` stay, whether the file needs them or not; the names ``exposed`` are not bound anew.
    Raises `StoreError`, for a fault of one unit `UnitError`.
    """
    content = contents.read(data, file)
    host = prepare(content.text, file)
    plain = content.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def folded() -> Folded:
        guests = [_guest(unit, host.anatomy, plain, hints=hints) for unit in units]
        return fold_all(host, settle(plain, guests, package, exposed), marks, keep=keep)

    text = _blaming(units, folded).text
    try:
        _compiles(text, file)
        return content.encoded(text, file)
    except StoreError as error:
        if len(units) == 1:
            raise _fault(units[0], error.message, error.remedy, error.where) from None
        for unit in units:  # which of them it is
            graft(file, data, [unit], {}, package=package, hints=hints, exposed=exposed)
        raise


def cleared(
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    resolver: Resolver,
    files: Collection[str],
    *,
    last: bool,
) -> dict[str, bytes]:
    """``after`` with nothing in ``files`` that only jiti needed ``before``; see `leftovers.idle`."""
    result = dict(after)
    earlier = Names(before, resolver)
    while True:  # what goes may have been the last that needed something else
        now = Names(result, resolver)
        cuts = {file: idle(file, earlier, now, last=last) for file in files}
        swept = {file: sweep(file, result[file], found) for file, found in cuts.items() if found}
        if all(result[file] == data for file, data in swept.items()):
            return result
        result |= swept


def sweep(file: str, data: bytes, cuts: Sequence[Cut]) -> bytes:
    """The bytes of ``file`` after ``cuts``, without the imports that they alone needed."""
    content = contents.read(data, file)
    instead = {cut.lines.first: cut.instead for cut in cuts if cut.instead}
    folded = fold_all(prepare(content.text, file), [], instead, waste=[cut.lines for cut in cuts])
    _compiles(folded.text, file)
    return content.encoded(_begun_as(content.text, folded.text), file)


def _begun_as(before: str, after: str) -> str:
    """``after`` without blank lines at its top where ``before`` had none."""
    mark = "\ufeff" if before.startswith("\ufeff") else ""
    if before.removeprefix(mark)[:1] in {"\r", "\n"}:
        return after
    return mark + after.removeprefix(mark).lstrip("\r\n")


def _guest(unit: Unit, host: Anatomy, plain: str, *, hints: bool) -> Guest:
    stub = unit.stub
    _compare(unit, plain)
    place = Place(stub.name, stub.owners, stub.line, tuple(member.line for member in stub.members))
    one = host.find(place.name, place.owners, place.line)
    if one is None:
        raise _fault(unit, f"{stub.file} does not define {stub.unit} any more.", "Run it again.")
    there = {alias for line in host.imports for alias in line.aliases}
    late = unit.late - {alias.bound for alias in _imported(unit.entry.tree) if alias in there}
    text = unit.entry.raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    text = inward(text, late, stub.unit.partition(".")[0], unit.entry.path)
    owner, is_tuple = remade(syntax_tree(plain), stub.line)
    text = spelled(text, owner, unit.entry.path, is_tuple=is_tuple)
    return Guest(Part(place, text, unit.entry.path, hints=hints), one.near, one.is_conditional)


def _imported(tree: ast.Module) -> Iterator[Alias]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else None
            yield from (Alias(module, one.name, one.asname) for one in node.names)


def _blaming(units: Sequence[Unit], work: Callable[[], Folded]) -> Folded:
    """What ``work`` gives; what it says of a unit's file is that unit's fault."""
    try:
        return work()
    except StoreError as error:
        path, _, line = error.where.partition(":")
        unit = next((unit for unit in units if unit.entry.path == path), None)
        if unit is None:
            raise
        raise _fault(unit, error.message, error.remedy, error.where if line else "") from None


def _fault(unit: Unit, message: str, remedy: str, where: str = "") -> UnitError:
    error = UnitError(message, remedy=remedy, where=where or f"{unit.entry.path}:1")
    error.unit = unit.stub.unit
    return error


def _compiles(text: str, file: str) -> None:
    """Raise `StoreError` for a result that Python does not take, whatever may have led there."""
    try:
        compile(syntax_tree(text.removeprefix("\ufeff")), file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        raise StoreError(
            f"with the committed code in its place this file would not compile: {error} (line {line} of the result).",
            remedy="Mend the committed code.",
            where=file,
        ) from None


def _compare(unit: Unit, host: str) -> None:
    """Raise `UnitError` where the committed definition is none that runs, or not called as its stub is."""
    stub = unit.stub
    _runs(unit)
    body: list[ast.stmt] = unit.entry.tree.body
    for owner in stub.owners:
        body = next((node.body for node in body if isinstance(node, ast.ClassDef) and node.name == owner), [])
    if stub.kind is not Kind.CLASS:
        node = next((one for one in body if isinstance(one, FUNCTIONS) and one.name == stub.name), None)
        if node is not None:
            _same_parameters(unit, stub, node)
        return
    found = next((one for one in body if isinstance(one, ast.ClassDef) and one.name == stub.name), None)
    methods = [one for one in (found.body if found else []) if isinstance(one, FUNCTIONS)]
    _nothing_lost(unit, found, host)
    for one in methods:
        if one.name not in {member.name for member in stub.members}:
            line = f"{unit.entry.path}:{one.lineno}"
            raise _fault(unit, f"{one.name} is no stub method of {stub.unit}.", "Write it into the class itself.", line)
    for name in dict.fromkeys(member.name for member in stub.members):
        wanted = [member for member in stub.members if member.name == name]
        given = [one for one in methods if one.name == name]
        if len(given) < len(wanted):
            raise _fault(unit, f"it does not define {wanted[-1].unit}.", "Run `jiti generate` for this stub again.")
        for member, one in zip(wanted, given, strict=False):
            _same_parameters(unit, member, one)


def _runs(unit: Unit) -> None:
    """Raise `UnitError` for what the runtime refuses: it was never tried, and may lose something here."""
    try:
        with suppress(SyntaxError, ValueError, RecursionError):  # said better of the merged file
            transform.build(unit.entry.raw, unit.entry.path, unit.stub.unit)
    except StoreError as error:
        raise _fault(unit, error.message, error.remedy, error.where) from None


def _nothing_lost(unit: Unit, found: ast.ClassDef | None, host: str) -> None:
    """Raise `UnitError` where the committed class holds a statement of its own: at run time it is not there."""
    there = {
        ast.unparse(one)
        for node in ast.walk(syntax_tree(host))
        if isinstance(node, ast.ClassDef) and node.lineno == unit.stub.line
        for one in node.body
    }
    for one in found.body if found else []:
        is_scenery = isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        if not is_scenery and not isinstance(one, FUNCTIONS) and ast.unparse(one) not in there:
            line = f"{unit.entry.path}:{one.lineno}"
            raise _fault(unit, "of a class, only methods are written here.", "Write it into the class itself.", line)


def _same_parameters(unit: Unit, stub: Stub, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    (asked,) = syntax_tree(f"{stub.header}\n    ...").body
    assert isinstance(asked, FUNCTIONS), "a stub's header is that of a function"
    if _shape(asked) != _shape(node):
        raise _fault(
            unit,
            f"{stub.unit} takes other parameters here than its stub does.",
            "Give both the same, or run `jiti generate` for this stub again.",
            f"{unit.entry.path}:{node.lineno}",
        )


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef) -> object:
    spec = node.args
    named = [[one.arg for one in part] for part in (spec.posonlyargs, spec.args, spec.kwonlyargs)]
    rest = [one.arg if one else None for one in (spec.vararg, spec.kwarg)]
    return isinstance(node, ast.AsyncFunctionDef), named, rest


def blame(error: JitiError, units: Sequence[Unit]) -> list[str]:
    """The units that an error of `graft` is about: one, or all."""
    return [error.unit] if isinstance(error, UnitError) else [unit.stub.unit for unit in units]
