"""Pull requests, reviews and what is said on lines, as documents."""

from typing import TYPE_CHECKING

from tests.github import diffs
from tests.github.render.issues import association, labels, person, rollup
from tests.github.render.repository import api_url, repository, web_url
from tests.github.state import Pull, Review, ReviewComment

if TYPE_CHECKING:
    from tests.github.world import World

Json = dict[str, object]


def simple(hub: "World", found: Pull) -> Json:
    """A pull-request-simple: as in lists."""
    number = found.number
    url, issue, page = api_url(hub, "pulls", number), api_url(hub, "issues", number), web_url(hub, "pull", number)
    statuses = api_url(hub, "statuses", found.head_sha)
    links = {
        "self": url,
        "html": page,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": api_url(hub, "pulls/comments") + "{/number}",
        "commits": f"{url}/commits",
        "statuses": statuses,
    }
    return {
        "id": found.id,
        "node_id": f"PR_{found.id}",
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": statuses,
        "number": number,
        "state": found.state,
        "locked": found.locked,
        "title": found.title,
        "user": person(hub, found.login),
        "body": found.body,
        # In this list alone the description has no null for a label's description.
        "labels": [{**label, "description": label["description"] or ""} for label in labels(hub, found)],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": found.created,
        "updated_at": found.updated,
        "closed_at": found.closed,
        "merged_at": found.merged,
        "merge_commit_sha": found.merge_sha,
        "assignee": person(hub, found.assignees[0]) if found.assignees else None,
        "assignees": [person(hub, login) for login in found.assignees],
        "requested_reviewers": [person(hub, login) for login in found.reviewers],
        "requested_teams": [],
        "head": _side(hub, found.head_owner, found.head, found.head_sha),
        "base": _side(hub, hub.owner, found.base, found.base_sha),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": association(hub, found.login),
        "auto_merge": None,
        "draft": found.draft,
    }


def full(hub: "World", found: Pull) -> Json:
    """A pull-request: as it is asked for alone."""
    base = hub.bare.merge_base(found.base_sha, found.head_sha)
    changed = diffs.files(hub.bare, base, found.head_sha)
    mergeable, reason = _mergeable(hub, found)
    state = hub.state
    return simple(hub, found) | {
        "merged": found.merged is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": reason,
        "merged_by": person(hub, found.merged_by) if found.merged_by else None,
        "comments": sum(said.number == found.number for said in state.comments.values()),
        "review_comments": sum(said.number == found.number for said in state.review_comments.values()),
        "maintainer_can_modify": found.maintainer_can_modify,
        "commits": len(hub.bare.between(found.base_sha, found.head_sha)),
        "additions": sum(file.added for file in changed),
        "deletions": sum(file.removed for file in changed),
        "changed_files": len(changed),
    }


def review(hub: "World", found: Review) -> Json:
    """A pull-request-review."""
    page = web_url(hub, "pull", found.number) + f"#pullrequestreview-{found.id}"
    pull = api_url(hub, "pulls", found.number)
    return {
        "id": found.id,
        "node_id": f"PRR_{found.id}",
        "user": person(hub, found.login),
        "body": found.body,
        "state": found.state,
        "html_url": page,
        "pull_request_url": pull,
        "_links": {"html": {"href": page}, "pull_request": {"href": pull}},
        "submitted_at": found.submitted,
        "commit_id": found.sha,
        "author_association": association(hub, found.login),
    }


def review_comment(hub: "World", found: ReviewComment) -> Json:
    """A pull-request-review-comment."""
    url = api_url(hub, "pulls/comments", found.id)
    page = web_url(hub, "pull", found.number) + f"#discussion_r{found.id}"
    pull = api_url(hub, "pulls", found.number)
    shown: Json = {
        "url": url,
        "pull_request_review_id": found.review,
        "id": found.id,
        "node_id": f"PRRC_{found.id}",
        "diff_hunk": found.hunk,
        "path": found.path,
        "commit_id": found.sha,
        "original_commit_id": found.sha,
        "user": person(hub, found.login),
        "body": found.body,
        "created_at": found.created,
        "updated_at": found.updated,
        "html_url": page,
        "pull_request_url": pull,
        "author_association": association(hub, found.login),
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": pull}},
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "side": found.side,
        "subject_type": "file" if found.line is None else "line",
        "reactions": rollup(url, found.reactions),
    }
    if found.line is not None:
        shown |= {"line": found.line, "original_line": found.line}
    if found.reply_to is not None:
        shown["in_reply_to_id"] = found.reply_to
    return shown


def _side(hub: "World", owner: str, branch: str, sha: str) -> Json:
    return {
        "label": f"{owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": person(hub, owner),
        "repo": repository(hub, owner=owner),
    }


def _mergeable(hub: "World", found: Pull) -> tuple[bool | None, str]:
    tip = hub.bare.ref(f"refs/heads/{found.base}")
    if found.state == "closed" or tip is None:
        return None, "unknown"
    question = (found.number, found.head_sha, tip)
    if hub.slow_merge_state and question not in hub.state.asked:
        hub.state.asked.add(question)
        return None, "unknown"
    if hub.bare.merge_tree(tip, found.head_sha) is None:
        return False, "dirty"
    return True, "draft" if found.draft else "clean"
