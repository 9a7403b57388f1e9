"""The repository and what people do in it, by whatever way: the service without its socket."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.github import branches, diffs, trees
from tests.github.bare import Bare, Signature
from tests.github.problems import Problem, invalid, unprocessable
from tests.github.render import accounts
from tests.github.state import Comment, Issue, Protection, Pull, Review, ReviewComment, Role, Run, State

Verdict = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]


@dataclass(slots=True)
class World:
    """What there is, and what people do meanwhile. Everything here may be called from any thread, hooks included.

    ``path`` is a bare git repository, which may be read and written beside the server at any time. The clock serves
    rate limits and the Date header alone: documents carry times that are counted from a fixed one.
    """

    path: Path
    owner: str = "acme"
    name: str = "demo"
    private: bool = False
    default_branch: str = "main"
    #: The setting "Allow GitHub Actions to create and approve pull requests".
    actions_open_pulls: bool = True
    #: Whether the first answer about each state of a pull request leaves ``mergeable`` open, as GitHub's often does.
    slow_merge_state: bool = False
    #: Requests per hour and token.
    quota: int = 5000
    clock: Callable[[], float] = time.time
    #: What ``GITHUB_API_URL`` is set to, without a slash at the end.
    url: str = field(init=False, default="")
    state: State = field(init=False)
    bare: Bare = field(init=False)
    lock: threading.RLock = field(init=False, default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.state = State()
        self.bare = Bare(self.path)
        self.person(self.owner, "admin")

    @property
    def full_name(self) -> str:
        """What ``GITHUB_REPOSITORY`` is set to."""
        return f"{self.owner}/{self.name}"

    # People.

    def person(self, login: str, role: Role = "none", kind: Literal["User", "Organization"] = "User") -> str:
        """An account with a role in the repository (asked live with each request); the login."""
        with self.lock:
            known = self.state.person(login)
            known.role = role
            if known.type != "Bot":
                known.type = kind
        return login

    # Branches.

    def commit(
        self, branch: str, files: Mapping[str, str | None], *, login: str = "alice", message: str = "Change"
    ) -> str:
        """Push one commit, None removing a file; a missing branch starts at the default one. The new sha."""
        with self.lock:
            ref = branches.HEADS + branch
            old = self.bare.ref(ref)
            parent = old or self.bare.ref(branches.HEADS + self.default_branch)
            who = self._signature(login)
            tree = trees.write_files(self.bare, parent, files)
            sha = self.bare.write_commit(tree, [parent] if parent else [], message, who, who)
            branches.move(self, ref, sha, old or "")
            return sha

    def move_branch(self, branch: str, sha: str) -> None:
        """Push a branch anywhere by force, or make it there."""
        with self.lock:
            ref = branches.HEADS + branch
            branches.move(self, ref, sha, self.bare.ref(ref) or "")

    def delete_branch(self, branch: str) -> None:
        """Delete a branch; its open pull requests close."""
        with self.lock:
            ref = branches.HEADS + branch
            old = self.bare.ref(ref)
            assert old is not None, f"there is no branch {branch}"
            branches.move(self, ref, None, old)

    def protect(
        self,
        pattern: str,
        *,
        update: bool = False,
        create: bool = False,
        delete: bool = False,
        bypass: Iterable[str] = (),
    ) -> None:
        """Refuse through the API what is not allowed on branches that match (fnmatch)."""
        with self.lock:
            self.state.protections.append(Protection(pattern, update, create, delete, frozenset(bypass)))

    # Pull requests.

    def open_pull(
        self,
        head: str,
        base: str,
        *,
        login: str = "alice",
        title: str = "Change",
        body: str | None = None,
        owner: str = "",
        head_sha: str | None = None,
    ) -> Pull:
        """Open a pull request; from the fork of another ``owner`` with ``head_sha``, which git here has to hold.

        Raises `Problem`: GitHub would not.
        """
        owner = owner or self.owner
        with self.lock:
            tip = head_sha or (self.bare.ref(branches.HEADS + head) if owner == self.owner else None)
            target = self.bare.ref(branches.HEADS + base)
            if tip is None or target is None:
                raise invalid("PullRequest", field="head" if tip is None else "base", code="invalid")
            self._check_new(owner, head, base, tip, target)
            state, now = self.state, self.state.now()
            pull = Pull(next(state.numbers), next(state.ids), login, title, body, now, now)
            pull.head, pull.base, pull.head_owner = head, base, owner
            state.person(login)
            branches.remember(self, pull, tip, target)
            state.issues[pull.number] = pull
            return pull

    def close(self, number: int, *, login: str = "alice") -> None:
        """Close a pull request."""
        with self.lock:
            branches.close(self, self.pull(number), login)

    def reopen(self, number: int) -> None:
        """Open it again.

        Raises `Problem`: GitHub would not.
        """
        with self.lock:
            branches.open_again(self, self.pull(number))

    def merge(self, number: int, *, login: str = "alice", squash: bool = False) -> str:
        """Merge a pull request with a merge commit, or as one commit that does not know the branch's; its sha."""
        with self.lock:
            pull = self.pull(number)
            tip = self.bare.ref(branches.HEADS + pull.base)
            tree = self.bare.merge_tree(tip, pull.head_sha) if tip else None
            if tip is None or tree is None or pull.state == "closed":
                raise Problem(405, "Pull Request is not mergeable")
            who, web = self._signature(login), self._signature("web-flow")
            message = f"Merge pull request #{number} from {pull.head_owner}/{pull.head}\n\n{pull.title}"
            parents = [tip] if squash else [tip, pull.head_sha]
            sha = self.bare.write_commit(tree, parents, f"{pull.title} (#{number})" if squash else message, who, web)
            self.state.signed.add(sha)
            branches.merged(self, pull, sha, login)
            branches.move(self, branches.HEADS + pull.base, sha, tip)
            return sha

    def pull(self, number: int) -> Pull:
        """The pull request of a number."""
        found = self.state.issues[number]
        assert isinstance(found, Pull), f"{number} is no pull request"
        return found

    # Words.

    def comment(self, number: int, body: str, *, login: str = "alice") -> Comment:
        """Say something in a conversation."""
        with self.lock:
            now = self.state.now()
            said = Comment(next(self.state.ids), self.state.issues[number].number, login, body, now, now)
            self.state.person(login)
            self.state.comments[said.id] = said
            return said

    def edit_comment(self, comment: Comment, body: str) -> None:
        """Change the words of a comment, in a conversation or on a line, a minute later."""
        with self.lock:
            self.state.ticks += 60
            comment.body, comment.updated = body, self.state.now()

    def delete_comment(self, comment: Comment) -> None:
        """Delete a comment in a conversation."""
        with self.lock:
            del self.state.comments[comment.id]

    def review_comment(
        self,
        number: int,
        path: str,
        line: int | None,
        body: str,
        *,
        login: str = "alice",
        side: Literal["LEFT", "RIGHT"] = "RIGHT",
        reply_to: int | None = None,
        drafted: int = 0,
    ) -> ReviewComment:
        """Say something about a line of a pull request's diff, or about a file of it (line None).

        A review that it waits in for ``drafted`` seconds changes it when submitted.
        Raises `Problem`: the line is not part of the diff.
        """
        with self.lock:
            pull = self.pull(number)
            hunk = self._hunk(pull, path, line, side)
            now = self.state.now()
            self.state.ticks += drafted
            review = self.review(number, "COMMENTED", login=login)
            shown = self.state.now() if drafted else now
            said = ReviewComment(next(self.state.ids), number, login, body, now, shown)
            said.path, said.line, said.side, said.sha, said.hunk = path, line, side, pull.head_sha, hunk
            said.reply_to, said.review = reply_to, review.id
            self.state.review_comments[said.id] = said
            return said

    def review(self, number: int, state: Verdict = "APPROVED", *, login: str = "alice", body: str = "") -> Review:
        """Submit a review."""
        with self.lock:
            pull = self.pull(number)
            found = Review(next(self.state.ids), number, login, state, body, pull.head_sha, self.state.now())
            self.state.person(login)
            self.state.reviews[found.id] = found
            return found

    def lock_conversation(self, number: int) -> None:
        """Let only those who may write comment."""
        with self.lock:
            self.state.issues[number].locked = True

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
        with self.lock:
            sha = self.bare.ref(branches.HEADS + branch)
            assert sha is not None, f"there is no branch {branch}"
            now = self.state.now()
            run = Run(next(self.state.ids), name, event, branch, sha, login, status, conclusion, now)
            self.state.person(login)
            self.state.runs[run.id] = run
            return run

    # What there is to look at.

    @property
    def pulls(self) -> list[Pull]:
        """Every pull request, oldest first."""
        with self.lock:
            branches.sync(self)
            return self.state.pulls()

    @property
    def comments(self) -> list[Comment]:
        """Every comment in a conversation, oldest first."""
        with self.lock:
            return list(self.state.comments.values())

    @property
    def review_comments(self) -> list[ReviewComment]:
        """Every comment on a line, oldest first."""
        with self.lock:
            return list(self.state.review_comments.values())

    def labels(self, number: int) -> list[str]:
        """The labels of a pull request or issue."""
        with self.lock:
            return list(self.state.issues[number].labels)

    def branches(self) -> dict[str, str]:
        """The branches and their tips."""
        found = self.bare.refs(branches.HEADS)
        return {name.removeprefix(branches.HEADS): sha for name, sha in found.items()}

    def files(self, revision: str, under: str = "") -> dict[str, str]:
        """The text files of a revision by path."""
        sha = self.bare.find(revision)
        assert sha is not None, f"there is no revision {revision}"
        entries = self.bare.entries(sha, recursive=True)
        wanted = [entry for entry in entries if entry.type == "blob" and entry.path.startswith(under)]
        return {entry.path: self.bare.blob(entry.sha).decode() for entry in wanted}

    def snapshot(self) -> tuple[object, ...]:
        """A value that stays equal as long as nothing has changed but times."""
        with self.lock:
            branches.sync(self)
            state = self.state
            spoken = [*state.comments.values(), *state.review_comments.values()]
            return (
                tuple(self.branches().items()),
                tuple(_facts(issue) for issue in state.issues.values()),
                tuple((said.id, said.number, said.login, said.body, _reactions(said)) for said in spoken),
                tuple((run.id, run.name, run.sha, repr(run.fields)) for run in state.checks.values()),
                tuple((found.sha, found.context, found.state) for found in state.statuses.values()),
                tuple(sorted(state.labels)),
            )

    def _signature(self, login: str) -> Signature:
        person = self.state.person(login)
        return Signature("GitHub" if login == "web-flow" else login, accounts.email(person), self.state.now())

    def _check_new(self, owner: str, head: str, base: str, tip: str, target: str) -> None:
        for pull in self.state.pulls():
            if pull.state == "open" and branches.sides(pull) == (owner, head, base):
                raise invalid("PullRequest", message=f"A pull request already exists for {owner}:{head}.")
        if self.bare.merge_base(target, tip) is None:
            raise invalid("PullRequest", message=f"The {head} branch has no history in common with {base}")
        if self.bare.is_ancestor(tip, target):
            raise invalid("PullRequest", message=f"No commits between {base} and {head}")

    def _hunk(self, pull: Pull, path: str, line: int | None, side: str) -> str:
        base = self.bare.merge_base(pull.base_sha, pull.head_sha)
        file = next((file for file in diffs.files(self.bare, base, pull.head_sha) if file.path == path), None)
        if file is None:
            raise unprocessable("Path could not be resolved")
        if line is None:
            return file.patch or ""
        hunk = file.hunk_at(line, side)
        if hunk is None:
            raise unprocessable("Line could not be resolved")
        return hunk


def _facts(issue: Issue) -> tuple[object, ...]:
    sides = (issue.head_sha, issue.base, issue.draft, issue.merged) if isinstance(issue, Pull) else ()
    return (issue.number, issue.login, issue.title, issue.body, issue.state, tuple(issue.labels), sides)


def _reactions(said: Comment) -> tuple[tuple[str, str], ...]:
    return tuple((reaction.login, reaction.content) for reaction in said.reactions)
