"""What has been asked of the server."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``status`` 0: the connection was dropped; ``done``: it was carried out and not refused."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    body: object
    login: str | None
    status: int
    done: bool

    @property
    def writes(self) -> bool:
        """Whether it may have changed something."""
        return self.done and self.method != "GET"
