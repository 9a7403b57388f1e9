"""The repository, its branches and the people in it."""

from fnmatch import fnmatchcase
from urllib.parse import quote

from tests.github import branches
from tests.github.problems import Problem
from tests.github.render import git, issues
from tests.github.render.repository import api_url, repository, web_url
from tests.github.request import Json, Listed, Reply, Request, handles
from tests.github.state import Protection

# The API's older word for each role; role_name says the newer one.
_OLD = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}


@handles("repos/get")
def get(request: Request) -> Reply:
    """The repository."""
    return Reply(200, repository(request.hub, request.token))


@handles("repos/get-collaborator-permission-level")
def permission(request: Request) -> Reply:
    """What a person may do here, now."""
    person = request.state.people.get(request.params["username"].lower())
    if person is None:
        raise Problem(404, f"{request.params['username']} is not a user")
    role = "read" if person.role == "none" and not request.hub.private else person.role
    shown = issues.person(request.hub, person.login) | {"role_name": role}
    return Reply(200, {"permission": _OLD[role], "role_name": role, "user": shown})


@handles("repos/get-branch")
def branch(request: Request) -> Reply:
    """A branch with its tip."""
    hub, name = request.hub, request.params["branch"]
    sha = hub.bare.ref(branches.HEADS + name)
    if sha is None:
        raise Problem(404, "Branch not found")
    url = api_url(hub, "branches") + "/" + quote(name, safe="")
    protected = branches.protected(hub, name)
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    return Reply(
        200,
        {
            "name": name,
            "commit": git.commit(hub, hub.bare.commit(sha)),
            "_links": {"self": url, "html": web_url(hub, "tree", name)},
            "protected": protected,
            "protection": {"enabled": protected, "required_status_checks": checks},
            "protection_url": f"{url}/protection",
        },
    )


@handles("repos/get-branch-protection")
def protection(request: Request) -> Reply:
    """The rules over a branch in the older form."""
    name = request.params["branch"]
    if request.bare.ref(branches.HEADS + name) is None:
        raise Problem(404, "Branch not found")
    rules = _rules(request, name)
    if not rules:
        raise Problem(404, "Branch not protected")
    url = api_url(request.hub, "branches") + "/" + quote(name, safe="") + "/protection"
    reviews = {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": False,
        "require_code_owner_reviews": False,
        "required_approving_review_count": 1,
    }
    shown: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True},
        "allow_force_pushes": {"enabled": False},
        "allow_deletions": {"enabled": all(rule.delete for rule in rules)},
    }
    if not all(rule.update for rule in rules):
        shown["required_pull_request_reviews"] = reviews
    return Reply(200, shown)


@handles("repos/get-branch-rules")
def rules(request: Request) -> Listed:
    """The rules over a branch, which need not exist."""
    found: list[Json] = []
    for index, rule in enumerate(_rules(request, request.params["branch"]), start=1):
        source = {
            "ruleset_source_type": "Repository",
            "ruleset_source": f"{request.hub.owner}/{request.hub.name}",
            "ruleset_id": index,
        }
        if not rule.update:
            parameters = {
                "dismiss_stale_reviews_on_push": False,
                "require_code_owner_review": False,
                "require_last_push_approval": False,
                "required_approving_review_count": 1,
                "required_review_thread_resolution": False,
            }
            found.append({"type": "pull_request", "parameters": parameters, **source})
        found += [
            {"type": name, **source} for name, on in (("creation", rule.create), ("deletion", rule.delete)) if not on
        ]
    return Listed(found, lambda rule: rule)


def _rules(request: Request, branch: str) -> list[Protection]:
    return [rule for rule in request.state.protections if fnmatchcase(branch, rule.pattern)]
