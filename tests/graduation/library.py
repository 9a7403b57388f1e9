"""Real code: functions of the standard library made into stubs whose committed code is what stood there, and merged.

The project, its store and the merge are real; the result has to be the file as it was.
"""

import ast
import contextlib
import io
import json
import shutil
import sysconfig
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.cli import main
from jiti_bot.graduation.anatomy import Anatomy, Definition
from jiti_bot.graduation.dissect import dissect
from jiti_bot.source.model import Spec
from jiti_bot.store.write import compose
from jiti_bot.workspace import open_workspace
from tests.repo import Repo, make

LIBRARY = Path(sysconfig.get_path("stdlib"))
_MARK = "from jiti import jiti\n"
Hosts = dict[str, tuple[Anatomy, list[Definition]]]  # files with what becomes a stub in them


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it: definitions by kind, files, and those that are not as they were, with the reason.

    ``refused`` is what jiti takes for no stub, with its reason.
    """

    kinds: Counter[str]
    files: int
    identical: int
    problems: tuple[str, ...]
    refused: tuple[str, ...] = ()


def modules() -> list[str]:
    """Every module of the library that people read: neither tests nor tables, nor what has the name of no project's."""
    skipped = {
        "test",
        "tests",
        "idlelib",
        "lib2to3",
        "encodings",
        "site-packages",
        "ensurepip",
        "turtledemo",
        "pydoc_data",
        "venv",  # where projects have their environments: nobody looks for stubs there
    }
    return [
        path.relative_to(LIBRARY).as_posix()
        for path in sorted(LIBRARY.rglob("*.py"))
        if skipped.isdisjoint(path.relative_to(LIBRARY).parts) and not path.name.startswith("_sysconfigdata")
    ]


