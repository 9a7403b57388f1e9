"""Classes that are made twice: which these are, and how committed methods name them."""

import ast
from textwrap import dedent
from typing import Any

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.remade import remade, spelled

HOSTS = {
    "class A:\n    def f(self): ...": "",
    "@dataclass\nclass A:\n    def f(self): ...": "",
    "@dataclass(slots=False)\nclass A:\n    def f(self): ...": "",
    "@dataclass(slots=True)\nclass A:\n    def f(self): ...": "A",
    "@dc.dataclass(frozen=True, slots=SLOTS)\nclass A(B):\n    def f(self): ...": "A",
    "if x:\n    @data(slots=True)\n    class A:\n        def f(self): ...": "A",
    "class A:\n    @dataclass(slots=True)\n    class B:\n        def f(self): ...": "A.B",
    "@dataclass(slots=True)\nclass A:\n    class B:\n        def f(self): ...": "",
    "class A(NamedTuple):\n    def f(self): ...": "A",
    "class A(typing.NamedTuple):\n    def f(self): ...": "A",
    "def f(self): ...": "",
}


@pytest.mark.parametrize(("host", "owner"), HOSTS.items())
def test_which_classes(host: str, owner: str) -> None:
    assert remade(ast.parse(host), host.count("\n") + 1) == (owner, "Tuple" in host)


UNIT = """
from m import _help


def _same(self):
    return super(), __class__


class A:
    def g(self):
        return super().g()

    class B:
        def f(this, other, /):
            # super() stays
            more = f"{super().f()!r} {__class__.__name__}", super(

            ).g
            return super(C, this), this.__class__, "super()", (lambda x: super().f), more

        @classmethod
        def h(cls, super=1):
            class D:
                def f(self): return super().f(__class__)

            def inner(): return __class__
            return [super().h() for _ in ()]
"""
SPELLED = """
from m import _help


def _same(self):
    return super(), __class__


class A:
    def g(self):
        return super().g()

    class B:
        def f(this, other, /):
            # super() stays
            more = f"{super(A.B, this).f()!r} {A.B.__name__}", super(A.B, this).g
            return super(C, this), this.__class__, "super()", (lambda x: super(A.B, x).f), more

        @classmethod
        def h(cls, super=1):
            class D:
                def f(self): return super().f(__class__)

            def inner(): return A.B
            return [super(A.B, cls).h() for _ in ()]
"""


def test_the_class_is_named() -> None:
    assert spelled(UNIT, "A.B") == SPELLED
    assert spelled(SPELLED, "A.B") == SPELLED
    assert spelled(UNIT, "") == UNIT


@pytest.mark.parametrize(
    ("owner", "body"),
    [
        ("A", "def f(self, A): return super().f()"),
        ("A", "def f(self):\n        A = 1\n        return __class__"),
        ("__A", "def f(self): return super().f()"),
    ],
)
def test_what_hides_it_is_told(owner: str, body: str) -> None:
    with pytest.raises(StoreError, match="made twice") as caught:
        spelled(f"class {owner}:\n    {body}\n", owner, "x.py")
    assert caught.value.where == "x.py:2"
    assert spelled(f"class {owner}:\n    def f(self, A): return self\n", owner)


def test_no_super_in_a_named_tuple() -> None:
    with pytest.raises(StoreError, match="A is a NamedTuple") as caught:
        spelled("class A:\n    def f(self):\n        return super().f()\n", "A", "x.py", is_tuple=True)
    assert caught.value.where == "x.py:3"


def test_it_works_as_plain_python() -> None:
    text = """
        from dataclasses import dataclass
        from typing import NamedTuple

        @dataclass(slots=True)
        class A:
            x: int
            def f(self): return self.x

        @dataclass(slots=True)
        class B(A):
            def f(self): return super().f() + 1

        class C(B):
            def f(self): return super().f() + 1

        class P(NamedTuple):
            x: int
            def f(self): return __class__.__name__
    """
    text = spelled(spelled(dedent(text), "B"), "P", is_tuple=True)
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(text, "x.py", "exec"), names)
    assert names["C"](1).f() == 3
    assert names["P"](1).f() == "P"
