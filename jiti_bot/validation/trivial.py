"""Bodies that implement nothing, to see what gates can tell apart. Pure."""

from jiti_bot.source.model import Stub

RED = "jiti: nothing is implemented here"
RAISES = f'raise NotImplementedError("{RED}")'
# A gate that passes with every one of these can be failed by nothing.
BODIES = (RAISES, "return None", "return 0", 'return ""', "return []", "return object()")


def bodies(stub: Stub, statement: str) -> dict[str, str]:
    """``statement`` as the body of a unit: of the function, or of each stub method of a class."""
    return dict.fromkeys([member.unit for member in stub.members] or [stub.unit], statement)
