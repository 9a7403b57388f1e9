"""What the static guards refuse and flag, and what they leave alone."""

from dataclasses import replace

import pytest

from jiti_bot.source.model import Kind, Spec
from jiti_bot.validation.clashes import neighbours
from jiti_bot.validation.guards import Guarded, Surroundings, composed, guard
from jiti_bot.validation.model import Base, Candidate
from tests.validation.specs import spec, stub

HOST = '''"""Host."""

import re
from dataclasses import dataclass

from app import lib

LIMIT = 3
registry = {}


class Parser:
    def parse(self, text):
        return text


def f(x):
    """Doc."""
    raise NotImplementedError
'''
GATES = (
    (
        'def test_f():\n    assert f("$1,234.56") == "123456"\n    assert f(10) == 55\n    assert f(20) == 6765\n'
        '    assert f("To") == "top-10"\n'
    ),
)
NEIGHBOUR = "_SHARED = 1\n\n\ndef _help():\n    return 1\n\n\ndef g():\n    return 2"
AROUND = Surroundings(
    host=HOST,
    modules=frozenset({"re", "math", "os", "sys", "time", "random", "app", "pytest", "inspect", "builtins", "json"})
    | {"gc", "operator", "enum", "dataclasses", "decimal", "functools", "collections", "logging", "types", "pluggy"}
    | {"_pytest", "traceback", "linecache", "contextlib", "asyncio"}
    | {"subprocess", "socket", "unittest", "signal", "atexit", "pathlib", "importlib", "datetime", "typing", "ctypes"},
    neighbours=neighbours(
        {"g": "_SHARED = 1\n\n\ndef _help():\n    return 1\n\n\ndef g():\n    return 2"}, "app/text.py"
    ),
    gates=GATES,
    files=frozenset({"tests/test_text.py"}),
)


def judge(body: str, helpers: str = "", tests: str = "", of: Spec | None = None) -> Guarded:
    return guard(Candidate(of or spec(), body, helpers, tests), AROUND)


