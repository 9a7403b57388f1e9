"""Whom GitHub lets do what."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.github.client import send
from tests.github.description import Operation, load
from tests.github.hub import GitHub
from tests.github.start import serving
from tests.github.state import Access, Kind, Role

OPERATIONS = sorted(load().operations, key=lambda operation: operation.id)
READS = [operation for operation in OPERATIONS if operation.method == "GET"]
WRITES = [operation for operation in OPERATIONS if operation.method != "GET"]
INTEGRATION = "Resource not accessible by integration"


def _path(operation: Operation) -> str:
    return operation.template.format_map(_Names())


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return {"owner": "acme", "repo": "demo", "username": "alice", "branch": "main"}.get(name, "1")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    """One hub for many requests that are refused."""
    with serving(tmp_path_factory.mktemp("closed")) as hub:
        yield hub


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    """A private repository that is only read."""
    with serving(tmp_path_factory.mktemp("private"), private=True) as hub:
        yield hub


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.id)
def test_nothing_is_written_without_the_right_to(closed: GitHub, operation: Operation) -> None:
    hub, before = closed, closed.snapshot()
    refusals = {
        None: (401, "Requires authentication"),
        "unknown": (401, "Bad credentials"),
        hub.token(kind="expired"): (401, "Bad credentials"),
        hub.token(kind="fork"): (403, INTEGRATION),
        hub.token(kind="fork", permissions={"contents": "write"}): (403, INTEGRATION),
        hub.token(kind="github_token", permissions={}): (403, INTEGRATION),
        hub.token(kind="app", permissions={"administration": "write"}): (403, INTEGRATION),
    }
    for token, (status, message) in refusals.items():
        got = send(hub, operation.method, _path(operation), {}, token=token)
        assert (got.status, got.message) == (status, message)
    assert hub.snapshot() == before


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.id)
def test_a_private_repository_is_not_there_for_strangers(private: GitHub, operation: Operation) -> None:
    expected = {"rate-limit/get": (200, 200, 200), "users/get-authenticated": (401, 200, 403)}
    if operation.id in {"repos/get", "repos/get-branch-rules", "repos/get-collaborator-permission-level"}:
        expected[operation.id] = (404, 404, 200)  # metadata is what every installation reads
    stranger = private.token(private.person("mallory"), kind="pat")
    callers = (None, stranger, private.token(permissions={}))
    got = tuple(send(private, "GET", _path(operation), token=token).status for token in callers)
    assert got == expected.get(operation.id, (404, 404, 403))


@dataclass(frozen=True, slots=True)
class Who:
    """A caller."""

    name: str
    kind: Kind
    role: Role = "none"
    permissions: dict[str, Access] | None = None


WRITE_CONTENTS: dict[str, Access] = {"contents": "write"}
READ_ALL: dict[str, Access] = {"contents": "read", "issues": "read", "pull_requests": "read"}


@pytest.mark.parametrize(
    ("who", "blob", "comment", "label", "message"),
    [
        (Who("a bot", "app"), 201, 201, 200, ""),
        (Who("the workflow's token", "github_token"), 201, 201, 200, ""),
        (Who("a bot for contents", "app", permissions=WRITE_CONTENTS), 201, 403, 403, INTEGRATION),
        (Who("a bot that reads", "app", permissions=READ_ALL), 403, 403, 403, INTEGRATION),
        (Who("an owner", "pat", "admin"), 201, 201, 200, ""),
        (Who("a writer", "pat", "write"), 201, 201, 200, ""),
        (Who("a triager", "pat", "triage"), 404, 201, 200, "Not Found"),
        (Who("a reader", "pat", "read"), 404, 201, 404, "Not Found"),
        (Who("a passer-by", "pat"), 404, 201, 404, "Not Found"),
        (
            Who("a writer's weak token", "pat", "write", READ_ALL),
            403,
            403,
            403,
            "Resource not accessible by personal access token",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Who) else "",
)
def test_who_writes_what(hub: GitHub, who: Who, blob: int, comment: int, label: int, message: str) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    hub.open_pull("bot", "main")
    login = hub.person("bob", who.role) if who.kind == "pat" else None
    token = hub.token(login, who.permissions, kind=who.kind)

    got = [
        send(hub, "POST", "git/blobs", {"content": ""}, token=token),
        send(hub, "POST", "issues/1/comments", {"body": "x"}, token=token),
        send(hub, "POST", "issues/1/labels", {"labels": ["x"]}, token=token),
    ]

    assert [answer.status for answer in got] == [blob, comment, label]
    assert {answer.message for answer in got if answer.status >= 400} == ({message} if message else set())


def test_a_refusal_names_the_permission(hub: GitHub) -> None:
    token = hub.token(permissions={})
    got = send(hub, "POST", "issues/1/comments", {"body": "x"}, token=token)
    assert got.headers["x-accepted-github-permissions"] == "issues=write; pull_requests=write"


@pytest.mark.parametrize(
    ("role", "permission", "private"),
    [
        ("admin", "admin", "admin"),
        ("maintain", "write", "write"),
        ("write", "write", "write"),
        ("triage", "read", "read"),
        ("read", "read", "read"),
        ("none", "read", "none"),
    ],
)
def test_permissions_are_asked_live(tmp_path: Path, role: Role, permission: str, private: str) -> None:
    for hidden, wanted in ((False, permission), (True, private)):
        folder = tmp_path / str(hidden)
        folder.mkdir()
        with serving(folder, private=hidden) as hub:
            token = hub.token(kind="github_token")
            hub.person("bob", "admin")
            assert send(hub, "GET", "collaborators/bob/permission", token=token).body["permission"] == "admin"
            hub.person("bob", role)
            assert send(hub, "GET", "collaborators/BOB/permission", token=token).body["permission"] == wanted


def test_only_who_may_push_asks_for_permissions(hub: GitHub) -> None:
    got = send(hub, "GET", "collaborators/alice/permission", token=hub.token(hub.person("bob", "read"), kind="pat"))
    assert (got.status, got.message) == (403, "Must have push access to view repository collaborators.")


def test_installations_are_nobody(hub: GitHub) -> None:
    assert send(hub, "GET", "/user", token=hub.token()).status == 403
    assert send(hub, "GET", "/user", token=hub.token("alice", kind="pat")).body["login"] == "alice"


@pytest.mark.parametrize(
    ("kind", "login", "sort"),
    [("app", "jiti-bot[bot]", "Bot"), ("github_token", "github-actions[bot]", "Bot"), ("pat", "acme", "User")],
)
def test_tokens_speak_as_somebody(hub: GitHub, kind: Kind, login: str, sort: str) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    hub.open_pull("bot", "main")
    said = send(hub, "POST", "issues/1/comments", {"body": "x"}, token=hub.token(kind=kind)).body
    assert (said["user"]["login"], said["user"]["type"]) == (login, sort)
    assert (said["performed_via_github_app"] is None) == (sort == "User")


def test_check_runs_are_for_apps(hub: GitHub) -> None:
    body = {"name": "x", "head_sha": hub.branches()["main"]}
    got = send(hub, "POST", "check-runs", body, token=hub.token(kind="pat"))
    assert (got.status, got.message) == (403, "You must authenticate via a GitHub App.")


def test_words_of_others_are_changed_by_writers_only(hub: GitHub) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    hub.open_pull("bot", "main")
    said = hub.comment(1, "mine", login="alice")
    for login, role, status in (("bob", "read", 403), ("bob", "write", 200), ("alice", "none", 200)):
        token = hub.token(hub.person(login, role), kind="pat")
        assert send(hub, "PATCH", f"issues/comments/{said.id}", {"body": login}, token=token).status == status


def test_actions_may_be_forbidden_to_open_pulls(hub: GitHub) -> None:
    hub.actions_open_pulls = False
    hub.commit("bot", {"x.py": "x = 1\n"})
    body = {"head": "bot", "base": "main", "title": "T"}
    got = send(hub, "POST", "pulls", body, token=hub.token(kind="github_token"))
    assert (got.status, got.message) == (
        403,
        "GitHub Actions is not permitted to create or approve pull requests.",
    )
    assert send(hub, "POST", "pulls", body, token=hub.token(kind="app")).status == 201


def test_tokens_expire(hub: GitHub) -> None:
    token = hub.token()
    assert send(hub, "GET", "", token=token).status == 200
    hub.expire(token)
    assert send(hub, "GET", "", token=token).status == 401


def test_a_locked_conversation_is_for_writers(hub: GitHub) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    hub.open_pull("bot", "main")
    hub.lock_conversation(1)
    for role, status in (("read", 403), ("write", 201)):
        token = hub.token(hub.person("bob", role), kind="pat")
        assert send(hub, "POST", "issues/1/comments", {"body": "x"}, token=token).status == status
