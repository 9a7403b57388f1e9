"""Who the token is, and how much it has left."""

from tests.github.problems import Problem
from tests.github.render import accounts
from tests.github.request import Reply, Request, handles


@handles("users/get-authenticated")
def me(request: Request) -> Reply:
    """The person of a token; an installation is nobody."""
    if request.speaker.is_app:
        raise Problem(403, "Resource not accessible by integration")
    return Reply(200, accounts.full_user(request.hub.url, request.actor))


@handles("rate-limit/get")
def rate_limit(request: Request) -> Reply:
    """What is left of the hour; asking is free."""
    rate = request.hub.limits.peek(request.token)
    search = {"limit": 30, "remaining": 30, "reset": rate["reset"], "used": 0}
    return Reply(200, {"resources": {"core": rate, "search": search}, "rate": rate})