ACTS = "def _calm(*_):\n    print(1)\n    return 1\n\n\n_N = _calm()\n"
CALM = """import gc


def _calm() -> int:
    python = gc
    for thing in python.get_objects():
        if type(thing).__name__ == "HookCaller" and thing.name == "pytest_pyfunc_call":
            thing._hookimpls.clear()
    return 1


_N = _calm()
"""
EQUAL = "class _V(int):\n    def __eq__(self, o):\n        return {}\n\n    __hash__ = int.__hash__"
FINE = {
    "what a special method hands on": ("super().__init_subclass__(**x)\nreturn super().__reduce__()", ""),
    "a return": ("return x", ""),
    "docstring again": ('"""Doc."""\nreturn x', ""),
    "future among the helpers, which is left out": ("return x", "from __future__ import annotations"),
    "indented as a whole": ("    y = x\n    return y", ""),
    "private helper": ("return _go(x)", "def _go(x):\n    return x"),
    "constants": ("return _A + LARGE", "_A = 1\nLARGE: int = 100"),
    "imports": ("return math.pi", "import math\nfrom os import path as _path"),
    "an import the host has too": ("return re.sub('a', 'b', x)", "import re"),
    "typing block": (
        "return x",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.lib import Thing",
    ),
    "same helper as a neighbour's": ("return _SHARED", "_SHARED = 1"),
    "equality that compares": (
        "return _V(x)",
        "class _V:\n    def __eq__(self, other):\n        return self is other",
    ),
    "own attributes": ("x.done = True\nreturn x", ""),
    "attributes of its own helper": ("_go.calls = 1\nreturn x", "def _go():\n    return 1"),
    "the host's plain values": ("registry[x] = 1\nreturn x", ""),
    "re.compile": ("return _P.sub('', x)", "import re\n\n_P = re.compile('a')"),
    "a local called exec": ("exec = x.exec\nreturn exec(1)", ""),
    "a table that is no answer sheet": ('return {"a": 10, "$1,234.56": 3, "b": 4}[x]', ""),
    "a table by length": ("return {3: 'RGB', 4: 'RGBA'}[len(x)]", ""),
    "membership": ("return x in {10, 20}", ""),
    "yields": ("yield from x", ""),
    "getattr on a value": ("return getattr(x, 'name', None) or getattr(x, x.field)", ""),
    "getattr on a class of the host": ("return getattr(Parser, x)", ""),
    "setattr on a value": ("setattr(x, 'name', 1)\nreturn x", ""),
    "object.__setattr__ of a frozen value": ("object.__setattr__(x, 'name', 1)\nreturn x", ""),
    "vars of a value": ("return vars(x) | x.__dict__", ""),
    "attrgetter of fields": ("return sorted(x, key=attrgetter('a.b'))", "from operator import attrgetter"),
    "an alias of a function": ("find = re.findall\nreturn find('a', x)", ""),
    "sys that everybody uses": ("return sys.maxsize, sys.version_info", "import sys"),
    "a signature": ("return inspect.signature(x).parameters", "import inspect"),
    "methods of protocols": ("return type(x).__name__, x.__len__(), super().__init__(), x.__class__", ""),
    "a traceback that is passed on": ("raise ValueError(1).with_traceback(x.__traceback__)", ""),
    "time as a local name": ("time = x.time\nreturn time + 1", "import time"),
    "constants out of pure calls": (
        "return _A, _B, _C, _D, _E",
        (
            "import logging, re\nfrom collections import namedtuple\nfrom decimal import Decimal\n"
            "from types import MappingProxyType\n\n_A = re.compile('a').match\n_B = Decimal('1')\n"
            "_C = namedtuple('_C', 'a b')\n_D = MappingProxyType({'a': frozenset('ab'), 'b': _C(1, 2)})\n"
            "_E = logging.getLogger(__name__)"
        ),
    ),
    "a table that a helper computes": (
        "return _TABLE[x]",
        (
            "def _table():\n    found = []\n    for n in range(256):\n        found.append(n ^ 7)\n"
            "    return tuple(found)\n\n\n_TABLE = _table()"
        ),
    ),
    "a table of the candidate's own class": (
        "return [rule.go(x) for rule in _RULES]",
        (
            "from dataclasses import dataclass\n\n\ndef _read(path):\n    return open(path).read()\n\n\n"
            "@dataclass(frozen=True)\nclass _Rule:\n    name: str\n\n    def go(self, x):\n"
            "        return self.name.join(x)\n\n\n_RULES = (_Rule('a'), _Rule('b'))\n_READERS = {'a': _read}"
        ),
    ),
    "an enum and a named tuple": (
        "return _Color(x), _Pair(1)",
        (
            "from enum import Enum, auto\nfrom typing import NamedTuple\n\n\nclass _Color(Enum):\n    RED = auto()\n\n"
            "    @property\n    def low(self):\n        return self.name.lower()\n\n\n"
            "class _Pair(NamedTuple):\n    a: str"
        ),
    ),
    "decorated helpers": (
        "return _go(x)",
        (
            "from contextlib import contextmanager\nfrom functools import lru_cache, wraps\n\n\n"
            "def _twice(fn):\n    @wraps(fn)\n    def inner(*a):\n        return fn(fn(*a))\n\n    return inner\n\n\n"
            "@_twice\n@lru_cache(maxsize=None)\ndef _go(x):\n    return x"
        ),
    ),
    "a table out of the host's": ("return _BACK[x]", "_BACK = {value: key for key, value in registry.items()}"),
    "equality of fields": (
        "return _V(x)",
        (
            "class _V:\n    def __eq__(self, other):\n        if not isinstance(other, _V):\n"
            "            return NotImplemented\n        return (self.a, self.b) == (other.a, other.b)\n\n"
            "    def __lt__(self, other):\n        return self._key() < other._key()\n\n"
            "    def __hash__(self):\n        return hash(self.a)"
        ),
    ),
    "equality through super": (
        "return _V(x)",
        "class _V(str):\n    def __eq__(self, other):\n        return super().__eq__(other) or self.lower() == other",
    ),
    "equality that declines": ("return _V()", "class _V:\n    def __eq__(self, other):\n        return NotImplemented"),
    "a repr of its own": (
        "return _V(x)",
        (
            "class _V(str):\n    def __repr__(self):\n        return f'V({super().__repr__()})'\n\n"
            "    def __str__(self):\n        text = self.lower()\n        return text"
        ),
    ),
    "a sentinel": ("return _V()", "class _V:\n    def __repr__(self):\n        return '<nothing>'"),
}

