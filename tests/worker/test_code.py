"""`run_python` and recorded calls."""

from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Call, Ran, RecordCalls, Recording, RunCode
from jiti_bot.validation.workbench import Workbench
from tests.worker import project

# code -> output and exit status
CODE = {
    "nothing": ("", "", 0),
    "print": ("print('x')", "x\n", 0),
    "both streams": ("import sys; print('a', flush=True); print('b', file=sys.stderr)", "a\nb\n", 0),
    "exit": ("import sys; sys.exit()", "", 0),
    "exit status": ("import sys; sys.exit(3)", "", 3),
    "exit with words": ("import sys; sys.exit('words')", "words\n", 1),
    "exception": (
        "def f():\n    raise ValueError('bad')\nf()",
        (
            'Traceback (most recent call last):\n  File "<code>", line 3, in <module>\n  File "<code>", line 2, in f\n'
            "ValueError: bad\n"
        ),
        1,
    ),
    "does not parse": ("(", "  File \"<code>\", line 1\n    (\n    ^\nSyntaxError: '(' was never closed\n", 1),
    "no input": ("print(repr(input()))", "EOFError: EOF when reading a line", 1),
    "main": ("print(__name__)", "__main__\n", 0),
    "where": ("import os; print(os.path.exists('pyproject.toml'))", "True\n", 0),
    "the project": ("import app.plain; print(app.plain.VALUE)", "1\n", 0),
    "classes of its own pickle": (
        "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))).__name__)",
        "A\n",
        0,
    ),
}


@pytest.mark.parametrize(("code", "output", "status"), CODE.values(), ids=CODE)
def test_code(bench: Workbench, code: str, output: str, status: int) -> None:
    result = bench.run(RunCode(code), timeout=20.0)

    assert isinstance(result, Ran)
    assert output in result.output if output else result.output == ""
    assert result.status == status


def recording(unit: str, path: str, header: str, *, generator: bool = False) -> Recording:
    return Recording(f"app.text.{unit}", path, unit, header, generator)


SLUGIFY = recording("slugify", project.SLUGIFY, "def slugify(text: str) -> str:")
PARSE = recording("Parser.parse", project.PARSE, "def parse(self, text: str, *, strict: bool = False) -> str:")
SIZE = recording(
    "Parser.size.setter", ".jiti/src/app/text/Parser.size.setter.py", "def size(self, value: int) -> None:"
)
EACH = recording("each", ".jiti/src/app/text/each.py", "def each(\n    text: str,\n):", generator=True)

# a test's body -> recorded (key, arguments) pairs; `self` stands for a repr that holds an address
CALLS: dict[str, tuple[Recording, str, list[tuple[tuple[str, ...], ...]]]] = {
    "no call": (SLUGIFY, "pass", []),
    "function": (SLUGIFY, "slugify('A')", [(("text", "'A'"),)]),
    "by name": (SLUGIFY, "slugify(text='A')", [(("text", "'A'"),)]),
    "swallowed": (
        SLUGIFY,
        "for one in 'AB':\n        try: slugify(one)\n        except NotImplementedError: pass",
        [(("text", "'A'"),), (("text", "'B'"),)],
    ),
    "method": (PARSE, "Parser('p').parse('x', strict=True)", [(("self",), ("text", "'x'"), ("strict", "True"))]),
    "setter": (SIZE, "Parser('p').size = 3", [(("self",), ("value", "3"))]),
    "generator": (EACH, "list(each('x'))", [(("text", "'x'"),)]),
    "long argument": (SLUGIFY, "slugify('x' * 9999)", [(("text", "'" + "x" * 200 + "... (9999 in all)'"),)]),
    "argument without repr": (
        SLUGIFY,
        "slugify(type('Odd', (), {'__repr__': lambda self: 1 / 0})())",
        [(("text", "<Odd instance at"),)],
    ),
}


@pytest.mark.parametrize(("what", "body", "expected"), CALLS.values(), ids=CALLS)
def test_recorded_calls(
    bench: Workbench, root: Path, what: Recording, body: str, expected: list[tuple[tuple[str, ...], ...]]
) -> None:
    text = f"from app.text import Parser, each, slugify\ndef test_x():\n    {body}\n"
    name = project.write(root, "tests/test_calls.py", text)

    result = bench.run(RecordCalls((what,), (name,)), timeout=20.0)

    assert isinstance(result, Ran)
    assert [call.key for call in result.calls] == [what.key] * len(expected)
    assert {call.test for call in result.calls} <= {f"{name}::test_x"}
    for call, arguments in zip(result.calls, expected, strict=True):
        assert_arguments(call, arguments)


def assert_arguments(call: Call, expected: tuple[tuple[str, ...], ...]) -> None:
    assert [name for name, _ in call.arguments] == [one[0] for one in expected]
    for (_, value), one in zip(call.arguments, expected, strict=True):
        if len(one) > 1:
            assert value.startswith(one[1])
        assert len(value) < 700


def test_calls_are_counted_and_bounded(bench: Workbench, root: Path) -> None:
    text = """
        from app.text import slugify

        def test_many():
            for _ in range(10_000):
                try:
                    slugify("x")
                except NotImplementedError:
                    pass
    """
    name = project.write(root, "tests/test_calls.py", text)

    result = bench.run(RecordCalls((SLUGIFY,), (name,)), timeout=20.0)

    assert isinstance(result, Ran)
    assert len(result.calls) == 50
