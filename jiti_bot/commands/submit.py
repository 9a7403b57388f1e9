"""Validate what a person or any other agent wrote, and store it if it passes.

FILE holds the statements of the body, or the whole definition with its helpers and tests around it, or a JSON object
with `body` (for a class stub `bodies`, by unit), `helpers` and `tests`; `-` is standard input. `jiti brief TARGET` says
what is asked. Stubs whose tests need each other are handed in together: TARGET FILE TARGET FILE.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jiti_bot.errors import EXIT_CODES, OK, TargetError, UsageError, without_extra
from jiti_bot.pipeline.pending import Pending, pending
from jiti_bot.planning.plan import Step
from jiti_bot.planning.result import Result, summarise
from jiti_bot.workspace import Workspace, open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.usage = "jiti submit TARGET FILE [TARGET FILE ...] [options]"
    parser.add_argument("target", metavar="TARGET", help="the stub: app.text.slugify, or file.py::Unit")
    parser.add_argument("file", metavar="FILE", help="what was written; - for standard input")
    parser.add_argument(
        "more",
        nargs="*",
        default=[],  # or argparse calls it required
        metavar="TARGET FILE",
        help="others whose tests need each other: all are stored, or none",
    )
    parser.add_argument("--by", metavar="NAME", default="hand", help="who wrote it, for the header (default: hand)")
    parser.add_argument("--replace", action="store_true", help="overwrite a hand edit or a broken file in the store")
    parser.add_argument("--sandbox", choices=("required", "auto", "off"), help="whether code may run without a sandbox")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Judge, store or refuse, and say why."""
    pairs = _pairs([arguments.target, arguments.file, *arguments.more])
    workspace = open_workspace(arguments.directory, os.environ, {"sandbox": arguments.sandbox})
    handed = []
    for target, file in pairs:
        todo = pending(workspace, [target])
        step = _one(todo, target)
        text, where = _text(file, arguments.directory)
        itself = _is_committed(workspace, step, file, arguments.directory)
        handed.append((step, (text, where, arguments.by, itself or arguments.replace)))
    twice = [key for key, count in Counter(step.spec.key for step, _ in handed).items() if count > 1]
    if twice:
        raise UsageError(f"{twice[0]} is handed in twice.", remedy="Name each stub once.")
    results = _submit(workspace, todo, handed)
    if arguments.json:
        print(json.dumps({"stubs": [one.as_json() for one in results], "summary": summarise(results)}, indent=2))
    else:
        for one in results:
            _show(one)
    failed = [one for one in results if not one.good]
    return EXIT_CODES[failed[0].code or "incomplete"][0] if failed else OK


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    """Targets, each with its file."""
    if len(words) % 2:
        raise UsageError(f"there is no file for {words[-1]}.", remedy="Write TARGET FILE for each stub.")
    files = words[1::2]
    if files.count("-") > 1:
        raise UsageError("standard input can be read for one stub only.", remedy="Name files for the others.")
    return list(zip(words[::2], files, strict=True))


def _show(result: Result) -> None:
    checks = " ".join(f"{name} {'ok' if ok else 'FAILED'}" for name, ok in result.checks)
    print(f"{result.key}: {'stored in ' + result.path if result.good else 'refused'}{f' ({checks})' if checks else ''}")
    if result.reason:
        print(result.reason)
    for flag in result.flags:
        print(f"note: {flag}")


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


def _is_committed(workspace: Workspace, step: Step, file: str, directory: str) -> bool:
    """Whether what is handed in is the committed file itself, to be judged as it stands."""
    if file == "-":
        return False
    return (Path(directory) / file).resolve() == (Path(workspace.root) / step.spec.path).resolve()


def _submit(
    workspace: Workspace, todo: Pending, handed: Sequence[tuple[Step, tuple[str, str, str, bool]]]
) -> tuple[Result, ...]:
    try:
        from jiti_bot.pipeline.submit import Handed, submit
    except ImportError as error:
        raise without_extra(error, "validating") from error
    return submit(workspace, todo, [(step, Handed(*one)) for step, one in handed])
