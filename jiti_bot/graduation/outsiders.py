"""Source files that do not mention jiti: looked into for what they take from those that do, and for nothing else."""

import re
from collections.abc import Collection, Iterable, Mapping

from jiti_bot import disk, sought
from jiti_bot.source.discover import WORD
from jiti_bot.trees import Tree
from jiti_bot.workspace import Workspace

_STARS = "import *"


class Outsiders:
    """Those of one moment of a project. Without git, what it would not ignore is guessed."""

    def __init__(self, workspace: Workspace, tree: Tree) -> None:
        self._workspace = workspace
        self._tree = tree
        self._holding: dict[str, dict[str, bytes]] = {}

    def takers(self, going: Mapping[str, Collection[str]]) -> dict[str, bytes]:
        """The files that may take one of the names ``going``, given by file: all that do, and few others."""
        names = {name for found in going.values() for name in found}
        if not names:
            return {}
        stars = self._outside(_STARS)
        reach = _reach(going)
        if any(reach.search(data) for data in stars.values()):
            reach = _reach((*going, *stars))
        else:
            stars = {}
        word = _words(names)
        named = {file: data for name in sorted(names) for file, data in self._outside(name).items()}
        return stars | {file: data for file, data in named.items() if word.search(data) and reach.search(data)}

    def starring(self) -> dict[str, bytes]:
        """Every file with a star import, jiti mentioned or not."""
        return self._mentioning(_STARS)

    def _outside(self, word: str) -> dict[str, bytes]:
        return {file: data for file, data in self._mentioning(word).items() if WORD not in data}

    def _mentioning(self, word: str) -> dict[str, bytes]:
        if word not in self._holding:
            if self._workspace.git is not None and not word.encode().count(WORD):
                files: Iterable[str] = sought.mentioning(self._workspace.git, word)
            else:
                files = disk.python_files(self._workspace.root)
            text = word.encode()
            found = {file: data for file in files if (data := self._tree.read(file)) is not None}
            self._holding[word] = {file: data for file, data in found.items() if text in data}
        return self._holding[word]


def _words(names: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)(?:" + b"|".join(re.escape(one.encode()) for one in sorted(names)) + rb")(?!\w)")


def _reach(files: Iterable[str]) -> re.Pattern[bytes]:
    """What has to be in a file that imports one of ``files``: the module's name, or nothing but dots for a package."""
    paths = [file.removesuffix(".py").split("/") for file in files]
    words = {path[-2] if path[-1] == "__init__" else path[-1] for path in paths if path != ["__init__"]}
    dots = rb"|from\s*\.+\s*import" if any(path[-1] == "__init__" for path in paths) else b""
    return re.compile((_words(words).pattern if words else rb"(?!)") + dots)
