"""Writing git through the API: what stands in the repository afterwards is read with git itself."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.github.client import send
from tests.github.hub import GitHub
from tests.github.state import Kind
from tests.repo import environment, make


def _tree(hub: GitHub, *entries: dict[str, Any], base: str | None = "main") -> str:
    given: dict[str, Any] = {"tree": [{"mode": "100644", "type": "blob", **entry} for entry in entries]}
    if base is not None:
        given["base_tree"] = hub.branches()[base]
    got = send(hub, "POST", "git/trees", given, token=hub.token())
    assert got.status == 201, got.body
    return got.body["sha"]


def _listed(hub: GitHub, sha: str) -> dict[str, str]:
    return {entry.path: entry.mode for entry in hub.bare.entries(sha, recursive=True) if entry.type != "tree"}


@pytest.mark.parametrize(
    ("entries", "base", "files"),
    [
        ([{"path": "a", "content": "1"}], None, {"a": "100644"}),
        ([{"path": "README.md", "sha": None}], "main", {"src/app/text.py": "100644"}),
        ([{"path": "src", "sha": None}], "main", {"README.md": "100644"}),
        (
            [{"path": "README.md", "content": "", "mode": "100755"}],
            "main",
            {"README.md": "100755", "src/app/text.py": "100644"},
        ),
        ([{"path": "src", "content": "a file now"}], "main", {"README.md": "100644", "src": "100644"}),
        ([{"path": "README.md/x", "content": ""}], "main", {"README.md/x": "100644", "src/app/text.py": "100644"}),
        (
            [{"path": "sub", "mode": "160000", "type": "commit", "sha": "1" * 40}],
            "main",
            {"README.md": "100644", "src/app/text.py": "100644", "sub": "160000"},
        ),
        ([{"path": "ä ö/\t;x", "content": ""}], None, {"ä ö/\t;x": "100644"}),
    ],
)
def test_trees(hub: GitHub, entries: list[dict[str, Any]], base: str | None, files: dict[str, str]) -> None:
    assert _listed(hub, _tree(hub, *entries, base=base)) == files


def test_a_tree_inside_a_tree(hub: GitHub) -> None:
    inner = _tree(hub, {"path": "x.py", "content": "x"}, base=None)
    outer = _tree(hub, {"path": "src", "mode": "040000", "type": "tree", "sha": inner})
    assert _listed(hub, outer) == {"README.md": "100644", "src/x.py": "100644"}


@pytest.mark.parametrize(
    ("kind", "names", "signed", "author", "committer"),
    [
        ("app", {}, True, "jiti-bot[bot]", "GitHub"),
        ("github_token", {}, True, "github-actions[bot]", "GitHub"),
        ("pat", {}, False, "acme", "acme"),
        ("app", {"author": {"name": "Ann", "email": "ann@example.org"}}, False, "Ann", "Ann"),
    ],
)
def test_commits(hub: GitHub, kind: Kind, names: dict[str, Any], signed: bool, author: str, committer: str) -> None:
    main = hub.branches()["main"]
    body = {"message": "Subject\n\nBody: ü\n", "tree": hub.bare.commit(main).tree, "parents": [main], **names}
    got = send(hub, "POST", "git/commits", body, token=hub.token(kind=kind)).body
    assert (got["verification"]["verified"], got["author"]["name"], got["committer"]["name"]) == (
        signed,
        author,
        committer,
    )
    stored = _git(hub, "show", "-s", "--format=%an|%cn|%P|%B", got["sha"])
    assert stored.rstrip("\n") == f"{author}|{committer}|{main}|Subject\n\nBody: ü"
    if not names:
        assert send(hub, "GET", f"commits/{got['sha']}").body["author"]["login"] == author


def test_what_is_made_is_sound(hub: GitHub) -> None:
    tree = _tree(hub, {"path": "a/b.py", "content": "x"}, {"path": "src", "sha": None})
    body = {"message": "m", "tree": tree, "parents": [hub.branches()["main"]]}
    sha = send(hub, "POST", "git/commits", body, token=hub.token()).body["sha"]
    hub.move_branch("made", sha)
    assert _git(hub, "fsck", "--strict", "--full") == ""
    assert hub.files("made") == {"README.md": "# Demo\n\nA small project.\n", "a/b.py": "x"}


def test_a_push_beside_the_server_is_seen(hub: GitHub, tmp_path: Path) -> None:
    clone = make(tmp_path, "clone")
    clone.git("pull", "-q", str(hub.path), "main")
    clone.git("commit", "-q", "--allow-empty", "-m", "Here")
    clone.git("push", "-q", str(hub.path), "main:local")
    assert send(hub, "GET", "branches/local").body["commit"]["commit"]["message"] == "Here"


@pytest.mark.parametrize(
    ("rule", "method", "path", "body", "status"),
    [
        ({"update": True}, "PATCH", "git/refs/heads/kept", {"sha": "NEW"}, 200),
        ({}, "PATCH", "git/refs/heads/kept", {"sha": "NEW"}, 422),
        ({}, "PATCH", "git/refs/heads/kept", {"sha": "NEW", "force": True}, 422),
        ({"bypass": ["jiti-bot[bot]"]}, "PATCH", "git/refs/heads/kept", {"sha": "NEW"}, 200),
        ({}, "DELETE", "git/refs/heads/kept", None, 422),
        ({"delete": True}, "DELETE", "git/refs/heads/kept", None, 204),
        ({}, "POST", "git/refs", {"ref": "refs/heads/kept-too", "sha": "NEW"}, 422),
        ({"create": True}, "POST", "git/refs", {"ref": "refs/heads/kept-too", "sha": "NEW"}, 201),
        ({}, "POST", "git/refs", {"ref": "refs/heads/free", "sha": "NEW"}, 201),
        ({}, "PUT", "contents/x", {"message": "m", "content": "", "branch": "kept"}, 422),
    ],
)
def test_protected_branches(hub: GitHub, rule: dict[str, Any], method: str, path: str, body: Any, status: int) -> None:
    hub.move_branch("kept", hub.branches()["main"])
    new = hub.commit("new", {"x.py": ""})
    hub.protect("kept*", **rule)
    before = hub.snapshot()
    given = {name: new if value == "NEW" else value for name, value in body.items()} if body else None
    got = send(hub, method, path, given, token=hub.token())
    assert got.status == status
    assert (hub.snapshot() == before) == (status == 422)
    if status == 422:
        assert got.message.startswith(("Repository rule violations found", "Cannot delete"))


def _git(hub: GitHub, *args: str) -> str:
    command = ["git", "--git-dir", str(hub.path), *args]
    done = subprocess.run(command, env=environment(hub.path), check=True, capture_output=True)
    return done.stdout.decode()
