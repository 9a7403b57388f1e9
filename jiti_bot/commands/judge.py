"""What `jiti check` judges: the tree, some files, a change between revisions, or what is staged."""

from __future__ import annotations

import os
import sys

from jiti_bot import settings
from jiti_bot.errors import EXIT_CODES, OK, UsageError
from jiti_bot.findings import Report
from jiti_bot.git import UnrelatedError
from jiti_bot.planning.touched import Edit, Touched, edit_of, touched
from jiti_bot.staging import Staging
from jiti_bot.trees import BlobTree, Node, Tree, WorkTree
from jiti_bot.workspace import Workspace, open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from jiti_bot.blobs import Change
    from jiti_bot.light import SimpleNamespace

    Arguments = Namespace | SimpleNamespace

# What is read as it was before: source, and where settings stand.
_TEXTS = (".py", settings.PYPROJECT, "pytest.ini", "tox.ini", "setup.cfg")


def run(
    arguments: Arguments, *, revisions: str | None = None, staged: bool = False, asked: Staging | None = None
) -> int:
    """Judge what is asked for, print, and say by the exit code whether anything was found.

    ``revisions`` are those to compare, as the command line has them; with ``staged``, what is staged is judged, of
    which ``asked`` is what git has been asked already.
    """
    is_whole = not (staged or revisions is not None or arguments.files)
    workspace = open_workspace(arguments.directory, os.environ, thorough=not (staged or is_whole))
    if staged:
        report = _of_staged(workspace, asked, _files(arguments, workspace), strict=_is_strict(arguments, workspace))
    else:
        report = _report(arguments, workspace, revisions)
    # GitHub knows files by their path in the repository, people by that in the project.
    prefix = workspace.git.prefix() if arguments.format == "github" and workspace.git else ""
    _print(report, arguments.format, prefix)
    if arguments.format == "text" and report.findings:
        print(_summary(report, workspace, staged=staged), file=sys.stderr)
    return EXIT_CODES["findings"][0] if report.findings else OK


def _report(arguments: Arguments, workspace: Workspace, revisions: str | None) -> Report:
    strict, files = _is_strict(arguments, workspace), _files(arguments, workspace)
    if revisions is not None:
        return _of_revisions(workspace, revisions, files, strict=strict, pushed=arguments.pre_commit)
    if files:
        tree = workspace.work_tree()
        return _of_edit(workspace, tree, Edit(tuple(_expanded(tree, files))), strict=strict, is_known=False)
    return _of_everything(workspace, strict=strict)


def _of_everything(workspace: Workspace, *, strict: bool) -> Report:
    from jiti_bot import known, sound

    home = None if workspace.git is None else known.home(workspace.git)
    if home is None:
        from jiti_bot import audit

        open_workspace(workspace.root, workspace.env)
        return audit.everything(workspace, workspace.work_tree(), strict=strict)
    with sound.Witness(workspace.root, workspace.git) as tree:
        tree.seek()
        stubs = sound.was_sound(tree, home, strict=strict)
        if stubs is not None:
            return Report(stubs=stubs)
        from jiti_bot import audit

        open_workspace(workspace.root, workspace.env)  # says what is wrong with settings that are not ours
        tree.said.clear()
        tree.read(settings.PYPROJECT)
        report = audit.everything(workspace, tree, strict=strict)
        if not report.findings:
            sound.keep(tree, home, report.stubs, strict=report.is_settled)
        return report


def _is_strict(arguments: Arguments, workspace: Workspace) -> bool:
    return arguments.strict or workspace.settings.strict


def _files(arguments: Arguments, workspace: Workspace) -> list[str]:
    return [workspace.relative(path, arguments.directory) for path in arguments.files]


def _of_staged(workspace: Workspace, asked: Staging | None, more: Iterable[str], *, strict: bool) -> Report:
    if asked is None:  # it could not be asked before: this tells why
        asked = Staging(workspace.repository())
        try:
            return _of_staged(workspace, asked, more, strict=strict)
        finally:
            asked.close()
    staged = asked.changes()
    # The texts on both sides, while git still lists the index.
    asked.reader.ask(list(dict.fromkeys(oid for change in staged for oid in _texts(change))))
    listing = asked.listing()
    if listing.spoke(change.path for change in staged):
        from jiti_bot import audit, homes  # noqa: F401 - there will be something to judge: while git gets the texts
        from jiti_bot.source import index  # noqa: F401 - the same
    with workspace.staged_tree(listing, asked.reader) as tree:
        tree.forget(change.path for change in staged if change.status == "N")
        return _of_changes(workspace, tree, (one for one in staged if one.status != "N"), more, strict=strict)


