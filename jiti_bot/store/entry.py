"""Reading committed files. Nothing that can stand in a store makes it raise: what is wrong becomes a finding."""

from __future__ import annotations

from jiti_bot import layout
from jiti_bot.findings import Finding, finding
from jiti_bot.light import ast
from jiti_bot.source.comments import comments
from jiti_bot.source.digest import digest
from jiti_bot.source.model import Kind, Spec, Stub
from jiti_bot.source.parse import Parsed, decode, parse
from jiti_bot.store import header as headers
from jiti_bot.store.header import Header, HeaderError
from jiti_bot.trees import Node, Tree
from jiti_bot.values import dataclass, field

_MARKERS = (b"<<<<<<< ", b">>>>>>> ", b"||||||| ")


@dataclass(frozen=True, slots=True)
class Entry:
    """A committed file that can be used. ``path`` is relative to the project root.

    ``code`` is what stands below the header, ``body`` its digest as it stands now, ``tree`` its syntax with the
    lines of the whole file, ``raw`` the whole file's bytes. ``parts`` are the digests of a class's methods and of the
    rest (by no name) as they stand now, where the header knows its parts.
    """

    path: str
    header: Header
    code: str
    body: str
    raw: bytes
    tree: ast.Module = field(repr=False, compare=False)
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def is_edited(self) -> bool:
        """Whether a person changed the code since it was generated."""
        return bool(self.edited) if self.header.parts else self.body != self.header.body

    @property
    def edited(self) -> tuple[str, ...]:
        """The parts of a class that a person changed, added or removed, by name."""
        generated = {part.name: part.body for part in self.header.parts}
        now = dict(self.parts)
        return tuple(name for name in {**generated, **now} if generated.get(name) != now.get(name))


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands where a committed file belongs and is none. ``raw`` is None where it is no file."""

    path: str
    finding: Finding
    raw: bytes | None


def read(tree: Tree, spec: Spec) -> Entry | Broken | None:
    """The committed file of ``spec``; None where there is none."""
    found = read_path(tree, spec.path, spec.key)
    if not isinstance(found, Entry):
        return found
    if found.header.key not in {headers.single(key) for key in keys(spec)}:
        return _broken(found.path, found.raw, "store-key", 1, found=found.header.key, key=spec.key)
    if not defines(found.tree, spec.stub):
        line = found.raw.count(b"\n", 0, found.raw.find(b"# seal: ")) + 1
        return _broken(found.path, found.raw, "store-target", line, name=spec.stub.unit, key=spec.key)
    return found


def read_path(tree: Tree, path: str, key: str = "") -> Entry | Broken | None:
    """A committed file by its place. ``key`` names it in messages where the file itself cannot."""
    obstacle = _obstacle(tree, path, key or path)
    if obstacle is not None:
        return obstacle
    try:
        raw = tree.read(path)
    except OSError as error:
        return _broken(path, None, "store-unreadable", 1, reason=error.strerror or str(error))
    if raw is None:
        return None
    marker = _conflict_marker(raw)
    if marker:
        return _broken(path, raw, "store-conflict-markers", marker)
    return parse_entry(path, raw)


def keys(spec: Spec) -> frozenset[str]:
    """The names under which a header may know ``spec``: which of them people use depends on the other stubs."""
    parent = spec.store.rpartition("/")[0]
    source = spec.stub.file
    if parent and source.startswith(f"{parent}/"):
        source = source[len(parent) + 1 :]
    unit = spec.stub.unit
    return frozenset({spec.key, layout.dotted_key(source, unit), f"{spec.stub.file}::{unit}", f"{source}::{unit}"})


def defines(tree: ast.Module, stub: Stub) -> bool:
    """Whether a committed file's tree holds the definition it is there for, inside its owners' skeleton."""
    body: list[ast.stmt] = tree.body
    for owner in stub.owners:
        classes = [node for node in body if isinstance(node, ast.ClassDef) and node.name == owner]
        if len(classes) != 1:
            return False
        body = classes[0].body
    wanted = (ast.ClassDef,) if stub.kind is Kind.CLASS else (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, wanted) and node.name == stub.name for node in body)


def parse_entry(path: str, raw: bytes) -> Entry | Broken:
    """The bytes of a committed file that stands, or once stood, at ``path``."""
    text = decode(path, raw)
    if isinstance(text, Finding):
        return Broken(path, text, raw)
    split = headers.split(text)
    if isinstance(split, HeaderError):
        return _broken(path, raw, split.code, split.line, **dict(split.details))
    header, code = split
    # Empty lines in place of the header: positions are those of the file, comments those of the code.
    parsed = parse(path, ("\n" * (text.count("\n") - code.count("\n")) + code).encode("utf-8", "surrogatepass"))
    if isinstance(parsed, Finding):
        return Broken(path, parsed, raw)
    body = digest(parsed.tree.body, list(comments(parsed.text, parsed.tree)))
    return Entry(path, header, code.lstrip("\n"), body, raw, parsed.tree, _parts(header, parsed))


def _parts(header: Header, parsed: Parsed) -> tuple[tuple[str, str], ...]:
    if not header.parts:
        return ()
    from jiti_bot.source.members import digests

    name = header.key.rpartition(".")[2].rpartition(":")[2]
    return tuple(digests(parsed.text, parsed.tree, name, [part.name for part in header.parts]).items())


def _obstacle(tree: Tree, path: str, key: str) -> Broken | None:
    """What stands in the way of reading ``path``: a link among its folders inside the store, or no file at its end."""
    start = f"/{path}".find(f"/{layout.STORE}/") + len(layout.STORE)
    at = start
    while at != -1:
        if tree.node(path[:at]) is Node.LINK:
            return _broken(path[:at], None, "store-link", 1)
        at = path.find("/", at + 1)
    match tree.node(path):
        case Node.LINK:
            return _broken(path, None, "store-link", 1)
        case Node.FOLDER | Node.OTHER:
            return _broken(path, None, "store-folder", 1, key=key)
    return None


def _conflict_marker(raw: bytes) -> int:
    """The line of the first conflict marker; 0 where there is none."""
    if not any(marker in raw for marker in _MARKERS):
        return 0
    for number, line in enumerate(raw.splitlines(), 1):
        if line.startswith(_MARKERS):
            return number
    return 0


def _broken(path: str, raw: bytes | None, code: str, line: int, **details: str) -> Broken:
    return Broken(path, finding(code, path, line, **details), raw)
