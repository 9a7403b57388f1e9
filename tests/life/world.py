"""A small project in a real git repository, and what people do to it."""

import itertools
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.life import source
from tests.life.source import BOX, SIGNATURES, Asked, Gate, Gates, Host
from tests.life.steps import Edit, Hand, Repository
from tests.repo import environment

PYPROJECT = """[project]
name = "app"
version = "1"
requires-python = ">=3.11"

[tool.jiti]
max_turns = 3
"""
# As few as there can be: what commands take grows with the files, and there are many commands.
FIRST = Host((Asked("a"), Asked("b")), (Asked("put"),))
FIRST_GATES = Gates("one", (Gate("a", 0, 3), Gate("Box.put", 0, 4)))
BRANCHES = ("main", "side", "other")


def template(folder: Path, settings: str = "") -> Path:
    """A repository to copy: nothing generated, one commit."""
    path = folder / "template"
    hooks = folder / "no-hooks"
    hooks.mkdir(parents=True)
    for name in ("app", "tests"):
        (path / name).mkdir(parents=True)
    (path / "app/__init__.py").write_text("")
    (path / "pyproject.toml").write_text(PYPROJECT + settings)
    (path / ".gitignore").write_text("__pycache__/\n")
    (path / "app/one.py").write_text(FIRST.render())
    (path / "tests/test_one.py").write_text(FIRST_GATES.render())
    world = World(path, environment(folder))
    world.git("init", "-q", "-b", "main", f"--template={hooks}")
    world.git("config", "gc.auto", "0")
    world.commit()
    return path


