"""Issues, comments, labels and reactions as documents."""

from collections import Counter
from typing import TYPE_CHECKING

from tests.github.render import accounts
from tests.github.render.repository import api_url, web_url
from tests.github.state import Comment, Issue, Label, Pull, Reaction, at_least

if TYPE_CHECKING:
    from tests.github.world import World

Json = dict[str, object]
CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def person(hub: "World", login: str) -> Json:
    """The account of a login."""
    return accounts.user(hub.url, hub.state.person(login))


def association(hub: "World", login: str) -> str:
    """What an author is to the repository. It says nothing of rights: those are asked for."""
    if login == hub.owner:
        return "OWNER"
    known = hub.state.person(login)
    if known.type == "Bot":
        return "NONE"
    return "COLLABORATOR" if at_least(known.role, "read") else "NONE"


def label(hub: "World", found: Label) -> Json:
    """A label."""
    return {
        "id": found.id,
        "node_id": f"LA_{found.id}",
        "url": api_url(hub, "labels", found.name),
        "name": found.name,
        "description": found.description,
        "color": found.color,
        "default": False,
    }


def labels(hub: "World", issue: Issue) -> list[Json]:
    """The labels that an issue carries."""
    return [label(hub, hub.state.labels[name.lower()]) for name in issue.labels]


def reaction(hub: "World", found: Reaction) -> Json:
    """A reaction."""
    return {
        "id": found.id,
        "node_id": f"REA_{found.id}",
        "user": person(hub, found.login),
        "content": found.content,
        "created_at": found.created,
    }


def rollup(url: str, reactions: list[Reaction]) -> Json:
    """How many reacted how."""
    counts = Counter(found.content for found in reactions)
    return {"url": f"{url}/reactions", "total_count": len(reactions), **{name: counts[name] for name in CONTENTS}}


def comment(hub: "World", found: Comment) -> Json:
    """An issue-comment."""
    url = api_url(hub, "issues/comments", found.id)
    page = "pull" if isinstance(hub.state.issues[found.number], Pull) else "issues"
    return {
        "id": found.id,
        "node_id": f"IC_{found.id}",
        "url": url,
        "html_url": web_url(hub, page, found.number) + f"#issuecomment-{found.id}",
        "issue_url": api_url(hub, "issues", found.number),
        "body": found.body,
        "user": person(hub, found.login),
        "created_at": found.created,
        "updated_at": found.updated,
        "author_association": association(hub, found.login),
        "performed_via_github_app": accounts.app(hub.url, hub.state.person(found.login)),
        "reactions": rollup(url, found.reactions),
    }


def issue(hub: "World", found: Issue) -> Json:
    """An issue; pull requests are issues too."""
    url = api_url(hub, "issues", found.number)
    page = web_url(hub, "pull" if isinstance(found, Pull) else "issues", found.number)
    assigned = [person(hub, login) for login in found.assignees]
    shown: Json = {
        "id": found.id,
        "node_id": f"I_{found.id}",
        "url": url,
        "repository_url": api_url(hub),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "number": found.number,
        "state": found.state,
        "state_reason": None,
        "title": found.title,
        "body": found.body,
        "user": person(hub, found.login),
        "labels": labels(hub, found),
        "assignee": assigned[0] if assigned else None,
        "assignees": assigned,
        "milestone": None,
        "locked": found.locked,
        "active_lock_reason": None,
        "comments": sum(said.number == found.number for said in hub.state.comments.values()),
        "closed_at": found.closed,
        "closed_by": person(hub, found.closed_by) if found.closed_by else None,
        "created_at": found.created,
        "updated_at": found.updated,
        "author_association": association(hub, found.login),
        "reactions": rollup(url, []),
    }
    if isinstance(found, Pull):
        links = {"html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        shown["pull_request"] = {
            "url": api_url(hub, "pulls", found.number),
            **links,
            "merged_at": found.merged,
        }
    return shown
