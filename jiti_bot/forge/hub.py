"""The one door to PyGithub, which is loaded when it is first gone through. Values in, values out.

PyGithub brings the connection, the token's way onto the wire and the checks of where it may go; when to ask again is
decided here, by the service's own headers, because only we know which write may be repeated: none. A write without a
known end raises `LostError`, and who wrote looks at GitHub again before anything else is done.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from jiti_bot.errors import ConfigurationError, CredentialsError, ExtraMissingError, JitiError, ServiceError
from jiti_bot.forge import faults, reading
from jiti_bot.forge.faults import Absent, ConflictError, Failing, Limited, LostError, Refused
from jiti_bot.forge.model import Comment, Where
from jiti_bot.forge.remote import Commit, Comparison, Entry, Pull

API = "https://api.github.com"
PATIENCE = 600.0  # seconds that one run waits for limits in all
_TRIES = 4  # of a read
_TIMEOUT = 30  # seconds
_PAGE = 100  # the most that GitHub gives at once
_PAGES = 30


class Hub:
    """GitHub's side of one repository (``owner/name``), as one token sees it, for one project in there."""

    def __init__(
        self,
        token: str,
        repository: str,
        api_url: str = API,
        *,
        project: str = "",
        site: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        patience: float = PATIENCE,
    ) -> None:
        """``site`` is where people read it, '' for where that API says. ``project`` is a folder, '' for the top.

        Raises `ExtraMissingError` where PyGithub is not installed, `ConfigurationError` for an odd address.
        """
        self.repository = repository
        self.project = project
        self.site = site or _site(api_url)
        self._door = _connect(token, api_url)
        self._sleep = sleep
        self._clock = clock
        self._patience = patience
        self._login: str | None = None
        self._folders: dict[tuple[str, bool], Mapping[str, Entry]] = {}

    def pause(self, seconds: float) -> None:
        """Wait, as part of what a run may wait in all. Raises `ServiceError` where that is used up."""
        if seconds > self._patience:
            raise faults.used_up(seconds, self._clock())
        self._patience -= seconds
        self._sleep(seconds)

    # Who.

    @property
    def login(self) -> str:
        """The account that the token speaks for; '' for an installation's token, which may not ask."""
        if self._login is None:
            try:
                found = self._read("/user", deed="ask for its own account", whole=True)
            except CredentialsError as error:
                if "refused the token" in error.message:
                    raise
                found = None
            self._login = reading.text(found, "login") if found else ""
        return self._login

    def may_write(self, login: str) -> bool:
        """Whether a person may write to the repository at this moment."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", login):
            return False
        found = self._read(f"/collaborators/{login}/permission", deed="ask for permissions")
        return reading.text(found, "permission") in {"admin", "write"} if found else False

    def rights(self) -> Mapping[str, bool]:
        """What the token's account may do in the repository: ``pull``, ``push``, ``admin`` and more."""
        found = self._read("", deed="read the repository", must=True)
        return {name: may is True for name, may in reading.table(found, "permissions").items()}

    # Commits and branches.

    def branch(self, name: str) -> str | None:
        """The head of a branch."""
        found = self._read(f"/git/ref/heads/{quote(name)}", deed="read branches")
        return reading.text(reading.table(found, "object"), "sha") if found else None

    def commit(self, sha: str) -> Commit | None:
        """A commit by its sha."""
        found = self._read(f"/git/commits/{sha}", deed="read commits")
        return reading.commit(found) if found else None

    def folder(self, tree: str, *, deep: bool = False) -> Mapping[str, Entry]:
        """The entries of a git tree by name, with ``deep`` also those of its folders, by path."""
        known = self._folders.get((tree, deep))
        if known is None:
            found = self._read(f"/git/trees/{tree}", {"recursive": "1"} if deep else {}, deed="read files", must=True)
            if found.get("truncated"):
                raise ServiceError("GitHub leaves out part of a folder that is too large.", remedy="Split the store.")
            known = self._folders[tree, deep] = reading.entries(found)
        return known

    def blob(self, sha: str) -> bytes:
        """A file's contents."""
        return reading.content(self._read(f"/git/blobs/{sha}", deed="read files", must=True))

    def compare(self, base: str, head: str) -> Comparison | None:
        """What ``head`` has over ``base``, both shas; None where one is gone or they have no commit in common."""
        found = self._read(f"/compare/{base}...{head}", {"per_page": str(_PAGE)}, deed="compare commits")
        return reading.comparison(found) if found else None

    def history(self, sha: str) -> tuple[Commit, ...]:
        """The last hundred commits up to ``sha``, oldest first."""
        asked = {"sha": sha, "per_page": str(_PAGE)}
        return reading.history(self._read("/commits", asked, deed="read commits", must=True))

    def write_tree(self, base: str, files: Sequence[tuple[str, Entry | str | None]]) -> str:
        """A tree like ``base`` in which ``files`` hold an entry, a text or (None) nothing; its sha.

        Texts travel in the tree's own request, from which GitHub makes the blobs: one request, not hundreds.
        """
        tree = base
        for chunk in reading.chunks([reading.tree_item(path, what) for path, what in files]):
            made = self._write("POST", "/git/trees", {"base_tree": tree, "tree": chunk}, deed="write files")
            tree = reading.text(made, "sha")
        return tree

    def write_commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        """A commit; its sha. Without an author GitHub names the token's account, and signs for a bot."""
        body = {"message": message, "tree": tree, "parents": list(parents)}
        return reading.text(self._write("POST", "/git/commits", body, deed="write commits"), "sha")

    def create_branch(self, name: str, sha: str) -> None:
        """Make a branch. Raises `ConflictError` where there is one."""
        self._write("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": sha}, deed="create a branch")

    def move_branch(self, name: str, sha: str) -> None:
        """Move a branch forwards. Raises `ConflictError` where somebody else did meanwhile."""
        path = f"/git/refs/heads/{quote(name)}"
        self._write("PATCH", path, {"sha": sha, "force": False}, deed="write to a branch")

    def delete_branch(self, name: str) -> None:
        """Remove a branch."""
        self._write("DELETE", f"/git/refs/heads/{quote(name)}", deed="remove a branch")

    # Pull requests.

    def pulls(self, head: str) -> tuple[Pull, ...]:
        """Every pull request from a branch of this repository, open or closed, newest first."""
        owner = self.repository.partition("/")[0]
        asked = {"state": "all", "head": f"{owner}:{head}", "sort": "created", "direction": "desc"}
        found = self._pages("/pulls", asked, deed="read pull requests")
        return tuple(pull for pull in map(reading.pull, found) if pull.head == head)

    def pull(self, number: int) -> Pull | None:
        """A pull request by its number."""
        found = self._read(f"/pulls/{number}", deed="read pull requests")
        return reading.pull(found) if found else None

    def open_pull(self, head: str, base: str, title: str, body: str) -> Pull:
        """Open a pull request. Raises `ConflictError`."""
        what = {"head": head, "base": base, "title": title, "body": body}
        return reading.pull(self._write("POST", "/pulls", what, deed="open a pull request"))

    def edit_pull(self, number: int, **fields: str) -> Pull:
        """Change a pull request's ``title``, ``body`` or ``state``. Raises `ConflictError`."""
        return reading.pull(self._write("PATCH", f"/pulls/{number}", fields, deed="change a pull request"))

    # Words.

    def conversation(self, number: int) -> tuple[Comment, ...]:
        """The comments in a pull request's conversation, oldest first."""
        found = self._pages(f"/issues/{number}/comments", {}, deed="read comments")
        return tuple(reading.comment(one, Where.CONVERSATION) for one in found)

    def line_comments(self, number: int) -> tuple[Comment, ...]:
        """The comments on a pull request's lines, oldest first.

        One that waits in a review is written long before it is shown, and changes when the review is submitted.
        """
        found = self._pages(f"/pulls/{number}/comments", {}, deed="read comments")
        sent: dict[int, str] = {}
        if any(reading.comment(one, Where.LINE).edited for one in found):
            reviews = self._pages(f"/pulls/{number}/reviews", {}, deed="read reviews")
            sent = {reading.number(one, "id"): reading.text(one, "submitted_at") for one in reviews}
        return tuple(
            reading.comment(one, Where.LINE, sent.get(reading.number(one, "pull_request_review_id"), ""))
            for one in found
        )

    def say(self, number: int, text: str) -> int:
        """A comment in the conversation; its id."""
        return reading.number(self._write("POST", f"/issues/{number}/comments", {"body": text}, deed="comment"), "id")

    def reply(self, number: int, comment: int, text: str) -> None:
        """An answer below a comment on a line, if that is still there."""
        path = f"/pulls/{number}/comments/{comment}/replies"
        self._write("POST", path, {"body": text}, deed="comment", on=f"/pulls/comments/{comment}")

    def unsay(self, comment: int) -> None:
        """Remove a comment of ours from the conversation."""
        path = f"/issues/comments/{comment}"
        self._write("DELETE", path, deed="remove a comment", on=path)

    def react(self, comment: Comment, content: str) -> None:
        """Leave a reaction, once, if the comment is still there."""
        path = f"/{'pulls' if comment.where is Where.LINE else 'issues'}/comments/{comment.id}"
        self._write("POST", f"{path}/reactions", {"content": content}, deed="react", on=path)

    # The wire.

    def _pages(self, path: str, asked: Mapping[str, str], *, deed: str) -> list[Any]:
        found: list[Any] = []
        for page in range(1, _PAGES + 1):
            more = self._read(path, {**asked, "per_page": str(_PAGE), "page": str(page)}, deed=deed, must=True)
            found += more if isinstance(more, list) else []
            if len(more) < _PAGE:
                break
        return found

    def _read(
        self, path: str, asked: Mapping[str, str] | None = None, *, deed: str, must: bool = False, whole: bool = False
    ) -> Any:
        """What is at ``path`` of the repository (``whole``: of GitHub), None for nothing, if it need not be there."""
        for tried in range(_TRIES):
            answer = self._ask("GET", path if whole else f"/repos/{self.repository}{path}", asked, None, deed)
            match answer:
                case Absent():
                    if must:
                        raise faults.absent(self.repository, deed)
                    return None
                case Failing(said=said):
                    if tried == _TRIES - 1:
                        raise ServiceError(f"{said}.", remedy="Run again later: what was finished is kept.")
                    self.pause(2.0**tried)
                case Refused(said=said):
                    raise ServiceError(f"GitHub cannot {deed}: {said}.", remedy="Run again later.")
                case _:
                    return answer
        raise AssertionError  # the last try returned or raised

    def _write(self, verb: str, path: str, body: Mapping[str, object] | None = None, *, deed: str, on: str = "") -> Any:
        """Send a write once. Raises `LostError` where its end is not known, `ConflictError` where it is refused.

        ``on`` is what it is about, which somebody may have removed meanwhile: then nothing is left to do.
        """
        answer = self._ask(verb, f"/repos/{self.repository}{path}", None, body, deed)
        match answer:
            case Absent() if on and self._read(on, deed=deed) is None:
                return None
            case Absent():
                raise faults.absent(self.repository, deed)
            case Failing(said=said):
                raise LostError(said)
            case Refused(said=said):
                raise ConflictError(said)
            case _:
                return answer

    def _ask(
        self, verb: str, path: str, asked: Mapping[str, str] | None, body: Mapping[str, object] | None, deed: str
    ) -> Any:
        """One request, again after limits, which never carry it out."""
        import requests
        from github import GithubException

        while True:
            try:
                _, data = self._door.requestJsonAndCheck(verb, path, parameters=dict(asked or {}), input=body)
            except GithubException as error:
                judged = self._judge(error, deed)
                if not isinstance(judged, Limited):
                    return judged
                self.pause(judged.seconds)
            except (requests.RequestException, ValueError) as error:
                return Failing(f"GitHub could not be reached or broke off its answer: {type(error).__name__}")
            else:
                if verb != "DELETE" and not isinstance(data, dict | list):
                    return Failing("GitHub's answer is empty")
                return data

    def _judge(self, error: Any, deed: str) -> Limited | Failing | Refused | Absent:
        headers = {str(name).lower(): str(value) for name, value in (error.headers or {}).items()}
        judged = faults.judge(error.status, headers, reading.complaint(error.data), deed, self._clock())
        if isinstance(judged, JitiError):
            raise judged from error
        return judged