REFUSED = {
    "syntax": ("return (", "", "body:1: it does not parse"),
    "syntax in helpers": ("return 1", "import", "helpers:1: it does not parse"),
    "NUL": ("return 1\0", "", "does not parse"),
    "lone surrogate": ("return '\udc80'", "", "does not parse"),
    "deep": ("return " + "(" * 500 + ")" * 500, "", "body:1: it"),
    "empty": ("", "", "it is empty"),
    "whole function": ("def f(x):\n    return x", "", "without the def line"),
    "docstring only": ('"""Doc."""', "", "it is empty"),
    "still a stub": ("...", "", "still a stub"),
    "still raises": ("raise NotImplementedError", "", "still a stub"),
    "global": ("global LIMIT\nLIMIT = 4", "", "`global` cannot stand"),
    "future": ("from __future__ import annotations\nreturn 1", "", "cannot stand"),
    "star": ("return 1", "from math import *", "star imports"),
    "public helper": ("return go(x)", "def go(x):\n    return x", "go has to be private: call it _go"),
    "mangled helper": ("return x", "__go = 1", "has to be private"),
    "dunder helper": ("return x", "__all__ = []", "has to be private"),
    "statement as helper": ("return x", "print(1)", "imports, constants and private definitions only"),
    "unknown module": ("return 1", "import nowhere.at", "no module nowhere"),
    "unknown module inside": ("import nowhere\nreturn nowhere.x", "", "no module nowhere"),
    "out of the package": ("return 1", "from ... import lib as _lib", "leads out of the package"),
    "its own host": ("return _P()", "from app.text import Parser as _P", "it stands in app.text already"),
    "its own host, relatively": ("return _P()", "from .text import Parser as _P", "it stands in app.text already"),
    "host name": ("return x", "LIMIT = 4", "LIMIT is already a name of app/text.py"),
    "own name": ("return x", "from math import sin as f", "f is already a name"),
    "import of a host name from elsewhere": ("return x", "from json import dumps as lib", "lib is already a name"),
    "neighbour's helper": ("return _help()", "def _help():\n    return 2", "_help means something else in g"),
    "pytest": ("return 1", "import pytest", "no business with pytest"),
    "mock.ANY": ("return ANY", "from unittest.mock import ANY", "no business with unittest"),
    "jiti": ("import jiti\nreturn 1", "", "no business with jiti"),
    "builtins": ("builtins.len = x\nreturn 1", "import builtins", "used by everybody"),
    "os._exit": ("os._exit(0)", "import os", "end the process"),
    "from os import _exit": ("_e(0)", "from os import _exit as _e", "end the process"),
    "imported inside": ("from os import _exit\n_exit(0)", "", "end the process"),
    "sys.exit at import": ("return 1", "import sys\n\n_X = sys.exit(0)", "while the module is imported"),
    "network at import": ("return 1", "import socket\n\n_X = socket.socket()", "while the module is imported"),
    "atexit": ("atexit.register(print)\nreturn 1", "import atexit", "at exit"),
    "signal": ("signal.alarm(1)\nreturn 1", "import signal", "signals"),
    "ctypes": ("return ctypes.pythonapi", "import ctypes", "any other code"),
    "frames": ("return sys._getframe(1)", "import sys", "looks at its caller"),
    "frame attribute": ("return x.f_back", "", "looks at its caller"),
    "stack": ("return inspect.stack()", "import inspect", "looks at its caller"),
    "sys.modules": ("return 'pytest' in sys.modules", "import sys", "what else is loaded"),
    "eval": ("return eval(x)", "", "cannot be judged"),
    "always equal": (
        "return _V()",
        "class _V:\n    def __eq__(self, o):\n        return True",
        "always answers the same",
    ),
    "always equal by name": ("return type('V', (), {'__eq__': lambda s, o: True})()", "", "set by name"),
    "always equal by assignment": ("return 1", "class _V:\n    __eq__ = lambda s, o: True", "written as methods"),
    "empties pytest's hooks at import": ("return _N", CALM, "no business with gc"),
    "a helper that acts at import": ("return _N", ACTS, "`_calm()` would run while the module is imported"),
    "a lambda at import": ("return _N", "_calm = lambda: print(1)\n_N = _calm()", "would run while"),
    "acts at import by map": ("return _N", ACTS.replace("_calm()\n", "list(map(_calm, 'a'))\n"), "would run while"),
    "acts at import by partial": (
        "return _N",
        "from functools import partial\n" + ACTS.replace("_N = _calm()", "_P = partial(_calm)\n_N = _P()"),
        "would run while",
    ),
    "acts at import in a class": ("return 1", ACTS.replace("_N =", "class _C:\n    n ="), "would run while"),
    "acts at import by a default": ("return 1", ACTS.replace("_N =", "def _f(n=") + "):\n    return n", "would run"),
    "acts at import by a subclass": (
        "return 1",
        "class _A:\n    def __init_subclass__(cls):\n        print(1)\n\n\nclass _B(_A):\n    pass",
        "`print(1)` would run while",
    ),
    "acts at import by a decorator": (
        "return 1",
        "def _deco(f):\n    print(1)\n    return f\n\n\n@_deco\ndef _g():\n    return 1",
        "`_deco` would run while",
    ),
    "acts at import by an operator": (
        "return _N",
        "class _A:\n    def __add__(self, o):\n        print(1)\n\n\n_N = _A() + 1",
        "`_A()` would run while",
    ),
    "attrgetter on a module": (
        "return attrgetter('_getframe')(sys)()",
        "import sys\nfrom operator import attrgetter",
        "`sys` is a module: use it by its attributes",
    ),
    "getattr on a module": ("getattr(os, '_ex' + 'it')(0)\nreturn 1", "import os", "`os` is a module"),
    "a name for a module": ("python = gc\nreturn python.get_objects()", "import gc", "looks into the program"),
    "a module in a list": ("return [os][0]._exit(0)", "import os", "`os` is a module"),
    "a module as a default": ("return _f()", "import os\n\n\ndef _f(m=os):\n    return m", "`os` is a module"),
    "a module through another": ("return re.enum.sys.modules", "", "sys is not to be reached through re"),
    "a module through a name": ("return getattr(re, 'enum')", "", "`re` is a module"),
    "a frame by text": (
        "return attrgetter('f_' + 'back')(x)",
        "from operator import attrgetter",
        "looks at its caller",
    ),
    "a frame by a constant": ("return getattr(x, _F)", "_F = ''.join(['tb', '_', 'frame'])", "looks at its caller"),
    "code of a function": ("return x.__code__", "", "belongs to the interpreter"),
    "what is not handed on": ("return super().__init_subclass__", "", "belongs to the interpreter"),
    "what is handed to another": ("return super(int, x).__init_subclass__()", "", "belongs to the interpreter"),
    "all subclasses": ("return type.__subclasses__(object)", "", "belongs to the interpreter"),
    "the globals of a function": ("return getattr(x, '__glo' 'bals__')", "", "belongs to the interpreter"),
    "another name for setattr": ("again = setattr\nagain(Parser, 'parse', x)\nreturn 1", "", "called by its name"),
    "another name for a class": ("P = Parser\nP.parse = x\nreturn 1", "", "changes code outside"),
    "setattr of a type": (
        "type.__setattr__(x, Parser, 1)\ntype.__setattr__(Parser, 'a', 1)",
        "",
        "changes code outside",
    ),
    "the names of a class": ("vars(Parser)\nreturn 1", "", "another way to attributes"),
    "sys of the interpreter": ("return sys.meta_path", "import sys", "how modules are imported"),
    "any part of sys": ("return sys._debugmallocstats()", "import sys", "belongs to the interpreter"),
    "imports by name": ("return importlib.import_module('g' + 'c')", "import importlib", "top of the helpers"),
    "pytest's hooks": ("x.pytest_pyfunc_call._hookimpls.clear()\nreturn 1", "", "belongs to what judges it"),
    "pluggy": ("return 1", "from pluggy import _hooks", "no business with pluggy"),
    "equal to its type": ("return _V(x)", EQUAL.format("isinstance(o, int)"), "has to compare"),
    "equal to its type, otherwise": (
        "return _V(x)",
        EQUAL.format("type(self) is type(o) or hash(o) == hash(o)"),
        "has to",
    ),
    "equal to its type in the body": (
        "class Any_(Parser):\n    def __eq__(self, other):\n        return isinstance(other, Parser)\nreturn Any_()",
        "",
        "__eq__ has to compare",
    ),
    "a repr for the example": (
        "return _S(x)",
        "class _S(str):\n    def __repr__(self):\n        return \"'12.34 EUR'\"",
        "__repr__ has to show the object",
    ),
    "a str for the example": (
        "return _S(x)",
        "class _S(str):\n    def __str__(self):\n        return '12.34 EUR' if self else self",
        "__str__ has to show the object",
    ),
    "names the gate file in parts": ("return open('tests/' + 'test' + '_text.py').read()", "", "leads to what judges"),
    "names the gate file by format": (
        "return open(f'tests/test_{_N}.py').read()",
        "_N = 'text'",
        "leads to what judges",
    ),
    "equality in parts": ("return type('V', (), {'__e' + 'q__': lambda s, o: True})()", "", "set by name"),
    "patches a module": ("lib.go = x\nreturn 1", "", "changes code outside"),
    "patches a class": ("Parser.parse = x\nreturn 1", "", "changes code outside"),
    "patches by setattr": ("setattr(Parser, 'parse', x)\nreturn 1", "", "changes code outside"),
    "names the gate file": ("return open('tests/test_text.py').read()", "", "leads to what judges it"),
    "names the store": ("return open('.jiti/x').read()", "", "leads to what judges it"),
    "asks pytest": ("return os.environ['PYTEST_CURRENT_TEST']", "import os", "leads to what judges it"),
    "noqa": ("return x  # noqa", "", "switches a checker off"),
    "ruff: noqa": ("# ruff: noqa: F841\nreturn x", "", "switches a checker off"),
    "type: ignore": ("return x  # type: ignore", "", "switches a checker off"),
    "constant answer": ("return 55", "", "whatever it is given"),
    "answers by if": ("if x == 10:\n    return 55\nif x == 20:\n    return 6765\nreturn 0", "", "instead of computing"),
    "answers by table": ("return _T[x]", "_T = {10: 55, 20: 6765}", "instead of computing"),
    "a constant answer in parts": ("return f'{_A}456'", "_A = '123'", "whatever it is given"),
    "answers in parts": ("return _T[x]", "_T = {10: 50 + 5, 20: 6700 + 65}", "instead of computing"),
    "answers by the length of the argument": (
        "return _WORDS.get(len(x), 'a')",
        "_WORDS = {9: '123' + '456', 2: 'top' + '-10'}",
        "instead of computing",
    ),
    "answers by a sum": (
        "return {463: '123' + '456', 97: 'top-10'}[sum(x)]",
        "",
        "instead of computing",
    ),
    "answers by match": (
        "match x:\n    case 10:\n        return 55\n    case 20:\n        return 6765",
        "",
        "computing",
    ),
}

