"""What committed files bring into one module, as tables: host, committed files, merged."""

from dataclasses import dataclass
from textwrap import dedent

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import Part, Place, fold_all, prepare
from jiti_bot.graduation.meet import Guest, settle
from jiti_bot.graduation.rename import rename


@dataclass(frozen=True)
class Case:
    name: str
    host: str
    units: dict[str, str]
    merged: str


CASES = [
    Case(
        "helpers that two have alike are written once",
        """
        from jiti import jiti


        @jiti
        def f(x): ...


        @jiti
        def g(x): ...
        """,
        {
            "f": """
            import re

            _WORD = re.compile("a")
            _UNITS = {"h": 1}


            def _help(x):
                return _WORD.sub("b", x) * _UNITS["h"]


            def f(x):
                return _help(x)
            """,
            "g": """
            import re

            _WORD = re.compile("a")
            _UNITS = {"h": 1}
            _OWN = 2


            def _help(x):
                return _WORD.sub("b", x) * _UNITS["h"]


            def g(x):
                return _help(x) * _OWN
            """,
        },
        """
        import re


        _WORD = re.compile("a")
        _UNITS = {"h": 1}


        def _help(x):
            return _WORD.sub("b", x) * _UNITS["h"]


        def f(x):
            return _help(x)


        _OWN = 2


        def g(x):
            return _help(x) * _OWN
        """,
    ),
    Case(
        "what somebody changes is not shared, nor what uses it",
        """
        from jiti import jiti


        @jiti
        def f(x): ...


        @jiti
        def g(x): ...
        """,
        {
            "f": """
            _SEEN = {}


            def _know(x):
                return _SEEN.setdefault(x, x)


            def f(x):
                return _know(x)
            """,
            "g": """
            _SEEN = {}


            def _know(x):
                return _SEEN.setdefault(x, x)


            def g(x):
                return -_know(x)
            """,
        },
        """
        _SEEN = {}


        def _know(x):
            return _SEEN.setdefault(x, x)


        def f(x):
            return _know(x)


        _g_SEEN = {}


        def _g_know(x):
            return _g_SEEN.setdefault(x, x)


        def g(x):
            return -_g_know(x)
        """,
    ),
    Case(
        "names that mean something else",
        """
        import re
        from jiti import jiti

        _A = 1


        def opened(path):
            return open(path)


        @jiti
        def f(x, _A=_A): ...


        def _late(): ...
        """,
        {
            "f": """
            from os import open
            from regex import compile as re

            _A = 2


            def _late():
                return 3


            def f(x, _A=_A):
                '''_A'''
                g = lambda _late: _late
                return open(x), re(x), _late(), f"{_late()!r:>{_late()}}", [_A for _A in x]
            """
        },
        """
        import re
        from os import open as _f_open
        from regex import compile as _f_re

        _A = 1


        def opened(path):
            return open(path)


        _f_A = 2


        def _f_late():
            return 3


        def f(x, _A=_A):
            g = lambda _late: _late
            return _f_open(x), _f_re(x), _f_late(), f"{_f_late()!r:>{_f_late()}}", [_A for _A in x]


        def _late(): ...
        """,
    ),
    Case(
        "what the module has is used, if it is there in time",
        """
        from .base import Thing
        from jiti import jiti

        _LIMIT = 10


        @jiti
        def f(x): ...


        def _deep(x):
            return x


        _ALSO = 1
        """,
        {
            "f": """
            from app.base import Thing

            _LIMIT = 10
            _ALSO = 1
            _MORE = _ALSO + 1


            def _deep(x):
                return x


            def f(x):
                return _deep(Thing(_LIMIT, _MORE))
            """
        },
        """
        from .base import Thing

        _LIMIT = 10


        _f_ALSO = 1
        _MORE = _f_ALSO + 1


        def _f_deep(x):
            return x


        def f(x):
            return _f_deep(Thing(_LIMIT, _MORE))


        def _deep(x):
            return x


        _ALSO = 1
        """,
    ),
    Case(
        "in a branch all stays there",
        """
        import sys
        from jiti import jiti

        if sys.platform == "win32":
            # glued
            @jiti
            def f(): ...
        else:
            def f():
                return 1
        """,
        {
            "f": '''
            import sys
            import winreg

            _KEY = """
              a
            """


            def f():
                return winreg, _KEY, sys
            '''
        },
        '''
        import sys

        if sys.platform == "win32":
            import winreg

            _KEY = """
          a
        """

            # glued
            def f():
                return winreg, _KEY, sys
        else:
            def f():
                return 1
        ''',
    ),
    Case(
        "an import for the type checker alone does not count",
        """
        from typing import TYPE_CHECKING
        from jiti import jiti

        if TYPE_CHECKING:
            from pathlib import Path


        @jiti
        def f(x: "Path"): ...
        """,
        {
            "f": """
            from pathlib import Path


            def f(x):
                return Path(x)
            """
        },
        """
        from pathlib import Path
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from pathlib import Path


        def f(x: "Path"):
            return Path(x)
        """,
    ),
    Case(
        "an import that only a decorator needed, of a module that the unit takes something from",
        """
        import math
        from jiti import jiti


        @jiti(uses=[math.fsum])
        def f(x): ...
        """,
        {
            "f": """
            from math import fsum as _exact


            def f(x):
                return _exact(x)
            """
        },
        """
        from math import fsum as _exact


        def f(x):
            return _exact(x)
        """,
    ),
    Case(
        "a body that begins on the header's line, or on the docstring's",
        """
        from jiti import jiti
        @jiti
        def f(x): ...
        @jiti
        def g(x): ...
        """,
        {
            "f": "def f(x): return (x,\n    1)\n",
            "g": "def g(x):\n    'Words.'; y = 1\n    return y\n",
        },
        """
        def f(x):
            return (x,
            1)
        def g(x):
            y = 1
            return y
        """,
    ),
    Case(
        "imports stand below what the module does for them",
        """
        import sys
        sys.path.insert(0, "lib")
        import near
        from jiti import jiti

        @jiti
        def f(x): ...
        import late
        """,
        {"f": "import re\nimport near_too\n\ndef f(x):\n    return near_too, re\n"},
        """
        import re
        import sys
        sys.path.insert(0, "lib")
        import near
        import near_too

        def f(x):
            return near_too, re
        import late
        """,
    ),
    Case(
        "a body of nothing but a docstring",
        """
        from jiti import jiti
        @jiti
        def f(x): ...
        """,
        {"f": 'def f(x):\n    """Only words."""\n'},
        """
        def f(x):
            pass
        """,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_table(case: Case) -> None:
    host = dedent(case.host).removeprefix("\n")
    prepared = prepare(host)
    guests = []
    for name, text in case.units.items():
        stub = prepared.anatomy.find(name)
        assert stub is not None
        guests.append(
            Guest(Part(Place(name), dedent(text).lstrip("\n"), f"{name}.py"), stub.attached, stub.is_conditional)
        )
    merged = fold_all(prepared, settle(host, guests, ("app",)))
    assert merged.text == dedent(case.merged).removeprefix("\n")


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("_a = 1\ndef f(_a=_a): return _a\n", "_b = 1\ndef f(_a=_b): return _a\n"),
        ("import a as _a\nx: '_a.C' = _a.C\n", "import a as _b\nx: '_b.C' = _b.C\n"),
        ("from a import (\n    _a,\n    c as d,\n)\n", "from a import (\n    _a as _b,\n    c as d,\n)\n"),
        (
            "class _a:\n    _a = 1\n    def g(self): return _a._a\n",
            "class _b:\n    _a = 1\n    def g(self): return _b._a\n",
        ),
        ("if x:\n    _a = 1\nelse:\n    _a = 2\n_a += 1\n", "if x:\n    _b = 1\nelse:\n    _b = 2\n_b += 1\n"),
        (
            "(_a, c), *d = x\nfor _a in y: pass\nwith z as _a: pass\n",
            "(_b, c), *d = x\nfor _b in y: pass\nwith z as _b: pass\n",
        ),
    ],
)
def test_rename(text: str, renamed: str) -> None:
    assert rename(text, {"_a": "_b"}) == renamed


def test_what_cannot_be_renamed_is_said() -> None:
    with pytest.raises(StoreError, match="_a cannot be renamed"):
        rename("_a = 1\ndef f():\n    global _a\n    _a = 2\n", {"_a": "_b"}, "x.py")
