"""Reactions to comments."""

from tests.github.operations import issues as conversation
from tests.github.operations import lines
from tests.github.render import issues
from tests.github.request import Listed, Reply, Request, handles
from tests.github.state import Comment, Reaction


@handles("reactions/list-for-issue-comment")
def of_comment(request: Request) -> Listed:
    """The reactions to a comment in a conversation."""
    return _listed(request, conversation.find_comment(request))


@handles("reactions/create-for-issue-comment")
def to_comment(request: Request) -> Reply:
    """React to it."""
    return _react(request, conversation.find_comment(request))


@handles("reactions/list-for-pull-request-review-comment")
def of_line(request: Request) -> Listed:
    """The reactions to a comment on a line."""
    return _listed(request, lines.find_comment(request))


@handles("reactions/create-for-pull-request-review-comment")
def to_line(request: Request) -> Reply:
    """React to it."""
    return _react(request, lines.find_comment(request))


def _listed(request: Request, said: Comment) -> Listed:
    wanted = request.query.get("content")
    found = [reaction for reaction in said.reactions if wanted in {None, reaction.content}]
    return Listed(found, lambda reaction: issues.reaction(request.hub, reaction))


def _react(request: Request, said: Comment) -> Reply:
    content = request.body["content"]
    for known in said.reactions:
        if (known.login, known.content) == (request.login, content):
            return Reply(200, issues.reaction(request.hub, known))
    made = Reaction(next(request.state.ids), request.login, content, request.state.now())
    said.reactions.append(made)
    return Reply(201, issues.reaction(request.hub, made))