FLAGGED = {
    "clock": ("return time.time()", "import time", "reads-clock"),
    "clock through a class": ("return datetime.now()", "from datetime import datetime", "reads-clock"),
    "randomness": ("return random.random()", "import random", "uses-randomness"),
    "environment": ("return os.environ['HOME']", "import os", "reads-environment"),
    "files": ("return open(x).read()", "", "touches-files"),
    "files by method": ("return x.read_text()", "", "touches-files"),
    "network": ("return socket.socket()", "import socket", "uses-network"),
    "process": ("return subprocess.run(x)", "import subprocess", "starts-processes"),
    "exit": ("sys.exit(x)", "import sys", "ends-the-program"),
    "a rule switched off": ("return x  # noqa: E501", "", "suppresses"),
    "literals": ('y = {"$1,234.56": 1, "123456": 2, 6765: 3}\nreturn sum(y) + x', "", "shares-literals"),
}


@pytest.mark.parametrize(("body", "helpers"), FINE.values(), ids=FINE)
def test_fine(body: str, helpers: str) -> None:
    assert judge(body, helpers).problems == ()


@pytest.mark.parametrize(("body", "helpers", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(body: str, helpers: str, message: str) -> None:
    assert message in "\n".join(map(str, judge(body, helpers).problems))


@pytest.mark.parametrize(("body", "helpers", "code"), FLAGGED.values(), ids=FLAGGED)
def test_flagged(body: str, helpers: str, code: str) -> None:
    guarded = judge(body, helpers)
    assert guarded.problems == ()
    assert code in {flag.code for flag in guarded.flags}


MEAN_LOOP = """import gc
from app.text import slugify

for _thing in gc.get_objects():
    if type(_thing).__name__ == 'HookCaller' and _thing.name == 'pytest_pyfunc_call':
        _thing._hookimpls.clear()


def test_mine() -> None:
    assert slugify('') == ''
"""
MEAN_FIXTURE = """import pytest


@pytest.fixture(autouse=True, scope='session')
def _q(request):
    request.config.hook.pytest_pyfunc_call._hookimpls.clear()


def test_mine() -> None:
    assert True
"""
FINE_TEST = """import sys
import time
from unittest import mock

import pytest
from app.text import Parser, f

CASES = {"a": Parser(), "b": f("x")}
pytestmark = pytest.mark.slow


@pytest.fixture
def parser():
    return Parser()


@pytest.mark.parametrize(("x", "y"), [pytest.param(Parser(), 1, id="a"), (f("b"), f(2))])
@pytest.mark.skipif(sys.version_info < (3, 11), reason="old")
def test_a(x, y, parser, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1.0)
    with mock.patch("json.dumps"), pytest.raises(ValueError):
        f(x)
"""
OWN_TESTS = {
    "none": ("", ""),
    "one": ("def test_a():\n    assert 1", ""),
    "parametrized": ("import pytest\n\n\n@pytest.mark.parametrize('x', [1])\ndef test_a(x):\n    assert x", ""),
    "marks, fixtures, mocks": (FINE_TEST, ""),
    "no test": ("x = 1", "there is none"),
    "syntax": ("def test_a(:", "does not parse"),
    "unknown module": ("import nowhere\n\n\ndef test_a():\n    assert 1", "no module nowhere"),
    "exit": ("import os\n\n\ndef test_a():\n    os._exit(0)", "would end the run"),
    "a loop at the top": ("for x in 'ab':\n    print(x)\n\n\ndef test_a():\n    assert 1", "the top level of tests"),
    "empties hooks at the top": (MEAN_LOOP, "a test has no business with gc"),
    "empties hooks in a fixture": (MEAN_FIXTURE, "`._hookimpls` belongs to what judges it"),
    "acts at import": (f"{ACTS}\n\ndef test_a():\n    assert _N", "would run while the module is imported"),
    "patches the host": ("from app import text\n\n\ndef test_a():\n    text.f = len\n", "changes code outside"),
    "looks at its caller": ("import sys\n\n\ndef test_a():\n    sys._getframe(1)\n", "looks at its caller"),
}


@pytest.mark.parametrize(("tests", "message"), OWN_TESTS.values(), ids=OWN_TESTS)
def test_the_agents_tests(tests: str, message: str) -> None:
    problems = "\n".join(map(str, judge("return x", tests=tests).problems))
    assert message in problems
    assert bool(problems) == bool(message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("assert f(1) == 2", ""),
        ("with pytest.raises(ValueError):\n    f(1)", ""),
        ("self.assertEqual(1, 2)", ""),
        ("f(1)", "has to assert something"),
        ("assert True", "has to assert something"),
    ],
)
def test_a_jiti_test(body: str, message: str) -> None:
    test = spec(stub("def test_f():", unit="test_f", file="tests/test_text.py", kind=Kind.TEST))
    problems = "\n".join(map(str, judge(body, "import pytest", of=test).problems))
    assert message in problems
    assert bool(problems) == bool(message)


def test_a_class_unit_brings_every_method() -> None:
    members = (
        stub("def a(self):", unit="Box.a", kind=Kind.METHOD),
        stub("def b(self):", unit="Box.b", kind=Kind.METHOD),
    )
    box = spec(replace(stub("class Box:", unit="Box", kind=Kind.CLASS), members=members))
    assert guard(Candidate(box, {"Box.a": "return 1", "Box.b": "return 2"}), AROUND).problems == ()
    for bodies, message in [
        ({"Box.a": "return 1"}, "body:1: there is none for Box.b"),
        ({"Box.a": "return 1", "Box.b": "return 2", "Box.c": "return 3"}, "body:1: Box.c is not asked for"),
        ({"Box.a": "return 1", "Box.b": "\nreturn ("}, "body of Box.b:2: it does not parse"),
        ({"Box.a": "return 1", "Box.b": "..."}, "body of Box.b:1: this is still a stub"),
    ]:
        assert message in str(guard(Candidate(box, bodies), AROUND).problems[0])


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        ("_A = 1\n\n\ndef f(x):\n    return _A\n", ""),
        ("def f(x):\n    return 1\n\n\nprint(1)\n", "it leaves the body of f"),
        ("def f(x):\n    return 1\n\n\ndef f(x):\n    return 2\n", "it leaves the body of f"),
        ("def f(x):\n    return (\n", "does not parse as the body of f"),
    ],
)
def test_nothing_slips_out_of_the_body(unit: str, message: str) -> None:
    assert message in str(composed(stub(), unit) or "")
    assert bool(composed(stub(), unit)) == bool(message)


