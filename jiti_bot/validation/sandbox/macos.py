"""The sandbox of macOS: a profile for `sandbox-exec`, the system's own tool.

Written from Apple's ``/System/Library/Sandbox/Profiles`` and the language they share; it has not been run by this
project's tests, which have no such machine. The self-test runs there as everywhere and says what it found.
"""

import shutil
from collections.abc import Mapping, Sequence

_SYSTEM = ("/System", "/Library/Apple", "/usr", "/bin", "/sbin", "/private/var/db/dyld", "/private/etc/localtime",
           "/private/var/db/timezone", "/private/etc/ssl", "/Library/Developer/CommandLineTools")  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def prefix(policy: Mapping[str, Sequence[str]]) -> list[str]:
    """The command line that runs what follows inside; empty where the tool is missing."""
    program = shutil.which("sandbox-exec")
    return [program, "-p", profile(policy)] if program else []


def profile(policy: Mapping[str, Sequence[str]]) -> str:
    """The profile's text. Later rules win, so the secret parts need no rule: they were never allowed."""
    read = "\n".join(f"  (subpath {_quoted(path)})" for path in (*_SYSTEM, *policy["read"]))
    listed = "\n".join(f"  (literal {_quoted(path)})" for path in ("/", *policy["list"]))
    write = "\n".join(f"  (subpath {_quoted(path)})" for path in policy["write"])
    devices = "\n".join(f"  (literal {_quoted(path)})" for path in _DEVICES)
    return "\n".join(
        (
            "(version 1)",
            "(deny default)",
            "(allow process-fork)",
            "(allow process-exec)",
            "(allow signal (target same-sandbox))",
            "(allow sysctl-read)",
            "(allow file-read-metadata)",
            f"(allow file-read*\n{read}\n{devices})",
            f"(allow file-read-data\n{listed})",
            f"(allow file-read* file-write*\n{write})",
            '(allow file-write-data (literal "/dev/null"))',
            "(deny network*)",
            "(deny mach-lookup)",
        )
    )


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
