"""``python -m jiti_bot`` is the command ``jiti``."""

import sys

from jiti_bot.cli import main

if __name__ == "__main__":
    sys.exit(main())