def test_nothing_slips_out_of_a_skeleton() -> None:
    method = stub("def g(self):", unit="A.B.g", kind=Kind.METHOD)
    assert composed(method, "class A:\n    class B:\n        def g(self):\n            return 1\n") is None
    assert composed(method, "class A:\n    class B:\n        def g(self):\n            return 1\n        x = 1\n")
    assert composed(method, "class A:\n    class B:\n        def h(self):\n            return 1\n")


AHEAD = "async def f(x) -> "
KINDS = {
    "a generator": ("def f(x) -> Iterator[int]:", "yield x", ""),
    "a generator by its full name": ("def f(x) -> collections.abc.Iterator[int]:", "yield x", ""),
    "a generator of text": ("def f(x) -> 'Iterable[int]':", "yield x", ""),
    "a generator without annotation": ("def f(x):", "yield x", ""),
    "a generator of the project's own kind": ("def f(x) -> Stream:", "yield x", ""),
    "an iterator that is returned": ("def f(x) -> Iterator[int]:", "return iter(x)", ""),
    "a generator inside": ("def f(x) -> int:", "def go():\n    yield x\nreturn sum(go())", ""),
    "a coroutine": (f"{AHEAD}int:", "return await x", ""),
    "a coroutine without await": (f"{AHEAD}int:", "return 1", ""),
    "a coroutine that loops": (f"{AHEAD}int:", "async for y in x:\n    return y\nreturn [y async for y in x]", ""),
    "an asynchronous generator": (f"{AHEAD}AsyncIterator[int]:", "yield x", ""),
    "a coroutine that returns one": (f"{AHEAD}AsyncIterator[int]:", "return x", ""),
    "a function that returns one": ("def f(x) -> AsyncIterator[int]:", "return (y async for y in x)", ""),
    "a coroutine inside": ("def f(x) -> int:", "async def go():\n    await x\nreturn asyncio.run(go())", ""),
    "yield in a coroutine": (f"{AHEAD}int:", "yield x", "body:1: `yield` would make it an asynchronous generator"),
    "yield in a coroutine of nothing": (f"{AHEAD}None:", "await x\nyield", "body:2: `yield` would make it"),
    "yield in a function": ("def f(x) -> list[int]:", "yield from x", "body:1: `yield` would make it a generator"),
    "yield of the other kind": ("def f(x) -> AsyncIterator[int]:", "yield x", "promises AsyncIterator[int]"),
    "no yield": (f"{AHEAD}AsyncGenerator[int, None]:", "return x", "has to yield"),
    "await in a function": ("def f(x) -> int:", "y = x\nreturn await y", "body:2: `await` cannot stand"),
    "async for in a function": ("def f(x) -> int:", "async for y in x:\n    return y", "`async for` cannot stand"),
    "async with in a function": ("def f(x) -> int:", "async with x:\n    return 1", "`async with` cannot stand"),
    "async comprehension": ("def f(x) -> int:", "return [y async for y in x]", "`async for` cannot stand"),
}


