"""What is a stub, a gate or neither, by syntax alone."""

from textwrap import dedent

import pytest

from jiti_bot.source.discover import discover
from jiti_bot.source.model import GateKind, Kind, Stub
from jiti_bot.source.module import Module


def found(text: str) -> Module:
    return discover("app/text.py", dedent(text).encode())


def only_stub(text: str) -> Stub:
    module = found(text)
    assert module.findings == ()
    (stub,) = module.stubs
    return stub


NOTHING = {
    "empty": "",
    "string": "text = '''\n@jiti\ndef f(): ...\n'''\n",
    "comment": "# from jiti import jiti\n# @jiti\ndef f(): ...\n",
    "unbound": "@jiti\ndef f(): ...\n",
    "other module": "from other import jiti\n@jiti\ndef f(): ...\n",
    "other attribute": "import other as jiti\n@jiti.jiti\ndef f(): ...\n",
    "own definition": "def jiti(f): return f\n@jiti\ndef f(): ...\n",
    "own class": "class jiti: pass\n@jiti\ndef f(): ...\n",
    "rebound": "from jiti import jiti\njiti = print\n@jiti\ndef f(): ...\n",
    "bound later": "@jiti\ndef f(): ...\nfrom jiti import jiti\n",
    "shadowed in a class": "from jiti import jiti\nclass A:\n    jiti = property\n    @jiti\n    def f(self): ...\n",
    "shadowed by a parameter": "from jiti import jiti\ndef f(jiti):\n    @jiti\n    def g(): ...\n",
    "shadowed by a target": "from jiti import jiti\nwith open('x') as jiti:\n    pass\n@jiti\ndef f(): ...\n",
    "abstract": """
        from jiti import jiti
        from abc import ABC, abstractmethod
        class A(ABC):
            @abstractmethod
            def f(self): ...
    """,
    "overload": """
        from jiti import jiti
        from typing import overload
        @overload
        def f(x: int) -> int: ...
        @overload
        def f(x: str) -> str: ...
        def f(x): return x
    """,
    "protocol": """
        from jiti import jiti
        from typing import Protocol
        class P(Protocol):
            def f(self) -> int: ...
    """,
    "plain placeholder": "from jiti import jiti\ndef f():\n    raise NotImplementedError\n",
    "another attribute of jiti": "import jiti\n@jiti.clear\ndef f(): ...\n",
    "call": "from jiti import jiti\njiti.clear()\n",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NOTHING.items()])
def test_is_not_fooled(text: str) -> None:
    module = found(text)
    assert (module.stubs, module.gates, module.findings) == ((), (), ())


SPELLINGS = {
    "from jiti": "from jiti import jiti\n@jiti\n",
    "from jiti as": "from jiti import jiti as stub\n@stub\n",
    "import jiti": "import jiti\n@jiti.jiti\n",
    "import jiti as": "import jiti as j\n@j.jiti\n",
    "from jiti_bot": "from jiti_bot import jiti\n@jiti\n",
    "import jiti_bot": "import jiti_bot\n@jiti_bot.jiti\n",
    "import the runtime": "import jiti_bot.runtime\n@jiti_bot.runtime.jiti\n",
    "from the runtime": "from jiti_bot.runtime import jiti\n@jiti\n",
    "star": "from jiti import *\n@jiti\n",
    "called": "from jiti import jiti\n@jiti()\n",
    "assigned": "from jiti import jiti\nstub = jiti\n@stub\n",
    "assigned twice over": "import jiti\nj = jiti\nstub = j.jiti\n@stub\n",
    "annotated": "from jiti import jiti\nstub: object = jiti\n@stub\n",
    "kept call": "from jiti import jiti, Engine\nfast = jiti(engine=Engine(max_turns=2))\n@fast\n",
    "in try": "try:\n    from jiti import jiti\nexcept ImportError:\n    def jiti(f):\n        return f\n@jiti\n",
    "in except": "try:\n    import fast\nexcept ImportError:\n    from jiti import jiti\n@jiti\n",
    "in if": "if True:\n    from jiti import jiti\n@jiti\n",
    "in with": "with open('x') as f:\n    from jiti import jiti\n@jiti\n",
    "below another decorator": "from jiti import jiti\n@print\n@jiti\n",
    "imported again": "jiti = None\nfrom jiti import jiti\n@jiti\n",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SPELLINGS.items()])