def _of_revisions(workspace: Workspace, diff: str, more: Iterable[str], *, strict: bool, pushed: bool) -> Report:
    base, dots, head = diff.partition("...") if "..." in diff else diff.partition("..")
    if not dots or not base:
        raise UsageError(
            f"{diff!r} names no two revisions.", remedy="Write --diff A..B, or A...B for B since the fork."
        )
    git, head = workspace.repository(), head or "HEAD"
    try:
        changes = git.between(base, head, since_fork=dots == "...")
    except UnrelatedError:
        if not pushed:
            raise
        changes = git.between(base, head)  # as pre-commit does: a forced push, or a shallow clone
    with workspace.revision_tree(head) as tree:
        # Files that pre-commit names are those of the same change.
        return _of_changes(workspace, tree, changes, () if pushed else more, strict=strict)


def _of_changes(
    workspace: Workspace, tree: BlobTree, changes: Iterable[Change], more: Iterable[str], *, strict: bool
) -> Report:
    changes = tuple(changes)
    texts = [change for change in changes if (change.old or change.path).endswith(_TEXTS)]
    found = tree.contents(oid for change in texts for oid in _texts(change))
    edit = edit_of(changes, {oid: found[oid] for change in texts if (oid := change.before) in found}, more)
    tree.prefetch(path for path in edit.files if path.endswith(".py"))
    if settings.PYPROJECT in edit.files:
        settings.read_project(settings.decode(tree.read(settings.PYPROJECT) or b""), thorough=True)
    if any(file.endswith(settings.PYPROJECT) for file in edit.files):
        from jiti_bot.planning.excluded import with_excluded

        edit = with_excluded(tree, edit)
    return _of_edit(workspace, tree, edit, strict=strict, is_known=True)


def _texts(change: Change) -> tuple[str, ...]:
    """The blobs of source and settings that a change leads from and to."""
    if not (change.old or change.path).endswith(_TEXTS):
        return ()
    return tuple(oid for oid in (change.before, change.after) if oid and oid.strip("0"))


def _of_edit(workspace: Workspace, tree: Tree, edit: Edit, *, strict: bool, is_known: bool) -> Report:
    """Judge an edit; ``is_known`` says whether what stood there before is known."""
    what = touched(tree, edit)
    if strict:
        from jiti_bot import audit
        from jiti_bot.planning.before import Before

        return audit.what_is_touched_strictly(workspace, tree, what, Before(tree, edit) if is_known else None)
    if what == Touched():
        return Report()  # most commits: nothing of ours is in them
    from jiti_bot import audit

    if isinstance(tree, BlobTree):
        tree.prefetch((*what.files, *what.stored))
    return audit.what_is_touched(workspace, tree, what)


def _led_to(root: str, name: str) -> str:
    """Where a symbolic link leads, relative to ``root``. Raises `UsageError` for one that leads out of it."""
    found = os.path.relpath(os.path.realpath(os.path.join(root, name)), os.path.realpath(root)).replace(os.sep, "/")
    if found.startswith("../"):
        raise UsageError(f"The link {name} leads out of this project.", remedy="Name files of this project.")
    return found


def _expanded(tree: WorkTree, names: Iterable[str]) -> Iterator[str]:
    """Files as they are, folders as what they hold, links as what they lead to. Raises `UsageError` for others."""
    for name in names:
        match tree.node(name):
            case None:
                raise UsageError(
                    f"There is no file or folder {name}.", remedy="Name what is there, or nothing for all."
                )
            case Node.LINK if (real := _led_to(tree.root, name)) != name:
                yield from _expanded(tree, [real])
            case Node.FOLDER:
                start = "" if name == "." else f"{name}/"
                yield from (file for file in tree.names() if file.startswith(start))
                stores = (store for store in tree.stores() if f"{store}/".startswith(start) or name.startswith(store))
                yield from (path for store in stores for path in tree.under(store) if path.startswith(start))
            case _:
                yield name


def _print(report: Report, form: str, prefix: str) -> None:
    match form:
        case "json":
            print(_json(report))
        case "github":
            from jiti_bot.commands.complain import annotation

            for found in report.findings:
                text = f"{found.message} {found.remedy}"
                print(annotation(found.code, f"{prefix}{found.file}", found.line, text, found.level))
        case _ if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
            from jiti_bot.commands.complain import coloured

            for found in report.findings:
                where = f"{found.file}:{found.line}"
                print(coloured(sys.stdout, os.environ, where, found.message, found.remedy, found.level))
        case _:
            for found in report.findings:
                print(found)


def _summary(report: Report, workspace: Workspace, *, staged: bool) -> str:
    count = len(report.findings)
    told = f"{count} finding{'s' if count != 1 else ''}."
    if staged and workspace.repository().unstaged({found.file for found in report.findings}):
        return f"{told} What is staged was judged, and on disk some of it is another: `git add` what you have mended."
    return told


def _json(report: Report) -> str:
    import json

    keys = ("file", "line", "code", "level", "message", "remedy")
    findings = [{key: getattr(found, key) for key in keys} for found in report.findings]
    return json.dumps({"findings": findings, "stubs": report.stubs}, indent=2)
