"""The agent's tests as a module of their own."""

import pytest

from jiti_bot.source.model import Kind
from jiti_bot.validation.scratch import module
from tests.validation.specs import stub

HOST = "from app.lib import tool\n\nLIMIT = 3\n\n\nclass Box:\n    def size(self): ...\n\n\ndef f(x): ...\n"
TEST = "def test_a():\n    assert f(1) == 1\n"

CASES = {
    "nothing": ("", ""),
    "the stub": (TEST, f"from app.text import f\n\n{TEST}"),
    "what it uses of the host": (
        "def test_a():\n    assert f(LIMIT) == tool(Box())\n",
        "from app.text import Box, LIMIT, f, tool\n\ndef test_a():\n    assert f(LIMIT) == tool(Box())\n",
    ),
    "pytest": (
        "def test_a():\n    with pytest.raises(ValueError):\n        f(1)\n",
        "import pytest\n\nfrom app.text import f\n\ndef test_a():\n    with pytest.raises(ValueError):\n        f(1)\n",
    ),
    "imports of its own": (
        "from app.text import f\n\n\ndef test_a():\n    assert f(1)\n",
        "from app.text import f\n\n\ndef test_a():\n    assert f(1)\n",
    ),
    "names of its own": (
        "LIMIT = 1\n\n\ndef test_a(tool):\n    assert f(LIMIT, tool)\n",
        "from app.text import f\n\nLIMIT = 1\n\n\ndef test_a(tool):\n    assert f(LIMIT, tool)\n",
    ),
    "a docstring": (
        f'"""Why."""\n\n{TEST}',
        f'"""Why."""\n\nfrom app.text import f\n\n\n{TEST}',
    ),
}


@pytest.mark.parametrize(("tests", "text"), CASES.values(), ids=CASES)
def test_table(tests: str, text: str) -> None:
    assert module(stub(), tests, HOST, "app.text") == text


def test_a_method_needs_its_class() -> None:
    method = stub("def size(self):", unit="Box.size", kind=Kind.METHOD)
    assert module(method, "def test_a():\n    assert 1\n", HOST, "app.text").startswith("from app.text import Box\n")
