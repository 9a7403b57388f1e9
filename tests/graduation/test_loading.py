"""What a committed file may not become part of its module with, or not share with others, as tables."""

from textwrap import dedent

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import Part, Place, fold_all, prepare
from jiti_bot.graduation.meet import Guest, settle

HOST = """\
from jiti import jiti

ABOVE = 1


class Tree:
    @jiti
    def walk(self): ...


@jiti
def f(x): ...


def last():
    return first


BELOW = 2
"""
WALK = "\nclass Tree:\n    def walk(self):\n        return _help\n"
F = "\ndef f(x):\n    return _help\n"


def merged(host: str, **units: str) -> str:
    prepared = prepare(host)
    guests = []
    for name, text in units.items():
        *owners, plain = name.split("_")
        stub = prepared.anatomy.find(plain, owners)
        assert stub is not None
        part = Part(Place(plain, tuple(owners)), dedent(text).lstrip("\n"), f"{plain}.py")
        guests.append(Guest(part, stub.near, stub.is_conditional))
    return fold_all(prepared, settle(host, guests)).text


EARLY = {
    "a constant": ("_help = BELOW + 1", "BELOW"),
    "an annotation": ("def _help(tree: Tree) -> None: ...", "Tree"),
    "a default": ("def _help(tree=lambda x=Tree: x): ...", "Tree"),
    "a base": ("class _help(Tree): ...", "Tree"),
    "an attribute of a class": ("class _help:\n    size = BELOW", "BELOW"),
    "a decorator": ("@last\ndef _help(): ...", "last"),
    "a call": ("def _make():\n    return _deep()\ndef _deep():\n    return BELOW\n_help = _make()", "BELOW"),
    "itself": ("_help = Tree.walk", "Tree"),
    "what makes an instance": ("class _Make:\n def __init__(self): self.n = BELOW\n_help = _Make()", "BELOW"),
    "what a base does": ("class _A:\n def __new__(cls): BELOW\nclass _B(_A): ...\n_help = _B()", "BELOW"),
    "a method that is called": ("class _Make:\n def g(self): BELOW\n_help = _Make().g()", "BELOW"),
    "a method of an object": ("class _Make:\n def g(self): BELOW\n_it = _Make()\n_help = _it.g()", "BELOW"),
    "a default of a field": ("class _Make:\n n = field(default_factory=lambda: BELOW)\n_help = _Make()", "BELOW"),
    "what is mapped": ("def _one(v): return BELOW\n_help = list(map(_one, [1]))", "BELOW"),
    "a key": ("def _one(v): return BELOW\n_help = sorted([2, 1], key=_one)", "BELOW"),
    "a key on the spot": ("_help = sorted([2, 1], key=lambda v: v + BELOW)", "BELOW"),
    "a lambda": ("_one = lambda: BELOW\n_help = _one()", "BELOW"),
    "one of a table": ("def _one(): return BELOW\n_all = {'one': _one}\n_help = _all['one']()", "BELOW"),
    "one that is kept": ("def _one(v): return BELOW\n_all = partial(_one, 1)\n_help = _all()", "BELOW"),
    "a function by another name": ("def _one(): return BELOW\ndef _do():\n it = _one\n it()\n_help = _do()", "BELOW"),
    "a decorator that is called": ("def _do(n): return lambda g: BELOW\n@_do(1)\ndef _help(): ...", "BELOW"),
    "a class that is derived": (
        "class _A:\n def __init_subclass__(cls): BELOW\nclass _B(_A): ...\nclass _help(_B): ...",
        "BELOW",
    ),
    "a metaclass": (
        "class _Meta(type):\n def __init__(*args): BELOW\nclass _help(metaclass=_Meta): ...",
        "BELOW",
    ),
}


@pytest.mark.parametrize("name", EARLY)
def test_what_is_defined_only_below_is_not_there_when_the_module_is_loaded(name: str) -> None:
    helper, missing = EARLY[name]
    with pytest.raises(StoreError, match=f"needs {missing} while the module is loaded") as caught:
        merged(HOST, Tree_walk=helper + WALK)
    assert caught.value.where is not None
    assert caught.value.where.startswith("walk.py:")


LATE = {
    "in a function": "def _help(tree):\n    return Tree, BELOW, last, f",
    "in a lambda": "_help = lambda: BELOW",
    "a quoted annotation": "def _help(tree: 'Tree') -> 'Tree': ...",
    "a table of functions": "def _one():\n    return BELOW\n_help = {'one': _one}",
    "what is above": "_help = ABOVE + len([BELOW for BELOW in ()])",
    "names of its own": "BELOW = 3\n_help = BELOW",
    "a parameter": "def _make(BELOW):\n    return BELOW\n_help = _make(1)",
    "a method": "class _help:\n    def g(self):\n        return Tree",
    "a method of an object": "class _Make:\n    def g(self):\n        return Tree\n_help = _Make()",
    "a class that is derived": "class _A:\n    def __init__(self):\n        BELOW\nclass _help(_A): ...",
    "what is kept": "from functools import partial\ndef _one():\n    return BELOW\n_help = partial(_one)",
    "a table in a call": "def _one():\n    return BELOW\n_help = list({'one': _one})",
    "a table that is asked": "def _one():\n    return BELOW\n_all = {'one': _one}\n_help = sorted(_all), _all.keys()",
    "a default to come": "from collections import defaultdict\n_help = defaultdict(lambda: BELOW)",
    "a variable of a comprehension": "def _make():\n    return [BELOW for BELOW in 'ab']\n_help = _make()",
    "a parameter of a lambda": "def _make():\n    return lambda BELOW: BELOW\n_help = _make()",
}


@pytest.mark.parametrize("name", LATE)
def test_what_is_needed_later_is_there(name: str) -> None:
    text = merged(HOST, Tree_walk=LATE[name] + WALK)
    names: dict[str, object] = {}
    exec(compile(text.replace("@jiti\n", ""), "host.py", "exec"), names)


def test_annotations_that_are_not_evaluated_need_nothing() -> None:
    host = f"from __future__ import annotations\n{HOST}"
    assert "def _help(tree: Tree) -> None: ..." in merged(host, Tree_walk="def _help(tree: Tree) -> None: ..." + WALK)


MEMORIES = {
    "a default": "def _help(x, seen=[]):\n    return seen",
    "a default by name": "def _help(x, *, seen={}):\n    return seen",
    "an attribute of a class": "class _help:\n    seen = {}",
    "an attribute of a class, called": "class _help:\n    seen = list()",
    "an attribute that a method counts": "class _help:\n    @classmethod\n    def up(cls):\n        cls.n = 1",
    "an attribute that is counted": "class _help:\n    n = 0\ndef _up():\n    _help.n += 1",
}


@pytest.mark.parametrize("name", MEMORIES)
def test_what_remembers_is_not_shared(name: str) -> None:
    text = merged(HOST, Tree_walk=MEMORIES[name] + WALK, f=MEMORIES[name] + F)
    assert "return _f_help" in text


def test_what_remembers_nothing_is_shared() -> None:
    helper = "class _help:\n    __slots__ = ('a',)\n    limit: int = 3\n    def g(self, a=None):\n        self.a = a"
    text = merged(HOST, Tree_walk=helper + WALK, f=helper + F)
    assert text.count("class _help") == 1
