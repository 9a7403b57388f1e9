"""A GitHub on the loopback over a real bare repository: the one door that tests use.

Every request and every response is held against GitHub's own description; what differs stands in ``violations``, which
the fixture ``hub`` asserts to be empty.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.github.faults import Fault, Hook, Planned
from tests.github.state import Access, Comment, Kind, Protection, Pull, Review, ReviewComment, Role, Run, State


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was answered (status 0: the connection was dropped)."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    body: object
    login: str | None
    status: int


@dataclass(slots=True)
class GitHub:
    """A context manager; ``with GitHub(bare, owner="acme", name="demo") as hub``.

    ``path`` is a bare git repository, which may be read and written beside the server at any time. The clock serves
    rate limits alone: documents carry times that the server counts itself.
    """

    path: Path
    owner: str = "acme"
    name: str = "demo"
    private: bool = False
    default_branch: str = "main"
    #: The setting "Allow GitHub Actions to create and approve pull requests".
    actions_open_pulls: bool = True
    #: Requests per hour and token.
    quota: int = 5000
    clock: Callable[[], float] = time.time
    log: list[Call] = field(init=False, default_factory=list)
    violations: list[str] = field(init=False, default_factory=list)
    state: State = field(init=False)
    lock: threading.RLock = field(init=False, default_factory=threading.RLock)
    planned: list[Planned] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.state = State(self.owner, self.name, self.private)

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    # What a client needs.

    @property
    def url(self) -> str:
        """What ``GITHUB_API_URL`` is set to, without a slash at the end."""
        raise NotImplementedError

    @property
    def full_name(self) -> str:
        """What ``GITHUB_REPOSITORY`` is set to."""
        return f"{self.owner}/{self.name}"

    def token(
        self,
        login: str | None = None,
        permissions: Mapping[str, Access] | None = None,
        kind: Kind = "app",
    ) -> str:
        """A new secret.

        Without a login: ``jiti-bot[bot]`` (app), ``github-actions[bot]`` (github_token, fork, expired), the owner (pat).
        Permissions are GitHub's names (contents, pull_requests, issues, checks, statuses, actions, administration);
        without them those of kind fork read everything and the others write what a bot needs.
        """
        raise NotImplementedError

    # What other people do meanwhile.

    def person(self, login: str, role: Role = "none", kind: Literal["User", "Bot", "Organization"] = "User") -> str:
        """An account with a role in the repository (asked live with each request); the login."""
        raise NotImplementedError

    def commit(
        self, branch: str, files: Mapping[str, str | None], *, login: str = "alice", message: str = "Change"
    ) -> str:
        """Push one commit, None removing a file, to a branch that is made when missing; the new sha."""
        raise NotImplementedError

    def force_push(self, branch: str, sha: str) -> None:
        """Move a branch anywhere."""
        raise NotImplementedError

    def delete_branch(self, branch: str) -> None:
        """Delete a branch, as a person does; its open pull requests close."""
        raise NotImplementedError

    def protect(
        self,
        pattern: str,
        *,
        update: bool = False,
        create: bool = False,
        delete: bool = False,
        bypass: Iterable[str] = (),
    ) -> None:
        """Refuse what is not allowed on branches that match."""
        self.state.protections.append(Protection(pattern, update, create, delete, frozenset(bypass)))

    def open_pull(
        self, head: str, base: str, *, login: str = "alice", title: str = "Change", body: str = "", owner: str = ""
    ) -> Pull:
        """Open a pull request as a person, from a fork when ``owner`` is another one."""
        raise NotImplementedError

    def close(self, number: int, *, login: str = "alice") -> None:
        """Close a pull request or issue."""
        raise NotImplementedError

    def reopen(self, number: int) -> None:
        """Open it again."""
        raise NotImplementedError

    def merge(self, number: int, *, login: str = "alice") -> str:
        """Merge a pull request with a merge commit; its sha."""
        raise NotImplementedError

    def comment(self, number: int, body: str, *, login: str = "alice") -> Comment:
        """Say something in a conversation."""
        raise NotImplementedError

    def edit_comment(self, comment: Comment, body: str) -> None:
        """Change the words of a comment, in a conversation or on a line."""
        raise NotImplementedError

    def review_comment(
        self, number: int, path: str, line: int, body: str, *, login: str = "alice", reply_to: int | None = None
    ) -> ReviewComment:
        """Say something about a line of a pull request."""
        raise NotImplementedError

    def review(
        self,
        number: int,
        state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"] = "APPROVED",
        *,
        login: str = "alice",
        body: str = "",
    ) -> Review:
        """Submit a review."""
        raise NotImplementedError

    def workflow_run(
        self,
        name: str,
        *,
        event: str = "push",
        branch: str = "main",
        status: str = "completed",
        conclusion: str | None = "success",
        login: str = "alice",
    ) -> Run:
        """Record a workflow run on a branch's tip."""
        raise NotImplementedError

    # What goes wrong.

    def fail(self, fault: Fault, *, on: str | None = None, times: int = 1, skip: int = 0, each: bool = False) -> None:
        """Plan a fault: for the operation ``on`` ("git/update-ref") or any; ``each``: every distinct request once."""
        self.planned.append(Planned(fault, on, times, skip, each))

    def before(self, operation: str | None, hook: Hook, *, times: int = 1, skip: int = 0) -> None:
        """Call ``hook(hub)`` before a request is carried out; it may use the hub and send requests of its own."""
        self.planned.append(Planned(hook, operation, times, skip))

    def after(self, operation: str | None, hook: Hook, *, times: int = 1, skip: int = 0) -> None:
        """Call ``hook(hub)`` when a request has been carried out, before it is answered."""
        self.planned.append(Planned(hook, operation, times, skip, after=True))

    # What there is to look at.

    @property
    def pulls(self) -> list[Pull]:
        """Every pull request, oldest first."""
        return self.state.pulls()

    @property
    def comments(self) -> list[Comment]:
        """Every comment in a conversation, oldest first."""
        return list(self.state.comments.values())

    @property
    def review_comments(self) -> list[ReviewComment]:
        """Every comment on a line, oldest first."""
        return list(self.state.review_comments.values())

    @property
    def writes(self) -> list[Call]:
        """The calls that may have changed something: no reads, no refusals."""
        return [call for call in self.log if call.method != "GET" and call.status < 400]

    def labels(self, number: int) -> list[str]:
        """The labels of a pull request or issue."""
        return list(self.state.issues[number].labels)

    def branches(self) -> dict[str, str]:
        """The branches and their tips."""
        raise NotImplementedError

    def files(self, revision: str, under: str = "") -> dict[str, str]:
        """The text files of a revision by path."""
        raise NotImplementedError

    def tree_state(self) -> tuple[object, ...]:
        """A value that is equal as long as nothing has changed: branches, pulls, comments, labels, reactions."""
        raise NotImplementedError
