"""The handlers, one module per kind of thing; importing the package registers all of them."""

from tests.github.operations import (
    account,
    checks,
    contents,
    history,
    issues,
    labels,
    lines,
    objects,
    pulls,
    reactions,
    refs,
    repository,
)
from tests.github.request import HANDLERS

__all__ = [
    "HANDLERS",
    "account",
    "checks",
    "contents",
    "history",
    "issues",
    "labels",
    "lines",
    "objects",
    "pulls",
    "reactions",
    "refs",
    "repository",
]
