"""Show every stub and where it stands.

On a terminal a table by file; elsewhere one line for each stub. Reads only; your code is not imported.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jiti_bot.commands.terminal import Screen, cells, cut, pad, printable, screen
from jiti_bot.errors import OK
from jiti_bot.pipeline.former import moved
from jiti_bot.source.model import Gate, GateKind, Spec
from jiti_bot.sparse import command, lacking_of, some
from jiti_bot.store.entry import Entry
from jiti_bot.store.evidence import remarks
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, Stray, half_merged, strays, survey
from jiti_bot.workspace import Workspace, open_workspace

# glyph, glyph in ASCII, colour; in the order in which a summary names them
_LOOK = {
    Condition.CURRENT: ("✓", "=", "green"),
    Condition.EDITED: ("✎", "e", "cyan"),
    Condition.STALE: ("●", "~", "yellow"),
    Condition.MISSING: ("○", "-", "yellow"),
    Condition.CONFLICT: ("✗", "!", "red"),
    Condition.MALFORMED: ("✗", "!", "red"),
    Condition.ORPHAN: ("?", "?", "magenta"),
}

_BESIDE = len("  x   malformed")  # what stands beside a name in a row
_NOTE = 8  # a note that is cut to less than this says nothing
_KEY = 44  # columns for a name; a longer one pushes the rest to the right


@dataclass(frozen=True, slots=True)
class Status:
    """All that is shown."""

    standings: tuple[Standing, ...]
    strays: tuple[Stray, ...]
    findings: int
    moved: Mapping[str, str] = field(default_factory=dict)  # where from, by key
    half_merged: bool = False
    lacking: tuple[str, ...] = ()  # files that only git has: a sparse checkout does without them
    bring: str = ""  # the command that brings those

    @property
    def summary(self) -> dict[str, int]:
        """How many units are in each condition."""
        counts = dict.fromkeys(_LOOK, 0)
        for item in (*self.standings, *self.strays):
            counts[item.state.condition] += 1
        return {str(condition): count for condition, count in counts.items()}

    @property
    def pending(self) -> int:
        """How many the machine has to do."""
        return sum(standing.state.is_pending for standing in self.standings)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="a key, module, class, file or folder; all if none"
    )
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look and print."""
    workspace = open_workspace(arguments.directory, os.environ)
    status = look(workspace, arguments.targets)
    if arguments.json:
        print(_json(status))
    else:
        print("\n".join(render(status, screen(sys.stdout, os.environ))))
    return OK


def look(workspace: Workspace, targets: Sequence[str] = ()) -> Status:
    """Where everything stands, or what ``targets`` name. Raises `TargetError`."""
    tree = workspace.work_tree()
    index = workspace.index(tree)
    specs = index.specs()
    chosen = specs
    if targets:
        named = {spec.path for target in targets for spec in index.find(target)}
        chosen = tuple(spec for spec in specs if spec.path in named)
    stored = () if targets else tuple(path for store in tree.stores() for path in tree.under(store))
    standings = survey(tree, chosen, index.interface)
    shifts = moved(tree, standings if len(chosen) == len(specs) else survey(tree, specs))
    taken = {key: f"moved from {stray.key}" for key, stray in shifts.taken.items()}
    lost = strays(tree, specs, stored, index.leaves_out)
    files = (file for one in standings for file in (one.spec.stub.file, one.spec.path, *_gate_files(one.spec)))
    lacking = lacking_of(tree, files)
    bring = command(tree, lacking) if lacking else ""
    return Status(standings, lost, len(index.findings()), taken, bool(half_merged(tree)), lacking, bring)


def _gate_files(spec: Spec) -> tuple[str, ...]:
    return tuple(gate.file for gate in spec.gates)


def render(status: Status, where: Screen) -> list[str]:
    """The lines to print."""
    if not (status.standings or status.strays or status.findings or status.half_merged):
        return ["No stubs here. Decorate a function with @jiti, leave its body to `raise NotImplementedError`."]
    lines = _table(status, where) if where.width else _plain(status)
    return [*lines, *_footer(status, where)]


def _plain(status: Status) -> list[str]:
    """One line for each unit, columns apart by two blanks or more."""
    rows = [
        (
            str(item.state.condition),
            item.spec.key,
            f"{item.spec.stub.file}:{item.spec.stub.line}",
            _note(item, status.moved),
        )
        for item in status.standings
    ]
    rows += [(str(item.state.condition), item.key, item.path, item.state.reason) for item in status.strays]
    width = min(max((cells(printable(key)) for _, key, _, _ in rows), default=0), _KEY)
    return [
        "  ".join((f"{state:9}", pad(printable(key), width), printable(place), printable(note))).rstrip()
        for state, key, place, note in rows
    ]


