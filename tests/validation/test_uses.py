"""What counts as using an entry of ``uses=[...]``."""

import pytest

from jiti_bot.source.discover import read_source
from jiti_bot.source.model import Kind, Spec, Use
from jiti_bot.source.parse import Parsed, parse
from jiti_bot.source.resolve import Resolver, Source
from jiti_bot.source.roots import Roots
from jiti_bot.validation import uses
from tests.validation.specs import spec, stub

HOST = """
from app.lib import tool
from . import shapes
import app.extra as extra


def local(x):
    return x


class Box:
    def size(self):
        return 1
"""

FILES = {
    "app/__init__.py": "from app.lib import tool\n",
    "app/lib.py": "def tool(x):\n    return x\n\n\ndef rate(x) -> int:\n    return x\n\n\n"
    "def note(x) -> None: ...\n\n\ndef stop(x) -> 'NoReturn': ...\n\n\nasync def send(x) -> int: ...\n",
    "app/other.py": "from . import lib\n\nrenamed = lib.tool\n\n\ndef tool(x):\n    return x\n",
    "app/fast.py": "try:\n    from speedups import tool\nexcept ImportError:\n    from app import tool\n",
    "app/text.py": HOST,
    "app/shapes.py": "def area(x):\n    return x\n",
    "app/extra.py": "",
}
TOOL = Use("tool", "app/lib.py::tool")
USED = {
    "called": "def f(x):\n    return tool(x)",
    "passed on": "def f(x):\n    return list(map(tool, x))",
    "aliased, then called": "def f(x):\n    go = tool\n    return go(x)",
    "in a helper that is reached": "def _h(x):\n    return tool(x)\n\n\ndef f(x):\n    return _h(x)",
    "in a helper's constant": "_TABLE = {1: tool}\n\n\ndef f(x):\n    return _TABLE[1](x)",
    "imported again": "from app.lib import tool as _t\n\n\ndef f(x):\n    return _t(x)",
    "through its module": "import app.lib\n\n\ndef f(x):\n    return app.lib.tool(x)",
    "through its package": "from app import lib\n\n\ndef f(x):\n    return lib.tool(x)",
    "re-exported": "from app import tool as _t\n\n\ndef f(x):\n    return _t(x)",
    "re-exported under another name": "from app.other import renamed as _t\n\n\ndef f(x):\n    return _t(x)",
    "re-exported in a try": "from app.fast import tool as _t\n\n\ndef f(x):\n    return _t(x)",
    "through a module that re-exports": "from app import other\n\n\ndef f(x):\n    return other.renamed(x)",
    "imported inside": "def f(x):\n    from .lib import tool as t\n    return t(x)",
    "in a nested function": "def f(x):\n    def go(y):\n        return tool(y)\n    return go(x)",
    "in a comprehension": "def f(x):\n    return [tool(y) for y in x]",
    "in a match guard": "def f(x):\n    match x:\n        case y if tool(y):\n            return 1\n    return 2",
    "for its effect": "def f(x):\n    tool(x)\n    return x",
    "passed to what is called for its effect": "def f(x):\n    print(tool(x))",
    "passed to a method of an argument": "def f(x, out):\n    _ = out.write(tool(x))",
    "kept in a loop": "def f(x):\n    last = 0\n    for y in x:\n        last = tool(y)\n    return last",
    "kept in an argument": "def f(x):\n    x.kept = tool(x)",
    "kept in a global name": "def f(x):\n    global _last\n    _last = tool(x)",
    "read in a nested function": "def f(x):\n    a = tool(x)\n    return lambda: a",
    "one of two that are read": "def f(x):\n    _, a = tool(x)\n    return a",
    "awaited": "async def f(x):\n    await tool(x)",
    "yielded": "def f(x):\n    yield tool(x)",
    "as a decorator of what nobody names": "def f(x):\n    @tool\n    def go(y):\n        return y\n    return x",
    "as a decorator": "def f(x):\n    @tool\n    def go(y):\n        return y\n    return go(x)",
}
UNUSED = {
    "inline again": "def f(x):\n    return x.lower()",
    "bare mention": "def f(x):\n    tool\n    return x",
    "assigned and forgotten": "def f(x):\n    _ = tool\n    return x",
    "another definition of that name": "from app.other import tool as _t\n\n\ndef f(x):\n    return _t(x)",
    "another definition through its module": "from app import other\n\n\ndef f(x):\n    return other.tool(x)",
    "a helper of that name": "def tool(x):\n    return x\n\n\ndef f(x):\n    return tool(x)",
    "called and forgotten": "def f(x):\n    _ = tool(x), tool(x)\n    return x",
    "called in a nest and forgotten": "def f(x):\n    _ = str(tool(x))\n    return x",
    "called and forgotten in two steps": "def f(x):\n    a = tool(x)\n    b = a\n    return x",
    "read by nothing but itself": "def f(x):\n    a = 0\n    a = a + tool(x)\n    return x",
    "added up and forgotten": "def f(x):\n    a = 0\n    a += tool(x)\n    return x",
    "bound in passing and forgotten": "def f(x):\n    (a := tool(x))\n    return x",
    "only in an assert": "def f(x):\n    assert tool(x) is not None\n    return x",
    "read only in an assert": "def f(x):\n    a = tool(x)\n    assert a\n    return x",
    "in a nested function nobody calls": "def f(x):\n    def go(y):\n        return tool(y)\n    return x",
    "in one that only calls itself": "def f(x):\n    def go(y):\n        return go(tool(y))\n    return x",
    "in a nested class nobody names": "def f(x):\n    class Go:\n        y = tool(x)\n    return x",
    "in a lambda nobody calls": "def f(x):\n    go = lambda: tool(x)\n    return x",
    "only in a string": 'def f(x):\n    return "tool(x)"',
    "only in an annotation": "def f(x):\n    y: tool = x\n    return y",
    "dead by a constant": "def f(x):\n    if False:\n        tool(x)\n    return x",
    "after the return": "def f(x):\n    return x\n    tool(x)",
    "another thing of that name": "def f(x):\n    tool = str\n    return tool(x)",
    "a parameter of that name": "def f(tool):\n    return tool(1)",
    "in a helper nobody calls": "def _h(x):\n    return tool(x)\n\n\ndef f(x):\n    return x",
    "a helper import of that name from elsewhere": "from os import path as tool\n\n\ndef f(x):\n    return tool(x)",
}


