"""Gives up what a process could regain: privileges through exec, capabilities of root, outliving its parent."""

import ctypes
import signal
import struct

from jiti_bot.validation.sandbox.calls import prctl, syscall

_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVS, _CHILD_SUBREAPER = 1, 38, 36
_DROP_FROM_BOUNDING_SET, _AMBIENT, _CLEAR_ALL = 24, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63


def no_new_privileges() -> None:
    """From now on no program gives more rights than its caller has: no sudo, no setuid. Raises OSError."""
    prctl(_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Take from root all that makes it more than a user. Does nothing to one who has none."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(_DROP_FROM_BOUNDING_SET, capability)
        except OSError:  # past the kernel's last one, or not ours to drop
            break
    prctl(_AMBIENT, _CLEAR_ALL)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    nothing = ctypes.create_string_buffer(24)
    syscall("capset", ctypes.addressof(header), ctypes.addressof(nothing))


def die_with_parent() -> None:
    """Be killed when the parent ends. Linux only."""
    prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent ends: none can slip away. Linux only."""
    prctl(_CHILD_SUBREAPER, 1)
