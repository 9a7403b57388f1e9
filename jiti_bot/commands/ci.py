"""One stage of the bot, with files as its interface: gate, plan, generate, validate, publish, report.

Made for machines that check the repository out for nothing else: stages make the store in the work tree what the
commit holds. https://jiti-bot.github.io/jiti-bot/action/ says which stage needs what, and which must never have what.
"""

import argparse
import json
import os
import posixpath
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jiti_bot.errors import EXIT_CODES, OK, StageError, UsageError, without_extra

if TYPE_CHECKING:
    from collections.abc import Callable

    from jiti_bot.forge.hub import Hub
    from jiti_bot.stages.event import Occasion
    from jiti_bot.stages.model import Decision, Work
    from jiti_bot.workspace import Workspace

_MAX_EVENT = 16 * 1024 * 1024
_PAYLOAD = "Give --payload the file that GITHUB_EVENT_PATH names."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("stage", choices=tuple(_STAGES), help="what to do")
    parser.add_argument("--dir", default="jiti-stages", metavar="DIR", help="where stages leave files for each other")
    parser.add_argument("--event", default="", metavar="NAME", help="gate, publish: the event's name, such as push")
    parser.add_argument("--payload", metavar="FILE", help="gate, publish: the event's payload as JSON")
    parser.add_argument("--ref", default="", help="gate, publish: the ref that a run started by hand is about")
    parser.add_argument("--sha", default="", help="gate, publish: the commit that a run started by hand is about")
    parser.add_argument("--run-url", default="", metavar="URL", help="publish: where the run can be seen")
    parser.add_argument("--shards", type=int, default=1, metavar="N", help="plan: at most N shards")
    parser.add_argument("--shard", type=int, default=1, metavar="N", help="generate: which shard")
    parser.add_argument("--jobs", type=int, metavar="N", help="generate: ask about at most N stubs at once")
    parser.add_argument("--max-usd", type=float, metavar="X", dest="max_usd_run", help="generate: spend at most X")
    parser.add_argument("--model", metavar="ID", help="generate: the model to ask")
    parser.add_argument("--python", metavar="PATH", help="generate, validate: the project's interpreter")


def run(arguments: argparse.Namespace) -> int:
    """Run the stage; its exit code."""
    try:
        return _STAGES[arguments.stage](arguments)
    except ImportError as error:
        raise without_extra(error, "this stage") from error


def _gate(arguments: argparse.Namespace) -> int:
    from jiti_bot.stages import files, gate

    decision = gate.decide(_occasion(arguments), _hub(arguments, needed=False))
    files.write(Path(arguments.dir), "gate", "gate", decision.as_json())
    print(f"{decision.task.value}: {decision.reason}")
    return OK


def _acknowledge(arguments: argparse.Namespace) -> int:
    from jiti_bot.forge import comments
    from jiti_bot.stages import gate

    hub = _hub(arguments, needed=True)
    assert hub is not None
    decision = gate.decide(_occasion(arguments), hub)
    seen = gate.seen(decision, hub)
    if seen is not None:
        comments.acknowledge(hub, seen)
    print(f"{len(seen.orders) if seen else 0} comments were acknowledged.")
    return OK


def _plan(arguments: argparse.Namespace) -> int:
    from jiti_bot.stages import files, ground, plan

    if not 1 <= arguments.shards <= plan.MOST_SHARDS:
        raise UsageError(
            f"There cannot be {arguments.shards} shards.", remedy=f"Give --shards 1 to {plan.MOST_SHARDS}."
        )
    decision = _decision(arguments)
    workspace = _workspace(arguments)
    asked = ground.asked(workspace, decision.sha) if decision.declined or decision.tried else {}
    ground.lay(workspace, decision.sha, decision.head_sha)
    todo = plan.todo(workspace, decision)
    due = plan.open_to(todo, decision, asked)
    aside = plan.aside(due, decision, asked)
    left = plan.without(due, aside)
    found = plan.as_json(left, decision, arguments.shards, workspace.repository().prefix())
    files.write(Path(arguments.dir), "plan", "plan", found)
    for number, keys in enumerate(found["shards"], 1):
        print(f"shard {number}: {', '.join(keys)}")
    if len(due.plan.pending) < len(todo.plan.pending):
        print("A person closed the pull request, and nothing else is asked for since. `/jiti retry` there opens it.")
    for key, why in aside.items():
        print(f"{key}: left alone: {why}.")
    print(f"{sum(map(len, found['shards']))} pending, {len(found['stubs'])} stubs in all.")
    return OK


def _generate(arguments: argparse.Namespace) -> int:
    from jiti_bot.commands.progress import Lines
    from jiti_bot.pipeline.generate import Watch
    from jiti_bot.stages import files, generate

    decision, folder = _decision(arguments), Path(arguments.dir)
    shards = files.read(folder, "plan", "plan")["shards"]
    if not 1 <= arguments.shard <= len(shards):
        remedy = f"Give --shard 1 to {len(shards)}." if shards else "Nothing is pending: go on with `jiti ci validate`."
        raise UsageError(f"There is no shard {arguments.shard}: plan made {len(shards)}.", remedy=remedy)
    lines = Lines(_write)
    watch = Watch(lines.event, lambda line: print(line, file=sys.stderr, flush=True))
    work, failed = generate.generate(_workspace(arguments), decision, shards[arguments.shard - 1], watch)
    files.write(folder, generate.shard_name(arguments.shard), "shard", work.as_json())
    for one in work.results:
        lines.result(one)
    if failed is not None:
        raise failed
    return OK


