"""The short spelling of `jiti_bot`: ``from jiti import jiti, Engine``.

PYTEST_DONT_REWRITE: see there.
"""

import jiti_bot
from jiti_bot import clear, jiti, required_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot import Engine, FrozenError, NotGeneratedError, StaleError, StubError
else:

    def __getattr__(name: str) -> object:
        """Pass on what `jiti_bot` loads only when it is asked for."""
        return getattr(jiti_bot, name)


__all__ = ["Engine", "FrozenError", "NotGeneratedError", "StaleError", "StubError", "clear", "jiti", "required_for"]