def _table(status: Status, where: Screen) -> list[str]:
    """Units under their file, in the order of the file."""
    units = [standing.spec.stub.unit for standing in status.standings]
    width = min(max((cells(printable(unit)) for unit in units), default=0), _KEY)
    lines: list[str] = []
    file = ""
    for standing in status.standings:
        if standing.spec.stub.file != file:
            file = standing.spec.stub.file
            lines += ["", where.paint(printable(file), "bold")]
        unit = pad(cut(printable(standing.spec.stub.unit), width), width)
        lines.append(_row(standing, unit, _note(standing, status.moved), where))
    if status.strays:
        lines += ["", where.paint("in the store, without a stub", "bold")]
        paths = [printable(stray.path) for stray in status.strays]
        room = max(where.width - _BESIDE, _KEY)
        wide = min(max(map(cells, paths)), room)
        rows = zip(status.strays, paths, strict=True)
        lines += [_row(stray, pad(path, wide), "", where) for stray, path in rows]
    return lines[1:]


def _row(item: Standing | Stray, name: str, note: str, where: Screen) -> str:
    condition = item.state.condition
    glyph, plain, colour = _LOOK[condition]
    mark = where.paint(glyph if where.glyphs else plain, colour)
    head = f"  {mark} {name}  {where.paint(f'{condition:9}', colour)}"
    room = where.width - cells(name) - _BESIDE - 2
    return f"{head}  {where.paint(cut(printable(note), room), 'dim')}" if note and room > _NOTE else head.rstrip()


def _note(standing: Standing, moved: Mapping[str, str]) -> str:
    """What changed, or where its code is from, and what the stub is gated by."""
    state = standing.state
    parts = f"{', '.join(state.stale_parts)} changed" if state.stale_parts else ""
    if state.methods or state.dependencies:
        parts += f" ({', '.join((*(state.methods or ()), *state.dependencies))})"
    why = state.reason if state.condition is Condition.MALFORMED else parts
    told = (why, moved.get(standing.spec.key, ""), _gates(standing.spec.gates), *_remarks(standing))
    return " · ".join(filter(None, told))


def _remarks(standing: Standing) -> tuple[str, ...]:
    """What a reviewer wants to know of the evidence."""
    return remarks(standing.committed.header.evidence) if isinstance(standing.committed, Entry) else ()


def _gates(gates: Iterable[Gate]) -> str:
    counts = dict.fromkeys(GateKind, 0)
    for gate in gates:
        counts[gate.kind] += gate.runs
    words = {GateKind.HUMAN: "gate", GateKind.TEST: "jiti-test", GateKind.DOCTEST: "doctest"}
    found = [_count(number, words[kind]) for kind, number in counts.items() if number]
    return ", ".join(found)


def _footer(status: Status, where: Screen) -> list[str]:
    total = _count(len(status.standings), "stub")
    counts = [
        where.paint(f"{count} {name}", _LOOK[Condition(name)][2]) for name, count in status.summary.items() if count
    ]
    dot = " · " if where.glyphs or not where.width else " - "
    lines = ["", f"{where.paint(total, 'bold')}: {dot.join(counts)}" if counts else where.paint(total, "bold")]
    if status.half_merged:
        lines.append("A merge was stopped half way, or is at work right now: `jiti merge` does the rest.")
    if status.lacking:
        lines.append(
            f"This sparse checkout does without {printable(some(status.lacking))}, shown as git has it: "
            f"`{printable(status.bring)}`."
        )
    if status.findings or any(item.state.needs_person for item in (*status.standings, *status.strays)):
        lines.append(f"`jiti check` says what needs you{_in_source(status.findings)}.")
    if status.pending:
        lines.append("`jiti generate --dry-run` shows what the bot would do next.")
    return lines


def _in_source(findings: int) -> str:
    return f", also {_count(findings, 'finding')} in the source" if findings else ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _json(status: Status) -> str:
    import json

    stubs = [_standing_json(item, status.moved) for item in status.standings] + [
        _stray_json(item) for item in status.strays
    ]
    summary = {"total": len(stubs), **status.summary, "findings": status.findings}
    return json.dumps({"stubs": stubs, "summary": summary}, indent=2)


def _standing_json(item: Standing, moved: Mapping[str, str]) -> dict[str, object]:
    spec = item.spec
    return {
        "key": spec.key,
        "kind": str(spec.stub.kind),
        "state": str(item.state.condition),
        "stale_parts": list(item.state.stale_parts),
        "dependencies": list(item.state.dependencies),
        "moved_from": moved.get(spec.key, "").removeprefix("moved from ") or None,
        "file": spec.stub.file,
        "line": spec.stub.line,
        "path": spec.path,
        "remarks": list(_remarks(item)),
        "gates": [
            {"name": gate.name, "kind": str(gate.kind), "file": gate.file, "line": gate.line} for gate in spec.gates
        ],
    }


def _stray_json(item: Stray) -> dict[str, object]:
    return {
        "key": item.key,
        "kind": None,
        "state": str(item.state.condition),
        "stale_parts": [],
        "dependencies": [],
        "moved_from": None,
        "file": None,
        "line": None,
        "path": item.path,
        "remarks": [],
        "gates": [],
    }
