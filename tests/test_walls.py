"""The walls of the house, held by reading every import: a shortcut fails here and not in a year."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.repo import ROOT

PACKAGE = ROOT / "jiti_bot"

# A room imports only rooms above it. A room is a module or package of `jiti_bot`; those of the runtime count as one.
ROOMS = (
    "light", "errors", "values", "findings", "layout", "runtime", "lines", "globs", "settings", "process", "records",
    "listing", "blobs", "git", "past", "disk", "known", "folders", "staging", "partial", "speaking", "sought",
    "trees", "sparse", "sound", "places", "source", "homes", "store", "workspace", "pytest_plugin", "planning",
    "audit", "graduation", "validation", "agent", "loopback", "forge", "pipeline", "stages", "templates", "setup",
    "doctor", "commands", "demo", "cli", "__main__",
)  # fmt: skip
RUNTIME = frozenset(
    "__init__ bodies bytecode classes dispatch engine loader observe outcomes redact".split()  # noqa: SIM905 - a list
    + "runtime shown transform unit".split()  # noqa: SIM905 - the same
)

# Imports inside of functions that go the other way, each with its reason.
LAZILY_BELOW = {("commands.demo", "demo"): "a verb opens the room that plays it"}

# Libraries that are heavy or not part of a plain install, and the modules or packages that are their doors. They are
# imported in functions; a door that is itself imported only where the library is wanted may do so at its top.
DOORS: dict[str, tuple[str, ...]] = {
    "anthropic": ("agent.client",),
    "httpx2": ("agent.client",),
    "genai_prices": ("agent.prices",),
    "libcst": ("graduation.dissect", "graduation.remade", "graduation.rename"),
    "github": ("forge.hub",),
    "requests": ("forge.hub",),
    "rich": ("commands.progress", "demo.screen"),
    "ruamel": ("setup.yaml",),
    "pytest": ("validation.worker", "pytest_plugin"),
    "_pytest": ("transform", "validation.worker"),
    "subprocess": ("process", "validation.handle"),  # the latter for the name of an exception
    "multiprocessing": (),
}
AT_THE_TOP = ("demo.screen", "validation.worker", "pytest_plugin")  # the last two live in pytest's own process
POSIX_DOORS = {
    "os.system": (),
    "os.popen": (),
    "os.posix_spawn": ("process",),
    "os.execv": (),
    "os.execve": (),
    "os.execvp": (),
}
# Each takes a hook a millisecond or more.
DEAR = frozenset(
    [
        "argparse",
        "ast",
        "collections",
        "contextlib",
        "dataclasses",
        "enum",
        "functools",
        "inspect",
        "json",
        "pathlib",
        "re",
        "subprocess",
        "tomllib",
        "typing",
    ]
)
# What a check and the runtime must not load: by an import of theirs, however indirect.
HEAVY = frozenset(
    {
        "anthropic",
        "libcst",
        "github",
        "rich",
        "pytest",
        "ruff",
        "tomllib",
        "pathlib",
        "asyncio",
        "dataclasses",
        "inspect",
    }
)


@dataclass(frozen=True, slots=True)
class Import:
    """One import: who, what, where, and whether it happens when the module is loaded."""

    module: str
    target: str
    line: int
    eager: bool
    typing: bool

    def __str__(self) -> str:
        return f"jiti_bot/{self.module.replace('.', '/')}.py:{self.line}: imports {self.target}"


def modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        yield name, ast.parse(file.read_bytes())


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for name, tree in modules() for found in _imports(name, tree.body, eager=True, typing=False))


def _imports(name: str, body: list[ast.stmt], *, eager: bool, typing: bool) -> Iterator[Import]:
    for node in body:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(name, alias.name, node.lineno, eager, typing)
            case ast.ImportFrom(module=module, names=names):
                for alias in names if module == "jiti_bot" else names[:1]:
                    target = f"jiti_bot.{alias.name}" if module == "jiti_bot" else module or ""
                    yield Import(name, target, node.lineno, eager, typing)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from _imports(name, node.body, eager=eager, typing=True)
                yield from _imports(name, node.orelse, eager=eager, typing=typing)
            case _:
                inner = eager and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                for field in ("body", "orelse", "finalbody"):
                    yield from _imports(name, getattr(node, field, []), eager=inner, typing=typing)
                for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                    yield from _imports(name, handler.body, eager=inner, typing=typing)


def room(module: str) -> str:
    first = module.removeprefix("jiti_bot").removeprefix(".").split(".")[0] or "__init__"
    return "runtime" if first in RUNTIME else first


def test_every_module_has_a_room() -> None:
    assert {room(name) for name, _ in modules()} <= set(ROOMS)


def test_a_room_imports_only_rooms_above_it() -> None:
    wrong = [
        str(item)
        for item in imports()
        if item.target.split(".")[0] == "jiti_bot"
        and ROOMS.index(room(item.target)) > ROOMS.index(room(item.module))
        and not (not item.eager and (item.module, room(item.target)) in LAZILY_BELOW)
    ]
    assert wrong == []


def test_libraries_are_imported_in_their_doors_only() -> None:
    wrong = [
        str(item)
        for item in imports()
        if not item.typing and (library := item.target.split(".")[0]) in DOORS
        and not (_is_in(item.module, DOORS[library]) and (_is_in(item.module, AT_THE_TOP) or not item.eager))
    ]  # fmt: skip
    assert wrong == []


def _is_in(module: str, doors: tuple[str, ...]) -> bool:
    return any(module == door or module.startswith(f"{door}.") for door in doors)


def test_other_packages_are_not_imported_at_all() -> None:
    known = {*sys.stdlib_module_names, *DOORS, "jiti_bot", "_typeshed"}
    assert [str(item) for item in imports() if item.target.split(".")[0] not in known] == []


@pytest.mark.parametrize("call", POSIX_DOORS)
def test_other_ways_to_start_programs_have_their_door(call: str) -> None:
    owner, name = call.split(".")
    users = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == owner
    }
    assert users <= set(POSIX_DOORS[call])


def test_git_is_started_by_its_door_only() -> None:
    starters = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.List | ast.Tuple) and node.elts
        and isinstance(node.elts[0], ast.Constant) and node.elts[0].value == "git" and len(node.elts) > 1
        and not all(isinstance(item, ast.Constant) and item.value in {"git", "ruff", "ty"} for item in node.elts)
    }  # fmt: skip
    assert starters <= {"git", "demo.scratch"}  # the demo makes a repository, which our door never does


@pytest.mark.parametrize(
    "code",
    [
        "import jiti_bot",
        "import jiti_bot.cli, jiti_bot.commands.check, jiti_bot.commands.judge, jiti_bot.audit, jiti_bot.source.index",
    ],
    ids=["the runtime", "the check"],
)
def test_what_must_be_light_loads_nothing_heavy(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; before = set(sys.modules); {code}; print(*(set(sys.modules) - before))"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded & HEAVY == set()
    assert loaded <= {*sys.stdlib_module_names, "jiti_bot"}


def test_the_hook_pays_for_no_part_of_the_standard_library_that_it_can_do_without() -> None:
    names = "cli, commands.check, commands.judge, audit, homes, source.index".split(", ")  # noqa: SIM905 - a list
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {', '.join(f'jiti_bot.{name}' for name in names)}"
    # Without `site`: what that has loaded here, it may not have loaded elsewhere.
    command = [sys.executable, "-I", "-S", "-c", f"{code}; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert DEAR.isdisjoint(done.stdout.split())


def test_files_and_functions_stay_small() -> None:
    long_files = {name: count for name, count in _lines() if count > 350}
    long_functions = [
        f"{module}.{node.name}"
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 55
    ]
    assert (long_files, long_functions) == ({}, [])


def _lines() -> Iterator[tuple[str, int]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield str(Path(file).relative_to(ROOT)), file.read_bytes().count(b"\n")
