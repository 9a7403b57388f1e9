"""``python -m jiti_bot`` is the command ``jiti``."""

from jiti_bot.cli import console

if __name__ == "__main__":
    console()
