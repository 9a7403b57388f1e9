"""Have a model implement what is missing or stale; keep what ruff, ty and the tests have proved.

TARGET is a key (app.text.slugify), a dotted module or a file; without one, everything pending in the project. Writes
nothing outside of the store and never touches git.
"""

from __future__ import annotations

import os
import sys
from types import MappingProxyType

from jiti_bot import known, sound
from jiti_bot.errors import EXIT_CODES, OK, JitiError, without_extra
from jiti_bot.light import SimpleNamespace
from jiti_bot.workspace import Workspace, open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from jiti_bot.pipeline.pending import Pending
    from jiti_bot.planning.result import Result

    Arguments = Namespace | SimpleNamespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="a key, a dotted module or a file")
    parser.add_argument("--diff", metavar="BASE..HEAD", help="only what changed between two revisions")
    parser.add_argument("--jobs", type=int, metavar="N", help="ask the model about at most N stubs at once")
    parser.add_argument(
        "--max-usd", type=float, metavar="X", dest="max_usd_run", help="spend at most X dollars in this run"
    )
    parser.add_argument("--model", metavar="ID", help="the model to ask")
    parser.add_argument("--sandbox", choices=("required", "auto", "off"), help="whether code may run without a sandbox")
    parser.add_argument(
        "--from", action="append", metavar="REF", dest="revisions", help="look for implementations there first"
    )
    parser.add_argument("--anew", action="store_true", help="ask a model even where a former implementation fits")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, in order, and stop")
    parser.add_argument("--json", action="store_true", help="print results as JSON")


def quick(arguments: Sequence[str]) -> SimpleNamespace | None:
    """The command line as CI and people write it mostly, with nothing; None for any other."""
    if arguments:
        return None
    unset = dict.fromkeys(("diff", "jobs", "max_usd_run", "model", "sandbox", "revisions"))
    return SimpleNamespace(targets=[], anew=False, dry_run=False, json=False, **unset)


def run(arguments: Arguments) -> int:
    """Generate, show it, and say by the exit code how it went."""
    given = {name: getattr(arguments, name) for name in ("jobs", "max_usd_run", "model", "sandbox")}
    workspace = open_workspace(arguments.directory, os.environ, given)
    if not (arguments.targets or arguments.diff is not None or arguments.json):
        stubs = _all_current(workspace)
        if stubs is not None:
            print(_dry(0, stubs) if arguments.dry_run else _idle(stubs, stubs))
            return OK
    return _run(arguments, workspace)


def _all_current(workspace: Workspace) -> int | None:
    """How many stubs there are, if a check has found that nothing is to be done about any and all is as it was.

    What that check looked at is all that a plan is made from: with nothing pending nothing else has a say in it. What
    is found out here is not kept.
    """
    if workspace.git is None:
        return None
    with workspace.work_tree() as tree:
        return sound.was_sound(tree, known.home(workspace.git), strict=True)


def _run(arguments: Arguments, workspace: Workspace) -> int:
    import json

    from jiti_bot.commands.complain import facts, say
    from jiti_bot.pipeline.former import Lookout
    from jiti_bot.pipeline.pending import pending
    from jiti_bot.planning.result import summarise

    out = None if arguments.anew else Lookout(tuple(arguments.revisions or ()))
    todo = pending(workspace, arguments.targets, arguments.diff, out)
    told = {problem for step in todo.plan.steps for problem in step.spec.problems}  # it stands with the stub's result
    said = (*todo.findings, *todo.obstacles) if arguments.dry_run else (one for one in todo.findings if one not in told)
    for one in dict.fromkeys(said):
        print(one, file=sys.stderr)
    if arguments.dry_run:
        return _dry_run(todo, as_json=arguments.json)
    stream = None if arguments.json else sys.stdout
    results, error = carry_out(workspace, todo, stream) if todo.plan.pending else (_settled(todo), None)
    if arguments.json:
        document: dict[str, object] = {"stubs": [one.as_json() for one in results], "summary": summarise(results)}
        if isinstance(error, JitiError):
            document["error"] = facts(error)
        print(json.dumps(document, indent=2))
    elif not todo.plan.pending:
        _nothing(results)
    if isinstance(error, JitiError):
        say(error, os.environ)
        return error.exit_code
    if error is not None:
        raise error
    return exit_code(results, found=bool(todo.findings))


