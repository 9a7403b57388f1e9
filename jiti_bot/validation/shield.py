"""What sandbox is in force, in words for people, and what is refused without one."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jiti_bot.errors import SandboxError

Level = Literal["required", "auto", "off"]
_LAYERS = {"landlock": "Landlock {}", "seccomp": "seccomp", "notify": "supervised modes and forks"}


@dataclass(frozen=True, slots=True)
class Shield:
    """What is in force. ``level``: "full" (the self-test found no leak), "partial" or "off"."""

    level: str
    parts: tuple[str, ...]
    leaks: tuple[str, ...]
    pytest: str = ""

    @property
    def parts_forks(self) -> bool:
        """Whether a job is kept from the worker that it was forked off: rules of Landlock nest, others do not."""
        return self.level == "full" and any(part.startswith("Landlock") for part in self.parts)

    def __str__(self) -> str:
        parts = " + ".join(self.parts) or "none"
        return f"{self.level} ({parts})" + (f"; leaks: {', '.join(self.leaks)}" if self.leaks else "")


def judge(ready: Mapping[str, Any], level: Level, *, wrapped: bool) -> Shield:
    """The shield that a worker reports. Raises `SandboxError` where one is required and this one leaks."""
    leaks = tuple(str(leak) for leak in ready["leaks"])
    parts = [text.format(ready[name]) for name, text in _LAYERS.items() if ready[name]]
    if wrapped:
        parts.append("sandbox-exec" if sys.platform == "darwin" else "bubblewrap")
    if level == "required" and leaks:
        raise SandboxError(
            f"A sandbox is required and this one leaks: {', '.join(leaks)}.",
            remedy="Use a Linux kernel with Landlock (5.19 or newer) or install bubblewrap; "
            "on your own machine `--sandbox auto` goes on with what there is.",
        )
    return Shield(
        "off" if level == "off" else "partial" if leaks else "full", tuple(parts), leaks, str(ready["pytest"])
    )