def test_knows_every_spelling(text: str) -> None:
    stub = only_stub(f"{text}def f(x: int) -> int:\n    '''Doc.'''\n    raise NotImplementedError\n")
    assert (stub.unit, stub.kind, stub.docstring) == ("f", Kind.FUNCTION, "Doc.")


BODIES = {
    "ellipsis": "...",
    "pass": "pass",
    "raise": "raise NotImplementedError",
    "raise called": "raise NotImplementedError()",
    "raise with a reason": "raise NotImplementedError('later')",
    "docstring only": "'''Doc.'''",
    "docstring and ellipsis": "'''Doc.'''\n    ...",
    "docstring and raise": "'''Doc.'''\n    raise NotImplementedError",
    "docstring and comment": "'''Doc.'''\n    # how\n    pass",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in BODIES.items()])
def test_empty_bodies(body: str) -> None:
    assert only_stub(f"from jiti import jiti\n@jiti\ndef f():\n    {body}\n").unit == "f"


REAL = {
    "return": "return 1",
    "two placeholders": "...\n    pass",
    "raise another": "raise ValueError",
    "raise from": "raise NotImplementedError from None",
    "computed reason": "raise NotImplementedError(f'{1}')",
    "constant": "1",
    "yield": "yield",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in REAL.items()])
def test_real_bodies_are_told(body: str) -> None:
    module = found(f"from jiti import jiti\n@jiti\ndef f():\n    {body}\n")
    assert [finding.code for finding in module.findings] == ["stub-real-body"]
    assert module.stubs == ()


def test_methods_accessors_and_roles() -> None:
    module = found("""
        from jiti import jiti
        from functools import lru_cache
        class Outer:
            class Parser:
                @jiti
                def parse(self): ...
                @staticmethod
                @jiti
                def make(): ...
                @classmethod
                @jiti
                async def load(cls): ...
                @property
                @jiti
                def v(self): ...
                @v.setter
                @jiti
                def v(self, value): ...
                @v.deleter
                @jiti
                def v(self): ...
                @lru_cache(8)
                @jiti
                def cached(self): ...
    """)
    assert module.findings == ()
    start = "Outer.Parser"
    assert [(stub.unit.removeprefix(start), stub.name, stub.role, stub.decorators) for stub in module.stubs] == [
        (".parse", "parse", "", ()),
        (".make", "make", "staticmethod", ("staticmethod",)),
        (".load", "load", "classmethod", ("classmethod",)),
        (".v", "v", "property", ("property",)),
        (".v.setter", "v", "setter", ("v.setter",)),
        (".v.deleter", "v", "deleter", ("v.deleter",)),
        (".cached", "cached", "", ("lru_cache(8)",)),
    ]
    assert all(stub.owners == ("Outer", "Parser") and stub.kind is Kind.METHOD for stub in module.stubs)
    assert [stub.is_async for stub in module.stubs].count(True) == 1


def test_class_stub_with_members() -> None:
    stub = only_stub('''
        from jiti import jiti
        from abc import abstractmethod
        @jiti
        class Stack:
            """A stack.

            >>> Stack().size
            0
            """
            # a list inside
            limit: int = 3
            def __init__(self):
                self.items = []
            def push(self, item):
                """Push."""
                # append
                ...
            @property
            def size(self) -> int:
                raise NotImplementedError
            @size.setter
            def size(self, value: int) -> None: ...
            @abstractmethod
            def shape(self): ...
            def real(self):
                return 1
    ''')
    assert (stub.kind, stub.unit, stub.hints) == (Kind.CLASS, "Stack", ("a list inside",))
    assert [(member.unit, member.hints) for member in stub.members] == [
        ("Stack.push", ("append",)),
        ("Stack.size", ()),
        ("Stack.size.setter", ()),
    ]


def test_a_method_of_its_own_inside_a_class_stub() -> None:
    module = found("""
        from jiti import jiti
        @jiti
        class A:
            def f(self): ...
            @print
            @jiti
            def g(self): ...
    """)
    assert module.findings == ()
    assert {stub.unit: [member.unit for member in stub.members] for stub in module.stubs} == {
        "A": ["A.f"],
        "A.g": [],
    }


