"""A committed class of which some methods change and the others stay."""

from textwrap import dedent

import pytest

from jiti_bot.source.discover import discover
from jiti_bot.source.members import digests, interfaces
from jiti_bot.source.model import Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.source.revise import kept, revise


def stub(*methods: str, docstring: str = "Doc.") -> Stub:
    lines = ["from jiti import jiti", "@jiti", "class P:", f'    """{docstring}"""']
    for method in methods:
        lines += [f"    {line}" for line in method.split("\n")] + ["        raise NotImplementedError"]
    return discover("a.py", "\n".join(lines).encode()).stubs[0]


A, B, C = "def a(self) -> int:", "def b(self) -> int:", "def c(self) -> int:"
GETTER = "@property\ndef v(self) -> int:"
SETTER = "@v.setter\ndef v(self, value: int) -> None:"
CODE = dedent("""\
    import math


    # a note
    def _one() -> int:
        return 1


    class P:
        # by hand,   and not as ruff would
        def a(self) -> int:
            return  _one()
            # after all

        def b(self) -> int:
            return math.floor(2.5)
    """)
REORDERED = dedent("""\
    import math


    # a note
    def _one() -> int:
        return 1


    class P:
        def b(self) -> int:
            return math.floor(2.5)

        # by hand,   and not as ruff would
        def a(self) -> int:
            return  _one()
            # after all
    """)
REPLACED = dedent("""\
    import math


    def _one() -> int:
        return 3 - 2


    class P:
        def a(self) -> int:
            return _one()

        def b(self) -> int:
            return math.floor(2.5)
    """)

CASES: dict[str, tuple[Stub, dict[str, str], str, str]] = {
    "nothing": (stub(A, B), {}, "", CODE),
    "the methods in another order": (
        stub(B, A),
        {},
        "",
        REORDERED,
    ),
    "one more": (stub(A, B, C), {"P.c": "return 3"}, "", CODE + "\n    def c(self) -> int:\n        return 3\n"),
    "one written anew": (
        stub(A, B),
        {"P.b": "return 2"},
        "",
        CODE.replace("math.floor(2.5)", "2").removeprefix("import math\n\n\n"),
    ),
    "one gone, with the helper that only it used": (
        stub(B),
        {},
        "",
        "import math\n\n\nclass P:\n    def b(self) -> int:\n        return math.floor(2.5)\n",
    ),
    "helpers added": (
        stub(A, B, C),
        {"P.c": "return _two()"},
        "import math\nimport re\n\ndef _two() -> int:\n    return 2",
        CODE.replace("import math\n", "import math\nimport re\n", 1).replace(
            "class P:", "def _two() -> int:\n    return 2\n\n\nclass P:"
        )
        + "\n    def c(self) -> int:\n        return _two()\n",
    ),
    "a helper in the place of its namesake": (
        stub(A, B),
        {"P.a": "return _one()"},
        "def _one() -> int:\n    return 3 - 2",
        REPLACED,
    ),
}


@pytest.mark.parametrize(("asked", "bodies", "helpers", "after"), CASES.values(), ids=CASES)
def test_revise(asked: Stub, bodies: dict[str, str], helpers: str, after: str) -> None:
    assert revise(asked, CODE, bodies, helpers) == after


def test_kept_methods_are_put_back_as_they_were() -> None:
    tidied = CODE.replace("return  _one()", "return _one()").replace("2.5", "3.5")
    assert kept(stub(A, B), CODE, tidied, {"P.a"}) == CODE.replace("2.5", "3.5")


EDITS = {
    "layout": (CODE.replace("return  _one()", "return (_one())"), set()),
    "a statement": (CODE.replace("return  _one()", "return 2"), {"a"}),
    "a comment above a method": (CODE.replace("by hand", "by a person"), {"a"}),
    "a comment at a method's end": (CODE.replace("after all", "at last"), {"a"}),
    "a helper": (CODE.replace("return 1", "return 2"), {""}),
    "a comment of a helper": (CODE.replace("a note", "another"), {""}),
    "the order": (revise(stub(B, A), CODE, {}), set()),
    "a method of a person's own": (CODE + "\n    def c(self) -> int:\n        return 3\n", {"c"}),
}


@pytest.mark.parametrize(("code", "changed"), EDITS.values(), ids=EDITS)
def test_an_edit_is_known_by_its_part(code: str, changed: set[str]) -> None:
    before, after = (digests(text, syntax_tree(text), "P", ["a", "b"]) for text in (CODE, code))
    assert {name for name in before | after if before.get(name) != after.get(name)} == changed


def test_a_lone_setter_is_no_getter() -> None:
    code = "class P:\n    def v(self, value: int) -> None:\n        self._v = value\n"
    assert set(digests(code, syntax_tree(code), "P", ["v.setter"])) == {"", "v.setter"}
    written = GETTER + "\n    return self._v"
    asked = discover(
        "a.py",
        ("from jiti import jiti\n@jiti\nclass P:\n" + "\n".join(f"    {one}" for one in written.split("\n"))).encode()
        + b"\n    @v.setter\n    def v(self, value: int) -> None: ...\n",
    ).stubs[0]
    assert revise(asked, code, {"P.v.setter": "self._v = -value"}) == code.replace("= value", "= -value")


INTERFACES = {
    "nothing": (stub(A, B), set()),
    "the order": (stub(B, A), set()),
    "a docstring": (stub(A + '\n    """More."""', B), {"a"}),
    "a hint": (stub(A, B + "\n    # by halves"), {"b"}),
    "a signature": (stub(A, "def b(self, by: int) -> int:"), {"b"}),
    "one more": (stub(A, B, C), {"c"}),
    "the class's docstring": (stub(A, B, docstring="Other."), {""}),
}


@pytest.mark.parametrize(("asked", "changed"), INTERFACES.values(), ids=INTERFACES)
def test_interfaces(asked: Stub, changed: set[str]) -> None:
    before, after = dict(interfaces(stub(A, B))), dict(interfaces(asked))
    assert {name for name in before | after if before.get(name) != after.get(name)} == changed
