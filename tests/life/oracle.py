"""Where every stub stands, from PRODUCT's words alone: an independent reading of the files, without a digest.

What is asked is read with `ast` as plain values. What was written is remembered by the seal of each file that the
machine wrote: what was asked when it did, and the code as it was generated. The state then is a comparison.
"""

import ast
import inspect
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

PARTS = ("signature", "docstring", "hints", "decorators", "context", "gates", "uses", "dependencies")
INTERFACE = PARTS[:3]
Parts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Unit:
    """A stub: its key, where its code belongs, and what is asked of it, by part."""

    key: str
    path: str
    parts: Parts
    name: str  # as its code defines it


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of a header: its lines, the stub, what was asked, the code as generated, what that leans on."""

    lines: tuple[str, ...]
    key: str
    parts: Parts
    generated: str
    leans: tuple[tuple[str, object], ...]


@dataclass(slots=True)
class Oracle:
    """Remembers what the machine wrote. ``root`` is the project's folder."""

    root: Path
    stamps: dict[str, Stamp] = field(default_factory=dict)  # by seal
    bodies: dict[str, str] = field(default_factory=dict)  # generated code by the header's own word for it

    def stored(self) -> dict[str, bytes]:
        """The store's files that count, by path."""
        found = sorted((self.root / ".jiti").rglob("*.py"))
        paths = (path for path in found if not {".cache", "__pycache__"} & set(path.parts))
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def states(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """State and changed parts of every stub, by path, and of what belongs to none."""
        units, stored = self.units(), self.stored()
        found = {unit.path: self._state(unit, stored.get(unit.path), units) for unit in units.values()}
        for path in stored.keys() - found.keys():
            found[path] = ("orphan" if self._intact(stored[path]) else "malformed", ())
        return found

    def is_by_hand(self, data: bytes) -> bool:
        """Whether a file in the store holds anything that the machine did not write."""
        stamp = self._intact(data)
        return stamp is None or normal(_code(data.decode())) != stamp.generated

    def note(self, before: Mapping[str, bytes]) -> None:
        """Remember what the machine wrote since the store was ``before``. Nothing else may have changed meanwhile."""
        units = {unit.path: unit for unit in self.units().values()}
        for path, data in self.stored().items():
            if data == before.get(path):
                continue
            text = data.decode()
            lines = _header(text)
            seal = lines[-1] if lines else ""
            assert seal.startswith("# seal: "), f"{path} was written without a header"
            unit = units[path]
            code = normal(_code(text))
            word = next(line for line in lines if line.startswith("# body: "))
            if word not in self.bodies:
                earlier = [
                    one for one in before.values() if self.is_by_hand(one) and normal(_code(one.decode())) == code
                ]
                assert not earlier, f"{path}: a hand edit is taken for generated code"
            generated = self.bodies.setdefault(word, code)
            leans = _leans(text, unit, self.units())
            self.stamps[seal] = Stamp(lines, unit.key, unit.parts, generated, leans)

    def units(self) -> dict[str, Unit]:
        """Every stub, by key."""
        gates: dict[tuple[str, str], list[object]] = {}
        for file in sorted((self.root / "tests").glob("*.py")):
            for place, gate in _gates(file.read_text()):
                gates.setdefault(place, []).append(gate)
        found: dict[str, Unit] = {}
        for file in sorted((self.root / "app").glob("*.py")):
            for name, parts in _module(file.read_text()):
                key, path = f"app.{file.stem}.{name}", f".jiti/app/{file.stem}/{name}.py"
                gated = sorted(gates.get((file.stem, name), []), key=str)
                found[key] = Unit(key, path, {**parts, "gates": gated}, name)
        return found

    def _state(self, unit: Unit, data: bytes | None, units: Mapping[str, Unit]) -> tuple[str, tuple[str, ...]]:
        if data is None:
            return "missing", ()
        stamp = self._intact(data)
        if stamp is None or stamp.key != unit.key:
            return "malformed", ()
        changed = tuple(part for part in PARTS[:-1] if stamp.parts[part] != unit.parts[part])
        if any(_interface(units.get(key)) != seen for key, seen in stamp.leans):
            changed += PARTS[-1:]
        if normal(_code(data.decode())) == stamp.generated:
            return ("stale" if changed else "current"), changed
        return ("conflict" if set(changed) & set(INTERFACE) else "edited"), changed

    def _intact(self, data: bytes) -> Stamp | None:
        """What is known of a file's header, if that is one the machine wrote, and the code below can be read."""
        text = data.decode()
        lines = _header(text)
        stamp = self.stamps.get(lines[-1]) if lines else None
        if stamp is None or stamp.lines != lines:
            return None
        name = stamp.key.split(".", 2)[2]
        return stamp if _defines(_code(text), name) else None


@lru_cache(maxsize=4096)
def normal(code: str) -> str:
    """Code without its layout: statements and comments."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return "\n".join([ast.dump(tree), *comments])


def _header(text: str) -> tuple[str, ...]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("# "):
            break
        lines.append(line.rstrip())
        if line.startswith("# seal: "):
            break
    return tuple(lines)


def _code(text: str) -> str:
    return "\n".join(text.splitlines()[len(_header(text)) :])


@lru_cache(maxsize=4096)
def _defines(code: str, name: str) -> bool:
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return False
    *owners, last = name.split(".")
    for owner in owners:
        body = next((one.body for one in body if isinstance(one, ast.ClassDef) and one.name == owner), [])
    return any(isinstance(one, ast.FunctionDef) and one.name == last for one in body)


def _stubs(tree: ast.Module) -> list[tuple[str, ast.FunctionDef, ast.ClassDef | None]]:
    found: list[tuple[str, ast.FunctionDef, ast.ClassDef | None]] = []
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = node if isinstance(node, ast.ClassDef) else None
        found += [
            (f"{owner.name}.{one.name}" if owner else one.name, one, owner)
            for one in inside
            if isinstance(one, ast.FunctionDef) and any(map(_is_ours, one.decorator_list))
        ]
    return found


def _is_ours(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith("jiti")


def _signature(node: ast.FunctionDef) -> object:
    return node.name, ast.dump(node.args), ast.unparse(node.returns) if node.returns else ""


def _docstring(node: ast.FunctionDef) -> object:
    return inspect.cleandoc(ast.get_docstring(node) or "")


def _hints(text: str, node: ast.FunctionDef) -> object:
    lines = text.splitlines()[node.body[0].lineno - 1 : node.end_lineno]
    return [line.strip() for line in lines if line.lstrip().startswith("#")]


def _used(node: ast.FunctionDef) -> list[str]:
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call) and _is_ours(one)]
    words = [word for call in calls for word in call.keywords if word.arg == "uses"]
    return [ast.unparse(one) for word in words if isinstance(word.value, ast.List) for one in word.value.elts]


def _use(name: str, stubs: Mapping[str, tuple[ast.FunctionDef, ast.ClassDef | None]]) -> object:
    node = stubs.get(name, (None, None))[0]
    return name, (_signature(node), _docstring(node)) if node else None


def _interface(unit: Unit | None) -> object:
    return (unit.parts["signature"], unit.parts["docstring"]) if unit else None


def _leans(text: str, unit: Unit, units: Mapping[str, Unit]) -> tuple[tuple[str, object], ...]:
    """Other stubs of the same module that the code names, unless `uses` lists them, with their interface now."""
    own = unit.key.rsplit(".", unit.name.count(".") + 1)[0]
    named = {one.id for one in ast.walk(ast.parse(_code(text))) if isinstance(one, ast.Name)}
    uses = {one[0] for one in unit.parts["uses"]}  # ty: ignore[not-iterable] the list that `units` made
    others = (one for one in units.values() if one.key.startswith(f"{own}.") and "." not in one.name)
    return tuple((one.key, _interface(one)) for one in others if one.name in named - uses and one.key != unit.key)


@lru_cache(maxsize=4096)
def _module(text: str) -> tuple[tuple[str, Parts], ...]:
    """The stubs of a module by name, with what their own file says of them."""
    stubs = {name: (node, owner) for name, node, owner in _stubs(ast.parse(text))}
    return tuple(
        (
            name,
            {
                "signature": _signature(node),
                "docstring": _docstring(node),
                "hints": _hints(text, node),
                "decorators": [ast.dump(one) for one in node.decorator_list if not _is_ours(one)],
                "context": [ast.dump(one) for one in owner.body if isinstance(one, ast.Assign)] if owner else [],
                "uses": [_use(one, stubs) for one in _used(node)],
            },
        )
        for name, (node, owner) in stubs.items()
    )


@lru_cache(maxsize=4096)
def _gates(text: str) -> tuple[tuple[tuple[str, str], object], ...]:
    """What gates each stub, by module and name: the test and all of its module that it reaches."""
    found: list[tuple[tuple[str, str], object]] = []
    tree = ast.parse(text)
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    origin = {
        name.name: one.module.removeprefix("app.")
        for one in tree.body
        if isinstance(one, ast.ImportFrom) and one.module and one.module.startswith("app.")
        for name in one.names
    }
    for test in functions.values():
        for target in _targets(test):
            module = origin.get(target.partition(".")[0])
            reached = {one.id for one in ast.walk(test) if isinstance(one, ast.Name)} & functions.keys()
            helpers = [ast.dump(functions[name]) for name in sorted(reached)]
            if module:
                found.append(((module, target), (test.name, ast.dump(test), helpers)))
    return tuple(found)


def _targets(test: ast.FunctionDef) -> list[str]:
    calls = [one for one in test.decorator_list if isinstance(one, ast.Call)]
    return [ast.unparse(one.args[0]) for one in calls if ast.unparse(one.func) == "jiti.required_for"]
