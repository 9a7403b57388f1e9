"""What the static guards refuse and flag, and what they leave alone."""

from dataclasses import replace

import pytest

from jiti_bot.source.model import Kind, Spec
from jiti_bot.validation.clashes import neighbours
from jiti_bot.validation.guards import Guarded, Surroundings, composed, guard
from jiti_bot.validation.model import Candidate
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
GATES = ('def test_f():\n    assert f("$1,234.56") == "123456"\n    assert f(10) == 55\n    assert f(20) == 6765\n',)
NEIGHBOUR = "_SHARED = 1\n\n\ndef _help():\n    return 1\n\n\ndef g():\n    return 2"
AROUND = Surroundings(
    host=HOST,
    modules=frozenset({"re", "math", "os", "sys", "time", "random", "app", "pytest", "inspect", "builtins", "json"})
    | {"subprocess", "socket", "unittest", "signal", "atexit", "pathlib", "importlib", "datetime", "typing", "ctypes"},
    neighbours=neighbours(
        {"g": "_SHARED = 1\n\n\ndef _help():\n    return 1\n\n\ndef g():\n    return 2"}, "app/text.py"
    ),
    gates=GATES,
    files=frozenset({"tests/test_text.py"}),
)


def judge(body: str, helpers: str = "", tests: str = "", of: Spec | None = None) -> Guarded:
    return guard(Candidate(of or spec(), body, helpers, tests), AROUND)


FINE = {
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
    "membership": ("return x in {10, 20}", ""),
    "yields": ("yield from x", ""),
    "awaits": ("return await x", ""),
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


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        ("", ""),
        ("def test_a():\n    assert 1", ""),
        ("import pytest\n\n\n@pytest.mark.parametrize('x', [1])\ndef test_a(x):\n    assert x", ""),
        ("x = 1", "there is none"),
        ("def test_a(:", "does not parse"),
        ("import nowhere\n\n\ndef test_a():\n    assert 1", "no module nowhere"),
        ("import os\n\n\ndef test_a():\n    os._exit(0)", "would end the run"),
    ],
)
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


def test_a_function_of_no_arguments_may_be_constant() -> None:
    assert judge("return 55", of=spec(stub("def f():"))).problems == ()
