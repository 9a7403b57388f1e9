"""The way back: signed lines of JSON on a descriptor that a candidate does not know.

Code in the same process can find anything in the end; this keeps out what writes to every descriptor it can guess, and
makes whatever gets in visible.
"""

import fcntl
import json
import os
import secrets
from dataclasses import dataclass, field

from jiti_bot.validation.sandbox.job import sign

_FIRST, _SPAN = 64, 256
_LONGEST = 1 << 20


@dataclass(slots=True)
class Channel:
    """One job's channel. ``send`` is safe to call until the process ends; what cannot be sent ends the process."""

    descriptor: int
    key: bytes = field(repr=False)
    _number: int = 0

    @classmethod
    def hidden(cls, descriptor: int, key: bytes) -> "Channel":
        """Move ``descriptor`` to a number of chance."""
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST + secrets.randbelow(_SPAN))
        os.close(descriptor)
        return cls(moved, key)

    def send(self, **event: object) -> None:
        """Send one event."""
        body = json.dumps(event).encode()
        if len(body) > _LONGEST:
            body = json.dumps({"problem": "an event was too long to report"}).encode()
        line = sign(self.key, self._number, body) + b" " + body + b"\n"
        self._number += 1
        while line:
            line = line[os.write(self.descriptor, line) :]
