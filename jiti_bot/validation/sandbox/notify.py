"""The supervisor's answers to calls that the sandbox asks about: changes of mode, owner and times, and forks.

Landlock does not rule chmod, chown and utime, and a filter cannot read paths, so the kernel stops the caller and asks
(`seccomp_unotify(2)`). The supervisor never lets such a call go on: it opens the file itself, looks where that
descriptor leads, and makes the change through it, so nothing can be exchanged between the look and the change. Forks
go on, while there are few enough: their arguments are plain numbers that nobody can exchange.
"""

import errno
import fcntl
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from jiti_bot.validation.sandbox import tree
from jiti_bot.validation.sandbox.calls import number
from jiti_bot.validation.sandbox.policy import FORKS, MODES

_NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, nr, arch, instruction pointer, arguments
_RESPONSE = struct.Struct("=QqiI")  # id, value, error, flags
_GO_ON = 1
_RECEIVE, _SEND, _VALID = 0xC0502100, 0xC0182101, 0x40082102
_AT_FDCWD, _AT_SYMLINK_NOFOLLOW, _AT_EMPTY_PATH = -100, 0x100, 0x1000
_PATH_MAX = 4096
_SET_ID_BITS = 0o6000
_UTIME_NOW, _UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2


@dataclass(frozen=True, slots=True)
class Call:
    """A call that waits for its answer."""

    id: int
    pid: int
    nr: int
    arguments: tuple[int, ...]


@dataclass(slots=True)
class Answerer:
    """Answers the calls that arrive on ``listener``. ``scratch`` is the only folder in which changes are made.

    ``count`` tells how many tasks the job has; at ``limit`` forks are refused, and always once `closed` is set.
    """

    listener: int
    scratch: str
    limit: int
    count: Callable[[], int]
    closed: bool = False
    refused: int = 0
    _allowance: int = 0
    _names: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = {nr: name for name in MODES + FORKS if (nr := number(name)) is not None}

    def answer(self) -> None:
        """Answer one call. Does nothing if its caller has gone meanwhile."""
        buffer = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(self.listener, _RECEIVE, buffer, True)
        except OSError:  # the caller was killed between poll and read
            return
        ident, pid, _, nr, _, _, *arguments = _NOTIFICATION.unpack(buffer)
        call = Call(ident, pid, nr, tuple(arguments))
        if self._names.get(nr) in FORKS:
            self._respond(call, *self._fork())
            return
        try:
            self._change(call)
        except OSError as error:
            self._respond(call, error.errno or errno.EPERM, 0)
        except ValueError:
            self._respond(call, errno.EINVAL, 0)
        else:
            self._respond(call, 0, 0)

    def _fork(self) -> tuple[int, int]:
        if self.closed:
            return errno.EAGAIN, 0
        if self._allowance <= 0:
            self._allowance = self.limit - self.count()
        if self._allowance <= 0:
            self.refused += 1
            return errno.EAGAIN, 0
        self._allowance -= 1
        return 0, _GO_ON

    def _change(self, call: Call) -> None:
        with _Caller(call, self._still_there) as caller:
            place = _place(caller, self._names[call.nr], call.arguments)
            try:
                self._within(place)
                _apply(caller, self._names[call.nr], call.arguments, f"/proc/self/fd/{place}")
            finally:
                os.close(place)

    def _within(self, place: int) -> None:
        where = os.readlink(f"/proc/self/fd/{place}")
        if not where.startswith(f"{self.scratch}/"):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    def _still_there(self, call: Call) -> bool:
        try:
            fcntl.ioctl(self.listener, _VALID, struct.pack("=Q", call.id))
        except OSError:
            return False
        return True

    def _respond(self, call: Call, error: int, flags: int) -> None:
        try:
            fcntl.ioctl(self.listener, _SEND, _RESPONSE.pack(call.id, 0, -error, flags))
        except OSError:  # it has gone
            return


