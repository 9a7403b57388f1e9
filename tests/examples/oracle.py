"""The example finished by hand: stored answers folded into a copy, judged by the tools as a person would run them."""

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.graduation.fold import Place, fold, prepare
from jiti_bot.loopback.replies import ToolUse
from jiti_bot.loopback.sessions import Sessions

ROOT = Path(__file__).resolve().parents[2]
SEMVER = ROOT / "examples" / "semver"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a tool said."""

    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One stored answer: the state it is given in and its arguments."""

    state: str
    arguments: Mapping[str, object]

    def text(self, name: str) -> str:
        return str(self.arguments.get(name, ""))


def submissions(sessions: Sessions, key: str) -> list[Submission]:
    """The answers stored for a stub, in order; the last one is right."""
    return [
        Submission(state, block.input)
        for state, reply in sessions.replies[key].items()
        for block in reply.blocks
        if isinstance(block, ToolUse) and block.name.startswith("submit")
    ]


def copy(target: Path) -> Path:
    """The example as a newcomer's project."""
    shutil.copytree(SEMVER, target, ignore=shutil.ignore_patterns("replies", "expected", ".*", "__pycache__"))
    return target


def place(folder: Path, key: str) -> tuple[Path, Place]:
    """The host file of a dotted key, and the definition in it."""
    package, module, *names = key.split(".")
    host = folder / ("tests" if package == "tests" else f"src/{package}") / f"{module}.py"
    return host, Place(names[-1], tuple(names[:-1]))


def finish(folder: Path, sessions: Sessions, chosen: Mapping[str, str]) -> None:
    """Fold an answer into every stub: of ``chosen`` keys the one given in that state, of others the last."""
    for key in sessions.replies:
        answers = submissions(sessions, key)
        answer = next((one for one in answers if one.state == chosen[key]), None) if key in chosen else answers[-1]
        assert answer is not None, f"{key} has no answer {chosen[key]}"
        host, where = place(folder, key)
        text = host.read_text("utf-8")
        host.write_text(fold(prepare(text), where, unit(text, where, answer)).text, "utf-8")
    # What validation does to a candidate: imports sorted, text formatted.
    assert tool(folder, "ruff", "check", "--fix", "--select", "I", "--quiet", ".").code == 0
    assert tool(folder, "ruff", "format", "--quiet", ".").code == 0


def unit(host: str, where: Place, answer: Submission) -> str:
    """The committed file of an answer: helpers, then the stub's own header and docstring over the new body."""
    names = (*where.owners, where.name)
    nodes: list[ast.stmt] = ast.parse(host).body
    for name in names:
        found = next(node for node in nodes if getattr(node, "name", None) == name)
        nodes = getattr(found, "body", [])
    assert isinstance(found, ast.FunctionDef)
    docstring = found.body[0]
    head = "\n".join(host.splitlines()[found.lineno - 1 : docstring.end_lineno])
    text = f"{textwrap.dedent(head)}\n{textwrap.indent(answer.text('body'), ' ' * 4)}"
    for owner in reversed(where.owners):
        text = f"class {owner}:\n{textwrap.indent(text, ' ' * 4)}"
    return f"{answer.text('helpers')}\n\n{text}"


def tool(folder: Path, name: str, *args: str) -> Ran:
    """Run ruff or ty in ``folder``."""
    beside = Path(sysconfig.get_path("scripts")) / name
    program = str(beside) if beside.exists() else shutil.which(name)
    assert program is not None, f"{name} is not installed"
    return run(folder, program, *args)


def check_types(folder: Path) -> Ran:
    """Run ty with the interpreter of this test."""
    # `jiti` is found where this suite found it, installed or not.
    return tool(
        folder, "ty", "check", "--python", sys.executable, "--extra-search-path", str(ROOT), "--output-format=concise"
    )


def suite(folder: Path, *args: str) -> Ran:
    """Run the example's own tests and doctests."""
    return run(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args)


def run(folder: Path, *command: str) -> Ran:
    """Run a command with nothing in its environment that a fresh machine would not have."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return Ran(done.returncode, done.stdout)
