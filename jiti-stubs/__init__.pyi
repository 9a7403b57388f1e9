# A module of one file cannot hold the marker that says it is typed (PEP 561), so its types come as a stub package.
from jiti_bot import Engine as Engine
from jiti_bot import FrozenError as FrozenError
from jiti_bot import NotGeneratedError as NotGeneratedError
from jiti_bot import StaleError as StaleError
from jiti_bot import StubError as StubError
from jiti_bot import clear as clear
from jiti_bot import jiti as jiti
from jiti_bot import required_for as required_for

__all__ = ["Engine", "FrozenError", "NotGeneratedError", "StaleError", "StubError", "clear", "jiti", "required_for"]
