"""The parser of every command line: what it cannot read is told with a remedy. Standard library only."""

import argparse
from typing import NoReturn

from jiti_bot.errors import UsageError


class Parser(argparse.ArgumentParser):
    """argparse's, whose complaints are errors of ours; parsers of sub-commands are of this class, too."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` with what is wrong."""
        raise UsageError(
            f"the command line is not understood: {message}.", remedy=f"`{self.prog} --help` tells what it takes."
        )
