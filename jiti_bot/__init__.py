"""jiti-bot: write the signature and the docstring; review a body that your own tests have proved.

PYTEST_DONT_REWRITE: pytest would rewrite what comes with a plugin, and warn where that was imported before.
"""

from jiti_bot.runtime import clear, jiti, required_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.engine import Engine
    from jiti_bot.errors import FrozenError, NotGeneratedError, StaleError, StubError
else:

    def __getattr__(name: str) -> object:
        """Load what most modules do not use only when it is asked for, so that `import jiti` stays light."""
        if name == "Engine":
            from jiti_bot.engine import Engine

            return Engine
        if name in __all__:
            from jiti_bot import errors

            return getattr(errors, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Engine", "FrozenError", "NotGeneratedError", "StaleError", "StubError", "clear", "jiti", "required_for"]
