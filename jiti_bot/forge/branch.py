"""The bot's branch of a base branch: one flat name, found again by anybody from the base's name alone. Pure."""

import re
from hashlib import sha256

PREFIX = "jiti-bot-"
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def branch_name(base: str, project: str = "") -> str:
    """The branch that proposes changes of a project for ``base``; ``project`` is its folder, '' for the top.

    ``main`` -> ``jiti-bot-main``. Any other name, or a folder, gives what is plain about it and a digest:
    ``Release/1.0`` -> ``jiti-bot-release-1-0.94c6d0a7d2``. The result is safe in a shell, an address and a file system
    that ignores case, and no slash in it can collide with a branch that is called ``jiti-bot``.
    """
    if _PLAIN.fullmatch(base) and not project:
        return PREFIX + base
    whole = f"{base}:{project}" if project else base  # no branch has a colon in its name
    slug = re.sub(r"[^a-z0-9]+", "-", whole.lower())[:40].strip("-") or "branch"
    return f"{PREFIX}{slug}.{sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def is_ours(branch: str) -> bool:
    """Whether ``branch`` (a name, or ``refs/heads/...``) is one of the bot's: pushes to it start nothing."""
    return branch.removeprefix("refs/heads/").startswith(PREFIX)
