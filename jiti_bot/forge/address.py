"""Which repository on which GitHub a remote's address names. Pure."""

import re
from collections.abc import Mapping

_FORMS = (
    re.compile(
        r"(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[^/:\s]+)(?::\d+)?/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
    ),
    re.compile(r"(?:[^@/\s]+@)?(?P<host>[\w.-]+):(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?"),
)


def repository(url: str) -> tuple[str, str]:
    """Host and ``owner/name`` of a remote's address; two empty strings for anything else, such as a path."""
    for form in _FORMS:
        found = form.fullmatch(url)
        if found:
            return found["host"].lower(), found["name"]
    return "", ""


def with_remote(env: Mapping[str, str], url: str) -> dict[str, str]:
    """``env`` with what the address of the remote says, where the environment does not say it itself."""
    host, name = repository(url)
    found = dict(env)
    if name and not found.get("GITHUB_REPOSITORY"):
        found["GITHUB_REPOSITORY"] = name
    if host not in {"", "github.com", "ssh.github.com"} and not found.get("GITHUB_API_URL"):
        found["GITHUB_API_URL"] = f"https://{host}/api/v3"
    return found
