"""Where every unit stands, and what else lies in a store."""

from __future__ import annotations

from jiti_bot import layout, places
from jiti_bot.findings import Finding, finding
from jiti_bot.source.model import Digests, Kind, Spec, Stub
from jiti_bot.source.parse import parse
from jiti_bot.store import paths
from jiti_bot.store.entry import Broken, Entry, read, read_path
from jiti_bot.store.state import Condition, State, judge
from jiti_bot.trees import WORD, Node, Tree
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    # Today's digest of a stub's interface by its place, ``file::unit``; empty where that is no stub any more, None
    # where nothing is left of it.
    Interface = Callable[[str], str | None]

_MARK = WORD.encode()
# pytest's own files: they may stand beside generated tests.
_PYTEST = frozenset({"conftest.py", "__init__.py"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A stub, what is committed for it, and its state."""

    spec: Spec
    committed: Entry | Broken | None
    state: State

    def finding(self, *, strict: bool = False) -> Finding | None:
        """What a person has to do about it, if anything; with ``strict`` also what the machine has to do."""
        stub = self.spec.stub
        parts = ", ".join(self.state.changes)
        match self.state.condition:
            case Condition.MALFORMED if isinstance(self.committed, Broken):
                return self.committed.finding
            case Condition.CONFLICT:
                return finding("conflict", stub.file, stub.line, key=self.spec.key, path=self.spec.path, parts=parts)
            case Condition.MISSING if strict:
                return finding("missing", stub.file, stub.line, key=self.spec.key)
            case Condition.STALE | Condition.EDITED if strict and parts:
                return finding("stale", stub.file, stub.line, key=self.spec.key, parts=parts)
        return None


@dataclass(frozen=True, slots=True)
class Stray:
    """A file in a store that belongs to no stub.

    ``committed`` is None for the agent's own tests. ``place`` is where it would belong, if its stub is there and has
    no committed file. ``excluded`` is its source file, if the project leaves that out.
    """

    path: str
    committed: Entry | Broken | None
    state: State
    place: str = ""
    excluded: str = ""

    @property
    def key(self) -> str:
        """The stub it was made for, as far as it tells."""
        return self.committed.header.key if isinstance(self.committed, Entry) else self.path

    def finding(self) -> Finding:
        """What a person has to do about it."""
        if isinstance(self.committed, Broken):
            return self.committed.finding
        if self.committed is None:
            return finding("scratch-orphan", self.path, 1)
        if self.excluded:
            return finding("orphan-excluded", self.path, 1, key=self.key, excluded=self.excluded)
        if self.place:
            return finding("misplaced", self.path, 1, key=self.key, path=self.place)
        return finding("orphan", self.path, 1, key=self.key)


def survey(tree: Tree, specs: Iterable[Spec], interface: Interface | None = None) -> tuple[Standing, ...]:
    """Where each of ``specs`` stands, in their order.

    ``interface`` gives today's digest of a stub that committed code uses (see `jiti_bot.source.index.Index.interface`);
    without it such changes are not looked for.
    """
    return tuple(_standing(tree, spec, interface) for spec in specs)


def strays(
    tree: Tree, specs: Iterable[Spec], files: Iterable[str], leaves_out: Callable[[str], bool] | None = None
) -> tuple[Stray, ...]:
    """Those of a store's ``files`` that are there and belong to none of ``specs``, in their order.

    ``leaves_out`` tells which source files the project excludes, so that this can be said of their code. What a source
    file that cannot be read, or is not checked out, has in the store is left out: its stubs are not seen.
    """
    specs = tuple(specs)
    known = {path for spec in specs for path in (spec.path, scratch_of(spec))}
    missing = {spec.key: spec.path for spec in specs if tree.node(spec.path) is None}
    seen: dict[str, bool] = {}
    found = []
    for path in files:
        owners = () if path in known or not _counts(tree, path) else tuple(places.owners(path))
        if owners and not any(_hides_its_stubs(tree, file, seen) for file in owners):
            excluded = next((file for file in owners if leaves_out and tree.exists(file) and leaves_out(file)), "")
            found.append(_stray(tree, path, missing, excluded))
    return tuple(found)


def _hides_its_stubs(tree: Tree, file: str, seen: dict[str, bool]) -> bool:
    """Whether ``file`` may hold stubs that are not seen."""
    if file not in seen:
        seen[file] = tree.leaves_out(file) or not _is_readable(tree, file)
    return seen[file]


def _is_readable(tree: Tree, file: str) -> bool:
    """Whether what stands at ``file``, if anything does, parses: no conflict of git, no syntax of a newer Python."""
    try:
        data = tree.read(file)
    except OSError:
        return False
    return data is None or _MARK not in data or not isinstance(parse(file, data), Finding)


def half_merged(tree: Tree) -> tuple[str, ...]:
    """The journals of merges that are not done: stopped half way, or at work. Git has none."""
    journals = (f"{store}/{paths.JOURNAL}" for store in tree.stores())
    return tuple(path for path in journals if tree.node(path) is Node.FILE)


def scratch_of(spec: Spec) -> str:
    """Where the agent's own tests for a stub are committed; '' for a test, which has none."""
    if spec.stub.kind is Kind.TEST:
        return ""
    return scratch_at(spec.store, spec.stub.file, spec.stub.unit)


def scratch_at(store: str, file: str, unit: str) -> str:
    """Where the agent's own tests for ``unit`` of a source file are committed; both relative to the project's root."""
    parent = store.rpartition("/")[0]
    source = file.removeprefix(f"{parent}/") if parent else file
    return f"{store}/{layout.scratch_path(source, unit)}"


def is_scratch(path: str) -> bool:
    """Whether a path in a store is that of the agent's own tests."""
    name = path.rpartition("/")[2]
    return name.startswith("test_scratch_") and f"/{layout.STORE}/{layout.TESTS}/" in f"/{path}"


def _standing(tree: Tree, spec: Spec, interface: Interface | None) -> Standing:
    committed = read(tree, spec)
    return Standing(spec, committed, state_of(spec, committed, interface=interface))


def state_of(
    spec: Spec,
    committed: Entry | Broken | None,
    asked: Digests | None = None,
    interface: Interface | None = None,
) -> State:
    """The state of ``spec``, or of ``asked`` in place of its digests. ``interface`` as in `survey`."""
    interfaces = _interfaces(spec.stub) if spec.stub.members else ()
    return judge(asked or spec.digests, committed, interfaces, _changed(spec, committed, interface))


def _changed(spec: Spec, committed: Entry | Broken | None, interface: Interface | None) -> tuple[str, ...]:
    """The stubs used by committed code whose interface is another now, or that are gone."""
    if interface is None or not isinstance(committed, Entry):
        return ()
    used = ((spec.placed(name), name, digest) for name, digest in committed.header.dependencies)
    # A name may also be one of the repository: of a stub in another project.
    named = ((inside if interface(inside) is not None else name, digest) for inside, name, digest in used)
    return tuple(name for name, digest in named if interface(name) not in {digest, ""})


def _interfaces(stub: Stub) -> tuple[tuple[str, str], ...]:
    from jiti_bot.source.members import interfaces

    return interfaces(stub)


def _stray(tree: Tree, path: str, missing: Mapping[str, str], excluded: str) -> Stray:
    gone = State(Condition.ORPHAN, reason=f"{excluded} is excluded" if excluded else "its stub is gone")
    if is_scratch(path) and tree.node(path) is Node.FILE:
        return Stray(path, None, gone)
    committed = read_path(tree, path)
    place = missing.get(committed.header.key, "") if isinstance(committed, Entry) else ""
    state = gone if committed is None or (excluded and isinstance(committed, Entry)) else judge(None, committed)
    return Stray(path, committed, state, place, excluded)


def _counts(tree: Tree, path: str) -> bool:
    names = list(_names_inside(path))
    if not names or names[0] in {paths.CACHE, paths.GITIGNORE} or "__pycache__" in names or names[-1] in _PYTEST:
        return False
    kind = tree.node(path)
    return kind is Node.LINK or (kind is not None and names[-1].endswith(".py"))


def _names_inside(path: str) -> Iterator[str]:
    _, _, inside = f"/{path}".partition(f"/{layout.STORE}/")
    yield from inside.split("/") if inside else ()
