"""Check runs, statuses and workflow runs as documents."""

from typing import TYPE_CHECKING

from tests.github.render import accounts
from tests.github.render.issues import person
from tests.github.render.repository import api_url, repository, web_url
from tests.github.state import CheckRun, Run, Status

if TYPE_CHECKING:
    from tests.github.world import World

Json = dict[str, object]


def check_run(hub: "World", found: CheckRun) -> Json:
    """A check-run."""
    told = found.fields
    output = told.get("output")
    words = output if isinstance(output, dict) else {}
    url = api_url(hub, "check-runs", found.id)
    page = web_url(hub, "runs", found.id)
    return {
        "id": found.id,
        "name": found.name,
        "node_id": f"CR_{found.id}",
        "head_sha": found.sha,
        "external_id": told.get("external_id", ""),
        "url": url,
        "html_url": page,
        "details_url": told.get("details_url", page),
        "status": told.get("status", "queued"),
        "conclusion": told.get("conclusion"),
        "started_at": told.get("started_at"),
        "completed_at": told.get("completed_at"),
        "output": {
            "title": words.get("title"),
            "summary": words.get("summary"),
            "text": words.get("text"),
            "annotations_count": len(found.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": 1},
        "app": accounts.app(hub.url, hub.state.person(found.login)),
        "pull_requests": [],
    }


def status(hub: "World", found: Status) -> Json:
    """A status with its author."""
    return simple_status(hub, found) | {"creator": person(hub, found.login)}


def simple_status(hub: "World", found: Status) -> Json:
    """A simple-commit-status."""
    return {
        "url": api_url(hub, "statuses", found.sha),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{found.id}",
        "id": found.id,
        "node_id": f"SC_{found.id}",
        "state": found.state,
        "description": found.description,
        "target_url": found.target,
        "context": found.context,
        "created_at": found.created,
        "updated_at": found.created,
    }


def run(hub: "World", found: Run) -> Json:
    """A workflow-run."""
    url = api_url(hub, "actions/runs", found.id)
    commit = hub.bare.commit(found.sha)
    names = {name: f"{url}/{name}" for name in ("jobs", "logs", "cancel", "rerun", "artifacts")}
    return {
        "id": found.id,
        "name": found.name,
        "node_id": f"WFR_{found.id}",
        "head_branch": found.branch,
        "head_sha": found.sha,
        "path": f".github/workflows/{found.name}.yml",
        "display_title": commit.message.partition("\n")[0],
        "run_number": found.id,
        "run_attempt": 1,
        "event": found.event,
        "status": found.status,
        "conclusion": found.conclusion,
        "workflow_id": 1,
        "url": url,
        "html_url": web_url(hub, "actions/runs", found.id),
        "pull_requests": [],
        "created_at": found.created,
        "updated_at": found.created,
        "actor": person(hub, found.login),
        "triggering_actor": person(hub, found.login),
        **{f"{name}_url": link for name, link in names.items()},
        "check_suite_url": api_url(hub, "check-suites/1"),
        "workflow_url": api_url(hub, "actions/workflows/1"),
        "head_commit": {
            "id": commit.sha,
            "tree_id": commit.tree,
            "message": commit.message,
            "timestamp": commit.committer.date,
            "author": {"name": commit.author.name, "email": commit.author.email},
            "committer": {"name": commit.committer.name, "email": commit.committer.email},
        },
        "repository": repository(hub),
        "head_repository": repository(hub),
    }
