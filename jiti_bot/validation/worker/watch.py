"""Notices what a candidate reaches for, however it is spelled: Python tells of frames, objects and files by itself.

The hooks of `sys.addaudithook` cannot be taken out again. They are asked before the deed, so that it is prevented too.
"""

import os
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_FRAMES = "it looked at its caller"
_OBJECTS = "it searched the memory of what judges it"
_PROCESS = "it changed the process that judges it"
_CODE = "it made code out of something else"
_DEEDS = {
    "sys._getframe": _FRAMES,
    "sys._getframemodulename": _FRAMES,
    "sys._current_frames": _FRAMES,
    "sys._current_exceptions": _FRAMES,
    "gc.get_objects": _OBJECTS,
    "gc.get_referrers": _OBJECTS,
    "gc.get_referents": _OBJECTS,
    "sys.settrace": _PROCESS,
    "sys.setprofile": _PROCESS,
    "sys.addaudithook": _PROCESS,
    "ctypes.dlopen": _PROCESS,
    "code.__new__": _CODE,
    "exec": _CODE,
    "compile": _CODE,
}
_GUARDED = {"object.__getattr__": _FRAMES, "object.__setattr__": _CODE, "object.__delattr__": _CODE}
_ATTRIBUTES = frozenset(
    {"__code__", "__closure__", "__defaults__", "__kwdefaults__", "tb_frame", "f_code", "gi_code", "gi_frame",
     "cr_code", "cr_frame", "ag_code", "ag_frame"}
)  # fmt: skip
# They show the lines of those who called, on their own account.
_SHOWING = ("traceback.py", "warnings.py", f"logging{os.sep}__init__.py")


def install(own: tuple[str, ...], guarded: tuple[str, ...], report: Callable[[str], None]) -> None:
    """From now on, ``report`` in words what code from the files ``own`` does, and keep it from doing it.

    ``guarded`` are files that it must not open.
    """
    watched = Watched(frozenset(own), frozenset(map(os.path.realpath, guarded)))
    busy: set[int] = set()
    thread, frame_of = threading.get_ident, sys._getframe  # noqa: SLF001 - there is no public way to one's caller

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" and event not in _DEEDS and event not in _GUARDED:
            return
        here = thread()
        if here in busy:
            return
        busy.add(here)
        try:
            said = watched.judge(event, arguments, frame_of(1))
            if said:
                report(said)
        finally:
            busy.discard(here)
        if said:
            raise PermissionError(f"jiti: {said}")

    sys.addaudithook(hook)


class Watched:
    """What code from the files ``own`` must not do, ``closed`` being the files that it must not open."""

    def __init__(self, own: frozenset[str], closed: frozenset[str]) -> None:
        self._own = own
        self._closed = closed
        self._names = frozenset(map(os.path.basename, closed))

    def judge(self, event: str, arguments: tuple[Any, ...], frame: FrameType | None) -> str:
        """Why the event must not be, '' if it may; ``frame`` is the Python code that it happens in."""
        if event == "open":
            return self._opened(arguments[0], frame) if arguments else ""
        if event in _GUARDED and (len(arguments) < 2 or arguments[1] not in _ATTRIBUTES):
            return ""
        if frame is None or frame.f_code.co_filename not in self._own:
            return ""
        return f"{_DEEDS.get(event) or _GUARDED[event]} ({event})"

    def _opened(self, path: object, frame: FrameType | None) -> str:
        if not isinstance(path, str | bytes):
            return ""
        name = os.path.basename(os.fsdecode(path))
        if name not in self._names or os.path.realpath(os.fsdecode(path)) not in self._closed:
            return ""
        while frame is not None:
            file = frame.f_code.co_filename
            if file in self._own:
                return f"it read {name}, which judges it"
            if file.endswith(_SHOWING):
                return ""
            frame = frame.f_back
        return ""
