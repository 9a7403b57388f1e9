"""What a change touches: the files to judge again, the stubs, who depends on them, the files of the store.

Pure over trees. A change is judged by what it leaves behind, so that a commit is not refused for what was wrong
before; only what speaks of other files by name (gates, ``uses``, ``engine``) is looked for in the whole project, since
a definition that goes takes its target away.
"""

from __future__ import annotations

from jiti_bot import places
from jiti_bot.layout import STORE, TESTS
from jiti_bot.light import re
from jiti_bot.trees import WORD, Node, Tree
from jiti_bot.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jiti_bot.git import Change

# Every byte that cannot be part of a name becomes a blank: quicker than a pattern, which a hook would have to compile.
_NAMES = bytes(code if code > 127 or code == 95 or chr(code).isalnum() else 32 for code in range(256))
_BLANK = 32
_MANY = 40  # names: more are told apart by the words of the whole file
_DEFINED = rb"(?m)^\s*(?:async\s+def|def|class)\s+(\w+)"
_MARK = WORD.encode()
_DEPENDING = (b"required_for", b"uses")
_ENGINE = b"Engine"


@dataclass(frozen=True, slots=True)
class Touched:
    """What to judge.

    ``sources`` are files that changed and may hold stubs or gates, ``owners`` files that did not but whose committed
    code did, ``dependents`` files whose gates, ``uses`` or ``engine`` may have lost their target, ``stored`` files of
    stores that the change touches or may have orphaned.
    """

    sources: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every source file to read."""
        return tuple(dict.fromkeys((*self.sources, *self.owners, *self.dependents)))


@dataclass(frozen=True, slots=True)
class Edit:
    """Files that changed or are asked about, what they held before where that is known, and those that are new.

    ``moved`` are those of ``files`` that a change of the settings excludes, or excludes no longer.
    """

    files: tuple[str, ...] = ()
    before: Mapping[str, bytes] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    moved: tuple[str, ...] = ()


def edit_of(changes: Iterable[Change], before: Mapping[str, bytes], more: Iterable[str] = ()) -> Edit:
    """An edit from git's changes; ``before`` are former contents by object id, ``more`` are files to add."""
    files: dict[str, None] = {}
    former: dict[str, bytes] = {}
    added: set[str] = set()
    for change in changes:
        files[change.path] = None
        if change.status in "ACR":
            added.add(change.path)
        old = change.path if change.old is None else change.old
        if change.status != "C":
            files[old] = None
            if change.before is not None and change.before in before:
                former[old] = before[change.before]
    return Edit(tuple(dict.fromkeys((*files, *more))), former, frozenset(added))


def touched(tree: Tree, edit: Edit) -> Touched:
    """What ``edit`` touches, as ``tree`` holds it now."""
    python = [file for file in edit.files if file.endswith(".py") and not in_store(file)]
    stored = [file for file in edit.files if in_store(file)]
    sources = tuple(file for file in python if _mentions(tree, file))
    owners = {owner: None for file in stored for owner in places.owners(file) if owner not in sources}
    return Touched(
        sources=(*sources, *_twins(tree, sources)),
        owners=tuple(owner for owner in owners if _mentions(tree, owner)),
        dependents=_dependents(tree, edit, python),
        stored=tuple(dict.fromkeys((*stored, *_left_behind(tree, python)))),
    )


def in_store(path: str) -> bool:
    """Whether a path lies in a store, or is one."""
    return f"/{STORE}/" in f"/{path}/"


def _mentions(tree: Tree, file: str) -> bool:
    """Whether a file stands there that may hold stubs or gates; one that cannot be read may, a link holds none."""
    try:
        data = tree.read(file)
    except OSError:
        return True
    return data is not None and _MARK in data and tree.node(file) is not Node.LINK


def _twins(tree: Tree, sources: Iterable[str]) -> Iterable[str]:
    """Other files with stubs whose names differ from those of ``sources`` only by case: their places in a store too."""
    folded = {source.casefold(): source for source in sources}
    if not folded:
        return ()
    return tuple(file for file in tree.candidates() if folded.get(file.casefold(), file) != file)


def _left_behind(tree: Tree, python: Iterable[str]) -> Iterable[str]:
    """The files of stores that are placed by ``python`` files, whether these still exist or not."""
    stores = tree.stores()
    for file in python:
        for store in stores:
            parent = store.rpartition("/")[0]
            inside = file.removeprefix(f"{parent}/") if parent else file
            stem = inside.removesuffix(".py")
            yield from tree.inside(f"{store}/{stem}")
            yield from tree.inside(f"{store}/{TESTS}/{stem}")


def _dependents(tree: Tree, edit: Edit, python: Iterable[str]) -> tuple[str, ...]:
    """Files that speak of a name which the edit took away, or of a changed file's ``Engine``.

    Where files were excluded that is all that speak of any name: it may stand for one of theirs by another spelling.
    """
    suspects: set[bytes] = set()
    engines: list[bytes] = []
    for file in python:
        old = edit.before.get(file)
        if old is not None:
            new = _bytes(tree, file)
            suspects |= _vanished(old, new)
            engines += [text for text in (old, new) if _ENGINE in text]
    if not suspects and not engines and not edit.moved:
        return ()
    found = []
    assigned: set[bytes] | None = None
    for file in tree.candidates():
        data = _bytes(tree, file)
        depends = any(word in data for word in _DEPENDING)
        if depends and edit.moved:
            found.append(file)
            continue
        asked = suspects if depends else set()
        if engines and b"engine" in data:
            assigned = set[bytes]().union(*map(_assigned, engines)) if assigned is None else assigned
            asked = asked | assigned
        if asked and not asked.isdisjoint(_names(data)):
            found.append(file)
    return tuple(found)


def _vanished(old: bytes, new: bytes) -> set[bytes]:
    """Names in ``old`` that ``new`` lacks, and all that ``old`` defines if it marked more of that as stubs."""
    # A name that is gone stood in a line that is.
    lines = set(old.split(b"\n")).difference(new.split(b"\n"))
    gone = {name for name in _names(b"\n".join(lines)) if not name[:1].isdigit()}
    if len(gone) > _MANY:
        gone -= _names(new)
    elif gone:
        words = b" %b " % new.translate(_NAMES)
        gone = {name for name in gone if b" %b " % name not in words}
    if old.count(_MARK) > new.count(_MARK):
        gone |= set(re.findall(_DEFINED, old))
    return gone


def _assigned(data: bytes) -> set[bytes]:
    """Names at the start of lines with an equals sign further on."""
    heads = (line.split(b"=", 1)[0] for line in data.split(b"\n") if b"=" in line and _NAMES[line[0]] != _BLANK)
    return {head.translate(_NAMES).split(None, 1)[0] for head in heads}


def _names(data: bytes) -> set[bytes]:
    """The words of a file, names and numbers."""
    return set(data.translate(_NAMES).split())


def _bytes(tree: Tree, file: str) -> bytes:
    try:
        return tree.read(file) or b""
    except OSError:
        return b""