class _Caller:
    """Reads the memory of the process that waits."""

    def __init__(self, call: Call, still_there: Callable[[Call], bool]) -> None:
        self.pid = call.pid
        self._memory = os.open(f"/proc/{call.pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        if not still_there(call):  # its number may belong to somebody else by now
            os.close(self._memory)
            raise OSError(errno.ESRCH, os.strerror(errno.ESRCH))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._memory)

    def read(self, address: int, size: int) -> bytes:
        try:
            return os.pread(self._memory, size, address)
        except (OSError, OverflowError) as error:
            raise OSError(errno.EFAULT, os.strerror(errno.EFAULT)) from error

    def string(self, address: int) -> bytes:
        text = b""
        while b"\0" not in text:
            if len(text) >= _PATH_MAX:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
            text += self.read(address + len(text), 256 - (address + len(text)) % 256)
        return text.partition(b"\0")[0]


def _place(caller: _Caller, name: str, arguments: tuple[int, ...]) -> int:
    """Open, without reading, what the call is about."""
    if name in {"fchmod", "fchown"}:
        return _descriptor(caller, _signed(arguments[0]))
    if name in {"chmod", "chown", "lchown", "utime", "utimes"}:
        return _open(caller, _AT_FDCWD, arguments[0], follow=name != "lchown", empty=False)
    folder = _signed(arguments[0])
    if arguments[1] == 0 and name in {"utimensat", "futimesat"}:
        return _descriptor(caller, folder)
    position = {"fchmodat2": 3, "fchownat": 4, "utimensat": 3}.get(name)
    flags = arguments[position] if position else 0
    return _open(
        caller, folder, arguments[1], follow=not flags & _AT_SYMLINK_NOFOLLOW, empty=bool(flags & _AT_EMPTY_PATH)
    )


def _open(caller: _Caller, folder: int, address: int, *, follow: bool, empty: bool) -> int:
    path = os.fsdecode(caller.string(address))
    if not path and not empty:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    base = _descriptor(caller, folder)
    try:
        if not path:
            return os.dup(base)
        for own in ("/proc/self/", "/proc/thread-self/"):
            path = path.replace(own, f"/proc/{caller.pid}/", 1) if path.startswith(own) else path
        return os.open(path, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW), dir_fd=base)
    finally:
        os.close(base)


def _descriptor(caller: _Caller, descriptor: int) -> int:
    link = "cwd" if descriptor == _AT_FDCWD else f"fd/{descriptor}"
    try:
        return os.open(f"/proc/{caller.pid}/{link}", os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from error


def _apply(caller: _Caller, name: str, arguments: tuple[int, ...], place: str) -> None:
    if "chmod" in name:
        mode = arguments[1 if name in {"chmod", "fchmod"} else 2] & 0o7777
        if mode & _SET_ID_BITS:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        Path(place).chmod(mode)
    elif "chown" in name:
        _same_owner(*arguments[1:3] if name != "fchownat" else arguments[2:4])
    else:
        os.utime(place, ns=_times(caller, name, arguments, place))


def _same_owner(user: int, group: int) -> None:
    for wanted, own in ((user, os.geteuid()), (group, os.getegid())):
        if wanted & 0xFFFFFFFF not in {own, 0xFFFFFFFF}:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def _times(caller: _Caller, name: str, arguments: tuple[int, ...], place: str) -> tuple[int, int]:
    """Access and modification time in nanoseconds."""
    import time

    now = time.time_ns()
    address = arguments[1] if name in {"utime", "utimes"} else arguments[2]
    if address == 0:
        return now, now
    if name == "utime":
        first, second = struct.unpack("=qq", caller.read(address, 16))
        return first * 10**9, second * 10**9
    numbers = struct.unpack("=4q", caller.read(address, 32))
    unit = 1 if name == "utimensat" else 1000
    status = Path(place).stat()
    return (
        _time(numbers[0], numbers[1], unit, now, status.st_atime_ns),
        _time(numbers[2], numbers[3], unit, now, status.st_mtime_ns),
    )


def _time(seconds: int, part: int, unit: int, now: int, before: int) -> int:
    if unit == 1 and part == _UTIME_NOW:
        return now
    return before if unit == 1 and part == _UTIME_OMIT else seconds * 10**9 + part * unit


def _signed(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value


def count_below(pid: int) -> int:
    """Tasks below ``pid``: what `Answerer.count` is given."""
    return tree.tasks(tree.descendants(pid))
