"""Docstring examples as pytest items: run by doctest in the host's namespace, with the host's own line numbers."""

import ast
import doctest
import importlib
import os
import sys
import tokenize
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jiti_bot.source.placeholder import is_placeholder_body

_MACHINERY = ("/_pytest/", "/pluggy/", "importlib", "/jiti_bot/")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class ExampleFailedError(Exception):
    """An example went wrong; the text says which and how."""


class ExampleItem(pytest.Item):
    """The examples of one unit's docstring."""

    def __init__(self, *, unit: str, file: Path, skip: tuple[int, ...], **rest: Any) -> None:
        super().__init__(**rest)
        self.unit = unit
        self.file = file
        self.skip = skip
        self.module: ModuleType | None = None

    def setup(self) -> None:
        """Import the host: where that fails, no body can help."""
        self.module = import_host(self.file, self.config)

    def runtest(self) -> None:
        """Run the examples."""
        module = self.module
        assert module is not None, "it is set up first"
        examples, start = self._examples()
        if not examples:
            raise ExampleFailedError(f"{self.file}: the docstring of {self.unit} holds no example that can run")
        test = doctest.DocTest(examples, dict(vars(module)), self.unit, str(self.file), start, None)
        told: list[str] = []
        runner = doctest.DocTestRunner(verbose=False, optionflags=_flags(self.config))
        runner.run(test, out=told.append, clear_globs=False)
        if runner.summarize(verbose=False).failed:
            raise ExampleFailedError("".join(told).strip())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Doctest's own words for a failed example, pytest's for the rest."""
        if isinstance(excinfo.value, ExampleFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def _traceback_filter(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        """What is the project's own of a traceback: pytest asks for it under this name."""
        own = excinfo.traceback.filter(lambda entry: not any(part in str(entry.path) for part in _MACHINERY))
        return own or excinfo.traceback

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        return self.file, None, f"doctest {self.unit}"

    def _examples(self) -> tuple[list[doctest.Example], int]:
        with tokenize.open(self.file) as source:  # by its own coding cookie
            docstring, line = find_docstring(source.read(), self.unit)
        found = doctest.DocTestParser().get_examples(docstring, str(self.file))
        return [example for example in found if example.lineno + line not in self.skip], line - 1


def find_docstring(source: str, unit: str) -> tuple[str, int]:
    """The docstring of ``unit`` as written, and its first line (1-based); empty where there is none.

    Of definitions of that name in several branches the stub is meant, else the last.
    """
    parts = unit.split(".")
    role = parts.pop() if len(parts) > 2 and parts[-1] in {"setter", "deleter"} else ""
    body: list[ast.stmt] = ast.parse(source).body
    node: ast.stmt | None = None
    for part in parts:
        named = [one for one in _definitions(body) if one.name == part]
        chosen = [one for one in named if _role(one) == role] or named
        if not chosen:
            return "", 1
        named = [one for one in chosen if _is_stub(one)] or chosen
        node = named[-1]
        body = named[-1].body
    first = body[0] if node is not None and body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value.value, first.lineno
    return "", 1


def import_host(file: Path, config: pytest.Config) -> ModuleType:
    """The module that ``file`` is: the one imported already, else found by `sys.path`, else as pytest imports tests."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) and _same(str(module.__file__), file):
            return module
    for entry in sys.path:
        try:
            relative = file.relative_to(Path(entry or ".").resolve())
        except ValueError:
            continue
        names = [*relative.parts[:-1], *([relative.stem] if relative.stem != "__init__" else [])]
        if not names or not all(name.isidentifier() for name in names) or _outside_package(file, len(names)):
            continue
        module = importlib.import_module(".".join(names))
        if getattr(module, "__file__", None) and _same(str(module.__file__), file):
            return module
    return _import_as_test(file, config)


def _import_as_test(file: Path, config: pytest.Config) -> ModuleType:
    from _pytest.pathlib import import_path

    known: dict[str, Any] = {"mode": config.getoption("importmode"), "root": config.rootpath}
    if "consider_namespace_packages" in (import_path.__kwdefaults__ or import_path.__annotations__):
        known["consider_namespace_packages"] = False
    return import_path(file, **known)


def _outside_package(file: Path, depth: int) -> bool:
    """Whether the folder that the name would start from is itself a package: the name would be too short."""
    steps = depth if file.stem != "__init__" else depth + 1
    return (file.parents[steps - 1] / "__init__.py").exists()


def _same(path: str, file: Path) -> bool:
    """Whether both lead to the same place; the inode, which is quickly asked for, has to be the same first."""
    try:
        return os.path.samefile(path, file) and Path(path).resolve() == file.resolve()
    except (OSError, ValueError):
        return False


def _definitions(body: list[ast.stmt]) -> list[Any]:
    """Definitions in a block, those under ``if``, ``try``, ``match`` and the like included."""
    found: list[Any] = []
    for statement in body:
        if isinstance(statement, _DEFINITIONS):
            found.append(statement)
            continue
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.stmt):
                found += _definitions([child])
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                found += _definitions(child.body)
    return found


def _is_stub(node: Any) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_placeholder_body(node)


def _role(node: Any) -> str:
    attributes = [one for one in node.decorator_list if isinstance(one, ast.Attribute)]
    return next((one.attr for one in attributes if one.attr in {"setter", "deleter"}), "")


def _flags(config: pytest.Config) -> int:
    flags = 0
    try:
        names: list[str] = config.getini("doctest_optionflags")
    except (ValueError, KeyError):  # the doctest plugin is switched off
        return flags
    for name in names:
        flags |= doctest.OPTIONFLAGS_BY_NAME.get(name, 0)
    return flags


def make_items(session: pytest.Session, root: str, wanted: list[Mapping[str, Any]]) -> list[pytest.Item]:
    """An item for each of ``wanted`` (`jobs.Examples` as mappings)."""
    return [
        ExampleItem.from_parent(
            session,
            name=f"{one['unit']}::doctest",
            nodeid=f"{one['file']}::{one['unit']}::doctest",
            unit=one["unit"],
            file=Path(root) / one["file"],
            skip=tuple(one["skip"]),
        )
        for one in wanted
    ]
