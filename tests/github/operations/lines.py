"""What is said on the lines of a pull request."""

from tests.github.operations.pulls import find
from tests.github.problems import Problem, check_length, not_found, unprocessable
from tests.github.render import pulls
from tests.github.request import Listed, Reply, Request, handles
from tests.github.state import ReviewComment


def find_comment(request: Request) -> ReviewComment:
    """The comment of the path.

    Raises `Problem`: there is none of this id.
    """
    found = request.state.review_comments.get(request.number("comment_id"))
    if found is None:
        raise not_found()
    return found


@handles("pulls/list-review-comments")
def list_comments(request: Request) -> Listed:
    """The comments on lines, oldest first unless told otherwise."""
    number, since = find(request).number, request.query.get("since", "")
    found = [said for said in request.state.review_comments.values() if said.number == number and said.updated >= since]
    if request.query.get("direction") == "desc" and "sort" in request.query:
        found.reverse()
    return Listed(found, lambda said: pulls.review_comment(request.hub, said))


@handles("pulls/get-review-comment")
def get(request: Request) -> Reply:
    """One of them."""
    return Reply(200, pulls.review_comment(request.hub, find_comment(request)))


@handles("pulls/create-review-comment")
def create(request: Request) -> Reply:
    """A comment on a line that is part of the diff, or on a file of it."""
    pull, body = find(request), request.body
    check_length("PullRequestReviewComment", body["body"])
    if request.bare.kind(body["commit_id"]) != "commit":
        raise unprocessable("commit_id is not part of the pull request")
    line = None if body.get("subject_type") == "file" else body.get("line")
    if line is None and body.get("subject_type") != "file":
        raise unprocessable("Line could not be resolved")
    said = request.hub.review_comment(
        pull.number, body["path"], line, body["body"], login=request.login, side=body.get("side", "RIGHT")
    )
    return _created(request, said)


@handles("pulls/create-reply-for-review-comment")
def reply(request: Request) -> Reply:
    """An answer to a comment on a line; answers to answers join the same row."""
    pull, first = find(request), find_comment(request)
    if first.number != pull.number or first.reply_to is not None:
        raise Problem(404, "Not Found")
    check_length("PullRequestReviewComment", request.body["body"])
    said = request.hub.review_comment(
        pull.number,
        first.path,
        first.line,
        request.body["body"],
        login=request.login,
        side=first.side,
        reply_to=first.id,
    )
    return _created(request, said)


def _created(request: Request, said: ReviewComment) -> Reply:
    shown = pulls.review_comment(request.hub, said)
    return Reply(201, shown, {"Location": str(shown["url"])})
