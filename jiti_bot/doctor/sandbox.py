"""The sandbox: what the self-test of a real worker says, and where something leaks, what to change on this system.

Landlock's answers (``ENOSYS``: not built in, ``EOPNOTSUPP``: switched off at boot) are those of the kernel's
``Documentation/userspace-api/landlock.rst``; what namespaces need is in ``Documentation/admin-guide/sysctl``.
"""

import errno
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from jiti_bot import process
from jiti_bot.doctor.diagnosis import Diagnosis, failed, ok, problem, warning
from jiti_bot.doctor.ground import Ground, read
from jiti_bot.errors import JitiError, ToolError
from jiti_bot.validation.environment import Environment
from jiti_bot.validation.sandbox import bwrap, calls
from jiti_bot.validation.shield import Level, Shield
from jiti_bot.validation.workbench import Workbench

_PROBE_SECONDS = 10.0
_SYSCTLS = (
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.unprivileged_userns_clone",
    "user.max_user_namespaces",
)
_INSTALLERS = {
    "debian": "sudo apt-get install bubblewrap",
    "ubuntu": "sudo apt-get install bubblewrap",
    "fedora": "sudo dnf install bubblewrap",
    "rhel": "sudo dnf install bubblewrap",
    "suse": "sudo zypper install bubblewrap",
    "opensuse": "sudo zypper install bubblewrap",
    "arch": "sudo pacman -S bubblewrap",
    "alpine": "sudo apk add bubblewrap",
}


@dataclass(frozen=True, slots=True)
class System:
    """What the system offers. ``landlock`` is the ABI, or the negative error number with which it is refused.

    ``bubblewrap``: '' for a program that works, else what it says, None where there is none. ``sysctls`` are those
    that are known here. ``container``: whether this is one.
    """

    name: str
    kernel: str
    known_machine: bool
    landlock: int
    modules: str
    bubblewrap: str | None
    sysctls: Mapping[str, str]
    container: bool
    distribution: tuple[str, ...]


def try_out(environment: Environment | None, ground: Ground) -> Shield | JitiError | None:
    """What a worker in the sandbox finds; None without an interpreter that could be one. Takes about a second."""
    if environment is None:
        return None
    level = ground.settings.sandbox
    try:
        with Workbench(
            environment, level="auto" if level == "required" else _level(level), environ=ground.env
        ) as bench:
            return bench.shield
    except JitiError as error:
        return error
    except OSError as error:
        return ToolError(f"The sandbox cannot be tried: {error}.", remedy="Check TMPDIR and its permissions.")


def look() -> System:
    """Look at the system."""
    release = dict(
        line.partition("=")[::2] for line in read("/etc/os-release").replace('"', "").splitlines() if "=" in line
    )
    return System(
        name=platform.system(),
        kernel=platform.release(),
        known_machine=calls.supported(),
        landlock=_landlock(),
        modules=read("/sys/kernel/security/lsm").strip(),
        bubblewrap=_bubblewrap(),
        sysctls={name: value for name in _SYSCTLS if (value := read(f"/proc/sys/{name.replace('.', '/')}").strip())},
        container=any(map(os.path.exists, ("/.dockerenv", "/run/.containerenv"))),
        distribution=tuple(f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()),
    )


def judge(shield: Shield | JitiError | None, system: System, *, required: bool) -> Diagnosis:
    """The level in force, and where it leaks what to do about it."""
    if system.name not in {"Linux", "Darwin"}:
        return problem(
            "sandbox",
            f"model-written code cannot be validated on {system.name}; `check`, `merge` and the runtime work",
            "Generate in WSL, or let the workflow do it.",
        )
    if isinstance(shield, JitiError):
        return failed("sandbox", shield)
    remedy = " Or: ".join(remedies(system))
    if shield is None:
        return warning("sandbox", "not tried: it needs the project's interpreter and pytest", "Mend those first.")
    if shield.level == "full":
        return ok("sandbox", str(shield))
    say = problem if required or shield.level == "off" else warning
    beyond = "" if required else ". The Action requires a full one"
    return say("sandbox", f"{shield}{beyond}", remedy)


def remedies(system: System) -> tuple[str, ...]:
    """What would make the sandbox whole, the simplest first."""
    if system.name == "Darwin":
        return ("Put /usr/bin on PATH: sandbox-exec, which comes with macOS, is looked for there.",)
    found = tuple(filter(None, (_for_landlock(system), _for_bubblewrap(system))))
    return found or ("Use a Linux kernel with Landlock (5.19 or newer) on x86_64 or aarch64.",)


def _for_landlock(system: System) -> str:
    if system.landlock > 0 or not system.known_machine:
        return ""
    if -system.landlock == errno.EOPNOTSUPP:
        before = f"landlock,{system.modules}" if system.modules else "landlock,..."
        return f"Switch Landlock on: add `lsm={before}` to the kernel's command line and restart."
    if system.container:
        return "Start the container with a seccomp profile that knows Landlock (a current container runtime has one)."
    return f"Use a kernel with Landlock, 5.19 or newer: this is {system.kernel}."


def _for_bubblewrap(system: System) -> str:
    if system.bubblewrap == "":
        return ""
    if system.bubblewrap is None:
        command = next((_INSTALLERS[name] for name in system.distribution if name in _INSTALLERS), "")
        return f"Install bubblewrap: `{command}`." if command else "Install bubblewrap."
    if system.sysctls.get("kernel.apparmor_restrict_unprivileged_userns") == "1":
        return "Let bubblewrap work: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`."
    if system.sysctls.get("kernel.unprivileged_userns_clone") == "0":
        return "Let bubblewrap work: `sudo sysctl -w kernel.unprivileged_userns_clone=1`."
    if system.sysctls.get("user.max_user_namespaces") == "0":
        return "Let bubblewrap work: `sudo sysctl -w user.max_user_namespaces=15000`."
    if system.container:
        return f"Let the container make user namespaces: bubblewrap says {system.bubblewrap!r}."
    return f"See why bubblewrap fails: it says {system.bubblewrap!r}."


def _landlock() -> int:
    if not calls.supported():
        return 0
    try:
        return calls.syscall("landlock_create_ruleset", 0, 0, 1)
    except OSError as error:
        return -(error.errno or errno.ENOSYS)


def _bubblewrap() -> str | None:
    if shutil.which("bwrap") is None:
        return None
    command = bwrap.prefix({"mounts": ["/"], "hidden": [], "write": []})
    try:
        done = process.run([*command, sys.executable, "-I", "-S", "-c", ""], env={}, timeout=_PROBE_SECONDS)
    except ToolError as error:
        return error.message
    return "" if done.ok else done.complaint


def _level(text: str) -> Level:
    return next((level for level in get_args(Level) if level == text), "auto")
