"""Run a command, have what it missed implemented, and run it again until it gets through.

The command is run more than once: what it does to the world, it does again. The stubs that it called without an
implementation are generated from the real arguments seen, and it is run again, until none is missed or a round brings
nothing new. Its exit code is that of the command. Only calls by programs on this machine are seen, with this version
of jiti-bot in their environment.

    jiti run -- pytest -q
    jiti run --max-usd 2 -- python -m app
"""

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from jiti_bot import observe, process
from jiti_bot.commands.generate import carry_out
from jiti_bot.errors import BudgetError, UsageError
from jiti_bot.observe import Call
from jiti_bot.pipeline.former import Lookout
from jiti_bot.pipeline.pending import Pending, pending
from jiti_bot.pipeline.settled import settled
from jiti_bot.planning.result import Result
from jiti_bot.workspace import Workspace, open_workspace

_ROUNDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.usage = "jiti run [--max-rounds N] [--max-usd X] [--jobs N] [--model ID] [--sandbox MODE] -- CMD ..."
    parser.add_argument("--max-rounds", type=int, default=_ROUNDS, metavar="N", help="run the command at most N times")
    parser.add_argument(
        "--max-usd", type=float, metavar="X", dest="max_usd_run", help="spend at most X dollars in all rounds together"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="ask the model about at most N stubs at once")
    parser.add_argument("--model", metavar="ID", help="the model to ask")
    parser.add_argument("--sandbox", choices=("required", "auto", "off"), help="whether code may run without a sandbox")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD ...", help="the command and its arguments")


def run(arguments: argparse.Namespace) -> int:
    """Run, generate, run again; the exit code of the last run."""
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        raise UsageError("there is no command to run.", remedy="Write it behind two dashes: jiti run -- pytest -q")
    if arguments.max_rounds < 1:
        raise UsageError(f"--max-rounds {arguments.max_rounds} runs nothing.", remedy="Give 1 or more.")
    given = {name: getattr(arguments, name) for name in ("jobs", "max_usd_run", "model", "sandbox")}
    workspace = open_workspace(arguments.directory, os.environ, given)
    _say(f"{shlex.join(command)} is run again after each round of generating: what it does, it does again.")
    return _Rounds(workspace, arguments.directory, command).run(arguments.max_rounds)


class _Rounds:
    """The rounds of one command: what they saw, what was tried, what was spent."""

    def __init__(self, workspace: Workspace, directory: str, command: Sequence[str]) -> None:
        self._workspace = workspace
        self._directory = directory
        self._command = command
        self._tried: set[str] = set()
        self._spent = 0.0

    def run(self, most: int) -> int:
        for number in range(1, most + 1):
            _say(f"round {number}: {shlex.join(self._command)}")
            code, calls = self._watched()
            wanted = self._units(calls)
            if not wanted:
                _say(f"nothing was missed; the command ended with {code}.")
                return code
            _say(f"{_count(len(wanted), 'stub')} called without an implementation: {', '.join(wanted)}")
            if wanted.keys() <= self._tried:
                _say(f"that is nothing new, so it ends here; the command ended with {code}.")
                return code
            if number == most:
                _say(f"that was the last of {_count(most, 'round')}; the command ended with {code}.")
                return code
            if not self._generate(wanted):
                _say(f"nothing could be implemented, so it ends here; the command ended with {code}.")
                return code
        raise AssertionError("the last round returns")

    def _watched(self) -> tuple[int, tuple[Call, ...]]:
        """One run of the command, with its calls of stubs that have no implementation."""
        with _notes() as path:
            env = {**self._workspace.env, observe.VARIABLE: path}
            code = process.attached(self._command, env=env, cwd=self._directory)
            with open(path, "rb") as file:
                return code, observe.read(file.read())

    def _units(self, calls: Sequence[Call]) -> Mapping[str, tuple[str, ...]]:
        """The calls of this project's stubs by key, as text."""
        if not calls:
            return {}
        tree = self._workspace.work_tree()
        specs = {(spec.stub.file, spec.stub.unit): spec for spec in self._workspace.index(tree).specs()}
        root = os.path.realpath(self._workspace.root)
        found: dict[str, tuple[str, ...]] = {}
        elsewhere: set[str] = set()
        for call in calls:
            file = os.path.relpath(os.path.realpath(call.file), root).replace(os.sep, "/")
            spec = specs.get((file, call.unit))
            if spec is None:
                elsewhere.add(f"{call.key} ({call.file})")
            else:
                found[spec.key] = (*found.get(spec.key, ()), f"{call}  # seen by `jiti run`")
        for name in sorted(elsewhere):
            _say(f"{name} is no stub of this project and stays missing.")
        return found

    def _generate(self, calls: Mapping[str, tuple[str, ...]]) -> bool:
        """Have the stubs implemented; whether any was, so that another run can bring more."""
        limit = self._workspace.settings.max_usd_run
        if self._spent >= limit > 0:
            raise BudgetError(f"${self._spent:.4f} of ${limit:g} are spent.", remedy="Allow more with --max-usd.")
        left = replace(self._workspace.settings, max_usd_run=limit - self._spent)
        workspace = replace(self._workspace, settings=left)
        todo = pending(workspace, tuple(calls), out=Lookout())
        results = _results(workspace, todo, calls)
        self._spent += sum(one.usd or 0.0 for one in results)
        self._tried |= {*calls, *(one.key for one in results)}
        return any(one.good for one in results)


def _results(workspace: Workspace, todo: Pending, calls: Mapping[str, tuple[str, ...]]) -> tuple[Result, ...]:
    if not todo.plan.pending:
        results = settled(todo)
        for one in results:
            _say(f"{one.key}: {one.outcome.value}: {one.reason}")
        return results
    results, error = carry_out(workspace, todo, sys.stderr, observed=calls)
    if error is not None:
        raise error
    return results


@contextmanager
def _notes() -> Generator[str]:
    """A file for the calls of one run, which nobody else can read; removed again."""
    with tempfile.TemporaryDirectory(prefix="jiti-run-") as folder:
        path = os.path.join(os.path.realpath(folder), "calls")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(observe.MAGIC)
        yield path


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _say(text: str) -> None:
    print(f"jiti run: {text}", file=sys.stderr, flush=True)
