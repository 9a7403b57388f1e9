"""From the bytes of a request to the bytes of its answer; sockets are none of its business."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.github import access, branches
from tests.github.description import Description, Operation, load
from tests.github.faults import Answer, Fault, Garbled, LostReply, PrimaryLimit, SecondaryLimit, Unreached
from tests.github.log import Call
from tests.github.operations import HANDLERS
from tests.github.problems import Problem, not_found, unprocessable
from tests.github.request import Listed, Reply, Request
from tests.github.state import Token

if TYPE_CHECKING:
    from tests.github.hub import GitHub

_PAGE, _LARGEST = 30, 100
_NEVER_COUNTED = frozenset({"rate-limit/get"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    data: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """What stands behind the question mark."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def key(self) -> str:
        """What makes it another request than others."""
        return f"{self.method} {self.path}?{self.query} {hashlib.sha256(self.data).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer to send."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""


def answer(hub: "GitHub", incoming: Incoming) -> Outgoing | None:
    """What is sent back; None: the connection is dropped."""
    description = load()
    found = description.find(incoming.method, incoming.path)
    name = found[0].id if found else "unknown"
    fault = hub.take_planned(name, incoming.key)
    token = hub.state.tokens.get(incoming.headers.get("authorization", "").partition(" ")[2].strip())
    if fault is None or isinstance(fault, LostReply | Garbled):
        outgoing, body = _carry_out(hub, incoming, description, found)
        hub.run_after(name, incoming.key)
    else:
        outgoing, body = _refused(hub, fault, token), None
    dropped = isinstance(fault, LostReply | Unreached)
    login = token.login if token else None
    status = 0 if dropped else outgoing.status
    done = outgoing.status < 400 and not isinstance(fault, Unreached)
    hub.note(Call(name, incoming.method, incoming.path, incoming.parameters, body, login, status, done))
    if dropped:
        return None
    if isinstance(fault, Garbled):
        return Outgoing(outgoing.status, outgoing.headers, outgoing.data[: len(outgoing.data) // 2])
    return outgoing


def _refused(hub: "GitHub", fault: Fault, token: Token | None) -> Outgoing:
    if isinstance(fault, PrimaryLimit | SecondaryLimit):
        problem = hub.limits.planned(fault, token)
        return _packed(hub, Reply(problem.status, problem.body, problem.headers), token)
    if isinstance(fault, Answer) and fault.body is not None:
        return Outgoing(fault.status, {"Content-Type": "text/html"}, fault.body.encode())
    if isinstance(fault, Answer):
        return _packed(hub, Reply(fault.status, {"message": fault.message}), token)
    return Outgoing(0)


def _carry_out(
    hub: "GitHub", incoming: Incoming, description: Description, found: tuple[Operation, dict[str, str]] | None
) -> tuple[Outgoing, Any]:
    body, token = None, None
    with hub.lock:
        branches.sync(hub)
        try:
            token = access.authenticate(hub, incoming.headers.get("authorization"))
            if found is None or found[0].id not in _NEVER_COUNTED:
                hub.limits.take(token)
            body = _json(incoming)
            if found is None:
                hub.violate(f"{incoming.method} {incoming.path}: not in the description")
                raise not_found()
            reply = _handle(hub, incoming, description, *found, body, token)
        except Problem as problem:
            reply = Reply(problem.status, problem.body, problem.headers)
        if found is not None:
            where = f"{incoming.method} {found[0].template}"
            for wrong in description.check_answer(found[0], reply.status, reply.body):
                hub.violate(f"{where}: {wrong}")
        return _conditional(hub, incoming, _packed(hub, reply, token), token), body


def _handle(
    hub: "GitHub",
    incoming: Incoming,
    description: Description,
    operation: Operation,
    params: dict[str, str],
    body: Any,
    token: Token | None,
) -> Reply:
    if "user-agent" not in incoming.headers:
        raise Problem(
            403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
        )
    query = incoming.parameters
    if "owner" in params:
        named = f"{params.pop('owner')}/{params.pop('repo')}"
        if named.lower() != f"{hub.owner}/{hub.name}".lower():
            raise not_found()
    access.authorise(hub, token, operation.id, reads=incoming.method == "GET")
    where = f"{operation.method} {operation.template}"
    for wrong in description.check_query(operation, query):
        hub.violate(f"{where}: {wrong}")
    wrongs = description.check_body(operation, body)
    for wrong in wrongs:
        hub.violate(f"{where}: {wrong}")
    if wrongs:
        raise unprocessable(f"Invalid request.\n\n{wrongs[0]}")
    reply = HANDLERS[operation.id](Request(hub, params, query, body, token))
    return _page(hub, incoming, reply) if isinstance(reply, Listed) else reply


def _json(incoming: Incoming) -> Any:
    if not incoming.data:
        return None
    try:
        return json.loads(incoming.data)
    except ValueError as error:
        raise Problem(400, "Problems parsing JSON") from error


def _page(hub: "GitHub", incoming: Incoming, listed: Listed) -> Reply:
    query = incoming.parameters
    size = min(max(_whole(query.get("per_page"), _PAGE), 1), _LARGEST)
    page = max(_whole(query.get("page"), 1), 1)
    last = max(-(-len(listed.items) // size), 1)
    shown = [listed.render(item) for item in listed.items[(page - 1) * size : page * size]]
    targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = [name for name in targets if (page > 1 if name in {"prev", "first"} else page < last)]
    links = []
    for name in wanted:
        address = urlencode({**query, "page": targets[name]})
        links.append(f'<{hub.url}{incoming.path}?{address}>; rel="{name}"')
    return Reply(200, listed.wrap(shown) if listed.wrap else shown, {"Link": ", ".join(links)} if links else {})


def _whole(text: str | None, other: int) -> int:
    return int(text) if text is not None and text.isdecimal() else other


def _packed(hub: "GitHub", reply: Reply, token: Token | None) -> Outgoing:
    data = b"" if reply.body is None else json.dumps(reply.body, separators=(",", ":")).encode()
    headers = hub.limits.headers(token) | {"X-GitHub-Request-Id": hub.next_request_id(), "Server": "github.com"}
    if data:
        headers["Content-Type"] = "application/json; charset=utf-8"
    if token and token.kind == "pat":
        headers["X-OAuth-Scopes"] = ""
    return Outgoing(reply.status, headers | dict(reply.headers), data)


def _conditional(hub: "GitHub", incoming: Incoming, outgoing: Outgoing, token: Token | None) -> Outgoing:
    """The same, or 304 for a reader who has it; that one is not counted."""
    if incoming.method != "GET" or outgoing.status != 200:
        return outgoing
    tag = f'W/"{hashlib.sha256(outgoing.data).hexdigest()}"'
    headers = {**outgoing.headers, "ETag": tag}
    if incoming.headers.get("if-none-match") != tag:
        return Outgoing(200, headers, outgoing.data)
    hub.limits.give_back(token)
    headers.pop("Content-Type", None)
    return Outgoing(304, headers | hub.limits.headers(token))
