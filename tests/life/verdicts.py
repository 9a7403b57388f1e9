"""Verdicts at validation's door: what a bench would say of this small project, without sandbox, ruff, ty and pytest.

Drafts, guards, the order of judging and joint verdicts are the real bench's. Only who runs the gates is replaced: the
few lines of a gate are executed here, on the committed and staged texts, so that a verdict is a function of them.
"""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from jiti_bot.source.compose import compose
from jiti_bot.source.model import Spec
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import bench, report, strength
from jiti_bot.validation.model import Accepted, Candidate, Check, Flag, Refused, Verdict, Waits
from jiti_bot.validation.project import Project
from tests.life.source import BOX


class MissingError(Exception):
    """A stub without an implementation was called."""


class Bench(bench.Bench):
    """The real one, with gates run in this process."""

    def __init__(self, project: Project, **options: Any) -> None:
        super().__init__(project, **options)
        self.__dict__["workbench"] = SimpleNamespace(shield="verdicts are replayed", expect_proofs=lambda: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def draft(self, candidate: Candidate, staged: Mapping[str, str] = bench.NOTHING, beside: Any = ()) -> Any:
        """What would be committed; ruff does not tidy it."""
        problems = self._drafting.guard(candidate, staged, beside).problems
        check = Check("guards", not problems, report.problems(problems))
        if problems:
            return Refused((check,), report.report([check]))
        return Accepted(compose(candidate.spec.stub, candidate.bodies, candidate.helpers), "", (check,))

    def examine(self, spec: Spec, tried: Accepted, staged: Mapping[str, str]) -> Verdict:
        """Run the gates."""
        return judge(self.project.root, self.specs, spec, tried, {**staged, spec.path: tried.text})

    def prove(self, accepted: Mapping[str, tuple[Spec, Accepted]]) -> Mapping[str, Verdict]:
        """Run them once more, with everything in place."""
        staged = {spec.path: one.text for spec, one in accepted.values()}
        return {key: self.examine(spec, one, staged) for key, (spec, one) in accepted.items()}

    def try_mutants(
        self, spec: Spec, accepted: Accepted, staged: Mapping[str, str] = bench.NOTHING
    ) -> strength.Strength:
        """None are tried."""
        return strength.Strength()

    def red(self, spec: Spec) -> tuple[Flag, ...]:
        """Nothing is found out beforehand."""
        return ()


def judge(root: Path, specs: Mapping[str, Spec], spec: Spec, tried: Accepted, staged: Mapping[str, str]) -> Verdict:
    """The verdict on a text, by the gates of its stub."""
    guards = Check("guards", ok=True)
    named = {node.id for node in ast.walk(syntax_tree(tried.text)) if isinstance(node, ast.Name)}
    for use in spec.uses:
        if use.spelled not in named:
            unused = Check("uses", ok=False, detail=f"{use.spelled} is not used")
            return Refused((guards, unused), unused.detail)
    try:
        names = namespace(root, specs, staged)
        for gate in spec.gates:
            _run(root / gate.file, gate.name, dict(names))
    except MissingError as error:
        key = str(error)
        return Waits((key,), (guards,), f"its tests call {key}", {spec.key: tried})
    except Exception as error:  # noqa: BLE001 - whatever a gate or a body raises is a gate that failed
        failed = Check("gates", ok=False, detail=f"{type(error).__name__}: {error}")
        return Refused((guards, failed), failed.detail)
    return Accepted(tried.text, tried.tests, (guards, Check("gates", ok=True)))


def namespace(root: Path, specs: Mapping[str, Spec], staged: Mapping[str, str]) -> dict[str, Any]:
    """Every implementation by its name, which is unique in this project; methods on one class."""
    names: dict[str, Any] = {}
    box = type(BOX, (), {"base": 0})
    for key, spec in specs.items():
        name = spec.stub.name
        try:
            exec(_text(root, spec, staged), names)
            made = names.pop(BOX).__dict__[name] if spec.stub.owners else names[name]
        except Exception:  # noqa: BLE001 - what cannot be loaded is as good as not there
            made = _missing(key)
        if spec.stub.owners:
            setattr(box, name, made)
        else:
            names[name] = made
    names[BOX] = box
    return names


def _text(root: Path, spec: Spec, staged: Mapping[str, str]) -> str:
    return staged[spec.path] if spec.path in staged else (root / spec.path).read_text()


def _missing(key: str) -> Callable[..., int]:
    def call(*_: object, **__: object) -> int:
        raise MissingError(key)

    return call


def _run(file: Path, name: str, names: dict[str, Any]) -> None:
    tree = syntax_tree(file.read_text())
    functions: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
            functions.append(node)
    exec(compile(ast.Module(functions, []), str(file), "exec"), names)
    names[name]()
