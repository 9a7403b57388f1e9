"""Forms in which a body is handed in, before and after."""

import json

import pytest

from jiti_bot.errors import UsageError
from jiti_bot.pipeline.submission import Submission, read
from jiti_bot.source.discover import discover
from jiti_bot.source.model import Stub


def stub(text: str) -> Stub:
    return discover("app.py", f"from jiti import jiti\n\n\n{text}".encode()).stubs[0]


FUNCTION = stub('@jiti\ndef f(x: int) -> int:\n    """Double."""\n    ...\n')
METHOD = stub('class C:\n    @jiti\n    def f(self) -> int:\n        """Double."""\n        ...\n')


@pytest.mark.parametrize(
    ("text", "body", "helpers", "tests"),
    [
        pytest.param("return x * 2", "return x * 2", "", "", id="body"),
        pytest.param("    return x * 2\n", "    return x * 2\n", "", "", id="indented-body"),
        pytest.param("x += 1\n", "x += 1\n", "", "", id="body-that-is-a-module"),
        pytest.param('{"body": "return x", "tests": ""}', "return x", "", "", id="json"),
        pytest.param("{x: 1}\nreturn x", "{x: 1}\nreturn x", "", "", id="no-json"),
        pytest.param("def f(x):\n    return x", "return x", "", "", id="definition"),
        pytest.param("def f(x): return x", "return x", "", "", id="one-line"),
        pytest.param("def f(x):\n    # why\n\n    return x\n", "# why\n\nreturn x", "", "", id="leading-comment"),
        pytest.param("def f(\n    x,  # first\n):\n    return x\n", "return x", "", "", id="long-header"),
        pytest.param(
            "import re\n_A = 1\n\n\ndef f(x):\n    return _A\n\n\ndef test_f():\n    assert f(1)\n",
            "return _A",
            "import re\n_A = 1",
            "def test_f():\n    assert f(1)",
            id="helpers-and-tests",
        ),
        pytest.param('def f(x):\n    return """\na\n"""\n', 'return """\na\n"""', "", "", id="multi-line-string"),
    ],
)
def test_function(text: str, body: str, helpers: str, tests: str) -> None:
    assert read(text, FUNCTION, "f.py") == Submission(body, helpers, tests)


@pytest.mark.parametrize(
    "text",
    ["class C:\n    def f(self):\n        return 1\n", "def f(self):\n    return 1\n", "return 1"],
    ids=["in-its-class", "alone", "body"],
)
def test_method(text: str) -> None:
    assert read(text, METHOD, "f.py") == Submission("return 1")


CLASS = stub(
    """@jiti
class C:
    def __init__(self) -> None:
        ...

    @property
    def v(self) -> int:
        ...

    @v.setter
    def v(self, value: int) -> None:
        ...
"""
)
BODIES = {"C.__init__": "self._v = 0", "C.v": "return self._v", "C.v.setter": "self._v = value"}


@pytest.mark.parametrize(
    ("text", "helpers"),
    [
        pytest.param(json.dumps({"bodies": BODIES}), "", id="json"),
        pytest.param(
            """import re


class C:
    def __init__(self):
        self._v = 0

    @property
    def v(self):
        return self._v

    @v.setter
    def v(self, value):
        self._v = value
""",
            "import re",
            id="class",
        ),
    ],
)
def test_class(text: str, helpers: str) -> None:
    assert read(text, CLASS, "f.py") == Submission(BODIES, helpers)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(" \n", "f.py: there is nothing in it.", id="empty"),
        pytest.param("def f(x:\n", "f.py:1: it does not parse", id="broken"),
        pytest.param('{"body": ""}', "f.py: it has no `body`.", id="json-without-body"),
        pytest.param('{"code": "x"}', "f.py: 'code' is no part of a submission", id="json-with-more"),
        pytest.param('{"body": 1}', "f.py: 'body' is not a string", id="json-number"),
        pytest.param('{"bodies": {"C.f": 1}}', "f.py: 'bodies' is not an object of strings", id="json-bodies"),
    ],
)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, FUNCTION, "f.py")
    assert str(caught.value).startswith(said)
