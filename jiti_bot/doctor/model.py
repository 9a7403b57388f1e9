"""The model: which one, and whether there is a key or a server for it. Nothing that costs anything is asked."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from jiti_bot.doctor.diagnosis import Diagnosis, note, ok, problem, warning

_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
URL = "ANTHROPIC_BASE_URL"
# By provider: alternatives, each a set of variables that is enough.
_CLOUDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "bedrock": (
        ("AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK"),
        ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_REGION", "AWS_PROFILE"),
    ),
    "vertex": (("CLOUD_ML_REGION", "ANTHROPIC_VERTEX_PROJECT_ID"),),
}


def host_of(url: str) -> str:
    """Host and port of an address: nothing else of it is shown, since a password may stand in it. '' for none."""
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return ""
    if "@" in url.removeprefix(f"{parts.scheme}://{parts.netloc}"):
        return ""  # a password with a slash in it ends what is taken for the host
    return host if host and parts.scheme in {"http", "https"} else ""


def judge(model: str, env: Mapping[str, str], *, elsewhere: bool) -> tuple[Diagnosis, ...]:
    """All of it. ``elsewhere``: a workflow generates, with a key of its own."""
    provider = model.partition("/")[0]
    if provider in _CLOUDS and "/" in model:
        return (ok("model", model), _cloud(provider, env))
    return (ok("model", model), *_server(env), key(env, elsewhere=elsewhere))


def key(env: Mapping[str, str], *, elsewhere: bool) -> Diagnosis:
    """Whether there is something to try; a key is never shown, nor a part of it."""
    there = [name for name in _KEYS if env.get(name, "").strip()]
    odd = [name for name in _KEYS if name in env and (not env[name].strip() or not _sendable(env[name]))]
    if odd:
        return problem("key", f"{odd[0]} is set to what cannot be a key", f"Set {odd[0]} again, on one line.")
    if there:
        return ok("key", f"{there[0]} is set")
    if env.get(URL, "").strip():
        return note("key", f"none: the server of {URL} has to do without")
    remedy = "Set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a server of your own; `jiti brief` works without."
    if elsewhere:
        return note("key", "none here; the workflow has its own", remedy)
    return warning("key", "none: nothing can be generated here", remedy)


def _server(env: Mapping[str, str]) -> tuple[Diagnosis, ...]:
    """Where the base URL leads."""
    url = env.get(URL, "").strip()
    if not url:
        return ()
    host = host_of(url)
    if not host:
        remedy = f"Set {URL} to one that begins with http:// or https://; write / and @ in a password as %2F and %40."
        return (problem("server", f"{URL} is no address", remedy),)
    return (ok("server", f"{URL} leads to {host}"),)


def _cloud(provider: str, env: Mapping[str, str]) -> Diagnosis:
    ways = _CLOUDS[provider]
    for way in ways:
        if all(env.get(name, "").strip() for name in way):
            return ok("key", f"{' and '.join(way)} are set")
    names = " and ".join(ways[0])
    return warning("key", f"{provider} needs {names}, or other credentials that its client finds", f"Set {names}.")


def _sendable(value: str) -> bool:
    text = value.strip()
    return text.isascii() and text.isprintable() and " " not in text
