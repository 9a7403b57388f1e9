"""What GitHub holds beside git: people, tokens, pulls, words. Mutable on purpose: this is the service."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

Role = Literal["admin", "maintain", "write", "triage", "read", "none"]
Kind = Literal["app", "github_token", "pat", "fork", "expired"]
Access = Literal["read", "write"]

#: Roles from the most to the least.
ROLES: tuple[Role, ...] = ("admin", "maintain", "write", "triage", "read", "none")
START = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


def at_least(role: Role, wanted: Role) -> bool:
    """Whether a role gives what another one gives."""
    return ROLES.index(role) <= ROLES.index(wanted)


@dataclass(slots=True)
class Person:
    """An account: a person, a bot or an organization."""

    login: str
    id: int
    role: Role = "none"
    type: Literal["User", "Bot", "Organization"] = "User"


@dataclass(frozen=True, slots=True)
class Token:
    """What a secret stands for."""

    secret: str
    login: str
    kind: Kind
    permissions: Mapping[str, Access]

    @property
    def is_app(self) -> bool:
        """Whether an installation speaks: commits of it are signed by the service."""
        return self.kind in {"app", "github_token", "fork"}


@dataclass(frozen=True, slots=True)
class Protection:
    """Rules over the branches that match ``pattern`` (fnmatch); ``bypass`` are the logins they do not bind."""

    pattern: str
    update: bool = False
    create: bool = False
    delete: bool = False
    bypass: frozenset[str] = frozenset()


@dataclass(slots=True)
class Label:
    """A label of the repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True)
class Reaction:
    """One reaction of one account."""

    id: int
    login: str
    content: str
    created: str


@dataclass(slots=True)
class Issue:
    """What an issue and a pull request have in common."""

    number: int
    id: int
    login: str
    title: str
    body: str | None
    created: str
    updated: str
    state: Literal["open", "closed"] = "open"
    closed: str | None = None
    closed_by: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    locked: bool = False


@dataclass(slots=True)
class Pull(Issue):
    """A pull request. ``head`` and ``base`` are branch names; the shas are those that GitHub remembers."""

    head: str = ""
    base: str = ""
    head_sha: str = ""
    base_sha: str = ""
    head_owner: str = ""
    draft: bool = False
    merged: str | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    maintainer_can_modify: bool = False
    reviewers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Comment:
    """A comment in the conversation of the issue or pull request ``number``."""

    id: int
    number: int
    login: str
    body: str
    created: str
    updated: str
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True)
class ReviewComment(Comment):
    """A comment on a line of a pull request's diff."""

    path: str = ""
    line: int | None = None
    side: Literal["LEFT", "RIGHT"] = "RIGHT"
    sha: str = ""
    hunk: str = ""
    reply_to: int | None = None
    review: int = 0


@dataclass(slots=True)
class Review:
    """A submitted review."""

    id: int
    number: int
    login: str
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]
    body: str
    sha: str
    submitted: str


@dataclass(slots=True)
class CheckRun:
    """A check run as it was last told; ``annotations`` gather over the requests."""

    id: int
    name: str
    sha: str
    login: str
    fields: dict[str, object]
    annotations: list[dict[str, object]] = field(default_factory=list)


@dataclass(slots=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    login: str
    state: str
    context: str
    description: str | None
    target: str | None
    created: str


@dataclass(slots=True)
class Run:
    """A workflow run."""

    id: int
    name: str
    event: str
    branch: str
    sha: str
    login: str
    status: str
    conclusion: str | None
    created: str


@dataclass(slots=True)
class State:
    """Everything, with ids counted and a clock that moves one second with each thing that happens."""

    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    protections: list[Protection] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    review_comments: dict[int, ReviewComment] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    statuses: dict[int, Status] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    #: Commits that the service has signed.
    signed: set[str] = field(default_factory=set)
    #: What has been asked about the merge of a pull request: number, head and base.
    asked: set[tuple[int, str, str]] = field(default_factory=set)
    ticks: int = 0
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def now(self) -> str:
        """The time of the next thing that happens."""
        self.ticks += 1
        return (START + timedelta(seconds=self.ticks)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def person(self, login: str) -> Person:
        """The account of that name (letter case does not matter), made when there is none."""
        known = self.people.get(login.lower())
        if known is None:
            bot = login.endswith("[bot]")
            known = Person(login, len(self.people) + 1, type="Bot" if bot else "User")
            self.people[login.lower()] = known
        return known

    def pulls(self) -> list[Pull]:
        """The pull requests, oldest first."""
        return [issue for issue in self.issues.values() if isinstance(issue, Pull)]
