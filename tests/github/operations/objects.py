"""Blobs, trees and commits: made and never changed."""

import base64
import binascii
import re

from tests.github import trees
from tests.github.bare import GitError, Signature
from tests.github.problems import Problem, not_found, unprocessable
from tests.github.render import accounts, git
from tests.github.render.repository import api_url
from tests.github.request import Json, Reply, Request, handles


@handles("git/create-blob")
def create_blob(request: Request) -> Reply:
    """Bytes, as text or in base64."""
    data = request.body["content"].encode("utf-8", "surrogatepass")
    if request.body.get("encoding") == "base64":
        try:
            data = base64.b64decode(data, validate=False)
        except binascii.Error as error:
            raise unprocessable("content is not valid Base64") from error
    sha = request.bare.write_blob(data)
    url = api_url(request.hub, "git/blobs", sha)
    return Reply(201, {"url": url, "sha": sha}, {"Location": url})


@handles("git/get-blob")
def get_blob(request: Request) -> Reply:
    """Bytes in base64."""
    sha = request.params["file_sha"]
    if request.bare.kind(sha) != "blob":
        raise not_found()
    data = request.bare.blob(sha)
    return Reply(
        200,
        {
            "sha": sha,
            "node_id": f"B_{sha}",
            "size": len(data),
            "url": api_url(request.hub, "git/blobs", sha),
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        },
    )


@handles("git/create-tree")
def create_tree(request: Request) -> Reply:
    """A tree from another one and what is different."""
    entries, base = request.body["tree"], request.body.get("base_tree")
    if not entries:
        raise unprocessable("Invalid tree info")
    tree = None
    if base is not None:
        tree = request.bare.tree_of(base) if re.fullmatch("[0-9a-f]{40}", base) else None
        if tree is None:
            raise unprocessable("base_tree is not a valid tree oid")
    changes = [_change(request, entry) for entry in entries]
    named = [(entry["mode"], entry["sha"]) for entry in entries if entry.get("sha")]
    for (mode, sha), kind in zip(named, request.bare.kinds([sha for _, sha in named]), strict=True):
        wanted = trees.MODES[mode]
        if kind != wanted and wanted != "commit":  # a submodule's commit lives elsewhere
            raise unprocessable(f"tree.sha {sha} is not a valid {wanted}")
    try:
        made = trees.write(request.bare, tree, changes)
    except (trees.AbsentError, GitError) as error:
        raise unprocessable("GitRPC::BadObjectState") from error
    url = api_url(request.hub, "git/trees", made)
    return Reply(201, git.tree(request.hub, made, request.bare.entries(made)), {"Location": url})


def _change(request: Request, entry: Json) -> trees.Change:
    path, mode = entry.get("path", ""), entry.get("mode", "100644")
    if trees.malformed(path):
        raise unprocessable("tree.path contains a malformed path component")
    if "content" in entry and entry.get("sha"):
        raise unprocessable("Must supply either tree.sha or tree.content, not both")
    if "content" not in entry and "sha" not in entry:
        raise unprocessable("Must supply either tree.sha or tree.content")
    if "content" in entry:
        return trees.Change(path, mode, request.bare.write_blob(entry["content"].encode("utf-8", "surrogatepass")))
    return trees.Change(path, mode, entry["sha"])


@handles("git/get-tree")
def get_tree(request: Request) -> Reply:
    """The lines of a tree, or of the one that a commit or branch has."""
    named = request.params["tree_sha"]
    tree = request.bare.tree_of(request.bare.find(named) or named)
    if tree is None:
        raise not_found()
    found = request.bare.entries(tree, recursive="recursive" in request.query)
    return Reply(200, git.tree(request.hub, tree, found))


@handles("git/create-commit")
def create_commit(request: Request) -> Reply:
    """A commit, signed by the service when a bot makes it and claims no other name."""
    body, bare = request.body, request.bare
    if bare.kind(body["tree"]) != "tree":
        raise unprocessable("Tree SHA does not exist")
    parents = body.get("parents", [])
    if any(kind != "commit" for kind in bare.kinds(parents)):
        raise unprocessable("Parent SHA does not exist or is not a commit object")
    sha = make_commit(request, body["tree"], parents)
    shown = git.git_commit(request.hub, bare.commit(sha))
    return Reply(201, shown, {"Location": api_url(request.hub, "git/commits", sha)})


def make_commit(request: Request, tree: str, parents: list[str]) -> str:
    """The sha of a commit by the caller, with the message and the names that the body gives."""
    body, now = request.body, request.state.now()
    own = Signature(request.login, accounts.email(request.actor), now)
    plain = request.speaker.is_app and not any(body.get(name) for name in ("author", "committer", "signature"))
    author = _signature(body.get("author"), own)
    web = Signature("GitHub", "noreply@github.com", now)
    committer = web if plain else _signature(body.get("committer"), author)
    request.state.person("web-flow")
    sha = request.bare.write_commit(tree, parents, body["message"], author, committer)
    if plain:
        request.state.signed.add(sha)
    return sha


def _signature(given: Json | None, other: Signature) -> Signature:
    if not given:
        return other
    if not given.get("name") or not given.get("email"):
        raise Problem(422, "Invalid request.\n\nAuthor and committer take a name and an email.")
    return Signature(given["name"], given["email"], given.get("date", other.date))


@handles("git/get-commit")
def get_commit(request: Request) -> Reply:
    """A commit as git has it."""
    sha = request.params["commit_sha"]
    if request.bare.kind(sha) != "commit":
        raise not_found()
    return Reply(200, git.git_commit(request.hub, request.bare.commit(sha)))
