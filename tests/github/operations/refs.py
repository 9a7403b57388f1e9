"""Refs: the only place where something is decided."""

from tests.github import branches
from tests.github.problems import Problem, not_found, unprocessable
from tests.github.render import git
from tests.github.render.repository import api_url
from tests.github.request import Listed, Reply, Request, handles


@handles("git/get-ref")
def get(request: Request) -> Reply:
    """The ref with exactly this name."""
    _not_empty(request)
    name = "refs/" + request.params["ref"]
    sha = request.bare.ref(name)
    if sha is None:
        raise not_found()
    return Reply(200, git.ref(request.hub, name, sha))


@handles("git/list-matching-refs")
def matching(request: Request) -> Listed:
    """The refs whose names begin so."""
    _not_empty(request)
    found = request.bare.refs("refs/" + request.params["ref"])
    return Listed(list(found.items()), lambda item: git.ref(request.hub, *item))


@handles("git/create-ref")
def create(request: Request) -> Reply:
    """A new ref."""
    name, sha = request.body["ref"], request.body["sha"]
    if not name.startswith("refs/"):
        raise unprocessable("Reference name must start with 'refs/'")
    if name.count("/") < 2:
        raise unprocessable("Reference name must contain at least three slash-separated components.")
    if not request.bare.valid(name):
        raise unprocessable(f"{name} is not a valid ref name.")
    if request.bare.kind(sha) is None:
        raise unprocessable("Object does not exist")
    if request.bare.ref(name) is not None:
        raise unprocessable("Reference already exists")
    branches.check_rules(request.hub, name, "create", request.login)
    branches.move(request.hub, name, sha, "")
    return Reply(201, git.ref(request.hub, name, sha), {"Location": api_url(request.hub, "git", name)})


@handles("git/update-ref")
def update(request: Request) -> Reply:
    """A ref moved forward, or anywhere by force."""
    name, sha = "refs/" + request.params["ref"], request.body["sha"]
    old = request.bare.ref(name)
    if old is None:
        raise unprocessable("Reference does not exist")
    if request.bare.kind(sha) is None:
        raise unprocessable("Object does not exist")
    branches.check_rules(request.hub, name, "update", request.login)
    if not request.body.get("force") and not request.bare.is_ancestor(old, sha):
        raise unprocessable("Update is not a fast forward")
    branches.move(request.hub, name, sha, old)
    return Reply(200, git.ref(request.hub, name, sha))


@handles("git/delete-ref")
def delete(request: Request) -> Reply:
    """No ref any more."""
    name = "refs/" + request.params["ref"]
    old = request.bare.ref(name)
    if old is None:
        raise unprocessable("Reference does not exist")
    if name == branches.HEADS + request.hub.default_branch:
        raise unprocessable("Cannot delete the default branch")
    branches.check_rules(request.hub, name, "delete", request.login)
    branches.move(request.hub, name, None, old)
    return Reply(204)


def _not_empty(request: Request) -> None:
    if not request.bare.refs(branches.HEADS):
        raise Problem(409, "Git Repository is empty.")
