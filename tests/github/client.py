"""Plain HTTP, to see what really goes over the wire."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.github.hub import GitHub


@dataclass(frozen=True, slots=True)
class Got:
    """An answer; header names in lower case, ``body`` None when there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def message(self) -> str:
        """GitHub's words for a refusal."""
        return self.body["message"]


def send(
    hub: GitHub,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Got:
    """Ask for a path, which is below the repository's unless it begins with a slash.

    Raises `http.client.RemoteDisconnected`: the connection was dropped.
    """
    target = path if path.startswith("/") else f"/repos/{hub.full_name}/{path}".rstrip("/")
    given = {"User-Agent": "tests", **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(hub.url.removeprefix("http://"))
    try:
        connection.request(method, target, data, given)
        answer = connection.getresponse()
        raw = answer.read()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return Got(answer.status, got, json.loads(raw) if raw else None)
    finally:
        connection.close()
