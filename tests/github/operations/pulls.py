"""Pull requests."""

from tests.github import branches, diffs
from tests.github.problems import Problem, check_length, invalid, not_found
from tests.github.render import git, pulls
from tests.github.request import Listed, Reply, Request, handles
from tests.github.state import Pull


def find(request: Request) -> Pull:
    """The pull request of the path.

    Raises `Problem`: there is none of this number.
    """
    found = request.state.issues.get(request.number("pull_number"))
    if not isinstance(found, Pull):
        raise not_found()
    return found


@handles("pulls/list")
def list_pulls(request: Request) -> Listed:
    """Pull requests by state, head and base, newest first unless told otherwise."""
    query = request.query
    state, head = query.get("state", "open"), query.get("head", "")
    found = [pull for pull in request.state.pulls() if state in {"all", pull.state}]
    if ":" in head:  # GitHub takes no notice of a head without an owner
        found = [pull for pull in found if f"{pull.head_owner}:{pull.head}" == head]
    if "base" in query:
        found = [pull for pull in found if pull.base == query["base"]]
    key = query.get("sort", "created")
    ordered = sorted(found, key=lambda pull: (pull.updated, pull.number) if key == "updated" else ("", pull.number))
    if query.get("direction", "desc" if key == "created" else "asc") == "desc":
        ordered.reverse()
    return Listed(ordered, lambda pull: pulls.simple(request.hub, pull))


@handles("pulls/get")
def get(request: Request) -> Reply:
    """One pull request."""
    return Reply(200, pulls.full(request.hub, find(request)))


@handles("pulls/create")
def create(request: Request) -> Reply:
    """A new pull request."""
    body = request.body
    if request.speaker.kind in {"github_token", "fork"} and not request.hub.actions_open_pulls:
        raise Problem(403, "GitHub Actions is not permitted to create or approve pull requests.")
    if not (body.get("title") or "").strip():
        raise invalid("PullRequest", field="title", code="missing_field")
    check_length("PullRequest", body.get("body"), body.get("title"))
    owner, _, branch = body["head"].rpartition(":")
    pull = request.hub.open_pull(
        branch,
        body["base"],
        owner=owner or request.hub.owner,
        login=request.login,
        title=body["title"],
        body=body.get("body"),
    )
    pull.draft = bool(body.get("draft"))
    pull.maintainer_can_modify = bool(body.get("maintainer_can_modify"))
    shown = pulls.full(request.hub, pull)
    return Reply(201, shown, {"Location": str(shown["url"])})


@handles("pulls/update")
def update(request: Request) -> Reply:
    """Another title, text, base or state."""
    pull, body = find(request), request.body or {}
    if request.login != pull.login and not request.may("write", "pull_requests"):
        raise Problem(403, "Must have admin rights to Repository.")
    if "title" in body and not body["title"].strip():
        raise invalid("PullRequest", field="title", code="missing_field")
    check_length("PullRequest", body.get("body"), body.get("title"))
    if body.get("base", pull.base) != pull.base:
        _rebase(request, pull)
    if body.get("state", pull.state) != pull.state:
        if body["state"] == "open":
            branches.open_again(request.hub, pull)
        else:
            branches.close(request.hub, pull, request.login)
    pull.title, pull.body = body.get("title", pull.title), body.get("body", pull.body)
    pull.updated = request.state.now()
    return Reply(200, pulls.full(request.hub, pull))


def _rebase(request: Request, pull: Pull) -> None:
    base = request.body["base"]
    sha = request.bare.ref(branches.HEADS + base)
    if sha is None:
        raise invalid("PullRequest", field="base", code="invalid")
    pull.base, pull.base_sha = base, sha


@handles("pulls/list-files")
def files(request: Request) -> Listed:
    """What a pull request changes."""
    pull = find(request)
    base = request.bare.merge_base(pull.base_sha, pull.head_sha)
    found = diffs.files(request.bare, base, pull.head_sha)[:3000]
    return Listed(list(found), lambda file: git.diff_entry(request.hub, file, pull.head_sha))


@handles("pulls/list-commits")
def commits(request: Request) -> Listed:
    """The commits of a pull request, oldest first, 250 at most."""
    pull = find(request)
    found = request.bare.commits(request.bare.between(pull.base_sha, pull.head_sha)[::-1][:250])
    return Listed(found, lambda commit: git.commit(request.hub, commit))


@handles("pulls/list-reviews")
def reviews(request: Request) -> Listed:
    """The reviews of a pull request, oldest first."""
    number = find(request).number
    found = [review for review in request.state.reviews.values() if review.number == number]
    return Listed(found, lambda review: pulls.review(request.hub, review))


@handles("pulls/request-reviewers")
def request_reviewers(request: Request) -> Reply:
    """People asked for a review."""
    pull = find(request)
    asked = (request.body or {}).get("reviewers", [])
    if pull.login in asked:
        raise Problem(422, "Review cannot be requested from pull request author.")
    known = request.state.people
    if any(login.lower() not in known or known[login.lower()].role == "none" for login in asked):
        raise Problem(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not "
            f"a collaborator of the {request.hub.owner}/{request.hub.name} repository.",
        )
    pull.reviewers += [login for login in asked if login not in pull.reviewers]
    return Reply(201, pulls.simple(request.hub, pull))
