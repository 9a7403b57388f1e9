"""Files by path."""

import base64
import binascii
from typing import cast

from tests.github import branches, trees
from tests.github.bare import Entry
from tests.github.operations.objects import make_commit
from tests.github.problems import Problem, not_found, unprocessable
from tests.github.render import git
from tests.github.render.repository import api_url, web_url
from tests.github.request import Json, Reply, Request, handles

# Above this GitHub leaves the content out and says encoding "none".
_LARGE = 1024 * 1024


@handles("repos/get-content")
def get(request: Request) -> Reply:
    """A file, or what a folder holds."""
    ref = request.query.get("ref", request.hub.default_branch)
    sha = request.bare.find(ref)
    if sha is None:
        raise Problem(404, f"No commit found for the ref {ref}")
    path = request.params["path"].strip("/")
    found = request.bare.entries(sha, path=path)
    if not found:
        raise not_found()
    if found[0].type == "tree":
        inside = request.bare.entries(sha, path=f"{path}/")
        return Reply(200, [_shown(request, entry, ref) for entry in inside])
    return Reply(200, _shown(request, found[0], ref) | _content(request, found[0]))


@handles("repos/create-or-update-file-contents")
def put(request: Request) -> Reply:
    """One file in one commit on a branch."""
    body, path = request.body, request.params["path"]
    branch = body.get("branch", request.hub.default_branch)
    ref = branches.HEADS + branch
    tip = request.bare.ref(ref)
    if tip is None:
        raise Problem(404, f"Branch {branch} not found")
    if trees.malformed(path):
        raise unprocessable("path contains a malformed path component")
    _check_sha(request, tip, path)
    branches.check_rules(request.hub, ref, "update", request.login)
    try:
        data = base64.b64decode(body["content"])
    except binascii.Error as error:
        raise unprocessable("content is not valid Base64.") from error
    new = not request.bare.entries(tip, path=path)
    change = trees.Change(path, "100644", request.bare.write_blob(data))
    sha = make_commit(request, trees.write(request.bare, tip, [change]), [tip])
    branches.move(request.hub, ref, sha, tip)
    entry = request.bare.entries(sha, path=path)[0]
    commit = git.git_commit(request.hub, request.bare.commit(sha))
    return Reply(201 if new else 200, {"content": _shown(request, entry, branch), "commit": commit})


def _check_sha(request: Request, tip: str, path: str) -> None:
    there, given = request.bare.entries(tip, path=path), request.body.get("sha")
    if there and not given:
        raise unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    if given and (not there or there[0].sha != given):
        raise Problem(409, f"{path} does not match {given}")


def _content(request: Request, entry: Entry) -> Json:
    if entry.type != "blob":
        return {"submodule_git_url": None}
    if entry.mode == "120000":
        return {"target": request.bare.blob(entry.sha).decode()}
    if cast("int", entry.size) > _LARGE:
        return {"content": "", "encoding": "none"}
    return {"content": base64.encodebytes(request.bare.blob(entry.sha)).decode(), "encoding": "base64"}


def _shown(request: Request, entry: Entry, ref: str) -> Json:
    hub = request.hub
    kind = {"tree": "dir", "commit": "submodule"}.get(entry.type, "symlink" if entry.mode == "120000" else "file")
    url = api_url(hub, "contents", entry.path) + f"?ref={ref}"
    page = web_url(hub, "tree" if kind == "dir" else "blob", ref, entry.path)
    plain = f"git/{entry.type}s"
    return {
        "type": kind,
        "size": entry.size or 0,
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "url": url,
        "git_url": api_url(hub, plain, entry.sha),
        "html_url": page,
        "download_url": None if kind == "dir" else web_url(hub, "raw", ref, entry.path),
        "_links": {"self": url, "git": api_url(hub, plain, entry.sha), "html": page},
    }