@dataclass(slots=True)
class World:
    """A project's folder. ``number`` makes what people write different each time."""

    path: Path
    env: dict[str, str]
    number: int = 0

    @classmethod
    def copy(cls, template: Path, path: Path) -> "World":
        """A project of its own."""
        shutil.copytree(template, path)
        return cls(path, environment(path.parent))

    def git(self, *args: str, fine: tuple[int, ...] = (0,)) -> int:
        """Run git; its exit code has to be one of ``fine``."""
        done = subprocess.run(("git", *args), cwd=self.path, env=self.env, capture_output=True, check=False)
        assert done.returncode in fine, (args, done.stdout, done.stderr)
        return done.returncode

    def commit(self) -> None:
        """Commit everything, whatever there is."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "Change")

    def stored(self) -> list[Path]:
        """The committed files that are there."""
        found = sorted((self.path / ".jiti").rglob("*.py"))
        return [path for path in found if not {".cache", "__pycache__"} & set(path.parts)]

    def keys(self) -> list[str]:
        """The stubs, by key."""
        return [f"app.{name}.{unit}" for name in self.modules() for unit in self.host(name).names]

    def modules(self) -> list[str]:
        """The modules that hold stubs and read as they were written."""
        names = sorted(path.stem for path in (self.path / "app").glob("*.py") if path.stem != "__init__")
        return [name for name in names if source.read_host(self._text(f"app/{name}.py"))]

    def host(self, name: str) -> Host:
        """A module as it stands."""
        return source.read_host(self._text(f"app/{name}.py")) or Host()

    def gates(self, name: str) -> Gates:
        """The tests of a module as they stand."""
        text = self._text(f"tests/test_{name}.py")
        return (source.read_gates(text) if text else None) or Gates(name)

    def wanted(self, key: str) -> int:
        """The K that the gates of a stub ask for; any where there are none."""
        _, module, unit = key.split(".", 2)
        found = [gate.wanted for gate in self.gates(module).gates if gate.target == unit]
        return found[0] if found else 7

    def is_feasible(self) -> bool:
        """Whether there are bodies that pass: after a merge gates may contradict each other or lead nowhere."""
        for module in self.modules():
            wanted: dict[str, set[int]] = {}
            for gate in self.gates(module).gates:
                wanted.setdefault(gate.target, set()).add(gate.wanted)
            host, above = self.host(module), set[str]()
            for one in (*host.stubs, *host.methods):
                if one.uses and one.uses not in above:
                    return False  # it is bound only below: the module cannot be imported
                above.add(one.name)
            if not wanted.keys() <= set(host.names) or any(len(each) > 1 for each in wanted.values()):
                return False
        return True

    def answer(self, key: str, *, leaning: bool = False) -> str:
        """A right body; with ``leaning`` one that calls another function of the module."""
        _, module, unit = key.split(".", 2)
        host = self.host(module)
        own = next((one for one in (*host.stubs, *host.methods) if one.name == unit.rpartition(".")[2]), None)
        others = [one.name for one in host.stubs if one.name != unit]
        used = own.uses if own and own.uses else others[0] if leaning and others else ""
        return f"return {used}(x) * 0 + x + {self.wanted(key)}" if used else f"return x + {self.wanted(key)}"

    def edit(self, step: Edit) -> bool:
        """Do what a person does to the source; whether there was anything to do it to."""
        self.number += 1
        units = [(name, unit) for name in self.modules() for unit in self.host(name).names]
        if not units:
            return False
        module, unit = units[step.at % len(units)]
        if step.what == "module":
            return self._move(module)
        host, gates = self.host(module), self.gates(module)
        changed = _GATES[step.what](gates, unit, step.value, self.number) if step.what in _GATES else None
        if changed is not None:
            return self._write(f"tests/test_{module}.py", changed.render())
        if step.what == "rename":
            gates = source.renamed(gates, unit, f"{unit.rpartition('.')[0]}.s{self.number}".lstrip("."))
            self._write(f"tests/test_{module}.py", gates.render())
        if step.what == "remove":
            left = tuple(one for one in gates.gates if one.target != unit)
            self._write(f"tests/test_{module}.py", replace(gates, gates=left).render())
        return self._write(f"app/{module}.py", _edited(host, unit, step, self.number).render())

    def hand(self, step: Hand) -> bool:
        """Change a committed file by hand."""
        self.number += 1
        files = self.stored()
        if not files:
            return False
        path = files[step.at % len(files)]
        text = path.read_text()
        if step.what == "delete":
            path.unlink()
            return True
        path.write_text(_HANDS[step.what](text, self.number))
        return path.read_text() != text

    def repository(self, step: Repository) -> bool:
        """Let git do something; conflicts are settled at once, one way or another."""
        if step.what == "commit":
            self.commit()
            return True
        self.commit()
        here, others = self._branches()
        branch = others[step.value % len(others)] if others else ""
        match step.what if others else "branch":
            case "branch" if len(others) + 1 < len(BRANCHES):
                self.git("checkout", "-q", "-b", next(name for name in BRANCHES if name not in {here, *others}))
            case "checkout" | "branch":
                self.git("checkout", "-q", branch)
            case "merge":
                if self.git("merge", "-q", "--no-edit", branch, fine=(0, 1)):
                    self._settle(step.value // 2)
            case _:
                if self.git("revert", "--no-edit", "HEAD", fine=(0, 1, 128)):
                    self._settle(step.value // 2)
        return True

    def _branches(self) -> tuple[str, list[str]]:
        """The branch that is checked out, and the others."""
        here = (self.path / ".git/HEAD").read_text().strip().rpartition("/")[2]
        names = sorted(path.name for path in (self.path / ".git/refs/heads").iterdir())
        return here, [name for name in names if name != here]

    def _settle(self, how: int) -> None:
        """Settle each conflict by one side; in the store now and then not at all, which people do too."""
        listed = subprocess.run(
            ("git", "diff", "--name-only", "--diff-filter=U"),
            cwd=self.path,
            env=self.env,
            capture_output=True,
            check=True,
        )
        for number, name in enumerate(listed.stdout.decode().splitlines()):
            side = ("--ours", "--theirs")[(how + number * (how & 1)) % 2]
            if name.startswith(".jiti/") and how == 3 and (self.path / name).exists():
                continue
            if self.git("checkout", side, "--", name, fine=(0, 1)):  # deleted on that side
                self.git("rm", "-q", "-f", "--", name)
        for name in ("app", "tests"):  # what reads as nobody wrote it is what was there before
            for path in (self.path / name).glob("*.py"):
                read = source.read_host if name == "app" else source.read_gates
                if path.stem != "__init__" and read(path.read_text()) is None:
                    self.git("checkout", "HEAD", "--", f"{name}/{path.name}", fine=(0, 1))
        self.commit()

    def _move(self, module: str) -> bool:
        """Rename a module, with its tests."""
        new = f"m{self.number}"
        gates = replace(self.gates(module), module=new)
        (self.path / f"app/{module}.py").rename(self.path / f"app/{new}.py")
        if (self.path / f"tests/test_{module}.py").exists():
            (self.path / f"tests/test_{module}.py").rename(self.path / f"tests/test_{new}.py")
        return self._write(f"tests/test_{new}.py", gates.render())

    def _text(self, name: str) -> str:
        path = self.path / name
        return path.read_text() if path.exists() else ""

    def _write(self, name: str, text: str) -> bool:
        changed = self._text(name) != text
        (self.path / name).write_text(text)
        return changed


def _edited(host: Host, unit: str, step: Edit, number: int) -> Host:
    """A host after an edit of the stub ``unit``."""
    own = unit.rpartition(".")[2]
    name = "methods" if unit.startswith(f"{BOX}.") else "stubs"
    among: tuple[Asked, ...] = getattr(host, name)
    match step.what:
        case "context":
            return replace(host, base=number)
        case "reorder":
            return replace(host, **{name: (*among[1:], among[0])})
        case "add":
            return replace(host, **{name: (*among, Asked(f"s{number}", words=step.value))})
        case "remove":
            left = tuple(one for one in among if one.name != own)
            return _without(replace(host, **{name: left}), own)
        case "rename":
            renamed = tuple(replace(one, name=f"s{number}") if one.name == own else one for one in among)
            return _without(replace(host, **{name: renamed}), own)
    others = list(itertools.takewhile(lambda name: name != own, (one.name for one in host.stubs)))
    return replace(
        host,
        **{
            name: tuple(replace(one, **_change(one, step, number, others)) if one.name == own else one for one in among)
        },
    )


def _without(host: Host, gone: str) -> Host:
    """Nobody uses what is gone."""
    return replace(
        host,
        stubs=tuple(_forget(one, gone) for one in host.stubs),
        methods=tuple(_forget(one, gone) for one in host.methods),
    )


def _forget(one: Asked, gone: str) -> Asked:
    return replace(one, uses="") if one.uses == gone else one


def _change(one: Asked, step: Edit, number: int, others: list[str]) -> dict[str, object]:
    """What an edit makes of a stub's field: always something else."""
    match step.what:
        case "signature":
            return {"signature": (one.signature + 1 + step.value % 3) % len(SIGNATURES)}
        case "words":
            return {"words": number}
        case "hint":
            return {"hint": 0 if one.hint and step.value & 1 else number}
        case "cached":
            return {"cached": not one.cached}
        case "layout":
            return {"layout": (one.layout + 1 + step.value % 3) % 4}
        case _:
            left = [name for name in ("", *others) if name != one.uses]
            return {"uses": left[step.value % len(left)] if left else ""}


