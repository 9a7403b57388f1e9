"""Watch the main job on a small library: stubs become code that ruff, ty and its own tests have proved.

The model's words are stored and served from this machine, so it needs no key and costs nothing; all else is real.
"""

import argparse
import os
import sys
from pathlib import Path

from jiti_bot.errors import without_extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--fast", action="store_true", help="do not wait for anybody to read along")
    parser.add_argument("--plain", action="store_true", help="no colours, and nothing that moves")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="do it in DIR, a new folder, and leave it there")


def run(arguments: argparse.Namespace) -> int:
    """Tell the story."""
    try:
        from jiti_bot.demo.screen import Screen
        from jiti_bot.demo.story import HUMAN, Options, tell
        from jiti_bot.loopback import Pace
    except ImportError as error:
        raise without_extra(error, "the demo") from error
    keep = Path(arguments.directory, arguments.keep).resolve() if arguments.keep else None
    options = Options(Pace() if arguments.fast else HUMAN, keep)
    return tell(Screen.on(sys.stdout, plain=arguments.plain), options, os.environ)
