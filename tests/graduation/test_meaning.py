"""Made-up modules, run with their committed files apart, as jiti runs them, and merged: every name means the same."""

import random
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import Part, Place, fold_all, prepare
from jiti_bot.graduation.meet import Guest, settle
from jiti_bot.transform import build

HOST = (
    "import re",
    "re = 'host'",
    "import re\ndel re",
    "try:\n    import nowhere as re\nexcept ImportError:\n    re = None",
    "if FLAG:\n    import re",
    "from starred import *",
    "import os.path",
    "from math import floor",
    "_K = 1",
    "_K = [0]",
    "for _K in (1, 2): pass",
    "def set_k():\n    global _K\n    _K = 99",
    "def _h(x): return ('host', x)",
    "def _h(x):\n    return (_K, x)",
    "class _B:\n    n = 0",
    "def sorted(x): return 'sorted by the host'",
)
LOOKS = ("repr(re)", "repr(_K)", "_h(1)", "open.__name__", "repr(math)", "sorted([2])", "floor(1.5)", "abs(-1)")
IMPORTS = (
    "import re",
    "import math as re",
    "import math",
    "import os.path",
    "from math import floor",
    "from math import floor as open",
    "from operator import neg as abs",
    "from os import sep as _K",
    "from starred import pub as re",
)
HELPERS = (
    "_K = 1",
    "_K = 2",
    "_K = []",
    "_K = {1: []}",
    "_K = (x for x in 'ab')",
    "_K = 1\n_K += 1",
    "_L = lambda x: _K",
    "_C = [_K for _K in (1,)]",
    "import functools\n@functools.cache\ndef _c():\n    return []",
    "def _n():\n    return _h",
    "def _h(x):\n    return (_K, x)",
    "def _h(x):\n    _K.append(x)\n    return len(_K)",
    "def _h(x, seen=[]):\n    seen.append(x)\n    return len(seen)",
    "def _h(x):\n    return _j(x)\n\n\ndef _j(x):\n    return (x, _K) if x else _h(1)",
    "def _j(x):\n    def _K():\n        return 3\n    return _K()",
    "class _B:\n    n = 0\n\n    def m(self):\n        type(self).n += 1\n        return self.n, _K",
    "class _B:\n    n = []",
)
BODIES = (
    "return repr(re)",
    "return _h(x)",
    "return repr(_K), [_K for _K in (1, 2)], (lambda _K: _K)(x)",
    "_h = 3; return _h, sorted([x])",
    "return f'{_K}{re}'",
    "return g(x - 1) if x > 0 else _h(x)",
    "return open.__name__, abs(-x), floor(2.5)",
    "import re; return re.__name__",
    "return _B().m()",
    "_B.n += 1; return _B.n",
    "return _c().append(x) or len(_c())",
    "return next(iter(_K))",
    "_K[1].append(x); return list(_K[1])",
    "_K.append(x); return list(_K)",
    "return os.path.sep, _L(x), _n()(x)",
    "return look_0()",
    "match type('', (), {'_h': x})():\n        case object(_h=n): return n, _h(x)",
)
STUB = "@jiti\ndef {name}(x):\n    raise NotImplementedError"
BRANCHED = "if FLAG:\n    @jiti\n    def f(x):\n        raise NotImplementedError\nelse:\n    def f(x): return 'plain'"


@dataclass(frozen=True)
class Made:
    """A module, its committed files by the stub's name, and calls to make."""

    host: str
    units: dict[str, str]
    calls: tuple[tuple[str, int], ...]


def make(seed: int) -> Made:
    chance = random.Random(seed)
    names = list("fgh"[: chance.randint(2, 3)])
    stubs = [STUB.format(name=name) for name in names]
    stubs[0] = BRANCHED if chance.random() < 0.2 else stubs[0]
    looks = chance.sample(LOOKS, 3)
    found = [f"def look_{number}(): return {look}" for number, look in enumerate(looks)]
    rest = [*chance.sample(HOST, chance.randint(0, 4)), *found, *stubs]
    chance.shuffle(rest)
    shared = chance.sample(HELPERS, 2)
    units = {}
    for name in names:
        own = [*chance.sample(IMPORTS, chance.randint(0, 2)), *chance.sample(HELPERS, chance.randint(0, 3))]
        own += [one for one in shared if one not in own and chance.random() < 0.6]
        units[name] = "\n\n\n".join([*own, f"def {name}(x):\n    {chance.choice(BODIES)}"]) + "\n"
    called = [*names, *(f"look_{number}" for number in range(len(looks)))]
    calls = tuple((chance.choice(called), chance.randint(0, 2)) for _ in range(8))
    return Made("\n\n\n".join([f"FLAG = {chance.randint(0, 1)}\nfrom jiti import jiti", *rest]) + "\n", units, calls)


def apart(made: Made, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The module with each committed file in a room of its own."""
    space: dict[str, object] = {"__name__": "made"}

    def jiti(stub: FunctionType) -> Callable[[int], object]:
        loaded: list[FunctionType] = []

        def call(x: int) -> object:
            if not loaded:
                code = build(made.units[stub.__name__].encode(), stub.__name__, stub.__name__)
                functions, _ = FunctionType(code, space)(None, lambda _name, _number: None)
                loaded.extend(functions.values())
            return loaded[0](x)

        return call

    runtime = ModuleType("jiti")
    monkeypatch.setattr(runtime, "jiti", jiti, raising=False)
    monkeypatch.setitem(sys.modules, "jiti", runtime)
    exec(compile(made.host, "<host>", "exec"), space)
    return space


def merged(made: Made) -> str:
    host = prepare(made.host)
    lines = made.host.split("\n")
    guests = []
    for name, text in made.units.items():
        line = next(n for n, one in enumerate(lines, 1) if one.strip() == f"def {name}(x):")
        stub = host.anatomy.find(name, (), line)
        assert stub is not None
        guests.append(Guest(Part(Place(name, (), line), text, f"{name}.py"), stub.near, stub.is_conditional))
    return fold_all(host, settle(made.host, guests)).text


def heard(space: dict[str, object], calls: Sequence[tuple[str, int]]) -> list[str]:
    """What the calls give: values without addresses and without the names that merging gave."""
    said = []
    for name, argument in calls:
        function = space[name]
        assert callable(function)
        try:
            value = repr(function() if name.startswith("look") else function(argument))
        except Exception as error:  # noqa: BLE001 - whatever it is, it has to be the same
            value = type(error).__name__
        said.append(re.sub(r" at 0x\w+|\w+\.(?=<)", "", value))
    return said


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_names_mean_the_same(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    starred = ModuleType("starred")
    vars(starred).update(re="star", math="star", pub="pub")
    monkeypatch.setitem(sys.modules, "starred", starred)
    compared = 0
    for seed in range(first, first + 10):
        made = make(seed)
        before = heard(apart(made, monkeypatch), made.calls)
        try:
            text = merged(made)
        except StoreError:
            continue
        space: dict[str, object] = {"__name__": "made"}
        exec(compile(text, "<merged>", "exec"), space)
        # What was bound nowhere may be afterwards.
        calls = [call for call, was in zip(made.calls, before, strict=True) if was != "NameError"]
        wanted = [was for was in before if was != "NameError"]
        assert heard(space, calls) == wanted, f"{seed}\n{made.host}\n{made.units}\n{text}"
        compared += len(calls)
    assert compared
