"""A project to change, and hypothesis's programs to reformat."""

from textwrap import dedent

from hypothesis import strategies as st

HOST = dedent('''\
    import functools
    import re
    from jiti import jiti
    from tools import helper, other_helper


    @jiti(uses=[helper])
    def free(a: int, b=1) -> str:
        """Free.

        >>> free(1)
        '1'
        """
        # free hint
        raise NotImplementedError


    @decorated
    class P(Base):
        LIMIT = 3
        size: int

        def __init__(self, x):
            self.x = x

        def written(self):
            return 1

        @functools.lru_cache(1)
        @jiti
        def m(self, a: int) -> int:
            """Method."""
            # method hint
            ...
''')
TOOLS = dedent('''\
    def helper(x: int) -> int:
        """Help."""
        return x


    def other_helper(x: int) -> int:
        return x
''')
TESTS = dedent("""\
    from jiti import jiti
    from host import free, P

    CASES = [1, 2]


    @jiti.required_for(free)
    def test_free():
        assert [free(case) for case in CASES] == ["1", "2"]


    @jiti.required_for(P.m)
    def test_m():
        assert P(1).m(1) == 1
""")
FILES = {"host.py": HOST, "tools.py": TOOLS, "test_host.py": TESTS}

# name -> file, old text, new text, the parts of (free, P.m) that this changes.
Edit = tuple[str, str, str, set[str], set[str]]
EDITS: dict[str, Edit] = {
    "parameter's name": ("host.py", "free(a: int", "free(z: int", {"signature"}, set()),
    "annotation": ("host.py", "free(a: int, b=1", "free(a: str, b=1", {"signature"}, set()),
    "return annotation": ("host.py", ") -> str:", ") -> bytes:", {"signature"}, set()),
    "async": ("host.py", "def free", "async def free", {"signature"}, set()),
    "role": ("host.py", "    @functools", "    @classmethod\n    @functools", set(), {"signature"}),
    "docstring": ("host.py", "Free.", "Freely.", {"docstring"}, set()),
    "example": ("host.py", ">>> free(1)", ">>> free(2)", {"docstring"}, set()),
    "method's docstring": ("host.py", "Method.", "A method.", set(), {"docstring"}),
    "hint": ("host.py", "# free hint", "# another hint", {"hints"}, set()),
    "method's hint": ("host.py", "# method hint", "# another hint", set(), {"hints"}),
    "decorator": ("host.py", "lru_cache(1)", "lru_cache(2)", set(), {"decorators"}),
    "class's decorator": ("host.py", "@decorated", "@otherwise", set(), {"context"}),
    "base": ("host.py", "P(Base)", "P(Base, Mixin)", set(), {"context"}),
    "class's value": ("host.py", "LIMIT = 3", "LIMIT = 4", set(), {"context"}),
    "class's annotation": ("host.py", "size: int", "size: float", set(), {"context"}),
    "written __init__": ("host.py", "self.x = x", "self.x = x + 1", set(), {"context"}),
    "other method": ("host.py", "return 1", "return 2", set(), set()),
    "import": ("host.py", "import re\n", "import os\n", set(), set()),
    "placeholder": ("host.py", "raise NotImplementedError", "...", set(), set()),
    "used signature": ("tools.py", 'x: int) -> int:\n    """', 'x: str) -> int:\n    """', {"uses"}, set()),
    "used docstring": ("tools.py", "Help.", "Helps.", {"uses"}, set()),
    "used body": ("tools.py", '"""\n    return x', '"""\n    return 1', set(), set()),
    "gate": ("test_host.py", '["1", "2"]', '["1", "3"]', {"gates"}, set()),
    "gate's values": ("test_host.py", "CASES = [1, 2]", "CASES = [1]", {"gates"}, set()),
    "method's gate": ("test_host.py", ".m(1) == 1", ".m(1) == 2", set(), {"gates"}),
}  # fmt: skip

_names = st.sampled_from(["alpha", "beta", "gamma", "x1", "größe"])
_values = st.sampled_from([
    "1", "0XFF", "1E5", "'a'", '"it\'s"', "u'u'", "B'b'", "F'{ 1 }'", "(1, 2)", "[ 1,2 ]", "{'k' : [1]}",
    "lambda  a :a", "not  None", "-1", "(1)", "'a' 'b'", "...", "x [1 : 2]",
])  # fmt: skip
_annotations = st.sampled_from(["int", "'str'", "dict [str,int]", "(int |None)", "tuple[int, ...]"])
_words = st.text(st.sampled_from("abc .,'`*-ä{}%"), min_size=1, max_size=60).filter(
    lambda text: text.strip() and not text.startswith(("'", "`")) and "::" not in text
)
_comments = st.text(st.sampled_from("abc .,'\"-ä"), min_size=1, max_size=20).filter(lambda text: text.strip())


@st.composite
def _parameters(draw: st.DrawFn) -> str:
    names = draw(st.lists(_names, unique=True, max_size=4))
    parts: list[str] = []
    for number, name in enumerate(names):
        annotation = f" :{draw(_annotations)}" if draw(st.booleans()) else ""
        default = f"={draw(_values)}" if number >= len(names) // 2 else ""
        parts.append(f"{name}{annotation}{default}")
    if parts and draw(st.booleans()):
        parts.insert(0, "first")
        parts.insert(1, "/")
    if parts and draw(st.booleans()):
        parts.append("*rest" if draw(st.booleans()) else "*, last")
    return ", ".join(parts) + (" ," if parts and draw(st.booleans()) else "")


@st.composite
def _docstring(draw: st.DrawFn, indent: str) -> str:
    quotes = draw(st.sampled_from(['"""', "'''"]))
    unquoted = _words.map(lambda text: text.replace("'", "") or "a") if "'" in quotes else _words
    lines = draw(st.lists(unquoted, min_size=1, max_size=4))
    margins = [draw(st.sampled_from(["", "", "    ", "  "])) for _ in lines]
    more = [f"{indent}{margin}{line}" if line.strip() else "" for margin, line in zip(margins, lines, strict=True)]
    text = lines[0].strip() + "  \n\n" * (len(more) > 1) + "\n".join(more[1:])
    if draw(st.booleans()):
        text += f"\n\n{indent}>>> free( 1,2 )\n{indent}1"
    return f"{indent}{quotes}{text}\n{indent}{quotes}" if "\n" in text else f"{indent}{quotes}{text} {quotes}"


@st.composite
def _stub(draw: st.DrawFn, name: str, indent: str = "") -> str:
    inner = indent + "    "
    lines = [f"{indent}@ jiti", f"{indent}def {name}({draw(_parameters())}) -> {draw(_annotations)} :"]
    if draw(st.booleans()):
        lines.append(draw(_docstring(inner)))
    lines += [f"{inner}#{comment}" for comment in draw(st.lists(_comments, max_size=2))]
    lines.append(
        inner + draw(st.sampled_from(["...", "pass", "raise NotImplementedError", "raise NotImplementedError ( )"]))
    )
    return "\n".join(lines)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A module with a function, a method and a gate, written as carelessly as people do."""
    value = draw(_values)
    return "\n".join(
        (
            "from jiti import jiti",
            draw(_stub("free")),
            f"class P( object ) :\n    LIMIT = {value}\n    def __init__( self ): del (self.a, self.b)",
            draw(_stub("m", "    ")),
            f"CASES = ( {value}, )",
            "@jiti.required_for( free )\ndef test_free ( ) :",
            draw(_docstring("    ")),
            f"    for case in ( CASES ) : assert ( free( case,{value} ) ) , 'x'  # why",
            "",
        )
    )
