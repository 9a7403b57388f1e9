"""The prose that shapes what a model writes: a project's own guides, where it has them."""

from pathlib import Path

from jiti_bot.errors import ConfigurationError

MAX_GUIDE = 100_000  # bytes; a guide goes with every conversation


def guide(root: Path, setting: str | None, name: str) -> str | None:
    """The file that ``setting`` names, else ``name`` in the project's root, else None: the shipped guide.

    Raises:
        ConfigurationError: the file that the setting names is missing, or a guide cannot be used.

    """
    path = root / (setting or name)
    if setting is None and not path.is_file():
        return None
    shown = setting or name
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(
            f"the guide cannot be read: {error.strerror}.",
            remedy="Correct the setting, or write the file.",
            where=shown,
        ) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            "the guide is not UTF-8.", remedy="Save it as UTF-8.", where=f"{shown}:{line}"
        ) from error
    if len(data) > MAX_GUIDE:
        raise ConfigurationError(
            f"the guide has {len(data):,} bytes, and goes with every conversation.",
            remedy=f"Keep what matters, in at most {MAX_GUIDE:,} bytes.",
            where=shown,
        )
    return text if text.strip() else None