def _source(file: str) -> Source | None:
    parsed = parse(file, FILES[file].encode()) if file in FILES else None
    return read_source(parsed) if isinstance(parsed, Parsed) else None


def unused(of: Spec, unit: str, host: str) -> tuple[str, ...]:
    return uses.unused(of, unit, host, Resolver(_source, Roots(FILES.__contains__)))


@pytest.mark.parametrize("unit", USED.values(), ids=USED)
def test_used(unit: str) -> None:
    assert unused(spec(uses=(TOOL,)), unit, HOST) == ()


@pytest.mark.parametrize("unit", UNUSED.values(), ids=UNUSED)
def test_unused(unit: str) -> None:
    assert unused(spec(uses=(TOOL,)), unit, HOST) == ("tool",)


@pytest.mark.parametrize(
    ("use", "unit", "left"),
    [
        (Use("local", "app/text.py::local"), "def f(x):\n    return local(x)", ()),
        (Use("local", "app/text.py::local"), "def f(x):\n    return x", ("local",)),
        (Use("shapes.area", "app/shapes.py::area"), "def f(x):\n    return shapes.area(x)", ()),
        (Use("extra", None), "def f(x):\n    return extra.go(x)", ()),
        (Use("Box", "app/text.py::Box"), "def f(x):\n    return isinstance(x, Box)", ()),
        (Use("Box.size", "app/text.py::Box.size"), "def f(x):\n    return x.size()", ()),
        (Use("Box.size", "app/text.py::Box.size"), "def f(x):\n    return x", ("Box.size",)),
    ],
)
def test_entries_of_every_kind(use: Use, unit: str, left: tuple[str, ...]) -> None:
    assert unused(spec(uses=(use,)), unit, HOST) == left


BARE = "from app import lib\n\n\n"


@pytest.mark.parametrize(
    ("name", "body", "counts"),
    [
        ("note", "lib.note(x)\n    return x", True),
        ("stop", "lib.stop(x)", True),
        ("send", "await lib.send(x)\n    return x", True),
        ("send", "lib.send(x)\n    return x", False),
        ("rate", "lib.rate(x)\n    return x", False),
        ("rate", "lib.rate(x), lib.rate(x)\n    return x", False),
        ("rate", "lib.rate(x) == lib.rate(x)\n    return x", False),
        ("rate", "len(lib.rate(x))\n    return x", False),
        ("rate", "lib.note(lib.rate(x))", True),
        ("rate", "try:\n        lib.rate(x)\n    except ValueError:\n        return 0\n    return x", True),
        ("rate", "try:\n        lib.rate(x)\n    except ValueError:\n        pass\n    return x", False),
        ("rate", "if lib.rate(x):\n        return 1\n    return x", True),
    ],
)
def test_a_value_that_is_thrown_away(name: str, body: str, counts: bool) -> None:
    use = Use(f"lib.{name}", f"app/lib.py::{name}")
    start = "async def" if "send" in name else "def"
    left = () if counts else (use.spelled,)
    assert unused(spec(uses=(use,)), f"{BARE}{start} f(x):\n    {body}", f"from app import lib\n{HOST}") == left


@pytest.mark.parametrize(
    ("unit", "left"),
    [
        ("from json import loads as _l\n\n\ndef f(x):\n    return _l(x)", ()),
        ("import json\n\n\ndef f(x):\n    return json.loads(x)", ()),
        ("from json.decoder import loads as _l\n\n\ndef f(x):\n    return _l(x)", ("loads",)),
    ],
)
def test_what_the_project_does_not_define_counts_by_its_path(unit: str, left: tuple[str, ...]) -> None:
    assert unused(spec(uses=(Use("loads", None),)), unit, "from json import loads\n") == left


def test_a_method_in_its_class() -> None:
    method = spec(stub("def g(self):", unit="Box.g", kind=Kind.METHOD), uses=(TOOL,))
    assert unused(method, "class Box:\n    def g(self):\n        return tool(self)", HOST) == ()
    assert unused(method, "class Box:\n    def g(self):\n        return self", HOST) == ("tool",)


def test_a_test_uses_what_it_asserts() -> None:
    test = spec(stub("def test_f():", unit="test_f", kind=Kind.TEST), uses=(TOOL,))
    assert unused(test, "def test_f():\n    a = tool(1)\n    assert a == 1", HOST) == ()
    rate = spec(test.stub, uses=(Use("lib.rate", "app/lib.py::rate"),))
    raises = "from app import lib\n\n\ndef test_f():\n    with raises(ValueError):\n        lib.rate(1)"
    assert unused(rate, raises, "from app import lib\n") == ()
    assert unused(test, "def test_f():\n    _ = tool(1)\n    assert 1", HOST) == ("tool",)


def test_no_uses_needs_nothing() -> None:
    assert unused(spec(), "def f(x):\n    return x", HOST) == ()
