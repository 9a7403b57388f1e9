"""Imports that lead back to their module: which these are, and how they go into functions."""

from textwrap import dedent

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.circles import circular
from jiti_bot.graduation.inward import inward
from jiti_bot.store.entry import Entry
from jiti_bot.store.survey import survey
from jiti_bot.workspace import open_workspace
from tests.committed import implement
from tests.repo import Repo

MOVED = {
    "from, one of two": (
        """
        from app import a, b


        def f(x):
            # why
            return a, b
        """,
        """
        from app import b


        def f(x):
            # why
            from app import a
            return a, b
        """,
    ),
    "below the docstring, in a helper, too": (
        """
        import re
        import app.a as a  # why

        def _h():
            '''Text.'''
            return [a for _ in x]

        def _other(a):
            return a

        def f(x): return _h(), a
        """,
        """
        import re

        def _h():
            '''Text.'''
            import app.a as a
            return [a for _ in x]

        def _other(a):
            return a

        def f(x):
            import app.a as a
            return _h(), a
        """,
    ),
    "in methods": (
        """
        from .. import a

        class C:
            def g(self):
                def inner():
                    return a
                return inner

            async def h(self):
                @self.g
                def inner():
                    return a
        """,
        """

        class C:
            def g(self):
                from .. import a
                def inner():
                    return a
                return inner

            async def h(self):
                from .. import a
                @self.g
                def inner():
                    return a
        """,
    ),
    "for what it does when it is loaded": (
        "import a\ndef f():\n    b = 1\ndef _h(): ...\n",
        "def f():\n    import a\n    b = 1\ndef _h(): ...\n",
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_moved(name: str) -> None:
    before, after = (dedent(text).removeprefix("\n") for text in MOVED[name])
    assert inward(before, frozenset({"a"}), "f", "f.py") == after
    assert inward(before, frozenset(), "f") == before


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("import a\n\n\n_A = a.b\n\n\ndef f(): ...\n", 4, "imports this one"),
        ("import a\n\n\nclass _B(a.B): ...\n\n\ndef f(): ...\n", 4, "imports this one"),
        ("import a; import b\n\n\ndef f(x: a): ...\n", 1, "shares its line"),
    ],
)
def test_refused(text: str, line: int, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        inward(text, frozenset({"a"}), "f", "f.py")
    assert caught.value.where == f"f.py:{line}"


def test_which_lead_back(folder: Repo) -> None:
    folder.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    folder.write("app/__init__.py", "from app.text import f\n\nHERE = 1\n")
    folder.write("app/text.py", 'from jiti import jiti\n\n\n@jiti\ndef f() -> None:\n    """Do."""\n')
    folder.write("app/direct.py", "from app import text\n")
    folder.write("app/whole.py", "import app\nfrom . import plain\nimport app.plain\n")
    folder.write("app/name.py", "from . import HERE\n")
    folder.write("app/deep.py", "from .direct import text\n")
    folder.write("app/again.py", "from app.plain import x\nimport app.deep\n")
    folder.write("app/plain.py", "import typing as t\n\nx = 1\nif t.TYPE_CHECKING:\n    from app import text\n")
    (path,) = implement(folder, "app.text.f", body="return None")
    names = "import re\nimport app.deep as d\nfrom app.plain import x as p\nfrom .again import x as r\n"
    names += "from . import direct, whole\nfrom app.name import HERE\n"
    text = (folder.path / path).read_text()
    folder.write(path, text.replace("\ndef f", f"\n{names}\n\ndef f"))
    workspace = open_workspace(str(folder.path), folder.env)
    tree = workspace.work_tree()
    index = workspace.index(tree)
    (standing,) = survey(tree, index.specs(), index.interface)
    assert isinstance(standing.committed, Entry)
    assert circular(index.resolver, "app/text.py", standing.committed) == {"d", "r", "direct", "HERE"}
