"""Bring a publication to GitHub: one branch, one pull request, and nobody's work lost.

Each attempt looks first and then does the next steps that are missing: objects, then the branch, then the pull request.
When a reply is lost or somebody else was quicker, the next attempt looks again: every step may have been done before.
A branch only ever moves forwards.
"""

import contextlib
from dataclasses import dataclass, replace

from jiti_bot.errors import JitiError, ServiceError, StoreError
from jiti_bot.forge import body, faults, state, words
from jiti_bot.forge.branch import branch_name, is_ours
from jiti_bot.forge.comments import wants_retry
from jiti_bot.forge.faults import ConflictError, LostError
from jiti_bot.forge.find import Found, find
from jiti_bot.forge.ground import Ground, store_of, survey
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.model import (
    Declined,
    NothingToDo,
    Obsolete,
    Opened,
    Outdated,
    Publication,
    Published,
    Unchanged,
    Updated,
)
from jiti_bot.forge.remote import Pull
from jiti_bot.planning.result import Outcome
from jiti_bot.store.write import MAX_FILE

_ATTEMPTS = 8
_ANEW = "Nothing was published. Run it again from a fresh checkout."


@dataclass(slots=True)
class _Run:
    """What this call has done so far. ``made`` is the branch's head where it made the branch itself."""

    hub: Hub
    publication: Publication
    wrote: bool = False
    opened: bool = False
    made: str = ""


def publish(hub: Hub, publication: Publication) -> Published:
    """Make GitHub hold ``publication``, whatever part of it is there already.

    Raises `JitiError` with the next step where the token or a rule forbids it, `ServiceError` where GitHub fails; a
    branch that this call made is then gone again.
    """
    check(publication)
    publication = _about(publication)
    if is_ours(publication.base):
        return NothingToDo("Pushes to the bot's own branches start nothing.")
    run = _Run(hub, publication)
    try:
        return _tried(run)
    except JitiError:
        _undo(run)
        raise


def check(publication: Publication) -> None:
    """Raise `StoreError` for a file that lies outside of a store or cannot be written as it is."""
    seen: set[str] = set()
    for file in publication.files:
        parts = file.path.split("/")
        odd = {"", ".", "..", ".git"} & {part.lower() for part in parts} or "\\" in file.path
        if odd or not store_of(file.path) or not file.path.isprintable():
            raise StoreError(f"{file.path!r} lies in no store.", remedy=_ANEW)
        if file.path in seen:
            raise StoreError(f"{file.path} is there twice.", remedy=_ANEW)
        seen.add(file.path)
        if file.text is not None and (len(file.text) > MAX_FILE or not _is_unicode(file.text)):
            said = f"it has more than {MAX_FILE:,} characters, or is not UTF-8."
            raise StoreError(said, remedy="Nothing was published. Shorten it, or save it as UTF-8.", where=file.path)


def _about(publication: Publication) -> Publication:
    """A publication of what is proposed or failed alone: of what the base holds already there is nothing to tell."""
    proposed = {file.path for file in publication.files}
    sections = tuple(
        one for one in publication.sections if one.result.outcome is not Outcome.CURRENT or one.result.path in proposed
    )
    keys = {one.result.key for one in sections}
    specs = {key: digest for key, digest in publication.specs.items() if key in keys}
    return replace(publication, sections=sections, specs=specs)


def _tried(run: _Run) -> Published:
    said = ""
    for tried in range(_ATTEMPTS):
        if tried:
            run.hub.pause(min(2.0 ** (tried - 1), 20.0))
        try:
            outcome = _attempt(run)
        except (LostError, ConflictError) as error:
            said = str(error)
            continue
        if isinstance(outcome, Outdated | NothingToDo | Declined):
            _undo(run)
        return outcome
    raise ServiceError(f"GitHub took none of {_ATTEMPTS} attempts to publish: {said}.", remedy="Run again later.")


def _attempt(run: _Run) -> Published:
    hub, publication = run.hub, run.publication
    tip = hub.branch(publication.base)
    if tip is None:
        return Outdated(f"The branch {publication.base} is gone.")
    if tip != publication.base_sha and not _descends(hub, publication.base_sha, tip):
        return Outdated(f"The branch {publication.base} was rewritten.")
    found = find(hub, publication.base)
    pull = found.pull
    if not publication.files and all(section.result.good for section in publication.sections):
        return _retire(run, pull)
    memory = state.read(pull.body) if pull else state.Remembered()
    if pull is not None and not pull.is_open:
        again = memory.obsolete or state.asks_for_more(publication.specs, memory) or wants_retry(hub, pull)
        if not again:
            why = "A person closed it, and nothing that it was asked for has changed since."
            return Declined(pull.number, why, pull.url)
        memory = replace(memory, obsolete=False, told="")
    if not publication.files:
        return _tell(run, found, memory) if pull and pull.is_open else NothingToDo("No stub was implemented.")
    return _propose(run, found, memory, tip)