def connect(env: Mapping[str, str], project: str = "", *, patience: float = PATIENCE) -> Hub:
    """The hub that the environment names: GITHUB_TOKEN (or GH_TOKEN), GITHUB_REPOSITORY, GITHUB_API_URL.

    Raises `CredentialsError` without a token, `ConfigurationError` without a repository.
    """
    token = (env.get("GITHUB_TOKEN") or env.get("GH_TOKEN") or "").strip()
    name = env.get("GITHUB_REPOSITORY", "").strip()
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name, re.ASCII):
        raise ConfigurationError(
            f"{name!r} names no repository on GitHub."
            if name
            else "It is not known which repository on GitHub this is.",
            remedy="Set GITHUB_REPOSITORY to owner/name.",
        )
    if not token or not token.isprintable() or not token.isascii():
        raise CredentialsError(
            "GITHUB_TOKEN is no token." if token else "There is no token for GitHub.",
            remedy="Set GITHUB_TOKEN to one that may write contents and pull requests; `gh auth token` prints yours.",
        )
    api_url = env.get("GITHUB_API_URL", "").strip().rstrip("/") or API
    site = env.get("GITHUB_SERVER_URL", "").strip().rstrip("/")
    return Hub(token, name, api_url, project=project, site=site, patience=patience)


def _connect(token: str, api_url: str) -> Any:
    if not re.match(r"https?://[^/\s]", api_url):
        raise ConfigurationError(f"{api_url!r} is no address.", remedy="Correct GITHUB_API_URL.")
    try:
        from github import Auth, Github
    except ImportError as error:
        raise ExtraMissingError(
            "publishing needs the package PyGithub.", remedy="Install it with: pip install 'jiti-bot[bot]'"
        ) from error
    return Github(
        auth=Auth.Token(token),
        base_url=api_url,
        timeout=_TIMEOUT,
        user_agent="jiti-bot",
        retry=None,
        # Its own sleeps add up to minutes; what the service asks for is waited for where it asks.
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester


def _site(api_url: str) -> str:
    """Where people read what an API serves: github.com, or an enterprise's own server."""
    scheme, _, rest = api_url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].removeprefix('api.')}"