def alone(names: Sequence[str]) -> Report:
    """`check` in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        try:
            return check(make(Path(folder), git=False), names)
        except Exception:  # noqa: BLE001 - a report of all is worth more than the first traceback
            return Report(Counter(), 0, 0, (f"{', '.join(names)}: {traceback.format_exc()}",))


def check(repo: Repo, names: Sequence[str]) -> Report:
    """Make stubs of everything in ``names``, files of the library, merge all of it, and compare."""
    originals: dict[str, str] = {}
    hosts: Hosts = {}
    repo.write("pyproject.toml", '[project]\nname = "library"\nversion = "1"\n')
    for name in names:
        text = (LIBRARY / name).read_bytes().decode()
        anatomy = dissect(text)
        chosen = _chosen(anatomy, text)
        if chosen:
            originals[name], hosts[name] = text, (anatomy, chosen)
    kinds, refused, code = _merged(repo, hosts)
    told = dict(refused)
    while refused:  # a rule of jiti's: what is no stub to it stays as it is in the library
        for name, (anatomy, chosen) in hosts.items():
            hosts[name] = anatomy, [one for one in chosen if _key(name, one) not in refused]
        kinds, refused, code = _merged(repo, hosts)
        told |= refused
    problems = [] if code == 0 else [f"merge ended with {code}"]
    identical = 0
    for name, text in originals.items():
        merged = (repo.path / name).read_bytes().decode()
        identical += merged == text
        problems += _differences(name, text, merged, hosts[name][1])
    return Report(kinds, len(originals), identical, tuple(problems), tuple(f"{key}: {told[key]}" for key in told))


def _merged(repo: Repo, hosts: Hosts) -> tuple[Counter[str], dict[str, str], int]:
    """Write the files with stubs, commit what stood there, and merge: kinds, what is refused and why, exit code."""
    shutil.rmtree(repo.path / ".jiti", ignore_errors=True)
    for name, (anatomy, chosen) in hosts.items():
        repo.write(name, _with_stubs(anatomy, chosen) if chosen else "".join(anatomy.lines))
    kinds = Counter(kind for _, _, kind in _commit(repo, hosts))
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main(["-C", str(repo.path), "merge", "--all", "--json"])
    refused = json.loads(out.getvalue() or '{"refused": []}')["refused"]
    return kinds, {one["key"]: one["reason"] for one in refused}, code


def _key(name: str, one: Definition) -> str:
    return ".".join((*name.removesuffix(".py").removesuffix("/__init__").split("/"), *one.owners, one.name))


def _chosen(anatomy: Anatomy, text: str) -> list[Definition]:
    """Definitions that can be stubs: with a body, each the only one of its name in its class or module."""
    if "jiti" in text:
        return []
    nodes = {
        node.lineno: node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    counts = Counter((one.owners, one.name) for one in anatomy.definitions)
    classes = Counter[tuple[str, ...]]((*one.owners, one.name) for one in anatomy.definitions if one.is_class)
    found = []
    for one in anatomy.definitions:
        node = nodes.get(one.keyword)
        if node is None or one.is_class or counts[one.owners, one.name] > 1 or one.cut[0] > one.last:
            continue
        if any(classes[one.owners[: n + 1]] > 1 for n in range(len(one.owners))) or _is_odd(one, node, anatomy):
            continue
        found.append(one)
    return found


def _is_odd(one: Definition, node: ast.FunctionDef | ast.AsyncFunctionDef, anatomy: Anatomy) -> bool:
    """What has no room for a stub, or whose body is one already."""
    last = anatomy.lines[one.last - 1]
    body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    first = body[0] if body else None
    is_stub = first is None or isinstance(first, ast.Pass | ast.Raise)
    shares = anatomy.lines[one.keyword - 1].lstrip().startswith("@") or one.cut[1] != 0
    own = len(anatomy.lines[one.keyword - 1]) - len(anatomy.lines[one.keyword - 1].lstrip())
    return is_stub or shares or not last.endswith("\n") or own != 4 * len(one.owners)


def _with_stubs(anatomy: Anatomy, chosen: Sequence[Definition]) -> str:
    lines = list(anatomy.lines)
    for one in sorted(chosen, key=lambda one: -one.keyword):
        line = one.cut[0]
        lines[line - 1 : one.last] = [f"{one.indent}...\n"]
        margin = lines[one.keyword - 1][: len(lines[one.keyword - 1]) - len(lines[one.keyword - 1].lstrip())]
        lines.insert(one.keyword - 1, f"{margin}@jiti\n")
    lines.insert(anatomy.imports_after, _MARK)
    return "".join(lines)


def _unit(anatomy: Anatomy, one: Definition) -> str:
    skeleton = [f"{'    ' * depth}class {name}:\n" for depth, name in enumerate(one.owners)]
    return "".join([*skeleton, *anatomy.lines[one.keyword - 1 : one.last]])


def _commit(repo: Repo, hosts: Hosts) -> Iterator[tuple[str, str, str]]:
    """Commit what stood there for every stub; file, unit and kind of each."""
    workspace = open_workspace(str(repo.path), repo.env)
    index = workspace.index(workspace.work_tree())
    for spec in index.specs():
        anatomy, chosen = hosts[spec.stub.file]
        (one,) = [one for one in chosen if (one.owners, one.name) == (spec.stub.owners, spec.stub.name)]
        text = compose(spec.key, spec.digests, _unit(anatomy, one), model="claude-sonnet-5-5", evidence="ruff ty")
        repo.write(spec.path, text)  # past the store's door, which would flush a thousand files to the disk
        yield spec.stub.file, spec.stub.unit, _kind(spec)


def _kind(spec: Spec) -> str:
    kind = "async " if spec.stub.is_async else ""
    return f"{kind}{spec.stub.role or spec.stub.kind}{' with decorators' if spec.stub.decorators else ''}"


def _differences(name: str, text: str, merged: str, chosen: Sequence[Definition]) -> Iterator[str]:
    if ast.dump(ast.parse(text)) != ast.dump(ast.parse(merged)):
        yield f"{name}: another syntax tree"
    if _outside(text, chosen) != _outside(
        merged, [one for one in dissect(merged).definitions if _is_among(one, chosen)]
    ):
        yield f"{name}: something else changed, too"


def _is_among(one: Definition, chosen: Sequence[Definition]) -> bool:
    return any((one.owners, one.name, one.is_class) == (other.owners, other.name, False) for other in chosen)


def _outside(text: str, chosen: Sequence[Definition]) -> str:
    """The text without the bodies that were replaced."""
    inside = {number for one in chosen for number in range(one.cut[0], one.last + 1)}
    return "".join(line for number, line in enumerate(text.splitlines(keepends=True), 1) if number not in inside)
