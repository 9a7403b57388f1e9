"""Where a name that a committed file has for itself is spelled anew, as tables."""

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.rename import rename

# What stands above `class T`, which becomes N, and what becomes of it.
SPELLED = [
    ("def _h(v: 'T') -> 'list[T | x.T]': ...", "def _h(v: 'N') -> 'list[N | x.T]': ..."),
    ("def _h(é: 'T', *w: \"T\", **o: list['T']): ...", "def _h(é: 'N', *w: \"N\", **o: list['N']): ..."),
    ("class A:\n    b: 'T'\n    def m(self) -> 'T': ...", "class A:\n    b: 'N'\n    def m(self) -> 'N': ..."),
    ("async def f():\n    a: '''T |\n    T''' = 1", "async def f():\n    a: '''N |\n    N''' = 1"),
    ("a = cast('T', x)\nV = TypeVar('V', 'T', bound='T')", "a = cast('N', x)\nV = TypeVar('V', 'N', bound='N')"),
    ("b: list['x.T', 'T']", "b: list['x.T', 'N']"),
    ("b: Annotated['T', 1]", "b: Annotated['N', 1]"),
]
KEPT = [
    "a = 'T'\nb: dict['A', Literal['T']] = {}",
    "def f():\n    def T(): ...\n    a: 'T'",
    "class A:\n    T = int\n    def m(self) -> 'T': ...",
    "match a:\n    case A(T=x):\n        pass",
    "a: 'T -'\nb: 'no T'\nc: ''",
]


@pytest.mark.parametrize(("text", "wanted"), [*SPELLED, *((one, one) for one in KEPT)])
def test_names_are_spelled_anew_where_they_mean_the_modules(text: str, wanted: str) -> None:
    assert rename(f"{text}\nclass T: ...\n", {"T": "N"}) == f"{wanted}\nclass N: ...\n"
    assert rename(f"class T: ...\n{text}\n", {"T": "N"}) == f"class N: ...\n{wanted}\n"


def test_a_text_that_tells_the_name_is_refused_and_the_remedy_is_one() -> None:
    with pytest.raises(StoreError, match="this text tells the name T") as caught:
        rename('T = 1\n\n\ndef f():\n    return f"{1 + T = }"\n', {"T": "N"}, "f.py")
    assert caught.value.where == "f.py:5"
    assert rename('T = 1\nprint(f"T={T!r}")\n', {"T": "N"}) == 'N = 1\nprint(f"T={N!r}")\n'