def exit_code(results: Iterable[Result], *, found: bool = False) -> int:
    """The exit code of a run: of its one kind of failure, or `incomplete` where there are several."""
    codes = {one.code or "incomplete" for one in results if not one.good}
    if not codes:
        return EXIT_CODES["findings"][0] if found else OK
    code = codes.pop() if len(codes) == 1 else "incomplete"
    return EXIT_CODES.get(code, EXIT_CODES["incomplete"])[0]


def _settled(todo: Pending) -> tuple[Result, ...]:
    from jiti_bot.pipeline.settled import settled

    return settled(todo)


def carry_out(
    workspace: Workspace,
    todo: Pending,
    stream: TextIO | None,
    *,
    observed: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[tuple[Result, ...], BaseException | None]:
    """Work through the plan and show it on ``stream``; the results, and what ended the run early.

    ``observed`` are calls that a program made, by key.
    """
    from jiti_bot.planning.result import Outcome

    try:
        from jiti_bot.commands.progress import watching
        from jiti_bot.pipeline.generate import Watch, session
        from jiti_bot.pipeline.run import Failure
    except ImportError as error:
        raise without_extra(error, "generating") from error
    results = list(_settled(todo))
    failed: BaseException | None = None
    with watching(stream or sys.stdout, len(todo.plan.pending), quiet=stream is None) as progress:
        for one in results:
            if one.outcome is not Outcome.CURRENT:
                progress.result(one)
        try:
            with session(workspace, todo, Watch(progress.event, _log, observed=observed)) as work:
                for one in work.results:
                    if isinstance(one, Failure):
                        failed = one.error
                        continue
                    results.append(one)
                    progress.result(one)
        except KeyboardInterrupt as error:
            failed = error
    if stream is not None:
        _sum_up(tuple(results), stream)
    return tuple(results), failed


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _sum_up(results: tuple[Result, ...], stream: TextIO) -> None:
    from jiti_bot.planning.result import Outcome, summarise

    facts = summarise(results)
    counts = ", ".join(f"{facts[one.value]} {one.value}" for one in Outcome if facts[one.value])
    usd = facts["usd"]
    cost = f"${usd:.4f}" if isinstance(usd, float | int) else "price unknown"
    print(f"{counts}; {cost}", file=stream)


def _nothing(results: tuple[Result, ...]) -> None:
    for one in results:
        if not one.good:
            print(f"{one.key}: {one.outcome.value}: {one.reason}")
    print(_idle(sum(one.good for one in results), len(results)))


def _idle(good: int, count: int) -> str:
    if not count:
        return "There are no stubs here."
    return f"{'Nothing to do' if good == count else 'Nothing more can be done'}: {good} of {count} stubs are current."


def _dry_run(todo: Pending, *, as_json: bool) -> int:
    """Say what would be done, in order."""
    import json

    from jiti_bot.planning.plan import Action

    steps = todo.plan.steps
    if as_json:
        rows = [
            {
                "key": step.spec.key,
                "action": step.action.value,
                "state": step.state.condition.value,
                "stale_parts": list(step.state.stale_parts),
                "needs": sorted(step.needs),
                "path": step.spec.path,
            }
            for step in steps
        ]
        print(json.dumps({"stubs": rows}, indent=2))
        return OK
    shown = [step for step in steps if step.action is not Action.NOTHING]
    for step in shown:
        after = f", after {', '.join(sorted(step.needs))}" if step.needs else ""
        print(f"{step.spec.key}: {step.action.value} ({step.state.reason or step.state.condition.value}{after})")
    print(_dry(len(todo.plan.pending), len(steps) - len(shown)))
    return OK


def _dry(pending: int, current: int) -> str:
    return f"{pending} pending, {current} current; nothing was done."
