"""Bodies that implement nothing, to see what gates can tell apart. Pure."""

from jiti_bot.source.model import Kind, Stub
from jiti_bot.validation import names

RED = "jiti: nothing is implemented here"
RAISES = f'raise NotImplementedError("{RED}")'
# A gate that passes with every one of these can be failed by nothing.
BODIES = (RAISES, "return None", "return 0", 'return ""', "return []", "return object()")

# A test that passes with all of these promises next to nothing; one that passes with `FRESH` too, nothing at all:
# its objects are never the same, and equal to nothing.
PLAIN = ("return None", "return 0", 'return ""')
FRESH = "return object()"


def bodies(stub: Stub, statement: str) -> dict[str, str]:
    """``statement`` as the body of a unit: of the function, or of each stub method of a class."""
    return dict.fromkeys([member.unit for member in stub.members] or [stub.unit], statement)


def echoes(stub: Stub) -> dict[str, str]:
    """Bodies that give their first argument back, and ``None`` where they have none."""
    found: dict[str, str] = {}
    for member in stub.members or (stub,):
        own = names.parameters(member.header)[member.kind is Kind.METHOD and member.role != "staticmethod" :]
        found[member.unit] = f"return {own[0]}" if own else "return None"
    return found
