"""Entering the sandbox, from inside: called by the worker before it imports anything that is not ours."""

import errno
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from jiti_bot.validation.sandbox import calls, landlock, limits, policy, privileges, seccomp


@dataclass(frozen=True, slots=True)
class Layers:
    """What was put on. ``listener`` has to be handed to the supervisor before the next fork or chmod."""

    landlock: int = 0
    seccomp: bool = False
    listener: int | None = None
    problems: tuple[str, ...] = ()


def enter(settings: Mapping[str, object]) -> Layers:
    """Put on every layer that this system has; what failed is in ``problems``, and the self-test judges the rest.

    ``settings``: ``read``, ``list``, ``write``, ``devices`` (lists of paths) and ``limits`` (as `Limits.plain`). For
    tests, ``abi`` is the newest Landlock to use and ``listen`` whether to ask a supervisor.
    """
    limits.bind(limits.Limits(**_mapping(settings["limits"])))
    if not sys.platform.startswith("linux"):
        return Layers()
    problems: list[str] = []
    for step in (privileges.adopt_orphans, privileges.die_with_parent, privileges.no_new_privileges):
        _try(step, problems)
    version = min(landlock.abi(), _number(settings.get("abi", 99))) if calls.supported() else 0
    if version:
        version = version if _try(lambda: landlock.restrict(_grants(settings), version), problems) else 0
    _try(privileges.drop_capabilities, problems)
    listen = settings.get("listen", True) is True
    installed, listener = _filter(version, problems, listen=listen) if calls.supported() else (False, None)
    return Layers(version, installed, listener, tuple(problems))


def enter_job(folders: Iterable[str], version: int) -> None:
    """One more layer for one job, after the fork: only ``folders`` can be written, the worker cannot be signalled."""
    if version:
        own = (*map(landlock.writable, folders), landlock.device("/dev/null"))
        landlock.restrict(own, version, rule=landlock.CHANGES)
    if calls.supported() and version < 6:
        seccomp.install(policy.signal_rules(os.getpid()))


def _filter(version: int, problems: list[str], *, listen: bool) -> tuple[bool, int | None]:
    try:
        if listen:
            return True, seccomp.install(policy.rules(notify=True, landlock=version), listen=True)
    except OSError as error:
        if error.errno not in {errno.EBUSY, errno.EINVAL, errno.ENOSYS}:
            problems.append(str(error))
            return False, None
    done = _try(lambda: seccomp.install(policy.rules(notify=False, landlock=version)), problems)
    return done, None


def _grants(settings: Mapping[str, object]) -> list[landlock.Grant]:
    kinds: tuple[tuple[str, Callable[[str], landlock.Grant]], ...] = (
        ("read", landlock.readable),
        ("list", landlock.listable),
        ("write", landlock.writable),
        ("devices", landlock.device),
    )
    return [grant(str(path)) for kind, grant in kinds for path in _sequence(settings[kind])]


def _try(step: Callable[[], object], problems: list[str]) -> bool:
    try:
        step()
    except OSError as error:
        problems.append(str(error))
        return False
    return True


def _mapping(value: object) -> dict[str, int]:
    assert isinstance(value, dict)
    return {str(name): int(number) for name, number in value.items()}


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def _sequence(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
