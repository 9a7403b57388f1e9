"""What a change of a project's settings excludes, or excludes no longer: stubs and gates go and come with it."""

from __future__ import annotations

from jiti_bot.errors import ConfigurationError
from jiti_bot.homes import Homes
from jiti_bot.planning.before import Before
from jiti_bot.settings import PYPROJECT
from jiti_bot.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.planning.touched import Edit
    from jiti_bot.trees import Tree

_SETTING = b"exclude"


def with_excluded(tree: Tree, edit: Edit) -> Edit:
    """``edit`` with the files that it takes out of what ``tree`` is judged by, or brings back, if there are any.

    Raises `ConfigurationError` where the settings are wrong now; those of before may have been.
    """
    changed = [file for file in edit.files if file.rpartition("/")[2] == PYPROJECT]
    texts = (text for file in changed for text in (edit.before.get(file), tree.read(file)))
    if not any(text is not None and _SETTING in text for text in texts):
        return edit
    now, then = Homes(tree), Homes(Before(tree, edit))
    moved = []
    for file in tree.candidates():
        is_excluded = now.of(file).leaves_out(file)
        try:
            if then.of(file).leaves_out(file) != is_excluded:
                moved.append(file)
        except ConfigurationError:
            continue
    if not moved:
        return edit
    return replace(edit, files=tuple(dict.fromkeys((*edit.files, *moved))), moved=tuple(moved))
