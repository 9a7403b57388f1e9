"""Landlock from the standard library: what a process and its children may open, from now on and for good.

ABI versions and access bits: the kernel's ``include/uapi/linux/landlock.h``. Landlock cannot subtract: a folder that
is granted is granted whole, so a folder with a secret in it is granted child by child (see `grants`).
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from jiti_bot.validation.sandbox.calls import syscall

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_ABI = (1 << 13) - 1
NET_ALL = 0b11  # bind and connect, TCP
SCOPE_ALL = 0b11  # abstract unix sockets and signals

READ = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
CHANGES = (FIRST_ABI & ~READ) | REFER | TRUNCATE


@dataclass(frozen=True, slots=True)
class Grant:
    """A path and the access given to it and, for a folder, to all below it."""

    path: str
    access: int


def abi() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    try:
        return syscall("landlock_create_ruleset", 0, 0, 1)
    except (OSError, KeyError):
        return 0


def handled(version: int) -> int:
    """All file accesses that ABI ``version`` can rule."""
    return FIRST_ABI | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0) | _devices(version)


def writable(path: str) -> Grant:
    """A folder in which files, folders, links and fifos may be made; no devices and no sockets."""
    return Grant(path, (READ | CHANGES) & ~(MAKE_CHAR | MAKE_SOCK | MAKE_BLOCK))


def readable(path: str) -> Grant:
    """A file or folder that may be read and executed."""
    return Grant(path, READ)


def listable(path: str) -> Grant:
    """A folder in which, and below which, names may be listed; what is in the files stays closed."""
    return Grant(path, READ_DIR)


def device(path: str) -> Grant:
    """A device such as /dev/null."""
    return Grant(path, READ_FILE | WRITE_FILE)


def restrict(grants: Iterable[Grant], version: int, *, rule: int | None = None) -> None:
    """Close everything but ``grants`` for this process and all that it starts.

    ``rule`` limits what is ruled: a further layer that closes only writing passes ``CHANGES``. Needs
    ``no_new_privs``. Raises OSError; a path that does not exist is left out.
    """
    files = handled(version) & (handled(version) if rule is None else rule)
    ruleset = _create(files, version, network=rule is None)
    try:
        for grant in grants:
            _add(ruleset, grant, files)
        syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _create(files: int, version: int, *, network: bool) -> int:
    attributes = struct.pack(
        "=QQQ", files, NET_ALL if network and version >= 4 else 0, SCOPE_ALL if version >= 6 else 0
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    buffer = ctypes.create_string_buffer(attributes)
    return syscall("landlock_create_ruleset", ctypes.addressof(buffer), size, 0)


def _add(ruleset: int, grant: Grant, files: int) -> None:
    try:
        place = os.open(grant.path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        folder = stat.S_ISDIR(os.fstat(place).st_mode)
        access = grant.access & files & (-1 if folder else ON_FILES)
        if access:
            buffer = ctypes.create_string_buffer(struct.pack("=Qi", access, place))
            syscall("landlock_add_rule", ruleset, 1, ctypes.addressof(buffer), 0)
    finally:
        os.close(place)


def _devices(version: int) -> int:
    return IOCTL_DEV if version >= 5 else 0