def _with(gates: Gates, unit: str, **change: object) -> Gates:
    return replace(gates, gates=tuple(replace(one, **change) if one.target == unit else one for one in gates.gates))


_GATES: dict[str, Callable[[Gates, str, int, int], Gates]] = {
    "gate": lambda gates, unit, value, number: replace(
        gates,
        gates=(*gates.gates, Gate(unit, number, next((g.wanted for g in gates.gates if g.target == unit), value))),
    ),
    "wanted": lambda gates, unit, _, number: _with(gates, unit, wanted=number),
    "worded": lambda gates, unit, _, number: _with(gates, unit, worded=number),
    "ungate": lambda gates, unit, _, __: replace(gates, gates=tuple(g for g in gates.gates if g.target != unit)),
    "helper": lambda gates, _, __, number: replace(gates, helper=number),
}


def _statement(text: str, more: str) -> str:
    return text.replace("return x", f"return {more} + x", 1) if "return x" in text else f"{text}# {more}\n"


_HANDS: dict[str, Callable[[str, int], str]] = {
    "comment": lambda text, number: f"{text}# by hand {number}\n",
    "statement": lambda text, number: _statement(text, f"{number} - {number}"),
    "breaks": lambda text, number: _statement(text, f"{number}"),
    "layout": lambda text, _: text.replace(" + ", "  +   ").replace('"""', "'''") + "\n\n",
    "header": lambda text, number: text.replace("# evidence: ", f"# evidence: by-hand-{number} ", 1),
    "nonsense": lambda text, number: f"{text}this is no Python {number}\n",
}
