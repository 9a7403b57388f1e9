"""GitHub's JSON as values. What is missing or of another type becomes empty: a service's answer never raises here."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from jiti_bot.errors import ServiceError
from jiti_bot.forge.model import Comment, Where
from jiti_bot.forge.remote import Commit, Comparison, Entry, Pull, Touched

FILE_MODE = "100644"
_ONE_DEED = timedelta(seconds=3)
_MOST_FILES = 300  # that a comparison lists
_CHUNK = 1_000_000  # characters of file contents in one request


def text(value: Any, name: str) -> str:
    """A string member, '' where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def number(value: Any, name: str) -> int:
    """A whole number, 0 where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, int) else 0


def table(value: Any, name: str) -> dict[str, Any]:
    """An object, empty where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def rows(value: Any, name: str) -> list[Any]:
    """A list, empty where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def commit(value: Any) -> Commit:
    """A commit of the git database."""
    parents = tuple(text(parent, "sha") for parent in rows(value, "parents"))
    return Commit(text(value, "sha"), text(table(value, "tree"), "sha"), parents, text(value, "message"))


def entries(value: Any) -> Mapping[str, Entry]:
    """A tree's entries by path."""
    return {
        text(row, "path"): Entry(text(row, "mode"), text(row, "type"), text(row, "sha")) for row in rows(value, "tree")
    }


def content(value: Any) -> bytes:
    """A blob's bytes. Raises `ServiceError` where they are none."""
    try:
        return base64.b64decode(text(value, "content"))
    except binascii.Error as error:
        raise ServiceError("GitHub's answer holds no file.", remedy="Run again later.") from error


def comparison(value: Any) -> Comparison:
    """What one commit has over another."""
    commits = tuple(_listed(row) for row in rows(value, "commits"))
    files = tuple(touched for row in rows(value, "files") for touched in _touched(row))
    complete = len(commits) == number(value, "total_commits") and len(rows(value, "files")) < _MOST_FILES
    merge_base = text(table(value, "merge_base_commit"), "sha")
    return Comparison(merge_base, number(value, "behind_by"), commits, files, complete)


def history(value: Any) -> tuple[Commit, ...]:
    """A list of commits, newest first, the other way round."""
    return tuple(_listed(row) for row in reversed(value)) if isinstance(value, list) else ()


def pull(value: Any) -> Pull:
    """A pull request, from a list or by itself."""
    head = table(value, "head")
    user = table(value, "user")
    return Pull(
        number=number(value, "number"),
        url=text(value, "html_url"),
        title=text(value, "title"),
        body=text(value, "body").replace("\r\n", "\n"),
        is_open=text(value, "state") == "open",
        is_merged=bool(text(value, "merged_at")),
        author=text(user, "login"),
        by_bot=text(user, "type") == "Bot",
        head=text(head, "ref"),
        head_sha=text(head, "sha"),
        head_repository=text(table(head, "repo"), "full_name"),
        base=text(table(value, "base"), "ref"),
        closed=text(value, "closed_at"),
    )


def comment(value: Any, where: Where, sent: str = "") -> Comment:
    """A comment in a conversation or on a line; ``sent`` is when the review was submitted that it is part of."""
    user = table(value, "user")
    created = text(value, "created_at")
    return Comment(
        id=number(value, "id"),
        where=where,
        author=text(user, "login"),
        text=text(value, "body"),
        created=created,
        by_bot=text(user, "type") == "Bot",
        edited=is_later(text(value, "updated_at"), max(created, sent)),
        path=text(value, "path"),
        reactions=tuple(name for name in ("eyes", "-1") if number(table(value, "reactions"), name)),
    )


def is_later(updated: str, shown: str) -> bool:
    """Whether a comment was changed after it was shown.

    GitHub's own times for one deed lie up to a second or two apart; what cannot be read counts as changed.
    """
    try:
        return datetime.fromisoformat(updated) - datetime.fromisoformat(shown) > _ONE_DEED
    except (ValueError, TypeError):
        return updated != shown


def tree_item(path: str, what: Entry | str | None) -> Mapping[str, str | None]:
    """A tree's entry as GitHub takes it."""
    match what:
        case Entry():
            return {"path": path, "mode": what.mode, "type": what.kind, "sha": what.sha}
        case None:
            return {"path": path, "mode": FILE_MODE, "type": "blob", "sha": None}
        case _:
            return {"path": path, "mode": FILE_MODE, "type": "blob", "content": what}


def chunks(items: Sequence[Mapping[str, str | None]]) -> Iterator[list[Mapping[str, str | None]]]:
    """``items`` in their order, in lists of at most a megabyte of contents."""
    chunk: list[Mapping[str, str | None]] = []
    size = 0
    for item in items:
        length = len(item.get("content") or "") + 200
        if chunk and size + length > _CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += length
    if chunk:
        yield chunk


def complaint(data: Any) -> str:
    """What an error's answer says, on one line."""
    said = text(data, "message")
    errors = [
        text(row, "message") or text(row, "code") if isinstance(row, dict) else str(row) for row in rows(data, "errors")
    ]
    line = " ".join("; ".join([said, *filter(None, errors)]).split()).rstrip(".")
    return (line if len(line) <= 300 else f"{line[:297]}...") or "it does not say why"


def _listed(row: Any) -> Commit:
    """A commit as comparisons list them."""
    inner = table(row, "commit")
    parents = tuple(text(parent, "sha") for parent in rows(row, "parents"))
    account = table(row, "author")
    return Commit(
        sha=text(row, "sha"),
        tree=text(table(inner, "tree"), "sha"),
        parents=parents,
        message=text(inner, "message"),
        author=text(account, "login"),
        by_bot=text(account, "type") == "Bot",
    )


def _touched(row: Any) -> tuple[Touched, ...]:
    path = text(row, "filename")
    status = text(row, "status")
    here = Touched(path, "" if status == "removed" else text(row, "sha"))
    return (here, Touched(text(row, "previous_filename"), "")) if status == "renamed" else (here,)
