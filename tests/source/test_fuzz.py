"""Whatever stands in a file, reading it ends in values: never in an exception."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.source.discover import discover
from jiti_bot.source.index import Index
from tests.source.trees import MemoryTree, root_store

LINES = st.sampled_from(
    [
        "from jiti import jiti",
        "import jiti",
        "import jiti as stub",
        "from . import b",
        "from b import *",
        "from a import f",
        "@jiti",
        "@jiti.jiti",
        "@jiti(uses=[f, g.h])",
        "@jiti(engine=E)",
        "E = jiti.Engine(model='m')",
        "jiti = stub",
        "@jiti.required_for(f)",
        "@jiti.required_for(A.f)",
        "@property",
        "@f.setter",
        "@overload",
        "def f(x, y=1): ...",
        "async def f(x) -> int:",
        "class A:",
        "class A(B, f.C):",
        "class B(A): pass",
        "if x:",
        "else:",
        "try:",
        "except E:",
        "finally:",
        "with x as f:",
        "for f in x:",
        "match f:",
        "case {'a': f, **g}:",
        "'''Doc.'''",
        '"""',
        ">>> f(1)",
        "...",
        "pass",
        "raise NotImplementedError",
        "return f",
        "# hint",
        "f = g = f",
        "f: int = lru_cache(f)",
        "x = (y := 1)",
        "",
        "del f",
        "global f",
        "type T = f",
        "def g[T](x: T): ...",
        "\\",
        "(",
        ")",
        "lambda: f",
        "f'{f!r:>{x}}'",
    ]
)
PROGRAMS = st.lists(st.tuples(st.integers(0, 3), LINES), max_size=25).map(
    lambda lines: "\n".join("    " * depth + line for depth, line in lines)
)
STARTS = st.sampled_from([b"jiti", b"import jiti\n", b"# coding: utf-7\n#jiti\n", b"\xef\xbb\xbfjiti"])
# Whole blocks, so that most of these programs parse.
BLOCKS = st.sampled_from(
    [
        "@jiti\ndef f(x): ...",
        "@jiti(uses=[f, A.m])\ndef g(): pass",
        "class A(B):\n    @jiti\n    def m(self): ...",
        "class B(A):\n    @property\n    @jiti\n    def v(self): ...",
        "f = g",
        "g = f",
        "A = B",
        "B = A",
        "f = wrap(g)",
        "@jiti.required_for(f)\ndef test_f(x): assert f(g, A.m)",
        "@jiti.required_for(A)\nclass TestA(A):\n    x = f",
        "@jiti.required_for(A.m)\ndef test_m(self): ...",
        "from a import *",
        "from b import *",
        "from . import a as f",
        "import a.b.c",
        "from .b import f as A",
        "if f:\n    @jiti\n    def f(): ...",
        "@jiti\nclass A(A):\n    def m(self): ...",
        "try:\n    import f\nexcept E as A:\n    from a import A",
        "E = jiti.Engine(model=f)",
        "@jiti(engine=E)\ndef h(): ...",
        "@pytest.fixture(autouse=True)\ndef x(x, f): return x",
        "pytest_plugins = ['a', 'b', 'a.b']",
        "pytestmark = [f(A)]",
        "@jiti\ndef F(): '''>>> f(A)'''",
        "def f(jiti):\n    @jiti\n    def f(): ...",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    start=st.sampled_from([b"jiti", b"import jiti\n", b"# coding: utf-7\n#jiti\n", b"\xef\xbb\xbfjiti"]),
    data=st.binary(),
)
def test_any_bytes(start: bytes, data: bytes) -> None:
    module = discover("a.py", start + data)
    assert module.readable or len(module.findings) == 1


def judge(one: str, other: str) -> None:
    tree = MemoryTree(
        {"a.py": f"from jiti import jiti\n{one}\n", "b.py": f"import jiti\nfrom jiti import jiti\n{other}\n"}
    )
    found = Index(tree, store_of=root_store)
    findings = found.findings()
    assert all(finding.file in {"a.py", "b.py"} and finding.line >= 1 and finding.remedy for finding in findings)
    specs = found.specs()
    if not any(finding.code == "duplicate-stub" for finding in findings):
        assert len({spec.key for spec in specs}) == len(specs)
    assert set(found.gates()) == {gate for spec in specs for gate in spec.gates}


@settings(max_examples=200, deadline=None)
@given(one=PROGRAMS, other=PROGRAMS)
def test_any_lines(one: str, other: str) -> None:
    judge(one, other)


@settings(max_examples=300, deadline=None)
@given(one=st.lists(BLOCKS, max_size=8).map("\n".join), other=st.lists(BLOCKS, max_size=8).map("\n".join))
def test_any_blocks(one: str, other: str) -> None:
    judge(one, other)