def _validate(arguments: argparse.Namespace) -> int:
    from jiti_bot.commands.progress import Lines
    from jiti_bot.stages import files, validate

    proved = validate.validate(_workspace(arguments), _decision(arguments), _claims(Path(arguments.dir)))
    files.write(Path(arguments.dir), "validated", "validated", proved.as_json())
    lines = Lines(_write)
    for one in proved.results:
        lines.result(one)
    good = sum(one.good for one in proved.results)
    print(f"{good} of {len(proved.results)} proved; {len(proved.texts)} files.")
    return OK


def _publish(arguments: argparse.Namespace) -> int:
    from jiti_bot.forge import comments
    from jiti_bot.forge.publish import publish as bring
    from jiti_bot.stages import files, gate, model, publish
    from jiti_bot.stages.event import Task

    hub, folder, decision = _hub(arguments, needed=True), Path(arguments.dir), _decision(arguments)
    assert hub is not None
    gate.confirm(decision, _occasion(arguments), hub)
    results, published = {}, None
    if decision.task is Task.GENERATE:
        proved = model.work(files.read(folder, "validated", "validated"), "validated.json")
        wanted = publish.publication(_workspace(arguments), decision, proved, arguments.run_url)
        results = {section.result.key: section.result for section in wanted.sections}
        published = bring(hub, wanted)
        told = publish.as_json(published)
        files.write(folder, "published", "published", told)
        print(f"{told['outcome']}: {told['url'] or told['reason'] or 'nothing to publish'}")
    seen = gate.seen(decision, hub)
    if seen is not None:
        comments.answer(hub, seen, results, published)
    return OK


def _report(arguments: argparse.Namespace) -> int:
    from jiti_bot.commands.generate import exit_code
    from jiti_bot.stages import files, report

    folder = Path(arguments.dir)
    plan = files.read(folder, "plan", "plan") if files.present(folder, "plan") else None
    told = report.Told(
        decision=_decision(arguments) if files.present(folder, "gate") else None,
        plan=plan,
        work=_work(folder),
        published=files.read(folder, "published", "published") if files.present(folder, "published") else None,
    )
    files.write(folder, "report", "report", report.as_json(told))
    print(report.summary(told))
    results = told.work.results if told.work else ()
    if told.work and told.work.error and not results:
        return EXIT_CODES["incomplete"][0]
    return exit_code(results, found=bool(plan and plan["findings"]))


def _work(folder: Path) -> "Work | None":
    """What was proved, or where that was not reached, what the shards said."""
    from jiti_bot.stages import files, generate, model

    if files.present(folder, "validated"):
        return model.work(files.read(folder, "validated", "validated"), "validated.json")
    return _claims(folder) if generate.shard_files(folder) else None


def _claims(folder: Path) -> "Work":
    from jiti_bot.stages import files, generate, model

    names = generate.shard_files(folder)
    return model.merged([model.work(files.read(folder, name, "shard"), f"{name}.json") for name in names])


def _decision(arguments: argparse.Namespace) -> "Decision":
    from jiti_bot.stages import files, model

    return model.decision(files.read(Path(arguments.dir), "gate", "gate"))


def _occasion(arguments: argparse.Namespace) -> "Occasion":
    """The event that started the run. Raises `UsageError`, `StageError`."""
    from jiti_bot.stages.event import Occasion

    if not arguments.event or not arguments.payload:
        raise UsageError("This stage needs the event.", remedy="Give --event NAME and --payload FILE.")
    try:
        with open(arguments.payload, "rb") as file:
            data = file.read(_MAX_EVENT + 1)
        payload = json.loads(data) if len(data) <= _MAX_EVENT else None
    except OSError as error:
        raise UsageError(
            f"The payload cannot be read: {error.strerror}.", remedy=_PAYLOAD, where=arguments.payload
        ) from error
    except (ValueError, RecursionError) as error:
        raise StageError("The payload is not JSON.", remedy=_PAYLOAD, where=arguments.payload) from error
    if not isinstance(payload, dict):
        raise StageError("The payload is no JSON object of usual size.", remedy=_PAYLOAD, where=arguments.payload)
    return Occasion(arguments.event, payload, arguments.ref, arguments.sha)


def _hub(arguments: argparse.Namespace, *, needed: bool) -> "Hub | None":
    """GitHub, as the environment's token sees it; None without a token where none is needed."""
    if not needed and not os.environ.get("GITHUB_TOKEN"):
        return None
    from jiti_bot.forge.hub import connect

    folder = posixpath.normpath(arguments.directory)  # from the top: gate has no checkout to ask
    return connect(os.environ, "" if folder in {".", ".."} or folder.startswith(("../", "/")) else folder)


def _workspace(arguments: argparse.Namespace) -> "Workspace":
    """The checkout, which is ours to change; what is judged there is judged in a sandbox."""
    from jiti_bot.workspace import open_workspace

    if not os.environ.get("CI"):
        raise UsageError(
            "A stage makes the store in this work tree what the commit holds: what you did not commit there would go.",
            remedy="Set CI=true where that is meant; on a laptop use `jiti generate` and `jiti pr`.",
        )
    given = {name: getattr(arguments, name) for name in ("jobs", "max_usd_run", "model", "python")}
    return open_workspace(arguments.directory, os.environ, {**given, "sandbox": "required"})


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


_STAGES: "dict[str, Callable[[argparse.Namespace], int]]" = {
    "gate": _gate,
    "acknowledge": _acknowledge,
    "plan": _plan,
    "generate": _generate,
    "validate": _validate,
    "publish": _publish,
    "report": _report,
}
