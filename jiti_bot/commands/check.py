"""Find what needs a person: malformed stubs and gates, conflicts, tampered or orphaned committed files.

Offline and from syntax alone: none of your code is imported. Without arguments everything on disk is judged; with
--staged or --diff, what the change touches, as git holds it. Exit code 0: nothing found; 1: see the lines printed.
"""

from __future__ import annotations

import os

from jiti_bot import layout
from jiti_bot.errors import JitiError
from jiti_bot.git import locate
from jiti_bot.light import SimpleNamespace
from jiti_bot.staging import Staging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    Arguments = Namespace | SimpleNamespace

# What pre-commit says about its own run (https://pre-commit.com/#pre-commit-run).
_FROM, _TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
_PUSHED = "PRE_COMMIT_LOCAL_BRANCH"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="judge these files or folders only")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--staged", action="store_true", help="judge what the next commit changes, as it is staged")
    what.add_argument(
        "--diff", metavar="A..B", help="judge what changed from A to B, as it is in B (A...B: since the fork)"
    )
    what.add_argument("--pre-commit", action="store_true", help="as --staged or --diff, whichever pre-commit is about")
    parser.add_argument("--strict", action="store_true", help="missing and stale implementations are findings, too")
    parser.add_argument("--format", choices=("text", "github", "json"), default="text", help="how findings are printed")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")


def quick(arguments: Sequence[str]) -> SimpleNamespace | None:
    """The command line as hooks write it; None for any other, which `add_arguments` describes."""
    # pre-commit gives names as they are, also one that begins with a dash.
    names = ".py" if "--pre-commit" in arguments else "\0"
    flags = {argument for argument in arguments if argument.startswith("-") and not argument.endswith(names)}
    if not flags <= {"--staged", "--pre-commit", "--strict"} or len(flags & {"--staged", "--pre-commit"}) > 1:
        return None
    return SimpleNamespace(
        files=[argument for argument in arguments if argument not in flags],
        staged="--staged" in flags,
        pre_commit="--pre-commit" in flags,
        strict="--strict" in flags,
        diff=None,
        format="text",
    )


def run(arguments: Arguments) -> int:
    """Judge, print, and say by the exit code whether anything was found."""
    revisions = _revisions(arguments)
    if not (arguments.staged or arguments.pre_commit) or revisions is not None:
        from jiti_bot.commands import judge

        return judge.run(arguments, revisions=revisions)
    asked = _ask(arguments.directory)
    try:
        from jiti_bot.commands import judge  # while git works

        return judge.run(arguments, staged=True, asked=asked)
    finally:
        if asked is not None:
            asked.close()


def _ask(directory: str) -> Staging | None:
    """What git is asked about what is staged; None where that fails, which is told in its turn."""
    folder = os.path.abspath(directory)
    try:
        return Staging(locate(layout.project_root(folder) or folder, os.environ))
    except (JitiError, OSError):
        return None


def _revisions(arguments: Arguments) -> str | None:
    """The two revisions to compare: those asked for, or those that pre-commit is about."""
    if not arguments.pre_commit:
        return arguments.diff
    if os.environ.get(_FROM) and os.environ.get(_TO):
        return f"{os.environ[_FROM]}...{os.environ[_TO]}"
    # A branch is pushed of which the remote has nothing, not even its first commit.
    pushed = os.environ.get(_PUSHED)
    return f"0...{pushed}" if pushed else None
