"""The values between the stages and GitHub: what to publish, what came of it, what people asked for in comments.

Paths are posix and relative to the repository's root; shas are those of git objects, in hex.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jiti_bot.planning.result import Result

#: The trailer that commits carry unless a project says otherwise; '' for none.
TRAILER = "Generated-by: jiti-bot"


@dataclass(frozen=True, slots=True)
class Section:
    """One unit as the reviewer meets it.

    ``asked`` is the stub as it reads in its host, ``came`` the committed definition; ``place`` is where the stub
    stands, as ``file:line``; ``gates`` are names of tests, ``uses`` keys of other stubs that it uses,
    ``strength`` how many small changes of the body the tests notice: ``9 of 12 mutants``.
    """

    result: Result
    asked: str
    came: str
    place: str
    gates: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    is_test: bool = False
    strength: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """What a file under a store is to hold; ``text`` None: it is to go."""

    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything that the pull request of ``base`` is to propose, as judged on top of ``base_sha``.

    ``files`` is the whole difference from ``base_sha``, also what earlier runs proposed. ``specs`` is a digest for
    each unit's key, of all that was asked. ``head_sha`` is the head of the bot's branch that the run started from, ''
    where there was none: what somebody committed there since is theirs and stays. ``trailer`` is a line for the
    commit's message, '' for none. ``aside`` are paths of stubs that the publication says nothing of, with the blob that
    lies there where it was made ('' for none): it may take back what it knew, and nothing else that is proposed.
    """

    base: str
    base_sha: str
    files: tuple[File, ...]
    sections: tuple[Section, ...]
    specs: Mapping[str, str]
    run_url: str = ""
    head_sha: str = ""
    trailer: str = TRAILER
    aside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pull request was opened, or one that had been closed opened again. ``sha`` is its head."""

    number: int
    url: str
    sha: str


@dataclass(frozen=True, slots=True)
class Updated:
    """The open pull request has new commits or a new text. ``sha`` is its head."""

    number: int
    url: str
    sha: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The open pull request already says and holds all of it: nothing was touched."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Obsolete:
    """Nothing is left to propose: the pull request was closed with a word."""

    number: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """A person closed the pull request, and what is asked for is what it was then."""

    number: int
    reason: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """There is nothing to propose and no pull request that says otherwise."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outdated:
    """The run lags behind: the base is gone or was rewritten, or a later run has published. Nothing was touched."""

    reason: str


Published = Opened | Updated | Unchanged | Obsolete | Declined | NothingToDo | Outdated


@dataclass(frozen=True, slots=True)
class Regenerate:
    """``/jiti regenerate KEY [hint]``: write it again, minding ``hint``."""

    key: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """``/jiti keep KEY``: the body as it stands is what is wanted."""

    key: str


@dataclass(frozen=True, slots=True)
class Retry:
    """``/jiti retry``: try again what failed, and open again what was closed."""


@dataclass(frozen=True, slots=True)
class Help:
    """``/jiti help``: say what can be asked."""


Command = Regenerate | Keep | Retry | Help


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A comment begins with ``/jiti`` and goes on with nothing we know."""

    reason: str


class Where(StrEnum):
    """What a comment hangs on."""

    CONVERSATION = "conversation"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as GitHub holds it.

    ``created`` is a time in ISO 8601, ``path`` the file that a comment on a line is about, ``reactions`` are those of
    the bot's that somebody left.
    """

    id: int
    where: Where
    author: str
    text: str
    created: str = ""
    by_bot: bool = False
    edited: bool = False
    path: str = ""
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A command that somebody was allowed to give, with the comment that gave it."""

    comment: Comment
    command: Command


@dataclass(frozen=True, slots=True)
class Refusal:
    """A comment that is not acted on, and why; a ``silent`` one is not answered with words: anybody may write those."""

    comment: Comment
    reason: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people asked of a pull request.

    ``number`` is the pull request, ``base`` its base branch, ``head_sha`` its head. ``hints`` are the wishes, by key,
    for units that are now to be written again ('' for one without a hint), ``remembered`` the hints that were ever
    given, for whenever their units are written again. ``keep`` are the keys whose body is wanted as it stands,
    ``retry`` says that failures are to be tried again and a closed pull request to be opened. ``tried`` are short
    digests, by key, of what failed. ``orders`` and ``refused`` still wait for an answer.
    """

    number: int
    base: str
    head_sha: str
    hints: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    retry: bool = False
    tried: Mapping[str, str] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    refused: tuple[Refusal, ...] = ()