EXCLUSIVE = {
    "if and else": "if X:\n    def f(): return 1\nelse:\n    @jiti\n    def f(): ...\n",
    "elif": "if X:\n    @jiti\n    def f(): ...\nelif Y:\n    def f(): return 1\n",
    "try and except": "try:\n    def f(): return 1\nexcept E:\n    @jiti\n    def f(): ...\n",
    "match": "match X:\n    case 1:\n        def f(): return 1\n    case _:\n        @jiti\n        def f(): ...\n",
    "two ifs": "if X:\n    def f(): return 1\nif not X:\n    @jiti\n    def f(): ...\n",
    "imported": "try:\n    from fast import f\nexcept ImportError:\n    @jiti\n    def f(): ...\n",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in EXCLUSIVE.items()])
def test_exclusive_branches_may_share_a_name(text: str) -> None:
    assert only_stub(f"from jiti import jiti\n{text}").unit == "f"


def test_methods_of_classes_in_exclusive_branches_may_share_a_name() -> None:
    text = (
        "if X:\n    class P:\n        def f(self): return 1\nelse:\n    @jiti\n    class P:\n        def f(self): ...\n"
    )
    assert only_stub(f"from jiti import jiti\n{text}").unit == "P"
    later = "if X:\n    class P:\n        if Y:\n            @jiti\n            def f(self): ...\n"
    found = discover("a.py", f"from jiti import jiti\n{later}        def f(self): return 1\n".encode()).findings
    assert [one.code for one in found] == ["duplicate-overridden"]


def test_companions_are_no_duplicates() -> None:
    stub = only_stub("""
        from jiti import jiti
        from typing import overload
        class A:
            @overload
            def f(self, x: int) -> int: ...
            @overload
            def f(self, x: str) -> str: ...
            @jiti
            def f(self, x): ...
    """)
    assert stub.overloads == (
        "@overload\ndef f(self, x: int) -> int: ...",
        "@overload\ndef f(self, x: str) -> str: ...",
    )


def test_header_docstring_and_hints_as_written() -> None:
    stub = only_stub('''
        from jiti import jiti
        class A:
            @jiti
            def f(
                self,  # the parser: itself
                key=lambda x: {1: x}, *,
                text: str = """a:
        b""",
            ) -> "dict[str, int]":  # noqa: E501
                # first
                r"""Doc \\d.

                    More.
                Less.
                """

                #second
                # type: ignore
                raise NotImplementedError
                # third
            # not ours
            x = 1
    ''')
    assert stub.header == (
        "def f(\n    self,  # the parser: itself\n    key=lambda x: {1: x}, *,\n"
        '    text: str = """a:\nb""",\n) -> "dict[str, int]":'
    )
    assert stub.docstring == "Doc \\d.\n\n    More.\nLess."
    assert stub.docstring_source == 'r"""Doc \\d.\n\n    More.\nLess.\n"""'
    assert stub.hints == ("first", "second", "third")
    assert stub.end_line > stub.body_lines[0] > stub.line


def test_one_liner() -> None:
    stub = only_stub("from jiti import jiti\n@jiti\ndef f() -> dict[str, int]: ...  # trailing\n")
    assert (stub.header, stub.body_lines, stub.hints) == ("def f() -> dict[str, int]:", (3, 3), ())


def test_generators_by_annotation() -> None:
    module = found("""
        from jiti import jiti
        from collections.abc import Iterator, AsyncIterator
        import typing as t
        @jiti
        def a() -> Iterator[int]: ...
        @jiti
        async def b() -> AsyncIterator[int]: ...
        @jiti
        def c() -> "t.Generator[int]": ...
        @jiti
        def d() -> AsyncIterator[int]: ...
        @jiti
        def e() -> list[int]: ...
    """)
    assert [stub.is_generator for stub in module.stubs] == [True, True, True, False, False]


def test_gates() -> None:
    module = found('''
        import jiti
        from jiti import jiti as stub
        from app import f, Parser
        import pytest
        @stub.required_for(f)
        def test_a():
            assert f() == 1
        @jiti.required_for(Parser.parse)
        @stub.required_for(f)
        def test_b() -> None:
            """Says what to test."""
            ...
        class TestC:
            @jiti.jiti.required_for(target=f)
            @pytest.mark.parametrize("x", [1])
            def test_d(self, x):
                assert x
        @stub.required_for(f, Parser.parse)
        class TestE:
            def test_f(self):
                assert f
    ''')
    assert module.findings == ()
    assert [(gate.name, gate.kind, [str(target) for target in gate.targets]) for gate in module.gates] == [
        ("test_a", GateKind.HUMAN, ["f"]),
        ("test_b", GateKind.TEST, ["Parser.parse", "f"]),
        ("TestC.test_d", GateKind.HUMAN, ["f"]),
        ("TestE", GateKind.HUMAN, ["f", "Parser.parse"]),
    ]
    assert [(stub.unit, stub.kind, stub.uses) for stub in module.stubs] == [
        ("test_b", Kind.TEST, ("Parser.parse", "f"))
    ]


