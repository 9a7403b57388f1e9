"""Which small changes are made of an accepted body, and which are not."""

import ast
from dataclasses import replace

import pytest

from jiti_bot.source.model import Kind
from jiti_bot.validation.mutants import mutants
from tests.validation.specs import stub

NONE: dict[str, str] = {
    "nothing that could be changed": "x = text",
    "a docstring, which is not code": '"""More than 3."""\nreturn None',
    "the message of an exception": "",
    "logging": "logging.debug('n = %d', 7)\nprint(3)",
    "what is empty already": "return []",
    "a truth": "x = True\nreturn ''",
    "an annotation": "x: list[3] = y",
    "words for people": "return ''\nf'{3}'",
}
CHANGED: dict[str, tuple[str, list[str]]] = {
    "comparisons": ("x = a < b", ["`a < b` -> `a <= b`"]),
    "a chain of them": ("x = 0 <= a", ["`0 <= a` -> `0 < a`", "`0` -> `1`"]),
    "membership": ("x = a not in b", ["`a not in b` -> `a in b`"]),
    "both into either": ("x = a and b", ["`a and b` -> `a or b`"]),
    "a negation": ("x = not a", ["`not a` -> `a`"]),
    "a condition": ("if a:\n    pass", ["`a` -> `not a`"]),
    "a number": ("x = b[2:]", ["`2` -> `3`"]),
    "a returned value": ("return a + b", ["`a + b` -> `None`"]),
    "a returned list": ("return [a for a in b]", ["`[a for a in b]` -> `[]`"]),
    "a call for its effect": ("a.append(b)", ["without `a.append(b)`"]),
    "an attribute that is set": ("a.b = c", ["without `a.b = c`"]),
    "an exception": ("raise ValueError(f'{3} is too much')", ["without `raise ValueError(f'{3} is too much')`"]),
    "in a handler": ("try:\n    a = b\nexcept KeyError:\n    a = 1", ["`1` -> `2`"]),
    "in a branch of match": ("match a:\n    case 1:\n        return b", ["`b` -> `None`"]),
    "one of each line first": (
        "x = 1 < a\nreturn b",
        ["`1 < a` -> `1 <= a`", "`b` -> `None`", "`1` -> `2`"],
    ),
    "beside letters of several bytes": ("x = 'é' + y[1]", ["`1` -> `2`"]),
    "a long one": ("return " + " + ".join("abcdefghij" * 3), [f"`{' + '.join('abcdefghij' * 3)[:57]}...` -> `None`"]),
}


def _made(body: str, most: int = 99) -> list[str]:
    text = "_LIMIT = 5\n\n\ndef f(x=3):\n" + "".join(f"    {line}\n" for line in (body or "pass").split("\n"))
    found = mutants(text, stub("def f(x=3):"), most)
    for one in found:
        assert ast.dump(ast.parse(one.text)) != ast.dump(ast.parse(text))
        assert one.text.startswith("_LIMIT = 5\n\n\ndef f(x=3):\n")
        assert one.line > 4
    return [str(one) for one in found]


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_no_change(body: str) -> None:
    assert _made(body) == []


@pytest.mark.parametrize(("body", "changes"), CHANGED.values(), ids=CHANGED)
def test_change(body: str, changes: list[str]) -> None:
    assert _made(body) == changes


def test_no_more_than_asked() -> None:
    body = "\n".join(f"x = a < {n}" for n in range(30))
    assert _made(body, 3) == ["`a < 0` -> `a <= 0`", "`a < 1` -> `a <= 1`", "`a < 2` -> `a <= 2`"]


def test_only_the_methods_that_were_asked_for() -> None:
    text = (
        "class _H:\n    x = 1\n\n\nclass C:\n    def m(self):\n        return 2\n\n    def n(self):\n        return 3\n"
    )
    one = stub("class C:", unit="C", kind=Kind.CLASS)
    one = replace(one, members=(stub("def m(self):", unit="C.m", kind=Kind.METHOD),))
    assert [(m.line, str(m)) for m in mutants(text, one, 9)] == [(7, "`2` -> `None`"), (7, "`2` -> `3`")]
