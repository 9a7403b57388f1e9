"""The repository and its branches as documents."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.github.render import accounts
from tests.github.state import ROLES, Token, at_least

if TYPE_CHECKING:
    from tests.github.world import World

Json = dict[str, object]
_PLAIN = (
    *("contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges"),
    *("stargazers", "subscribers", "subscription", "tags", "teams"),
)
_TEMPLATES = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "statuses": "/statuses/{sha}",
    "trees": "/git/trees{/sha}",
}


def api_url(hub: "World", *parts: object) -> str:
    """An address under the repository's; parts are quoted, slashes in them kept."""
    return "/".join([f"{hub.url}/repos/{hub.owner}/{hub.name}", *(quote(str(part)) for part in parts)])


def web_url(hub: "World", *parts: object) -> str:
    """A page under the repository's."""
    return "/".join([f"{accounts.WEB}/{hub.owner}/{hub.name}", *(quote(str(part)) for part in parts)])


def repository(hub: "World", token: Token | None = None, *, owner: str = "") -> Json:
    """A repository, or the fork of another owner."""
    owner = owner or hub.owner
    fork = owner != hub.owner
    url = f"{hub.url}/repos/{owner}/{hub.name}"
    page = f"{accounts.WEB}/{owner}/{hub.name}"
    counted = dict.fromkeys(("forks_count", "stargazers_count", "watchers_count", "forks", "watchers"), 0)
    opened = sum(issue.state == "open" for issue in hub.state.issues.values())
    return {
        "id": 2 if fork else 1,
        "node_id": "R_2" if fork else "R_1",
        "name": hub.name,
        "full_name": f"{owner}/{hub.name}",
        "owner": accounts.user(hub.url, hub.state.person(owner)),
        "private": hub.private,
        "html_url": page,
        "description": None,
        "fork": fork,
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in _PLAIN},
        **{f"{name}_url": f"{url}{template}" for name, template in _TEMPLATES.items()},
        "clone_url": f"{page}.git",
        "git_url": f"git://github.com/{owner}/{hub.name}.git",
        "ssh_url": f"git@github.com:{owner}/{hub.name}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": "Python",
        **counted,
        "open_issues": opened,
        "open_issues_count": opened,
        "size": 1,
        "default_branch": hub.default_branch,
        "is_template": False,
        "topics": [],
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads", "has_discussions"), True),
        "has_pages": False,
        "archived": False,
        "disabled": False,
        "visibility": "private" if hub.private else "public",
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), accounts.EPOCH),
        "permissions": _permissions(hub, token),
        **dict.fromkeys(("allow_rebase_merge", "allow_squash_merge", "allow_merge_commit"), True),
        **dict.fromkeys(("allow_auto_merge", "delete_branch_on_merge", "web_commit_signoff_required"), False),
        "allow_forking": True,
        "subscribers_count": 0,
        "network_count": 0,
        "license": None,
    }


def _permissions(hub: "World", token: Token | None) -> dict[str, bool]:
    role = hub.state.person(token.login).role if token and not token.is_app else "none"
    if token and token.permissions.get("contents") == "write" and token.is_app:
        role = "write"
    names = {"admin": "admin", "maintain": "maintain", "write": "push", "triage": "triage", "read": "pull"}
    return {names[wanted]: at_least(role, wanted) for wanted in ROLES if wanted in names} | {"pull": True}
