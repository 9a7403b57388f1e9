"""generate: one shard is written and proved, in a sandbox, beside the key and far from any token that may write."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jiti_bot.errors import JitiError
from jiti_bot.pipeline.generate import Watch, session
from jiti_bot.pipeline.looking import look
from jiti_bot.pipeline.run import Failure
from jiti_bot.pipeline.settled import settled
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages import ground as grounds
from jiti_bot.stages import plan as plans
from jiti_bot.stages.model import Decision, Work
from jiti_bot.workspace import Workspace


def generate(
    workspace: Workspace, decision: Decision, keys: Sequence[str], watch: Watch | None = None
) -> tuple[Work, BaseException | None]:
    """Write the units ``keys``; the work, and what ended it early: what was finished before that is in the work.

    Raises `JitiError` where the work cannot begin.
    """
    watch = replace(watch or Watch(), hints={**decision.remembered, **decision.hints})
    ground = grounds.lay(workspace, decision.sha, decision.head_sha)
    todo = plans.todo(workspace, decision, keys)
    results: list[Result] = [one for one in settled(todo) if one.outcome is not Outcome.CURRENT]
    failed: BaseException | None = None
    if todo.plan.pending:
        try:
            with session(workspace, todo, watch) as under_way:
                for one in under_way.results:
                    if isinstance(one, Failure):
                        failed = one.error
                    else:
                        results.append(one)
        except KeyboardInterrupt as error:
            failed = error
    return Work(decision.sha, _texts(ground, results), tuple(results), _sentence(failed)), failed


def _texts(ground: grounds.Ground, results: Sequence[Result]) -> dict[str, str]:
    """The files of the units that were finished."""
    standings = look(ground.workspace)
    done = [standings[one.key] for one in results if one.good and one.key in standings]
    found = {path: ground.current(path) for standing in done for path in grounds.places(standing)}
    return {path: data.decode("utf-8") for path, data in found.items() if data is not None}


def _sentence(failed: BaseException | None) -> str:
    if failed is None:
        return ""
    return str(failed) if isinstance(failed, JitiError) else type(failed).__name__


def shard_name(number: int) -> str:
    """The name of a shard's stage file."""
    return f"shard-{number}"


def shard_files(folder: Path) -> tuple[str, ...]:
    """The names of the shards' stage files that lie in ``folder``, in their order."""
    names = [path.stem for path in folder.glob("shard-*.json")]
    numbered = [(int(tail), name) for name in names if (tail := name.removeprefix("shard-")).isdecimal()]
    return tuple(name for _, name in sorted(numbered)[: plans.MOST_SHARDS])
