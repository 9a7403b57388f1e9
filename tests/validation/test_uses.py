"""What counts as using an entry of ``uses=[...]``."""

import pytest

from jiti_bot.source.model import Kind, Use
from jiti_bot.validation.uses import unused
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
    "imported inside": "def f(x):\n    from .lib import tool as t\n    return t(x)",
    "in a nested function": "def f(x):\n    def go(y):\n        return tool(y)\n    return go(x)",
    "in a comprehension": "def f(x):\n    return [tool(y) for y in x]",
    "in a match guard": "def f(x):\n    match x:\n        case y if tool(y):\n            return 1\n    return 2",
    "as a decorator": "def f(x):\n    @tool\n    def go(y):\n        return y\n    return go(x)",
}
UNUSED = {
    "inline again": "def f(x):\n    return x.lower()",
    "bare mention": "def f(x):\n    tool\n    return x",
    "assigned and forgotten": "def f(x):\n    _ = tool\n    return x",
    "only in a string": 'def f(x):\n    return "tool(x)"',
    "only in an annotation": "def f(x):\n    y: tool = x\n    return y",
    "dead by a constant": "def f(x):\n    if False:\n        tool(x)\n    return x",
    "after the return": "def f(x):\n    return x\n    tool(x)",
    "another thing of that name": "def f(x):\n    tool = str\n    return tool(x)",
    "a parameter of that name": "def f(tool):\n    return tool(1)",
    "in a helper nobody calls": "def _h(x):\n    return tool(x)\n\n\ndef f(x):\n    return x",
    "a helper import of that name from elsewhere": "from os import path as tool\n\n\ndef f(x):\n    return tool(x)",
}


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


def test_a_method_in_its_class() -> None:
    method = spec(stub("def g(self):", unit="Box.g", kind=Kind.METHOD), uses=(TOOL,))
    assert unused(method, "class Box:\n    def g(self):\n        return tool(self)", HOST) == ()
    assert unused(method, "class Box:\n    def g(self):\n        return self", HOST) == ("tool",)


def test_no_uses_needs_nothing() -> None:
    assert unused(spec(), "def f(x):\n    return x", HOST) == ()
