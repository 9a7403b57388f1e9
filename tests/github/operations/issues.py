"""Issues (pull requests are issues too) and conversations."""

from tests.github import branches
from tests.github.operations import labels
from tests.github.problems import Problem, check_length, invalid, not_found
from tests.github.render import issues
from tests.github.request import Listed, Reply, Request, handles
from tests.github.state import Comment, Issue, Pull


def find(request: Request) -> Issue:
    """The issue or pull request of the path.

    Raises `Problem`: there is none of this number.
    """
    found = request.state.issues.get(request.number("issue_number"))
    if found is None:
        raise not_found()
    return found


def find_comment(request: Request) -> Comment:
    """The comment of the path.

    Raises `Problem`: there is none of this id.
    """
    found = request.state.comments.get(request.number("comment_id"))
    if found is None:
        raise not_found()
    return found


@handles("issues/get")
def get(request: Request) -> Reply:
    """One of them."""
    return Reply(200, issues.issue(request.hub, find(request)))


@handles("issues/list-for-repo")
def list_issues(request: Request) -> Listed:
    """By state, author and labels, newest first."""
    query = request.query
    state, wanted = query.get("state", "open"), [name.lower() for name in query.get("labels", "").split(",") if name]
    found = [
        issue
        for issue in request.state.issues.values()
        if state in {"all", issue.state}
        and query.get("creator", issue.login) == issue.login
        and issue.updated >= query.get("since", "")
        and {*wanted} <= {name.lower() for name in issue.labels}
    ]
    if query.get("direction", "desc") == "desc":
        found.reverse()
    return Listed(found, lambda issue: issues.issue(request.hub, issue))


@handles("issues/create")
def create(request: Request) -> Reply:
    """A new issue."""
    body, state = request.body, request.state
    check_length("Issue", body.get("body"))
    now = state.now()
    issue = Issue(next(state.numbers), next(state.ids), request.login, str(body["title"]), body.get("body"), now, now)
    state.issues[issue.number] = issue
    issue.labels = [labels.ensure(state, name) for name in labels.names(body.get("labels", []))]
    shown = issues.issue(request.hub, issue)
    return Reply(201, shown, {"Location": str(shown["url"])})


@handles("issues/update")
def update(request: Request) -> Reply:
    """Another title, text, state, other labels or people."""
    issue, body = find(request), request.body or {}
    if request.login != issue.login and not request.may("triage", "issues"):
        raise Problem(403, "Must have admin rights to Repository.")
    check_length("Issue", body.get("body"))
    if body.get("state", issue.state) != issue.state:
        _set_state(request, issue, body["state"])
    issue.title, issue.body = body.get("title", issue.title), body.get("body", issue.body)
    if "labels" in body:
        issue.labels = [labels.ensure(request.state, name) for name in labels.names(body["labels"])]
    issue.assignees = body.get("assignees", issue.assignees)
    issue.updated = request.state.now()
    return Reply(200, issues.issue(request.hub, issue))


def _set_state(request: Request, issue: Issue, state: str) -> None:
    if isinstance(issue, Pull):
        branches.open_again(request.hub, issue) if state == "open" else branches.close(
            request.hub, issue, request.login
        )
        return
    issue.state = "open" if state == "open" else "closed"
    issue.closed = None if state == "open" else request.state.now()
    issue.closed_by = None if state == "open" else request.login


@handles("issues/add-assignees")
def assign(request: Request) -> Reply:
    """People who see to it; those without access are left out without a word, as GitHub does."""
    issue = find(request)
    for login in (request.body or {}).get("assignees", []):
        if login not in issue.assignees and request.state.person(login).role != "none":
            issue.assignees.append(login)
    return Reply(201, issues.issue(request.hub, issue))


@handles("issues/list-comments")
def list_comments(request: Request) -> Listed:
    """A conversation, oldest first."""
    number, since = find(request).number, request.query.get("since", "")
    found = [said for said in request.state.comments.values() if said.number == number and said.updated >= since]
    return Listed(found, lambda said: issues.comment(request.hub, said))


@handles("issues/get-comment")
def get_comment(request: Request) -> Reply:
    """One comment."""
    return Reply(200, issues.comment(request.hub, find_comment(request)))


@handles("issues/create-comment")
def create_comment(request: Request) -> Reply:
    """Something said."""
    issue, body = find(request), request.body["body"]
    _check_words(body)
    if issue.locked and not request.may("write", "issues"):
        raise Problem(403, "Unable to create comment because issue is locked.")
    said = request.hub.comment(issue.number, body, login=request.login)
    shown = issues.comment(request.hub, said)
    return Reply(201, shown, {"Location": str(shown["url"])})


@handles("issues/update-comment")
def update_comment(request: Request) -> Reply:
    """Said in other words, by its author or who may write here."""
    said = _own(request)
    _check_words(request.body["body"])
    said.body, said.updated = request.body["body"], request.state.now()
    return Reply(200, issues.comment(request.hub, said))


@handles("issues/delete-comment")
def delete_comment(request: Request) -> Reply:
    """Not said any more."""
    del request.state.comments[_own(request).id]
    return Reply(204)


def _own(request: Request) -> Comment:
    said = find_comment(request)
    if said.login != request.login and not (request.may("write", "issues") or request.may("write", "pull_requests")):
        raise Problem(403, "Must have admin rights to Repository.")
    return said


def _check_words(body: str) -> None:
    if not body.strip():
        raise invalid("IssueComment", field="data", code="unprocessable", message="Body cannot be blank")
    check_length("IssueComment", body)
