"""Notices every stub that was called without an implementation, even where a test swallows the error."""

from collections.abc import Callable

from jiti_bot.errors import NotGeneratedError


def watch(seen: Callable[[str], None]) -> None:
    """Call ``seen`` with the key of each stub found missing, from now on.

    The runtime names the stub on the error after making it, so the attribute is what is watched.
    """

    def noted(error: object, name: str, value: object) -> None:
        if name == "key":
            seen(str(value))
        object.__setattr__(error, name, value)

    type.__setattr__(NotGeneratedError, "__setattr__", noted)  # the class is ours, and this process is one job's