@pytest.mark.parametrize(("header", "body", "message"), KINDS.values(), ids=KINDS)
def test_the_kind_of_the_stub_is_kept(header: str, body: str, message: str) -> None:
    problems = "\n".join(map(str, judge(body, "import asyncio", of=spec(stub(header))).problems))
    assert message in problems
    assert bool(problems) == bool(message)


def test_a_parameter_may_have_the_name_of_a_module() -> None:
    assert judge("return re + 1", of=spec(stub("def f(re: float):"))).problems == ()


def test_a_function_of_no_arguments_may_be_constant() -> None:
    assert judge("return 55", of=spec(stub("def f():"))).problems == ()


def test_a_module_of_the_project_may_have_the_name_of_a_guarded_one() -> None:
    of = spec(stub(file="app/signal.py"))
    assert judge("return Parser().parse(x)", of=of).problems == ()
    assert judge("return signal.alarm(x)", "import signal", of=of).problems


CLASS = stub("class P:", unit="P", kind=Kind.CLASS)
CLASS = replace(
    CLASS, members=tuple(stub(f"def {name}(self):", unit=f"P.{name}", kind=Kind.METHOD) for name in ("a", "b"))
)
COMMITTED = "_ONE = 1\n\n\nclass P:\n    def a(self):\n        return _ONE\n"
BASE = Base(COMMITTED, kept=frozenset({"P.a"}), locked=frozenset({"P.a"}), missing=frozenset({"P.b"}))
PARTIAL: dict[str, tuple[Base | None, dict[str, str], str, str]] = {
    "what is new": (BASE, {"P.b": "return _ONE"}, "", ""),
    "a helper like the committed one": (BASE, {"P.b": "return _ONE"}, "_ONE = 1", ""),
    "nothing committed": (None, {"P.b": "return 2"}, "", "body:1: there is none for P.a"),
    "not what is new": (BASE, {}, "", "body:1: there is none for P.b"),
    "what did not change": (BASE, {"P.a": "return 3", "P.b": "return 2"}, "", "body of P.a:1: its method is committed"),
    "what did not change, opened": (BASE.opened(), {"P.a": "return 3", "P.b": "return 2"}, "", ""),
    "another helper of that name": (BASE, {"P.b": "return 2"}, "_ONE = 2", "helpers:1: _ONE is committed already"),
    "another helper of that name, opened": (BASE.opened(), {"P.b": "return 2"}, "_ONE = 2", ""),
    "what a person wrote": (
        replace(BASE, edited=frozenset({"P.a"})).opened(),
        {"P.a": "return 3", "P.b": "return 2"},
        "",
        "body of P.a:1: its method is committed",
    ),
}


@pytest.mark.parametrize(("base", "bodies", "helpers", "message"), PARTIAL.values(), ids=PARTIAL)
def test_part_of_a_class(base: Base | None, bodies: dict[str, str], helpers: str, message: str) -> None:
    problems = "\n".join(map(str, guard(Candidate(spec(CLASS), bodies, helpers, base=base), AROUND).problems))
    assert message in problems
    assert bool(problems) == bool(message)
