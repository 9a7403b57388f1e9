"""Validate a body that a person or any other agent wrote, and store it if it passes.

FILE holds the statements of the body, or the whole definition with its helpers and tests around it, or a JSON object
with `body` (for a class stub `bodies`, by unit), `helpers` and `tests`; `-` is standard input. `jiti brief TARGET` says
what is asked.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from jiti_bot.errors import EXIT_CODES, OK, TargetError, UsageError, without_extra
from jiti_bot.pipeline.pending import Pending, pending
from jiti_bot.planning.plan import Step
from jiti_bot.planning.result import Result, summarise
from jiti_bot.workspace import Workspace, open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("target", metavar="TARGET", help="the stub: app.text.slugify, or file.py::Unit")
    parser.add_argument("file", metavar="FILE", help="what was written; - for standard input")
    parser.add_argument("--by", metavar="NAME", default="hand", help="who wrote it, for the header (default: hand)")
    parser.add_argument("--replace", action="store_true", help="overwrite a hand edit or a broken file in the store")
    parser.add_argument("--sandbox", choices=("required", "auto", "off"), help="whether code may run without a sandbox")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Judge, store or refuse, and say why."""
    workspace = open_workspace(arguments.directory, os.environ, {"sandbox": arguments.sandbox})
    todo = pending(workspace, [arguments.target])
    step = _one(todo, arguments.target)
    text, where = _text(arguments.file, arguments.directory)
    itself = _is_committed(workspace, step, arguments)
    result = _submit(workspace, todo, step, (text, where, arguments.by, itself or arguments.replace))
    if arguments.json:
        print(json.dumps({"stubs": [result.as_json()], "summary": summarise((result,))}, indent=2))
    else:
        checks = " ".join(f"{name} {'ok' if ok else 'FAILED'}" for name, ok in result.checks)
        print(f"{result.key}: {'stored in ' + result.path if result.good else 'refused'} ({checks})")
        if result.reason:
            print(result.reason)
        for flag in result.flags:
            print(f"note: {flag}")
    return OK if result.good else EXIT_CODES[result.code or "incomplete"][0]


def _one(todo: Pending, target: str) -> Step:
    """The unit that is meant; its dependencies are not drawn in."""
    named = [step for step in todo.plan.steps if step.spec.key == target] or [
        step for step in todo.plan.steps if step.spec.stub.unit == target.rpartition("::")[2].rpartition(".")[2]
    ]
    found = named if len(named) == 1 else list(todo.plan.steps)
    if len(found) != 1:
        raise TargetError(
            f"{target} names {len(found)} stubs.", remedy=f"Name one: {', '.join(step.spec.key for step in found)}."
        )
    return found[0]


def _text(file: str, directory: str) -> tuple[str, str]:
    where = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else (Path(directory) / file).read_bytes()
        return data.decode("utf-8-sig"), where
    except OSError as error:
        raise UsageError(
            f"it cannot be read: {error.strerror}.", remedy="Name a readable file.", where=where
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("it is not UTF-8.", remedy="Save it as UTF-8.", where=where) from error


def _is_committed(workspace: Workspace, step: Step, arguments: argparse.Namespace) -> bool:
    """Whether what is handed in is the committed file itself, to be judged as it stands."""
    if arguments.file == "-":
        return False
    return (Path(arguments.directory) / arguments.file).resolve() == (Path(workspace.root) / step.spec.path).resolve()


def _submit(workspace: Workspace, todo: Pending, step: Step, handed: tuple[str, str, str, bool]) -> Result:
    try:
        from jiti_bot.pipeline.submit import Handed, submit
    except ImportError as error:
        raise without_extra(error, "validating") from error
    return submit(workspace, todo, step, Handed(*handed))
