"""Print the committed code of a stub, and what is known about it."""

import argparse
import os
import sys

from jiti_bot.commands.terminal import Screen, printable, screen
from jiti_bot.errors import EXIT_CODES, OK, TargetError
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.store.evidence import unnoticed
from jiti_bot.store.state import State
from jiti_bot.store.survey import Standing, scratch_of, survey
from jiti_bot.workspace import open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("key", metavar="KEY", help="the key of a stub, or a file, module or class for all of its stubs")
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print; exit code 14 where nothing is committed, 5 where it cannot be used."""
    workspace = open_workspace(arguments.directory, os.environ)
    tree = workspace.work_tree()
    index = workspace.index(tree)
    standings = survey(tree, index.find(arguments.key), index.interface)
    if arguments.json:
        print(_json(standings))
    else:
        where = screen(sys.stdout, os.environ)
        print("\n\n\n".join(_one(standing, where) for standing in standings))
    if any(isinstance(standing.committed, Broken) for standing in standings):
        return EXIT_CODES["store"][0]
    if all(standing.committed is None for standing in standings):
        spec = standings[0].spec
        raise TargetError(
            f"{spec.key} has no committed implementation.",
            remedy=f"Run `jiti generate {spec.key}` to get one.",
            where=f"{spec.stub.file}:{spec.stub.line}",
        )
    return OK


def _one(standing: Standing, where: Screen) -> str:
    spec, state = standing.spec, standing.state
    facts = [
        ("stub", f"{spec.stub.file}:{spec.stub.line}"),
        ("committed", spec.path if standing.committed is not None else "nothing yet"),
        ("state", _told(state)),
    ]
    if isinstance(standing.committed, Entry):
        header = standing.committed.header
        facts += [("model", header.model), ("evidence", header.evidence)]
        facts += [("unnoticed", line) for line in _unnoticed(standing.committed)]
        facts += [("uses", name) for name, _ in header.dependencies]
    facts += [(f"{gate.kind} gate", f"{gate.name} {gate.file}:{gate.line}") for gate in spec.gates if gate.runs]
    width = max(len(name) for name, _ in facts)
    lines = [where.paint(printable(spec.key), "bold")]
    lines += [f"  {where.paint(f'{name:{width}}', 'dim')}  {printable(text)}" for name, text in facts]
    code = _code(standing)
    return "\n".join((*lines, "", code.rstrip("\n"))) if code else "\n".join(lines)


def _told(state: State) -> str:
    """A state in words, once: *edited by hand* says that it is edited."""
    if not state.reason:
        return str(state.condition)
    return state.reason if state.reason.startswith(state.condition) else f"{state.condition} ({state.reason})"


def _unnoticed(entry: Entry) -> list[str]:
    """The lines where a small change was made that no test notices."""
    lines = entry.code.split("\n")
    above = entry.raw.count(b"\n") - entry.code.count("\n")
    told = [line for line in unnoticed(entry.header.evidence) if 0 < line <= len(lines)]
    return [f"line {above + line}: {lines[line - 1].strip()}" for line in told]


def _code(standing: Standing) -> str:
    match standing.committed:
        case Entry(code=code):
            return "\n".join(printable(line) for line in code.split("\n"))
        case Broken(finding=found):
            return str(found)
    return ""


def _json(standings: tuple[Standing, ...]) -> str:
    import json

    return json.dumps({"stubs": [_facts(standing) for standing in standings]}, indent=2)


def _facts(standing: Standing) -> dict[str, object]:
    entry = standing.committed if isinstance(standing.committed, Entry) else None
    return {
        "key": standing.spec.key,
        "state": str(standing.state.condition),
        "stale_parts": list(standing.state.stale_parts),
        "file": standing.spec.stub.file,
        "line": standing.spec.stub.line,
        "path": standing.spec.path,
        "scratch": _scratch(standing.spec),
        "model": entry.header.model if entry else None,
        "evidence": entry.header.evidence if entry else None,
        "dependencies": [name for name, _ in entry.header.dependencies] if entry else [],
        "code": entry.code if entry else None,
    }


def _scratch(spec: Spec) -> str | None:
    return scratch_of(spec) or None
