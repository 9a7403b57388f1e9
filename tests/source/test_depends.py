"""Which stubs committed code uses, by what it names: as if it stood in its host."""

import pytest

from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from tests.source.trees import index

FILES = {
    "app/__init__.py": "",
    "app/text.py": """\
        from jiti import jiti
        from app import words
        from app.words import split as cut

        @jiti
        def title(text: str) -> str:
            '''A title.'''
            ...

        @jiti
        def slug(text: str) -> str:
            '''A slug.'''
            ...

        def plain(text: str) -> str:
            return text

        class Page:
            @jiti
            def head(self) -> str:
                '''The head.'''
                ...

            @jiti
            def foot(self) -> str:
                '''The foot.'''
                ...

            @property
            @jiti
            def size(self) -> int:
                '''The size.'''
                ...

        @jiti
        class Book:
            def read(self) -> str:
                '''Read.'''
                ...

            def close(self) -> None:
                '''Close.'''
                ...

        @jiti(uses=[slug])
        def listed(text: str) -> str:
            '''What uses a slug.'''
            ...
        """,
    "app/words.py": """\
        from jiti import jiti

        @jiti
        def split(text: str) -> list[str]:
            '''Words.'''
            ...
        """,
}


def project() -> tuple[Index, dict[str, Spec]]:
    found = index(FILES)
    return found, {spec.stub.unit: spec for spec in found.specs()}


CODE = {
    "nothing of ours": ("title", "def title(text: str) -> str:\n    return plain(text)\n", []),
    "itself": ("title", "def title(text: str) -> str:\n    return title(text[1:])\n", []),
    "another of the module": ("title", "def title(text: str) -> str:\n    return slug(text)\n", ["text.py::slug"]),
    "through an import of the host": (
        "title",
        "def title(text: str) -> str:\n    return cut(text)[0]\n",
        ["words.py::split"],
    ),
    "through a module": (
        "title",
        "def title(text: str) -> str:\n    return words.split(text)[0]\n",
        ["words.py::split"],
    ),
    "through an import of its own": (
        "title",
        "from app.words import split as _split\n\n\ndef title(text: str) -> str:\n    return _split(text)[0]\n",
        ["words.py::split"],
    ),
    "through an import inside": (
        "title",
        "def title(text: str) -> str:\n    from .words import split\n\n    return split(text)[0]\n",
        ["words.py::split"],
    ),
    "in a helper": (
        "title",
        "def _one(text: str) -> str:\n    return cut(text)[0]\n\ndef title(text: str) -> str:\n    return _one(text)\n",
        ["words.py::split"],
    ),
    "by a method of its own class": (
        "Page.head",
        "class Page:\n    def head(self) -> str:\n        return self.foot()\n",
        ["text.py::Page.foot"],
    ),
    "by a property of its own class": (
        "Page.head",
        "class Page:\n    def head(self) -> str:\n        return '#' * self.size\n",
        ["text.py::Page.size"],
    ),
    "by its class's name": (
        "Page.head",
        "class Page:\n    def head(self) -> str:\n        return Page.foot(self)\n",
        ["text.py::Page.foot"],
    ),
    "a method of an object whose class is named": (
        "title",
        "def title(text: str) -> str:\n    return Page().head()\n",
        ["text.py::Page.head"],
    ),
    "a class that is generated as a whole": (
        "title",
        "def title(text: str) -> str:\n    return Book().read()\n",
        ["text.py::Book"],
    ),
    "a class's own methods": (
        "Book",
        "class Book:\n    def read(self) -> str:\n        return slug('')\n    def close(self):\n        self.read()\n",
        ["text.py::slug"],
    ),
    "what `uses` lists already": (
        "listed",
        "def listed(text: str) -> str:\n    return slug(title(text))\n",
        ["text.py::title"],
    ),
}


@pytest.mark.parametrize(("unit", "code", "used"), CODE.values(), ids=CODE)
def test_what_code_uses(unit: str, code: str, used: list[str]) -> None:
    found, specs = project()
    assert [name for name, _ in found.dependencies(specs[unit], code)] == [f"app/{name}" for name in used]


CHANGES = {
    "nothing": ("", "", True),
    "the layout": ("def slug(text: str) -> str:", "def slug(\n            text: str,\n        ) -> str:", True),
    "its body's placeholder": ("'''A slug.'''\n            ...", "'''A slug.'''\n            pass", True),
    "its docstring": ("A slug.", "A slug, in lower case.", False),
    "a parameter": ("def slug(text: str)", "def slug(text: str, sep: str = '-')", False),
    "another's docstring": ("A title.", "A good title.", True),
}


@pytest.mark.parametrize(("old", "new", "same"), CHANGES.values(), ids=CHANGES)
def test_what_a_stub_promises(old: str, new: str, same: bool) -> None:
    changed = index({**FILES, "app/text.py": FILES["app/text.py"].replace(old, new) if old else FILES["app/text.py"]})
    name = "app/text.py::slug"
    assert (changed.interface(name) == index(FILES).interface(name)) is same


def test_a_stub_that_was_folded_into_its_source_promises_nothing_more() -> None:
    text = FILES["app/text.py"].replace("@jiti\n        def slug", "def slug")
    assert index({**FILES, "app/text.py": text}).interface("app/text.py::slug") == ""


@pytest.mark.parametrize("name", ["app/text.py::gone", "app/gone.py::slug", "app/text.py::Page.gone"])
def test_a_stub_that_is_gone_has_no_interface(name: str) -> None:
    assert index(FILES).interface(name) is None
