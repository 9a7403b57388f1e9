"""Pieces of a project worth looking at."""

import pytest

from jiti_bot.demo.excerpt import definition, tree

MODULE = '''\
import a


@first
@second(
    1
)
def f() -> None:
    """Text."""


class C:
    x = 1

    @property
    def v(self) -> int:
        if self.x:
            return 1
        return 2
'''


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f", '@first\n@second(\n    1\n)\ndef f() -> None:\n    """Text."""'),
        ("C.v", "@property\ndef v(self) -> int:\n    if self.x:\n        return 1\n    return 2"),
    ],
)
def test_definition(name: str, text: str) -> None:
    assert definition(MODULE, name) == text


@pytest.mark.parametrize("name", ["g", "C.w", "C.x"])
def test_no_definition(name: str) -> None:
    with pytest.raises(LookupError):
        definition(MODULE, name)


@pytest.mark.parametrize(
    ("paths", "lines"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["a.py"], ["a.py"], id="a file"),
        pytest.param(["a/b/c.py"], ["a/b/", "  c.py"], id="a folder in a folder"),
        pytest.param(
            [".jiti/tests/t.py", ".jiti/src/app/x.py", ".jiti/src/app/y/z.py", ".jiti/.gitignore"],
            [".jiti/", "  src/app/", "    y/", "      z.py", "    x.py", "  tests/", "    t.py", "  .gitignore"],
            id="a store",
        ),
    ],
)
def test_tree(paths: list[str], lines: list[str]) -> None:
    assert tree(paths) == lines
