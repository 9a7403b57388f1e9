"""The slow judge: a candidate folded into a copy of the project; ruff, ty and pytest run there, fresh, each by itself.

It shares with the bench what puts texts together (composing and folding) and nothing of what judges them.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import Place, fold, prepare
from jiti_bot.source.compose import compose
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.validation.model import Candidate
from jiti_bot.validation.project import Project

ENDS = 25.0  # seconds until a run of pytest counts as hanging
BUSY = 8  # seconds of processor until it does
MEMORY = 3 << 30


@dataclass(frozen=True)
class Opinion:
    """Whether the candidate is to be accepted, and what spoke against it."""

    ok: bool
    why: str = ""


class Oracle:
    """Judges candidates of one project. ``shim`` is a folder that holds jiti and nothing else of ours."""

    def __init__(self, project: Project, shim: Path) -> None:
        self.project = project
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONPATH": str(shim),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.before: dict[str, Counter[str]] = {}
        self.lock = threading.Lock()

    def judge(self, candidate: Candidate) -> Opinion:
        """Fold, then ruff, ty and pytest, up to the first that refuses."""
        spec = candidate.spec
        file = spec.stub.file
        try:
            unit = compose(spec.stub, candidate.body, candidate.helpers)
            host = self.project.read(file)
            merged = fold(prepare(host), Place(spec.stub.name, spec.stub.owners, spec.stub.line), unit).text
            compile(merged, file, "exec")
        except (StoreError, SyntaxError, ValueError) as error:
            return Opinion(ok=False, why=f"parse: {error}")
        with self._copy() as root:
            with self.lock:
                if file not in self.before:
                    self.before[file] = self._linted(root, file) + self._typed(root, file)
            (root / file).write_text(merged, encoding="utf-8")
            self._run(root, [self.project.ruff, "check", "--fix", "--exit-zero", "--quiet", file])
            self._run(root, [self.project.ruff, "format", "--quiet", file])
            new = (self._linted(root, file) + self._typed(root, file)) - self.before[file]
            if new:
                return Opinion(ok=False, why=f"new: {sorted(new)}")
            return self._tested(root, spec)

    @contextmanager
    def _copy(self) -> Generator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve() / "copy"
            shutil.copytree(self.project.root, root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
            yield root

    def _linted(self, root: Path, file: str) -> Counter[str]:
        found = self._run(root, [self.project.ruff, "check", "--exit-zero", "--output-format", "json", file]).stdout
        return Counter(f"{one['code']} {_steady(one['message'])}" for one in json.loads(found))

    def _typed(self, root: Path, file: str) -> Counter[str]:
        python = str(self.project.environment.python)
        command = [self.project.ty, "check", "--python", python, "--exit-zero", "--output-format", "concise", file]
        lines = self._run(root, command).stdout.decode().splitlines()
        return Counter(_steady(line.split(": ", 1)[1]) for line in lines if line.startswith(file))

    def _tested(self, root: Path, spec: Spec) -> Opinion:
        """Every expected id seen to pass, by pytest's own report."""
        self._without_marks(root, spec)
        gates = [gate for gate in spec.gates if gate.kind is GateKind.HUMAN]
        nodes = [f"{gate.file}::{gate.name.replace('.', '::')}" for gate in gates]
        if any(gate.kind is GateKind.DOCTEST and gate.runs for gate in spec.gates):
            nodes.append(f"{spec.stub.file}::{self.project.import_name(spec.stub.file)}.{spec.stub.unit}")
        report = root / "report.xml"
        command = [str(self.project.environment.python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["--doctest-modules", f"--junitxml={report}", *nodes]
        limited = ["prlimit", f"--as={MEMORY}", f"--cpu={BUSY}", *command] if shutil.which("prlimit") else command
        try:
            self._run(root, limited, timeout=ENDS)
        except subprocess.TimeoutExpired:
            return Opinion(ok=False, why="pytest: it hangs")
        cases = ET.parse(report).findall(".//testcase") if report.exists() else []
        bad = [case.get("name") for case in cases if len(case.findall("failure") + case.findall("error"))]
        if bad or len(cases) < len(nodes):
            return Opinion(ok=False, why=f"pytest: {bad or 'too few ran'}")
        return Opinion(ok=True)

    def _without_marks(self, root: Path, spec: Spec) -> None:
        """Gates of a folded stub no longer name one: their marks go, as merging will take them out."""
        name = ".".join((*spec.stub.owners, spec.stub.name))
        for file in {gate.file for gate in spec.gates if gate.kind is not GateKind.DOCTEST}:
            path = root / file
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join(one for one in lines if one.strip() != f"@jiti.required_for({name})"))

    def _run(
        self, root: Path, command: Sequence[str], timeout: float | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, cwd=root, env=self.env, capture_output=True, check=False, timeout=timeout)


def _steady(message: str) -> str:
    """A message without the line numbers that moved."""
    return " ".join("N" if word.strip("():,`").isdigit() else word for word in message.split())
