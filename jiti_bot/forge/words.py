"""What the bot says in commits and comments. Markers that nobody sees make each word a word said once."""

import shlex
from collections.abc import Sequence

from jiti_bot.errors import JitiError, RepositoryError
from jiti_bot.forge.ground import store_of
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.model import Comment, Publication, Where
from jiti_bot.forge.remote import Pull
from jiti_bot.forge.sanitise import code, one_line

_LISTED = 20  # keys in a commit's message

HELP = """\
Comments that begin with `/jiti`, by people who may write to this repository:

| comment | what it does |
|---|---|
| `/jiti regenerate KEY [hint]` | writes that stub again, minding the hint |
| `/jiti keep KEY` | checks the body as it stands against the changed stub, and keeps it |
| `/jiti retry` | tries again what failed; on a closed pull request, opens it again |
| `/jiti help` | shows this |

On a line of a generated file, `/jiti` and a few words are a hint for that file's stub. One command a comment; an edited
comment is not read."""


def commit_message(publication: Publication, tree: str) -> str:
    """The message of the bot's commit; its last lines let the bot know its own work, and the base it was judged on."""
    good = [section.result.key for section in publication.sections if section.result.good]
    subject = f"Implement {good[0]}" if len(good) == 1 else f"Implement {len(good)} stubs"
    listed = [f"- {one_line(key)}" for key in good[:_LISTED]] if len(good) > 1 else []
    if len(good) > _LISTED:
        listed.append(f"- and {len(good) - _LISTED} more")
    trailers = [one_line(publication.trailer)] if publication.trailer.strip() else []
    trailers += [f"Jiti-Base: {publication.base_sha}", f"Jiti-Tree: {tree}"]
    return "\n\n".join(filter(None, (one_line(subject, 100), "\n".join(listed), "\n".join(trailers)))) + "\n"


def obsolete(publication: Publication) -> str:
    """The word with which a pull request is closed that nobody needs any more."""
    return (
        f"Every stub on {code(publication.base)} has a body that fits it (as of {publication.base_sha[:12]}), so there "
        "is nothing left to propose here. The branch stays as it is; when a stub is new or changes, this is opened "
        "again."
    )


def unknown(pull: Pull, branch: str, paths: Sequence[str]) -> JitiError:
    """The error where a publication would take back what it never saw."""
    more = f" and {len(paths) - 1} more files" if len(paths) > 1 else ""
    stores = " ".join(sorted({shlex.quote(store_of(path)) for path in paths}))
    return RepositoryError(
        f"#{pull.number} proposes {paths[0]}{more}, which this work tree does not hold: nothing was published.",
        remedy=f"Bring it here first: git fetch origin {branch} && git checkout FETCH_HEAD -- {stores}",
    )


def marker(name: str) -> str:
    """The comment by which a word is found again. ``name`` holds letters, digits and spaces."""
    return f"<!-- jiti-bot:{name} -->"


def is_said(comments: Sequence[Comment], pull: Pull, hub: Hub, name: str) -> bool:
    """Whether the bot has said ``name`` already; what others quote does not count, nor what it quotes itself."""
    wanted = marker(name)
    return any(one.text.startswith(wanted) and speaks_for_us(one, pull, hub) for one in comments)


def speaks_for_us(comment: Comment, pull: Pull, hub: Hub) -> bool:
    """Whether a comment's author is the bot, under any of the accounts whose tokens it may have been given."""
    return comment.by_bot or comment.author in {pull.author, hub.login} - {""}


def say_once(hub: Hub, pull: Pull, name: str, text: str, about: Comment | None = None) -> bool:
    """Say ``text`` unless it was said; ``about`` is a comment on a line to answer below. Whether it was said now."""
    if is_said((*hub.conversation(pull.number), *hub.line_comments(pull.number)), pull, hub, name):
        return False
    whole = f"{marker(name)}\n{text}"
    if about is not None and about.where is Where.LINE:
        hub.reply(pull.number, about.id, whole)
        return True
    hub.say(pull.number, whole)
    ours = [
        one.id
        for one in hub.conversation(pull.number)
        if one.text.startswith(marker(name)) and speaks_for_us(one, pull, hub)
    ]
    for twin in sorted(ours)[1:]:  # somebody else said the same at the same moment
        hub.unsay(twin)
    return True
