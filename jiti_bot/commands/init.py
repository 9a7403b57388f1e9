"""Set a repository up: the hook, the settings, what ruff, ty and coverage have to leave out, the bot's workflow.

Asks nothing and overwrites nothing: what is there is added to, as text, and stays as it is otherwise. A second run
changes nothing. What cannot be added with certainty is told, with the text to add.
"""

import argparse
import os
import sys
from collections.abc import Iterator

from jiti_bot.commands.terminal import Screen, columns, printable, screen
from jiti_bot.errors import EXIT_CODES, OK
from jiti_bot.setup.diff import patch
from jiti_bot.setup.look import look, top_of
from jiti_bot.setup.model import Plan, Project
from jiti_bot.setup.plan import plan
from jiti_bot.setup.write import refuse_obstacles, write
from jiti_bot.workspace import open_workspace

FINDINGS = EXIT_CODES["findings"][0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--dry-run", action="store_true", help="print what would change as a patch, and stop")
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look, plan, write, and say what was done; 1 where something is left to a person."""
    workspace = open_workspace(arguments.directory, os.environ)
    project = look(workspace.root, workspace.settings.store, workspace.repository())
    top = top_of(workspace.root, project.folder)
    found = plan(project)
    if arguments.dry_run:
        refuse_obstacles(top, found.edits)
    else:
        write(top, found.edits)
    if arguments.json:
        print(_json(found, written=bool(found.edits) and not arguments.dry_run))
    elif arguments.dry_run:
        _show_patch(found)
    else:
        print("\n".join(_said(project, found, screen(sys.stdout, os.environ))))
    return FINDINGS if found.by_hand else OK


def _show_patch(found: Plan) -> None:
    """The patch alone on standard output, so that it can be piped; the rest beside it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(patch(found.edits))
    sys.stdout.buffer.flush()
    lines = [*_by_hand(found), *found.notes] if found.edits else ["Nothing to change.", *_by_hand(found), *found.notes]
    if lines:
        print("\n".join(map(printable, lines)), file=sys.stderr)


def _said(project: Project, found: Plan, where: Screen) -> Iterator[str]:
    if found.edits:
        yield where.paint(f"jiti is set up{f' in {printable(project.folder)}' if project.folder else ''}:", "bold")
        yield from (f"  {line}" for line in columns(list(_rows(found))))
    else:
        yield "Nothing more to change by itself." if found.by_hand else "Nothing to change: jiti is set up here."
    yield from map(printable, _by_hand(found))
    yield from map(printable, found.notes)
    if found.edits:
        yield ""
        yield where.paint("Next:", "bold")
        yield from (f"  {number}. {step}" for number, step in enumerate(_next(found), 1))


def _rows(found: Plan) -> Iterator[tuple[str, str, str]]:
    """What was done to each file, the file named once."""
    for edit in found.edits:
        head = ("added" if edit.before is None else "changed", printable(edit.path))
        for what in edit.what:
            yield (*head, what)
            head = ("", "")


def _by_hand(found: Plan) -> Iterator[str]:
    for one in found.by_hand:
        yield f"{one.where}: {one.what}{' Add by hand:' if one.text else ''}"
        yield from (f"    {line}" for line in one.text.splitlines())


def _next(found: Plan) -> Iterator[str]:
    yield "Write a stub: a signature under @jiti, a docstring, `raise NotImplementedError`. Then `jiti generate`."
    files = {edit.path for edit in found.edits}
    if any(path.startswith(".github/") for path in files):
        yield (
            "Commit these files, run `pre-commit install`, and put the model's key into the repository's secrets as "
            "ANTHROPIC_API_KEY."
        )
    else:
        yield "Commit these files and run `pre-commit install`."


def _json(found: Plan, *, written: bool) -> str:
    import json

    return json.dumps(
        {
            "written": written,
            "changes": [
                {"path": edit.path, "new": edit.before is None, "what": list(edit.what)} for edit in found.edits
            ],
            "unchanged": [{"path": one.path, "what": one.why} for one in found.kept],
            "by_hand": [{"where": one.where, "what": one.what, "add": one.text or None} for one in found.by_hand],
            "notes": list(found.notes),
        },
        indent=2,
    )