DOCTESTS = {
    "self-contained": (">>> f(1)\n1", True),
    "defines what it uses": (">>> x = 2\n>>> f(x)\n2", True),
    "imports what it uses": (">>> import math\n>>> f(math.pi)\n3", True),
    "uses the host": (">>> f(LIMIT)\n3", True),
    "uses builtins and prompt": (">>> sorted([2, 1])\n[1, 2]\n>>> print(_)\n[1, 2]", True),
    "several lines": (">>> for i in range(2):\n...     print(f(i))\n0\n1", True),
    "comprehension and lambda": (">>> [y for y in [1]] and (lambda z: z)(1)\n1", True),
    "wants a syntax error": (">>> f(\nTraceback (most recent call last):\nSyntaxError: x\n>>> f(1)\n1", True),
    "unknown name": (">>> f(client)\n1", False),
    "one unknown among known": (">>> f(1)\n1\n>>> f(client)\n1", False),
    "skipped unknown": (">>> f(client)  # doctest: +SKIP\n1\n>>> f(1)\n1", True),
}


@pytest.mark.parametrize(("doc", "runs"), [pytest.param(*case, id=name) for name, case in DOCTESTS.items()])
def test_doctests(doc: str, runs: bool) -> None:
    doc = doc.replace("\n", "\n    ")
    module = found(f'from jiti import jiti\nLIMIT = 3\n@jiti\ndef f(n):\n    """Doc.\n\n    {doc}\n    """\n    ...\n')
    assert module.findings == ()
    assert [(doctest.unit, doctest.runs) for doctest in module.doctests] == [("f", runs)]


@pytest.mark.parametrize("doc", ["Doc.", "a >>> b", ">>> f(x)  # doctest: +SKIP", ">>>"])
def test_no_doctests(doc: str) -> None:
    assert found(f'from jiti import jiti\n@jiti\ndef f(n):\n    """{doc}"""\n    ...\n').doctests == ()


def test_engine_and_uses_at_the_decorator() -> None:
    stub = only_stub("""
        from jiti import jiti, Engine
        def g(): return 1
        class C: pass
        @jiti(uses=[g, C.method], engine=Engine(model="m", max_usd=0.5, test_paths=["tests"]))
        def f(): ...
    """)
    assert stub.uses == ("g", "C.method")
    assert stub.engine is not None
    assert stub.engine.values == (("model", "m"), ("max_usd", 0.5), ("test_paths", ("tests",)))
    assert (stub.engine.file, stub.engine.line) == ("app/text.py", 5)


ENCODINGS = {
    "byte order mark": b"\xef\xbb\xbf" + "from jiti import jiti\n@jiti\ndef f(ä='ö'): ...\n".encode(),
    "crlf": "from jiti import jiti\r\n@jiti\r\ndef f(ä='ö'):\r\n    ...\r\n".encode(),
    "cr": "from jiti import jiti\r@jiti\rdef f(ä='ö'):\r    ...\r".encode(),
    "cookie": "# coding: latin-1\nfrom jiti import jiti\n@jiti\ndef f(ä='ö'): ...\n".encode("latin-1"),
    "cookie in line two": (
        "#!/x\n# vim: set fileencoding=cp1252 :\nfrom jiti import jiti\n@jiti\ndef f(ä='ö'): ...\n"
    ).encode("cp1252"),
    "form feed": "from jiti import jiti\n\x0c\n@jiti\ndef f(ä='ö'): ...\n".encode(),
    "no final newline": "from jiti import jiti\n@jiti\ndef f(ä='ö'): ...".encode(),
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in ENCODINGS.items()])
def test_encodings_and_line_ends(data: bytes) -> None:
    module = discover("a.py", data)
    assert module.findings == ()
    assert [stub.header for stub in module.stubs] == ["def f(ä='ö'):"]


def test_prefilter() -> None:
    assert discover("a.py", b"this is no Python").findings == ()
    assert discover("a.py", b"this is no Python", prefilter=False).findings != ()
