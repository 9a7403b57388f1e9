"""The prose that shapes what a model writes: a project's own guides, where it has them."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from jiti_bot import git
from jiti_bot.agent.files import is_withheld
from jiti_bot.errors import ConfigurationError
from jiti_bot.settings import Settings

MAX_GUIDE = 100_000  # bytes; a guide goes with every conversation
_USUAL = {"style": "jiti.style.md", "test_guide": "jiti.tests.md"}
_PERSONAL = frozenset({"JITI_STYLE", "JITI_TESTS"})  # what a person names for themselves may lie anywhere


def guide(root: Path, settings: Settings, name: str) -> str | None:
    """The guide that the setting ``name`` (``style``, ``test_guide``) asks for; None for the shipped one.

    That is the file it names, else ``jiti.style.md`` or ``jiti.tests.md`` in the project's root. What a repository
    names has to be tracked by its git: a guide is sent to a service, and a file such as ``.env`` is not meant to be.

    Raises:
        ConfigurationError: the file is missing or cannot be used. It says who asked for it.

    """
    setting = getattr(settings, name)
    file = setting or _USUAL[name]
    path = root / file
    if setting is None and not os.path.lexists(path):
        return None
    where = settings.origin(name) if setting else file
    shown = f"the guide {file}" if setting else "the guide"

    def refused(why: str, remedy: str) -> ConfigurationError:
        return ConfigurationError(f"{shown} {why}.", remedy=remedy, where=where)

    try:
        if where not in _PERSONAL:
            _refuse_foreign(root.resolve(), path, refused)
        data = _read(path)
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError
        why = getattr(error, "strerror", None) or str(error)
        remedy = "Correct the setting, or write the file." if setting else "Make it a readable text file."
        raise refused(f"cannot be read: {why}", remedy) from error
    if len(data) > MAX_GUIDE:
        raise refused(f"has more than {MAX_GUIDE:,} bytes, and goes with every conversation", "Keep what matters.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(f"is not UTF-8 in its line {line}", "Save it as UTF-8.") from error
    return text if text.strip() else None


def _refuse_foreign(root: Path, path: Path, refused: Callable[[str, str], ConfigurationError]) -> None:
    """Refuse what is no text of the project's own, as far as places tell. May raise OSError and RuntimeError."""
    real = path.resolve(strict=True)
    if not real.is_relative_to(root):
        raise refused("is a link that leads out of the project", "Copy what it says into a file.")
    name = real.relative_to(root).as_posix()
    if is_withheld(name):
        raise refused("has the name of a file that holds secrets, and would be sent to the model", "Name another one.")
    if real == root / path.name and path.name in _USUAL.values():
        return  # whoever writes one of these means it, added or not
    try:  # its own repository is asked: guides that several projects share may come as a submodule
        tracked = not real.is_file() or real.name in git.locate(str(real.parent), os.environ).tracked(real.name)
    except git.NoRepositoryError:
        return
    if not tracked:
        raise refused("is not tracked by git, and would be sent to the model", f"Run `git add {name}` if it may be.")


def _read(path: Path) -> bytes:
    """The beginning of a regular file, one byte more than a guide may have."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "it is no regular file")
    with path.open("rb") as file:
        return file.read(MAX_GUIDE + 1)
