"""Refs, objects and commits as documents."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.github.bare import Commit, Entry, Signature
from tests.github.diffs import FileDiff
from tests.github.render import accounts
from tests.github.render.repository import api_url, web_url

if TYPE_CHECKING:
    from tests.github.world import World

Json = dict[str, object]


def ref(hub: "World", name: str, sha: str) -> Json:
    """A git-ref."""
    kind = hub.bare.kind(sha)
    return {
        "ref": name,
        "node_id": f"REF_{name}",
        "url": api_url(hub, "git", name),
        "object": {"type": kind, "sha": sha, "url": api_url(hub, f"git/{kind}s", sha)},
    }


def tree(hub: "World", sha: str, entries: list[Entry]) -> Json:
    """A git-tree."""
    return {
        "sha": sha,
        "url": api_url(hub, "git/trees", sha),
        "truncated": False,
        "tree": [_entry(hub, e) for e in entries],
    }


def _entry(hub: "World", entry: Entry) -> Json:
    known: Json = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
    if entry.size is not None:
        known["size"] = entry.size
    return known | {"url": api_url(hub, f"git/{entry.type}s", entry.sha)}


def git_commit(hub: "World", commit: Commit) -> Json:
    """A git-commit: what git says of it."""
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "url": api_url(hub, "git/commits", commit.sha),
        "html_url": web_url(hub, "commit", commit.sha),
        "author": _signature(commit.author),
        "committer": _signature(commit.committer),
        "tree": {"sha": commit.tree, "url": api_url(hub, "git/trees", commit.tree)},
        "message": commit.message.rstrip("\n"),
        "parents": [
            {"sha": sha, "url": api_url(hub, "git/commits", sha), "html_url": web_url(hub, "commit", sha)}
            for sha in commit.parents
        ],
        "verification": _verification(hub, commit),
    }


def commit(hub: "World", found: Commit, files: Sequence[FileDiff] | None = None) -> Json:
    """A commit: what git says of it, and whose accounts the addresses are; with ``files`` what it changed."""
    plain = git_commit(hub, found)
    url = api_url(hub, "commits", found.sha)
    shown: Json = {
        "url": url,
        "sha": found.sha,
        "node_id": plain["node_id"],
        "html_url": plain["html_url"],
        "comments_url": f"{url}/comments",
        "commit": {name: plain[name] for name in ("url", "author", "committer", "message", "tree", "verification")}
        | {"comment_count": 0},
        "author": _account(hub, found.author),
        "committer": _account(hub, found.committer),
        "parents": [
            {"sha": sha, "url": api_url(hub, "commits", sha), "html_url": web_url(hub, "commit", sha)}
            for sha in found.parents
        ],
    }
    if files is not None:
        added, removed = sum(file.added for file in files), sum(file.removed for file in files)
        shown["stats"] = {"total": added + removed, "additions": added, "deletions": removed}
        shown["files"] = [diff_entry(hub, file, found.sha) for file in files]
    return shown


def diff_entry(hub: "World", file: FileDiff, sha: str) -> Json:
    """A diff-entry of the diff that leads to ``sha``."""
    shown: Json = {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": file.added,
        "deletions": file.removed,
        "changes": file.added + file.removed,
        "blob_url": web_url(hub, "blob", sha, file.path),
        "raw_url": web_url(hub, "raw", sha, file.path),
        "contents_url": api_url(hub, "contents", file.path) + f"?ref={sha}",
    }
    if file.patch is not None:
        shown["patch"] = file.patch
    if file.previous is not None:
        shown["previous_filename"] = file.previous
    return shown


def _signature(signature: Signature) -> Json:
    return {"name": signature.name, "email": signature.email, "date": signature.date}


def _account(hub: "World", signature: Signature) -> Json | None:
    login = accounts.by_email(hub.state, signature.email)
    return None if login is None else accounts.user(hub.url, hub.state.person(login))


def _verification(hub: "World", commit: Commit) -> Json:
    signed = commit.sha in hub.state.signed
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----\n" if signed else None,
        "payload": f"tree {commit.tree}\n" if signed else None,
        "verified_at": commit.committer.date if signed else None,
    }
