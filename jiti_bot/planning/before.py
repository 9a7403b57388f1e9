"""A tree as it was before an edit, as far as discovery asks."""

from __future__ import annotations

from jiti_bot.planning.touched import Edit, in_store
from jiti_bot.trees import WORD, Tree


class Before:
    """``tree`` with the former contents of the files that ``edit`` names; those it added are not there."""

    def __init__(self, tree: Tree, edit: Edit) -> None:
        self._tree = tree
        self._before = edit.before
        self._added = edit.added

    def read(self, file: str) -> bytes | None:
        """The former content of a file."""
        if file in self._before:
            return self._before[file]
        return None if file in self._added else self._tree.read(file)

    def exists(self, file: str) -> bool:
        """Whether the file was there."""
        return file in self._before or (file not in self._added and self._tree.exists(file))

    def candidates(self) -> tuple[str, ...]:
        """The Python files that mentioned jiti."""
        word = WORD.encode()
        files = (file for file in self._before if file.endswith(".py") and not in_store(file))
        former = {file for file in files if word in self._before[file]}
        others = (file for file in self._tree.candidates() if file not in self._added and file not in self._before)
        return tuple(sorted({*former, *others}))

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands at ``path``: as it is now, which decides only where a store is made."""
        return self._tree.is_folder(path)
