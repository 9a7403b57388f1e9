"""publish: the one stage with a token that may write. It executes nothing of the repository and nothing of a model.

What it reads was written on a machine that did, so nothing in it is believed: the ground is laid anew from the commit
that the event names, every path has to be that of a stub in it or of its own tests, and every file has to carry the
digests that the stub has here, body included. Only what people read (reports, flags, costs) is taken as it came, and
made safe where it is shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jiti_bot.forge.ground import store_of
from jiti_bot.forge.model import (
    Declined,
    File,
    NothingToDo,
    Obsolete,
    Opened,
    Outdated,
    Publication,
    Published,
    Unchanged,
    Updated,
)
from jiti_bot.forge.sections import sections
from jiti_bot.pipeline.former import Lookout, left, moved
from jiti_bot.pipeline.looking import look
from jiti_bot.planning.result import Result
from jiti_bot.source.parse import syntax_tree
from jiti_bot.stages import ground as grounds
from jiti_bot.stages.files import refused
from jiti_bot.stages.model import Decision, Work
from jiti_bot.stages.validate import is_theirs, put, their_methods
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.paths import GITIGNORE, IGNORED
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing
from jiti_bot.workspace import Workspace

_WHERE = "validated.json"


def publication(workspace: Workspace, decision: Decision, proved: Work, run_url: str = "") -> Publication:
    """What the pull request of a base branch is to propose. Raises `StageError` for anything that does not add up."""
    if proved.sha != decision.sha:
        raise refused(f"It is about {proved.sha[:12]}, and the event about {decision.sha[:12]}", _WHERE)
    specs = grounds.asked(workspace, decision.sha)
    ground = grounds.lay(workspace, decision.sha, decision.head_sha)
    standings = look(workspace)
    for standing in standings.values():  # what the bot's branch proposes counts only as far as it was proved again
        base = {path: ground.base.get(path) for path in grounds.places(standing) if path in ground.proposed}
        ground.put(standing.spec.store, base)
    gone = _taken_over(workspace, proved.texts)
    put(ground, standings.values(), proved.texts, _WHERE)
    standings = look(workspace)
    for standing in standings.values():
        _check(ground, standing, proved.texts)
    results = {one.key: one for one in proved.results}
    strange = sorted(results.keys() - standings.keys())
    if strange:
        raise refused(f"There is no stub {strange[0][:300]!r} in this commit", _WHERE)
    prefix = workspace.repository().prefix()
    files = {**dict(_with_ignored(workspace, decision, proved)), **dict.fromkeys(gone)}
    told = [_honest(results[key], standing) for key, standing in standings.items() if key in results]
    return Publication(
        base=decision.base,
        base_sha=decision.sha,
        files=tuple(File(prefix + path, text) for path, text in sorted(files.items())),
        sections=sections(standings, told, standings.dependencies, prefix),
        specs=specs,
        run_url=run_url,
        head_sha=decision.head_sha,
        trailer=workspace.settings.trailer,
    )


def _taken_over(workspace: Workspace, texts: Mapping[str, str]) -> list[str]:
    """What stubs that are gone left in the base's stores, and that came back as the code of others: it is to go."""
    tree, standings = workspace.work_tree(), look(workspace)
    gone: list[str] = []
    for key, stray in moved(tree, standings.values()).taken.items():
        spec = standings[key].spec
        former = left(tree, spec, stray, Lookout(git=False))
        came = parse_entry(spec.path, texts.get(spec.path, "").encode())
        if former is None or not isinstance(came, Entry) or came.code != former.code:
            continue
        if came.is_edited or not former.entry.is_edited:  # a person's work goes only where it stays known as that
            gone += [path for path, _ in former.gone]
    return gone


def _with_ignored(workspace: Workspace, decision: Decision, proved: Work) -> Iterator[tuple[str, str]]:
    """The proved files, and for a store that is new the `.gitignore` that goes with every store."""
    yield from proved.texts.items()
    stores = {store_of(path) for path in proved.texts}
    with workspace.revision_tree(decision.sha) as tree:
        for store in stores:
            path = f"{store}/{GITIGNORE}"
            if not tree.exists(path):
                yield path, IGNORED


def as_json(published: Published) -> dict[str, Any]:
    """The members of published.json."""
    number, url, sha, reason = (getattr(published, name, "") for name in ("number", "url", "sha", "reason"))
    return {
        "outcome": _NAMES[type(published)],
        "number": number or 0,
        "url": url[:4000],
        "sha": sha,
        "reason": reason[:10_000],
    }


_NAMES: Mapping[type, str] = {
    Opened: "opened",
    Updated: "updated",
    Unchanged: "unchanged",
    Obsolete: "obsolete",
    Declined: "declined",
    NothingToDo: "nothing",
    Outdated: "outdated",
}


def _check(ground: grounds.Ground, standing: Standing, texts: Mapping[str, str]) -> None:
    """Raise `StageError` unless what came for a unit fits it."""
    came = [path for path in grounds.places(standing) if path in texts]
    if not came:
        return
    state, key = standing.state, standing.spec.key
    if not isinstance(standing.committed, Entry):
        raise refused(f"What came for {key} is no committed file: {state.reason}", _WHERE)
    for path in came:
        try:
            syntax_tree(texts[path])
        except SyntaxError as error:
            raise refused(f"What came as {path} does not parse: {error.msg}", _WHERE) from error
    if state.condition is Condition.CURRENT or is_theirs(ground, standing) or their_methods(ground, standing):
        return
    if state.condition is Condition.EDITED:
        raise refused(f"The body of {key} is not the one that its header was written for", _WHERE)
    raise refused(f"The file of {key} does not fit its stub: {state.reason or state.condition.value}", _WHERE)


def _honest(result: Result, standing: Standing) -> Result:
    """A result that does not claim more than what came: done only where the unit is done here."""
    fits = standing.state.condition in {Condition.CURRENT, Condition.EDITED} and not standing.state.stale_parts
    if result.good and not fits:
        raise refused(f"{standing.spec.key} is said to be done, and its file did not come", _WHERE)
    return result
