"""Publish finished work as a pull request: what stands in the store here and is not on the base branch yet.

Nothing is generated, nothing is run, and your branches and work tree stay as they are: the commit is made on GitHub, on
a branch of the bot's. --dry-run prints the pull request's text and needs no token.
"""

import argparse
import json
import os
import sys

from jiti_bot.errors import EXIT_CODES, OK, RepositoryError, UsageError
from jiti_bot.forge import address, body
from jiti_bot.forge.body import Page
from jiti_bot.forge.local import Finished, finished
from jiti_bot.forge.model import Declined, NothingToDo, Obsolete, Opened, Outdated, Publication, Published, Updated
from jiti_bot.git import Git
from jiti_bot.workspace import Workspace, open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--base", metavar="B", help="the branch to propose it for (default: the one you are on)")
    parser.add_argument("--dry-run", action="store_true", help="print the pull request's text and stop")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Publish, and say what came of it."""
    workspace = open_workspace(arguments.directory, os.environ)
    git = workspace.repository()
    base = arguments.base or git.branch()
    if not base:
        raise UsageError("No branch is checked out here.", remedy="Name the base: jiti pr --base BRANCH.")
    env = address.with_remote(os.environ, git.remote_url())
    if arguments.dry_run:
        found = finished(workspace, base, _base_here(git, base))
        text = _preview(found.publication, env.get("GITHUB_REPOSITORY", ""))
        print(json.dumps(_planned(found, text), indent=2) if arguments.json else text.removesuffix("\n"))
        return _left_out(found)
    found, published = _publish(workspace, git, base, env)
    if arguments.json:
        print(json.dumps(_as_json(published, found), indent=2))
    else:
        print(_told(published))
    code = _left_out(found)
    return EXIT_CODES["findings"][0] if isinstance(published, Declined | Outdated) else code


def _publish(workspace: Workspace, git: Git, base: str, env: dict[str, str]) -> tuple[Finished, Published]:
    from jiti_bot.forge.hub import connect
    from jiti_bot.forge.publish import publish

    hub = connect(env, git.prefix().rstrip("/"))
    sha = hub.branch(base)
    if sha is None:
        raise RepositoryError(
            f"{hub.repository} has no branch {base}.", remedy="Push it first, or name another --base."
        )
    try:
        git.commit(sha)
    except RepositoryError as error:
        raise RepositoryError(
            f"{base} has moved on at GitHub, to {sha[:12]}, which is not here.", remedy="Run `git fetch` first."
        ) from error
    found = finished(workspace, base, sha)
    if not found.publication.files:  # what is missing here may well stand on the bot's branch: nothing is taken back
        return found, NothingToDo()
    return found, publish(hub, found.publication)


def _base_here(git: Git, base: str) -> str:
    """The base as this clone knows it: as it was last fetched, or the branch itself."""
    for name in (f"refs/remotes/origin/{base}", f"refs/heads/{base}"):
        try:
            return git.commit(name)
        except RepositoryError:
            continue
    raise RepositoryError(f"There is no branch {base} here.", remedy="Fetch it, or name another --base.")


def _preview(publication: Publication, repository: str) -> str:
    if not publication.files:
        return f"{_told(NothingToDo())}\n"
    page = Page(repository or "owner/name", "https://github.com", "", publication.base, publication.base_sha)
    return body.render(publication.sections, page=page)


def _left_out(found: Finished) -> int:
    for key, why in found.left_out.items():
        print(f"{key}: left out: {why}", file=sys.stderr)
    return EXIT_CODES["incomplete"][0] if found.left_out else OK


def _told(published: Published) -> str:
    match published:
        case Opened(url=url):
            return f"Opened {url}"
        case Updated(url=url):
            return f"Updated {url}"
        case Declined(number=number, reason=reason, url=url):
            return f"#{number} stays closed: {reason} Comment `/jiti retry` on it to open it again: {url}"
        case Obsolete(number=number):
            return f"Closed #{number}: nothing is left to propose."
        case NothingToDo():
            return "Nothing finished here differs from the base: there is nothing to propose."
        case Outdated(reason=reason):
            return reason
        case _:
            return f"Nothing new: {published.url}"


def _planned(found: Finished, text: str) -> dict[str, object]:
    files = [file.path for file in found.publication.files]
    facts = {"outcome": "planned", "files": files, "text": text} if files else {"outcome": "nothingtodo", "files": []}
    return {**facts, "left_out": dict(found.left_out)}


def _as_json(published: Published, found: Finished) -> dict[str, object]:
    facts = {name: getattr(published, name) for name in ("number", "url", "sha", "reason") if hasattr(published, name)}
    return {"outcome": type(published).__name__.lower(), **facts, "left_out": dict(found.left_out)}
