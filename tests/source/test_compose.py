"""The text of committed files."""

import ast
from textwrap import dedent

import pytest

from jiti_bot.source.compose import compose, interface, reindented
from jiti_bot.source.discover import discover
from jiti_bot.source.model import Stub
from jiti_bot.source.parse import Parsed, parse
from jiti_bot.source.surroundings import context_text


def stub(text: str) -> Stub:
    return discover("a.py", dedent(text).encode()).stubs[0]


FUNCTION = '''
    from jiti import jiti
    @jiti
    def f(x: int) -> str:
        """Doc.

            More.
        """
        ...
'''
METHOD = '''
    from jiti import jiti
    class Outer(Base):
        class P:
            @property
            @jiti
            def v(
                self,
            ) -> int:
                r"""Doc \\d."""
                ...
'''
WHOLE = '''
    from jiti import jiti
    @jiti
    class P(Base):
        """Doc."""
        def a(self):
            """A."""
        @property
        def v(self): ...
        @v.setter
        def v(self, value): ...
'''

COMPOSED = {
    "function": (
        FUNCTION,
        "return str(x)",
        "",
        '''
        def f(x: int) -> str:
            """Doc.

                More.
            """
            return str(x)
        ''',
    ),
    "indented body": (
        FUNCTION,
        "\n        if x:\n            return 'a'\n        return 'b'\n\n",
        "",
        '''
        def f(x: int) -> str:
            """Doc.

                More.
            """
            if x:
                return 'a'
            return 'b'
        ''',
    ),
    "helpers": (
        FUNCTION,
        "return _name(x)",
        "import re\n\n\ndef _name(x):\n    return re.escape(x)\n",
        '''
        import re


        def _name(x):
            return re.escape(x)


        def f(x: int) -> str:
            """Doc.

                More.
            """
            return _name(x)
        ''',
    ),
    "helpers from the future": (
        FUNCTION,
        "return _A",
        "from __future__ import annotations\nfrom __future__ import (\n    division,\n)\n_A = 1",
        '''
        _A = 1


        def f(x: int) -> str:
            """Doc.

                More.
            """
            return _A
        ''',
    ),
    "repeated docstring": (
        FUNCTION,
        '"""Something\nelse."""\nreturn 1',
        "",
        '''
        def f(x: int) -> str:
            """Doc.

                More.
            """
            return 1
        ''',
    ),
    "method": (
        METHOD,
        "return 1",
        "",
        '''
        class Outer:
            class P:
                def v(
                    self,
                ) -> int:
                    r"""Doc \\d."""
                    return 1
        ''',
    ),
}


@pytest.mark.parametrize(
    ("text", "body", "helpers", "expected"), [pytest.param(*case, id=name) for name, case in COMPOSED.items()]
)
def test_compose(text: str, body: str, helpers: str, expected: str) -> None:
    composed = compose(stub(text), body, helpers)
    assert composed == dedent(expected).lstrip("\n")
    ast.parse(composed)


def test_strings_keep_their_lines() -> None:
    assert compose(stub(METHOD), '    text = """\nflush\n      deep\n"""\n    return text') == (
        "class Outer:\n    class P:\n        def v(\n            self,\n        ) -> int:\n"
        '            r"""Doc \\d."""\n            text = """\nflush\n      deep\n"""\n            return text\n'
    )


def test_class_unit() -> None:
    bodies = {"P.a": "return 1", "P.v": "    return 2", "P.v.setter": "self.x = value"}
    assert compose(stub(WHOLE), bodies) == dedent('''\
        class P:
            def a(self):
                """A."""
                return 1

            def v(self):
                return 2

            def v(self, value):
                self.x = value
    ''')


def test_empty_bodies() -> None:
    assert compose(stub("from jiti import jiti\n@jiti\ndef f(): ...\n"), "") == "def f():\n    pass\n"
    assert compose(stub(FUNCTION), "").endswith('    """\n')


def test_type_parameters_are_carried() -> None:
    text = "from jiti import jiti\nclass P[T: int, *U]:\n    @jiti\n    def f[V](self, x: V) -> T: ...\n"
    module = discover("a.py", text.encode())
    if module.findings:  # Python 3.11
        assert [found.code for found in module.findings] == ["file-newer-python"]
        return
    assert compose(module.stubs[0], "return x") == (
        "class P[T: int, *U]:\n    def f[V](self, x: V) -> T:\n        return x\n"
    )


SLIPS = {
    "flat": ("a = 1\nreturn a", "a = 1\nreturn a"),
    "all indented": ("    a = 1\n    return a", "a = 1\nreturn a"),
    "tabs": ("\ta = 1\n\tif a:\n\t\treturn a", "a = 1\nif a:\n\treturn a"),
    "first line lost its indentation": ("a = 1\n    return a", "a = 1\nreturn a"),
    "first line opens a block": ("if a:\n    return a", "if a:\n    return a"),
    "first line opens a bracket": ("return [\n    a,\n]", "return [\n    a,\n]"),
    "crlf": ("a = 1\r\nreturn a\r\n", "a = 1\nreturn a"),
    "comment first": ("    # why\n    return a", "# why\nreturn a"),
    "blank lines": ("\n\n    a = 1\n\n    return a\n\n", "a = 1\n\nreturn a"),
    "string at the margin": ('    a = """\nx\n"""\n    return a', 'a = """\nx\n"""\nreturn a'),
    "f-string at the margin": ('    a = f"""\nx{\n1}\n"""\n    return a', 'a = f"""\nx{\n1}\n"""\nreturn a'),
    "does not parse": ("return (", "return ("),
    "unfinished string": ('    a = """\nx', 'a = """\nx'),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("code", "expected"), [pytest.param(*case, id=name) for name, case in SLIPS.items()])
def test_reindented(code: str, expected: str) -> None:
    assert reindented(code, 0) == expected


def test_interface() -> None:
    assert interface(stub(METHOD)) == '@property\ndef v(\n    self,\n) -> int:\n    r"""Doc \\d."""\n    ...'
    assert interface(stub(WHOLE)) == (
        'class P(Base):\n    """Doc."""\n    def a(self):\n        """A."""\n        ...\n\n'
        "    @property\n    def v(self):\n        ...\n\n    @v.setter\n    def v(self, value):\n        ..."
    )


def test_context() -> None:
    text = dedent('''
        from jiti import jiti
        @decorated
        class P(Base):
            """Doc."""
            LIMIT = 3
            def __init__(self):
                self.x = 1
            def other(self):
                """Other."""
                a = 1
                return a
            def short(self): return 1
            class Inner:
                def deep(self):
                    return 1
            @jiti
            def f(self): ...
    ''')
    parsed = parse("a.py", text.encode())
    assert isinstance(parsed, Parsed)
    assert context_text(parsed, stub(text)) == dedent('''
        @decorated
        class P(Base):
            """Doc."""
            LIMIT = 3
            def __init__(self):
                self.x = 1
            def other(self):
                """Other."""
                ...
            def short(self): return 1
            class Inner:
                def deep(self):
                    ...
            @jiti
            def f(self): ...''').lstrip("\n")
    assert context_text(parsed, stub(FUNCTION)) == ""
