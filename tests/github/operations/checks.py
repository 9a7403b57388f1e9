"""Check runs, commit statuses and workflow runs."""

from tests.github.problems import not_found, unprocessable
from tests.github.render import checks
from tests.github.render.repository import api_url, repository
from tests.github.request import Listed, Reply, Request, handles
from tests.github.state import CheckRun, Run, Status


@handles("checks/create")
def create(request: Request) -> Reply:
    """A new check run on a commit."""
    body, state = request.body, request.state
    if request.bare.kind(body["head_sha"]) != "commit":
        raise unprocessable(f"No commit found for SHA: {body['head_sha']}")
    run = CheckRun(next(state.ids), body["name"], body["head_sha"], request.login, {})
    state.checks[run.id] = run
    _tell(request, run)
    url = api_url(request.hub, "check-runs", run.id)
    return Reply(201, checks.check_run(request.hub, run), {"Location": url})


@handles("checks/update")
def update(request: Request) -> Reply:
    """A check run gone on."""
    run = _find(request)
    _tell(request, run)
    return Reply(200, checks.check_run(request.hub, run))


@handles("checks/get")
def get(request: Request) -> Reply:
    """One check run."""
    return Reply(200, checks.check_run(request.hub, _find(request)))


@handles("checks/list-for-ref")
def of_ref(request: Request) -> Listed:
    """The check runs on a commit; with filter=latest (as is) the newest of each name and app."""
    sha = request.bare.find(request.params["ref"])
    if sha is None:
        raise unprocessable(f"No commit found for SHA: {request.params['ref']}")
    query = request.query
    found = [run for run in request.state.checks.values() if run.sha == sha]
    if query.get("filter", "latest") == "latest":
        found = list({(run.name, run.login): run for run in found}.values())
    found = [
        run
        for run in found
        if query.get("check_name", run.name) == run.name
        and query.get("status") in {None, run.fields.get("status", "queued")}
    ]
    return Listed(
        found[::-1],
        lambda run: checks.check_run(request.hub, run),
        lambda page: {"total_count": len(found), "check_runs": page},
    )


def _find(request: Request) -> CheckRun:
    found = request.state.checks.get(request.number("check_run_id"))
    if found is None:
        raise not_found()
    return found


def _tell(request: Request, run: CheckRun) -> None:
    body = request.body
    if body.get("status") == "completed" and not body.get("conclusion"):
        raise unprocessable("Invalid request.\n\nMissing required key: conclusion")
    run.name = body.get("name", run.name)
    run.fields |= {name: value for name, value in body.items() if name not in {"name", "head_sha", "actions"}}
    if body.get("conclusion"):
        run.fields["status"] = "completed"
        run.fields.setdefault("completed_at", request.state.now())
    run.annotations += (body.get("output") or {}).get("annotations", [])


@handles("repos/create-commit-status")
def create_status(request: Request) -> Reply:
    """A status on a commit."""
    body, sha, state = request.body, request.params["sha"], request.state
    if request.bare.kind(sha) != "commit":
        raise unprocessable(f"No commit found for SHA: {sha}")
    status = Status(
        next(state.ids),
        sha,
        request.login,
        body["state"],
        body.get("context") or "default",
        body.get("description"),
        body.get("target_url"),
        state.now(),
    )
    state.statuses[status.id] = status
    return Reply(201, checks.status(request.hub, status), {"Location": api_url(request.hub, "statuses", sha)})


@handles("repos/get-combined-status-for-ref")
def combined(request: Request) -> Reply:
    """The newest status of each context, and all in one word."""
    sha = request.bare.find(request.params["ref"])
    if sha is None:
        raise not_found()
    newest = {found.context: found for found in request.state.statuses.values() if found.sha == sha}
    states = {found.state for found in newest.values()}
    word = "failure" if states & {"failure", "error"} else "pending" if not states or "pending" in states else "success"
    commit = api_url(request.hub, "commits", sha)
    return Reply(
        200,
        {
            "state": word,
            "statuses": [checks.simple_status(request.hub, found) for found in newest.values()],
            "sha": sha,
            "total_count": len(newest),
            "repository": repository(request.hub, request.token),
            "commit_url": commit,
            "url": f"{commit}/status",
        },
    )


@handles("actions/list-workflow-runs-for-repo")
def runs(request: Request) -> Listed:
    """Workflow runs, newest first."""
    found = [run for run in request.state.runs.values() if _wanted(request, run)]
    return Listed(
        found[::-1],
        lambda run: checks.run(request.hub, run),
        lambda page: {"total_count": len(found), "workflow_runs": page},
    )


def _wanted(request: Request, run: Run) -> bool:
    query = request.query
    told = {"branch": run.branch, "event": run.event, "actor": run.login, "head_sha": run.sha}
    if any(query.get(name, value) != value for name, value in told.items()):
        return False
    return query.get("status") in {None, run.status, run.conclusion}
