"""What goes with the last stub, and what is told instead, as tables: files before and after merging."""

from textwrap import dedent

import pytest

from jiti_bot.graduation.host import cleared
from jiti_bot.graduation.leftovers import left
from jiti_bot.graduation.takers import Names
from jiti_bot.source.discover import read_source
from jiti_bot.source.parse import Parsed, parse
from jiti_bot.source.resolve import Resolver, Source
from jiti_bot.source.roots import Roots

STUB = "@jiti\ndef f(x): ...\n"  # as it is before; after, it is none
PLAIN = "def f(x): ...\n"

GOES = {
    "tried, with a stand-in": (
        """
        import os
        # for the bot
        try:
            from jiti import jiti
        except (ImportError, ModuleNotFoundError):
            def jiti(f):
                return f

        KEPT = os
        """,
        "import os\n\nKEPT = os\n",
    ),
    "tried, or refused": ("try:\n    from jiti import jiti\nexcept ImportError:\n    raise RuntimeError\n", ""),
    "tried, with a flag that nobody asks": (
        """
        # licence
        try:
            from jiti import jiti
            HAS = True
        except ImportError:
            jiti, HAS = None, False
        """.replace("jiti, HAS = None, False", "HAS = False"),
        "# licence\n",
    ),
    "for type checkers": (
        """
        from typing import TYPE_CHECKING, Any

        from jiti import jiti

        if TYPE_CHECKING:
            from jiti import Engine

        KEPT: Any = 1
        """,
        "from typing import Any\n\nKEPT: Any = 1\n",
    ),
    "for type checkers, beside another": (
        """
        import typing
        if typing.TYPE_CHECKING:
            from jiti import Engine, jiti
            from pathlib import Path
        """,
        "import typing\nif typing.TYPE_CHECKING:\n    from pathlib import Path\n",
    ),
    "for type checkers, or tried": (
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from jiti import jiti
        else:
            jiti = None
        """,
        "",
    ),
    "suppressed": ("from contextlib import suppress\nwith suppress(ImportError):\n    from jiti import jiti\n", ""),
    "called otherwise": ("import jiti as _j\nj = _j.jiti\nk = j\njiti = k\n", ""),
    "in functions": (
        """
        def g():
            import os, jiti

            return os


        def h():
            from jiti import jiti


        class C:
            def m(self):
                '''Words.'''
                from jiti import jiti
        """,
        """
        def g():
            import os

            return os


        def h():
            pass


        class C:
            def m(self):
                '''Words.'''
        """,
    ),
}

STAYS = {
    "used": ("import jiti\njiti.clear()\n", {1: "app.py:2 needs `jiti`"}),
    "a flag that somebody asks": (
        "try:\n    from jiti import jiti\n    HAS = True\nexcept ImportError:\n    HAS = False\nprint(HAS)\n",
        {2: "app.py:6 needs `HAS`"},
    ),
    "it does more": (
        "try:\n    from jiti import jiti\nexcept ImportError:\n    print('no')\n",
        {2: "nobody here needs it"},
    ),
    "another error": ("try:\n    from jiti import jiti\nexcept OSError:\n    pass\n", {2: "nobody here needs it"}),
    "told to the world": ("from jiti import jiti\n__all__ = ['jiti']\n", {1: "app.py:2 needs `jiti`"}),
    "used in its function": ("def g():\n    from jiti import jiti\n    jiti.clear()\n", {2: "app.py:3 needs `jiti`"}),
    "for an annotation": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from jiti import Engine\ndef g(e: 'Engine'): ...\n",
        {3: "app.py:4 needs `Engine`"},
    ),
    "an attribute of a class": ("class C:\n    import jiti\n", {2: "nobody here needs it"}),
    "on a line with more": ("def g(): import jiti\n", {1: "nobody here needs it"}),
    "by its name": (
        "import importlib\nimportlib.import_module('jiti.x')\npytest_plugins = ['jiti_bot.pytest_plugin']\n",
        {2: "it is loaded by its name", 3: "it is loaded by its name"},
    ),
}


def resolver(files: dict[str, bytes]) -> Resolver:
    def source(file: str) -> Source | None:
        found = parse(file, files[file]) if file in files else None
        return read_source(found) if isinstance(found, Parsed) else None

    return Resolver(source, Roots(files.__contains__, ()))


def clear(before: dict[str, str], after: dict[str, str], *, last: bool = True) -> dict[str, str]:
    first, second = ({name: text.encode() for name, text in files.items()} for files in (before, after))
    return {name: data.decode() for name, data in cleared(first, second, resolver(first), second, last=last).items()}


def whys(files: dict[str, str]) -> dict[str, str]:
    data = {name: text.encode() for name, text in files.items()}
    words = "jiti is still imported here: "
    return {one.place: one.why.removeprefix(words) for one in left(Names(data, resolver(data)))}


@pytest.mark.parametrize(("host", "wanted"), GOES.values(), ids=GOES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_only_jiti_needed_goes(host: str, wanted: str, end: str) -> None:
    host, wanted = (dedent(text).removeprefix("\n").replace("\n", end) for text in (host, wanted))
    stub, plain = (text.replace("\n", end) for text in (STUB, PLAIN))
    found = clear({"app.py": host + stub}, {"app.py": host + plain})
    assert found == {"app.py": wanted + plain}
    assert whys(found) == {}


@pytest.mark.parametrize(("host", "why"), STAYS.values(), ids=STAYS)
def test_what_may_be_needed_stays_and_is_told(host: str, why: dict[int, str]) -> None:
    files = {"app.py": host + PLAIN}
    assert clear({"app.py": host + STUB}, files) == files
    assert whys(files) == {f"app.py:{line}": words for line, words in why.items()}


COMPAT = "try:\n    from jiti import jiti\nexcept ImportError:\n    jiti = None\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from compat import jiti\n", ""),
        ("from compat import *\n", "from compat import *\n"),
        ("import compat\n@compat.jiti\ndef f(): ...\n", "import compat\ndef f(): ...\n"),
        ("def g():\n    from compat import jiti\n    return jiti\n", "def g(): ...\n"),
    ],
    ids=["from", "star", "attribute", "in a function"],
)
def test_what_others_took_from_there_goes_with_the_last_of_them(before: str, after: str) -> None:
    earlier = {"compat.py": COMPAT + "A = 1\n", "app.py": f"{before}\n{STUB}"}
    assert clear(earlier, earlier | {"app.py": f"{after}\n{PLAIN}"}, last=False)["compat.py"] == "A = 1\n"
    other = {"other.py": f"{before}\n{STUB}"}
    assert clear(earlier | other, earlier | other | {"app.py": PLAIN}, last=False)["compat.py"].startswith(COMPAT)


def test_what_nobody_in_the_project_ever_needed_may_be_for_others() -> None:
    files = {"compat.py": COMPAT, "app.py": "from jiti import jiti\n"}
    assert clear(files, files) == files


def test_what_cannot_be_read_may_need_anything() -> None:
    files = {"app.py": COMPAT + PLAIN, "odd.py": "from app import jiti\nimport jiti\nprint 1\n"}
    assert clear(files | {"app.py": COMPAT + STUB}, files) == files
    assert whys(files) == {
        "app.py:2": "odd.py:1 needs `jiti`",
        "odd.py:2": "this file does not parse, so it was left alone",
    }
