"""Notices every stub that was called without an implementation that fits it, even where a test swallows the error."""

from collections.abc import Callable

from jiti_bot.errors import NotGeneratedError, StaleError


def watch(seen: Callable[[str], None]) -> None:
    """Call ``seen`` with the key of each stub found missing or stale, from now on.

    The runtime names the stub on the error after making it, so the attribute is what is watched.
    """

    def noted(error: object, name: str, value: object) -> None:
        if name == "key":
            seen(str(value))
        object.__setattr__(error, name, value)

    for kind in (NotGeneratedError, StaleError):  # the classes are ours, and this process is one job's
        type.__setattr__(kind, "__setattr__", noted)
