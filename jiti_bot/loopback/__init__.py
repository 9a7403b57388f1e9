"""A Messages API server on 127.0.0.1 that answers from stored sessions: for the demo, for tests, for a plane.

It speaks the protocol as the service does (streaming, tool use, prompt caching, thinking, errors with their status,
body and headers) and refuses what the service refuses. Only the words come from files. Standard library only.
"""

from jiti_bot.loopback.faults import Broken, Dropped, Fault, Refused
from jiti_bot.loopback.replies import Reply, Text, Thinking, ToolUse
from jiti_bot.loopback.server import Loopback, Pace
from jiti_bot.loopback.sessions import Sessions
from jiti_bot.loopback.state import Conversation, NoReplyError

__all__ = [
    "Broken",
    "Conversation",
    "Dropped",
    "Fault",
    "Loopback",
    "NoReplyError",
    "Pace",
    "Refused",
    "Reply",
    "Sessions",
    "Text",
    "Thinking",
    "ToolUse",
]
