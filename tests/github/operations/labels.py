"""Labels, of the repository and of issues."""

import re
from typing import Any

from tests.github.problems import Problem, invalid, not_found
from tests.github.render import issues
from tests.github.render.repository import api_url
from tests.github.request import Listed, Reply, Request, handles
from tests.github.state import Issue, Label, State


def names(body: Any) -> list[str]:
    """The names in any of the forms that GitHub takes: an array or an object, of names or of objects."""
    given = body.get("labels", []) if isinstance(body, dict) else body
    return [entry if isinstance(entry, str) else entry["name"] for entry in given]


def ensure(state: State, name: str) -> str:
    """The name as the repository spells it; an unknown label is made."""
    known = state.labels.setdefault(name.lower(), Label(next(state.ids), name))
    return known.name


@handles("issues/list-labels-for-repo")
def of_repository(request: Request) -> Listed:
    """Every label."""
    return Listed(list(request.state.labels.values()), lambda label: issues.label(request.hub, label))


@handles("issues/get-label")
def get(request: Request) -> Reply:
    """One label."""
    found = request.state.labels.get(request.params["name"].lower())
    if found is None:
        raise not_found()
    return Reply(200, issues.label(request.hub, found))


@handles("issues/create-label")
def create(request: Request) -> Reply:
    """A new label."""
    body, state = request.body, request.state
    name, color = body["name"], body.get("color", "ededed")
    if name.lower() in state.labels:
        raise invalid("Label", field="name", code="already_exists")
    if not re.fullmatch("[0-9a-fA-F]{6}", color):
        raise invalid("Label", field="color", code="invalid")
    state.labels[name.lower()] = label = Label(next(state.ids), name, color, body.get("description"))
    return Reply(201, issues.label(request.hub, label), {"Location": api_url(request.hub, "labels", name)})


@handles("issues/list-labels-on-issue")
def of_issue(request: Request) -> Listed:
    """The labels of an issue or pull request."""
    return Listed(issues.labels(request.hub, _issue(request)), lambda label: label)


@handles("issues/add-labels")
def add(request: Request) -> Reply:
    """More labels."""
    issue = _issue(request)
    for name in names(request.body or []):
        spelled = ensure(request.state, name)
        if spelled not in issue.labels:
            issue.labels.append(spelled)
    return _changed(request, issue)


@handles("issues/set-labels")
def replace(request: Request) -> Reply:
    """Other labels."""
    issue = _issue(request)
    issue.labels = [ensure(request.state, name) for name in names(request.body or [])]
    return _changed(request, issue)


@handles("issues/remove-label")
def remove(request: Request) -> Reply:
    """One label less."""
    issue = _issue(request)
    found = [name for name in issue.labels if name.lower() == request.params["name"].lower()]
    if not found:
        raise Problem(404, "Label does not exist")
    issue.labels.remove(found[0])
    return _changed(request, issue)


def _issue(request: Request) -> Issue:
    found = request.state.issues.get(request.number("issue_number"))
    if found is None:
        raise not_found()
    return found


def _changed(request: Request, issue: Issue) -> Reply:
    issue.updated = request.state.now()
    return Reply(200, issues.labels(request.hub, issue))