def _propose(run: _Run, found: Found, memory: state.Remembered, tip: str) -> Published:
    """Bring the branch, and then the pull request, to where they have to be."""
    hub, publication = run.hub, run.publication
    head = hub.branch(found.branch)
    opener = found.pull.author if found.pull else ""
    ground = survey(hub, publication, head, tip, opener=opener, spent=head in found.spent)
    later = ground.judged_on
    if later not in {"", publication.base_sha} and _descends(hub, publication.base_sha, later):
        return Outdated(f"A run on {later[:12]}, which is later, has published already.")
    unknown = ground.unknown(publication.aside) if found.pull and found.pull.is_open else []
    if found.pull and unknown:
        raise words.unknown(found.pull, found.branch, unknown)
    if not ground.settled.over(ground.tip_files):
        return _retire(run, found.pull)
    at = ground.last.sha if ground.last else ground.head.sha if ground.head else ""
    if ground.head is None or ground.pending:
        at = _commit(run, found.branch, ground)
    return _tell(run, found, replace(memory, at=at), ground.settled.kept)


def _commit(run: _Run, branch: str, ground: Ground) -> str:
    """Lay a commit on top of the branch, or make the branch; the branch's new head."""
    hub, head = run.hub, ground.head
    run.wrote = True
    if head is None or (ground.behind and ground.moved is not None):
        start, parents = ground.base, ground.parents
        files = {**(ground.moved or {}), **dict(ground.settled.over(ground.base_files))}
    else:
        start, parents = head, [head.sha]
        files = dict(ground.settled.over(ground.head_files))
    tree = hub.write_tree(start.tree, sorted(files.items()))
    sha = hub.write_commit(words.commit_message(run.publication, tree), tree, parents)
    try:
        if head is None:
            hub.create_branch(branch, sha)
            run.made = sha
        else:
            hub.move_branch(branch, sha)
    except ConflictError as error:
        if faults.may_pass(error.said):
            raise
        raise faults.ruled_out(error.said, branch) from error
    return sha


def _tell(run: _Run, found: Found, memory: state.Remembered, kept: tuple[str, ...] = ()) -> Published:
    """Bring the pull request's text up to date, or open it."""
    hub, publication, pull = run.hub, run.publication, found.pull
    now = body.remember(publication, memory)
    told = body.fingerprint(publication, kept, now)
    if pull is not None and pull.is_open and memory.told == told and not memory.obsolete:
        return _outcome(run, pull, memory.at)
    now = replace(now, told=told, obsolete=False)
    page = body.Page(
        hub.repository, hub.site, memory.at, publication.base, publication.base_sha, publication.run_url, kept
    )
    sections = body.with_costs(body.recalled(publication.sections, memory), now)
    text = body.render(sections, page=page, memory=now)
    title = body.title([section.result for section in sections])
    run.wrote = True
    if pull is not None and pull.is_open:
        edited = hub.edit_pull(pull.number, title=_title(pull, title), body=text)
        if not edited.is_open:
            raise ConflictError(f"#{pull.number} was merged or closed meanwhile")
        return _outcome(run, edited, memory.at)
    run.opened = True
    if pull is not None:
        try:
            opened = hub.edit_pull(pull.number, title=_title(pull, title), body=text, state="open")
            return _outcome(run, opened, memory.at)
        except ConflictError:
            pass  # GitHub does not open one again whose branch is gone or was made anew
    return _outcome(run, hub.open_pull(found.branch, publication.base, title, text), memory.at)


def _outcome(run: _Run, pull: Pull, sha: str) -> Published:
    if run.opened:
        return Opened(pull.number, pull.url, sha)
    return Updated(pull.number, pull.url, sha) if run.wrote else Unchanged(pull.number, pull.url)


def _title(pull: Pull, title: str) -> str:
    """The new title, unless a person chose another one."""
    return title if body.is_title(pull.title) else pull.title


def _retire(run: _Run, pull: Pull | None) -> Published:
    """Close the pull request with a word: nothing is left to propose."""
    if pull is None or not pull.is_open:
        return Obsolete(pull.number, pull.url) if pull and run.wrote else NothingToDo("Nothing is missing or stale.")
    run.wrote = True
    memory = replace(state.read(pull.body), obsolete=True, told="")
    words.say_once(run.hub, pull, f"obsolete {run.publication.base_sha}", words.obsolete(run.publication))
    run.hub.edit_pull(pull.number, body=state.put(pull.body, memory), state="closed")
    return Obsolete(pull.number, pull.url)


def _descends(hub: Hub, old: str, new: str) -> bool:
    """Whether ``new`` is a later commit on top of ``old``."""
    apart = hub.compare(old, new)
    return apart is not None and apart.behind == 0 and apart.ahead


def _undo(run: _Run) -> None:
    """Take back a branch that was made for a pull request that cannot be: nothing is left half published."""
    if not run.made:
        return
    branch = branch_name(run.publication.base, run.hub.project)
    with contextlib.suppress(JitiError, LostError, ConflictError):
        if run.hub.branch(branch) == run.made and not any(pull.is_open for pull in run.hub.pulls(branch)):
            run.hub.delete_branch(branch)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
