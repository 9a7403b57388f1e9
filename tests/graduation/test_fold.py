"""Folding as tables: host, unit, merged."""

from dataclasses import dataclass
from textwrap import dedent

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import Origin, Place, Source, fold, prepare

F = Place("f")


@dataclass(frozen=True)
class Case:
    name: str
    host: str
    unit: str
    merged: str
    place: Place = F


CASES = [
    Case(
        "placeholder only",
        '''
        """Host."""

        from jiti import jiti

        KEEP   =   1


        @jiti
        def f(x: int) -> int:
            """Doc."""
            raise NotImplementedError


        def after( ): return 1  # as it was
        ''',
        '''
        # jiti 1 host.f
        # signature: 0
        def f(x: int) -> int:
            """Doc."""
            # why
            return x + KEEP
        ''',
        '''
        """Host."""

        KEEP   =   1


        def f(x: int) -> int:
            """Doc."""
            # why
            return x + KEEP


        def after( ): return 1  # as it was
        ''',
    ),
    Case(
        "helpers and imports",
        """
        import re
        from jiti import Engine, jiti

        ENGINE = Engine(model="m")

        # glued to f
        @jiti(engine=ENGINE)
        def f(x): ...
        """,
        """
        import re
        import math
        from os.path import join, split

        # a constant
        _TAU = math.tau



        def _help(x):
            return re.sub("a", join("b", split("c")[0]), x)


        def f(x):
            return _help(x) * _TAU
        """,
        """
        import math
        import re
        from os.path import join, split
        from jiti import Engine

        ENGINE = Engine(model="m")

        # a constant
        _TAU = math.tau


        def _help(x):
            return re.sub("a", join("b", split("c")[0]), x)


        # glued to f
        def f(x):
            return _help(x) * _TAU
        """,
    ),
    Case(
        "import shared in part",
        """
        from math import sin
        from jiti import jiti
        @jiti
        def f(x): ...
        @jiti
        def g(x): ...
        """,
        """
        from math import cos, sin


        def f(x):
            return sin(x) + cos(x)
        """,
        """
        from math import sin
        from math import cos
        from jiti import jiti
        def f(x):
            return sin(x) + cos(x)
        @jiti
        def g(x): ...
        """,
    ),
    Case(
        "imports go to their sections",
        """
        from __future__ import annotations

        import re

        import pydantic
        from attrs import define

        from app.lib import tool
        from jiti import jiti


        @jiti(uses=[tool])
        def f(x): ...
        """,
        """
        # for speed
        from functools import cache
        import ast
        from attrs import field
        from app.base import Thing


        def f(x):
            return tool(x, field, Thing, cache, ast)
        """,
        """
        from __future__ import annotations

        import ast
        import re
        # for speed
        from functools import cache

        import pydantic
        from attrs import define
        from attrs import field

        from app.base import Thing
        from app.lib import tool


        def f(x):
            return tool(x, field, Thing, cache, ast)
        """,
    ),
    Case(
        "the first import of its kind",
        """
        from jiti import jiti

        from app.lib import tool


        @jiti
        def f(x): ...
        """,
        """
        import re


        def f(x):
            return re.sub("a", tool(x))
        """,
        """
        import re

        from app.lib import tool


        def f(x):
            return re.sub("a", tool(x))
        """,
    ),
    Case(
        "the first import of all",
        """
        \"\"\"Host.\"\"\"

        def before(): ...

        @j
        def f(x): ...
        """,
        """
        import re


        def f(x):
            return re.sub("a", x)
        """,
        """
        \"\"\"Host.\"\"\"

        import re

        def before(): ...

        @j
        def f(x):
            return re.sub("a", x)
        """,
    ),
    Case(
        "method with helpers, nested class, two-space host",
        '''
        import jiti as j

        class Outer(Base):
          class Inner:
            @staticmethod
            @j.jiti  # generated
            def f(x):
              """Doc"""
              # hint
              pass
              # trailing hint

            y = 1
        ''',
        '''
        _ONE = 1


        class Outer:
            class Inner:
                def f(x):
                    """Doc"""
                    if x:
                        text = """
            kept as it is
        """
                        return text
                    return _ONE
        ''',
        '''
        _ONE = 1


        class Outer(Base):
          class Inner:
            @staticmethod
            def f(x):
              """Doc"""
              if x:
                text = """
            kept as it is
        """
                return text
              return _ONE

            y = 1
        ''',
        Place("f", ("Outer", "Inner")),
    ),
    Case(
        "accessor by line",
        """
        from jiti import jiti

        class P:
            @property
            def v(self):
                return self._v

            @v.setter
            @jiti
            def v(self, value):
                ...
        """,
        """
        class P:
            def v(self, value):
                self._v = value
        """,
        """
        class P:
            @property
            def v(self):
                return self._v

            @v.setter
            def v(self, value):
                self._v = value
        """,
        Place("v", ("P",), line=10),
    ),
    Case(
        "class unit",
        """
        from jiti import jiti

        @jiti
        class P:
            size: int = 0

            def a(self) -> int: "A."; ...

            def keep(self):
                return 2

            @property
            def b(self) -> int:
                raise NotImplementedError
        """,
        """
        class P:
            def a(self) -> int:
                "A."
                return self.size

            def b(self) -> int:
                return 1
        """,
        """
        class P:
            size: int = 0

            def a(self) -> int:
                "A."
                return self.size

            def keep(self):
                return 2

            @property
            def b(self) -> int:
                return 1
        """,
        Place("P"),
    ),
    Case(
        "a stub in one of two branches",
        """
        import sys
        from jiti import jiti

        if sys.platform == "win32":
            def f(): return 1
        else:
            @jiti
            def f(): ...
        """,
        """
        def f():
            return 2
        """,
        """
        import sys

        if sys.platform == "win32":
            def f(): return 1
        else:
            def f():
                return 2
        """,
    ),
    Case(
        "names kept because something else mentions them",
        """
        from jiti import jiti
        from app.lib import tool
        __all__ = ["jiti"]
        @jiti(uses=[tool])
        async def f[T](
            x: T,
        ) -> T: ...  # placeholder
        """,
        """
        async def f[T](x: T) -> T:
            return tool(x)
        """,
        """
        from jiti import jiti
        from app.lib import tool
        __all__ = ["jiti"]
        async def f[T](
            x: T,
        ) -> T:
            return tool(x)
        """,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_table(case: Case) -> None:
    merged = fold(prepare(dedent(case.host).lstrip("\n")), case.place, dedent(case.unit).lstrip("\n"))
    assert merged.text == dedent(case.merged).lstrip("\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_line_knows_where_it_came_from(case: Case) -> None:
    host, unit = dedent(case.host).lstrip("\n"), dedent(case.unit).lstrip("\n")
    merged = fold(prepare(host), case.place, unit)
    lines = {Source.HOST: host.splitlines(), Source.UNIT: unit.splitlines()}
    for number, line in enumerate(merged.text.splitlines(), 1):
        origin = merged.origin(number)
        came = lines[origin.source][origin.line - 1]
        if line.strip() and origin.source is Source.UNIT and "import" not in line:
            assert line.strip() == came.strip()
        if line.strip() and origin.source is Source.HOST and "import" not in line:
            assert came.strip().startswith(line.strip()) or line.strip() in came


def test_comments_above_a_committed_definition_go_along() -> None:
    host = "from jiti import jiti\n\n\n# ours\n@jiti\ndef f(): ...\n\n\nclass C:\n    @jiti\n    def f(self): ...\n"
    unit = "# jiti 1 x\n# seal: 0\n\n_A = 1\n\n\n# ours\n# theirs\ndef f():\n    return _A\n"
    merged = fold(prepare(host), F, unit).text
    assert "\n\n\n_A = 1\n\n\n# ours\n# theirs\ndef f():\n    return _A\n" in merged
    merged = fold(
        prepare(host), Place("f", ("C",)), "class C:\n    # theirs\n    def f(self):\n        return 1\n"
    ).text
    assert "class C:\n    # theirs\n    def f(self):\n        return 1\n" in merged


def test_comments_below_a_committed_method_stay_below_it() -> None:
    host = "from jiti import jiti\n\n\nclass C:\n    @jiti\n    def f(self): ...\n    # ours\n\n    x = 1\n"
    unit = "class C:\n    def f(self):\n        return 1\n        # c1\n\n    # c2\n\n\n# c3\n_A = 1\n"
    merged = fold(prepare(host), Place("f", ("C",)), unit).text
    body = "    def f(self):\n        return 1\n        # c1\n\n    # c2\n    # ours\n\n    x = 1\n"
    assert merged == f"# c3\n_A = 1\n\n\nclass C:\n{body}"


def test_comments_between_the_methods_of_a_committed_class_stay() -> None:
    methods = "    def f(self):{}\n\n    def g(self):{}\n"
    host = "from jiti import jiti\n\n\n@jiti\nclass C:\n" + methods.format(" ...", " ...")
    unit = (
        "class C:\n    def f(self):\n        return 1\n\n    # of f\n\n    # of g\n"
        "    def g(self):\n        return 2\n    # last\n"
    )
    merged = fold(prepare(host), Place("C", methods=(6, 8)), unit).text
    body = "\n        return 1\n\n    # of f\n\n    # of g\n    def g(self):\n        return 2\n    # last\n"
    assert merged == f"class C:\n    def f(self):{body}"


@pytest.mark.parametrize(
    ("above", "left"),
    [
        ("", ""),
        ('"""Host."""\n\n', '"""Host."""\n\n\n'),
        ("# a licence\n\n", "# a licence\n\n\n"),
        ("import re\n", "import re\n\n\n"),
    ],
)
@pytest.mark.parametrize("between", ["", "\n"])
def test_imports_that_go_together_leave_no_gap(above: str, left: str, between: str) -> None:
    host = f"{above}from lib import T\n{between}from jiti import jiti\n\n\n@jiti(uses=[T])\ndef f(): ...\n"
    assert fold(prepare(host), F, "def f():\n    return 1\n").text == f"{left}def f():\n    return 1\n"


def test_spec_lines_are_marked() -> None:
    host = 'from jiti import jiti\n@jiti\ndef f(x):\n    """Doc."""\n    ...\n'
    merged = fold(prepare(host), Place("f"), "def f(x):\n    return 1\n")
    assert merged.text == 'def f(x):\n    """Doc."""\n    return 1\n'
    assert merged.origin(1) == Origin(Source.HOST, 3, spec=True)
    assert merged.origin(2) == Origin(Source.HOST, 4, spec=True)
    assert merged.origin(3) == Origin(Source.UNIT, 2)


def test_line_ends_bom_and_missing_newline_stay() -> None:
    host = "\ufeffx = 1\r\nfrom jiti import jiti\r\n@jiti\r\ndef f(): ...\r\ny = 2\x0c"
    merged = fold(prepare(host), Place("f"), "_A = 1\n\n\ndef f():\n    return _A\n")
    assert merged.text == "\ufeffx = 1\r\n_A = 1\r\n\r\n\r\ndef f():\r\n    return _A\r\ny = 2\x0c"


def test_a_stub_at_the_end_without_newline() -> None:
    host = "from jiti import jiti\n@jiti\ndef f(): ..."
    assert fold(prepare(host), Place("f"), "def f():\n    return 1\n").text == "def f():\n    return 1"
    host = 'from jiti import jiti\n@jiti\ndef f():\n    """Words."""'
    assert (
        fold(prepare(host), Place("f"), "def f():\n    return 1\n").text == 'def f():\n    """Words."""\n    return 1'
    )


@pytest.mark.parametrize(
    ("host", "unit", "message"),
    [
        ("def f(:\n", "def f(): ...\n", "does not parse"),
        ("def f(): ...\n", "def f(:\n", "does not parse"),
        ("def g(): ...\n", "def f(): ...\n", "source file does not define f"),
        ("def f(): ...\n", "def g(): ...\n", "committed file does not define f"),
    ],
)
def test_what_cannot_be_folded_says_so(host: str, unit: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        fold(prepare(host), Place("f"), unit)


def test_a_generated_setter_goes_below_its_written_getter() -> None:
    host = (
        "from jiti import jiti\n\n\n@jiti\nclass P:\n    @property\n    def v(self):\n        return 1\n\n"
        "    @v.setter\n    def v(self, value): ...\n"
    )
    unit = "class P:\n    def v(self, value):\n        self.kept = value\n"
    merged = fold(prepare(host), Place("P", methods=(11,)), unit).text
    assert "        return 1\n\n    @v.setter\n    def v(self, value):\n        self.kept = value\n" in merged
