"""Everything that can be wrong with a file: a finding with its place, cause and next step, never a traceback."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from jiti_bot.findings import CATALOGUE
from jiti_bot.source.discover import discover
from jiti_bot.source.index import Index
from jiti_bot.trees import WorkTree
from tests.source.trees import index, root_store

HEAD = "from jiti import jiti, Engine\n"


def codes(text: str) -> list[tuple[int, str]]:
    """Line and code of each finding."""
    return [(found.line, found.code) for found in discover("a.py", (HEAD + dedent(text)).encode()).findings]


WRONG = {
    "real body": ("@jiti\ndef f():\n    return 1\n", [(3, "stub-real-body")]),
    "real method": ("class A:\n    @jiti\n    def f(self):\n        return 1\n", [(4, "stub-real-body")]),
    "nested": ("def f():\n    @jiti\n    def g(): ...\n", [(4, "stub-nested")]),
    "nested deeper": ("def f():\n    class A:\n        @jiti\n        def g(self): ...\n", [(5, "stub-nested")]),
    "nested with its import": (
        "def f():\n    from jiti import jiti as s\n    @s\n    def g(): ...\n",
        [(5, "stub-nested")],
    ),
    "nested gate": ("def f():\n    @jiti.required_for(x)\n    def test_g(): ...\n", [(4, "gate-nested")]),
    "empty test in a gate's class": (
        (
            "@jiti.required_for(x)\nclass TestX:\n    def test_a(self): ...\n    def test_b(self): assert x\n"
            "    def helper(self): ...\n    @jiti.required_for(x)\n    def test_c(self): ...\n"
        ),
        [(4, "gate-empty")],
    ),
    **{
        f"a test that is {body!r} alone": (f"@jiti.required_for(x)\ndef test_a():\n    {body}\n", [(3, "gate-idle")])
        for body in (
            "assert True",
            "'Says.'; assert 1, 'x'",
            "return",
            "return None",
            "1",
            "x: int",
            "'Says.'; pass; pass",
        )
    },
    "a test that can fail": ("@jiti.required_for(x)\ndef test_a():\n    assert x\n", []),
    "class without stubs": ("@jiti\nclass A:\n    x = 1\n", [(3, "class-without-stubs")]),
    "class of abstract methods": (
        "from abc import abstractmethod\n@jiti\nclass A:\n    @abstractmethod\n    def f(self): ...\n",
        [(4, "class-without-stubs")],
    ),
    "decorated member": ("@jiti\nclass A:\n    @retry(3)\n    def f(self): ...\n", [(4, "class-member-decorator")]),
    "cached property as member": (
        "@jiti\nclass A:\n    @cached_property\n    def f(self): ...\n",
        [(4, "class-member-decorator")],
    ),
    "called while an enum is made": (
        (
            "import enum\nclass Base(enum.Enum): ...\n@jiti\nclass A(Base):\n    ONE = 1\n    TWO = enum.auto()\n"
            "    def __init__(self, n): ...\n    def _generate_next_value_(n, s, c, l): ...\n"
            "    def _missing_(c): ...\n"
        ),
        [(8, "class-member-early"), (9, "class-member-early")],
    ),
    "an enum's settings are no members": (
        "import enum\n@jiti\nclass A(enum.Enum):\n  __slots__ = ()\n  _ignore_ = []\n  def __init__(self, n): ...\n",
        [],
    ),
    "called by an enum's subclasses only": (
        "import enum\n@jiti\nclass A(enum.Enum):\n    def __init__(self, n): ...\n",
        [],
    ),
    "called by `auto()` only": (
        "from enum import Enum\n@jiti\nclass A(Enum):\n    B = 1\n    def _generate_next_value_(n, s, c, l): ...\n",
        [],
    ),
    "no enum": ("@jiti\nclass A:\n    B = 1\n    def __init__(self, n): ...\n", []),
    "odd decorator": ("@jiti\nclass A:\n    @(x or y)\n    def f(self): ...\n", [(4, "class-member-decorator")]),
    "above another decorator": (
        "from functools import cache\n@jiti\n@cache\ndef f(): ...\n@jiti\n@override\ndef g(): ...\n",
        [(3, "mark-above")],
    ),
    "a name too long for a file": (f"@jiti\ndef {'f' * 201}(): ...\n", [(3, "stub-name")]),
    "two stubs": ("@jiti\ndef f(): ...\n@jiti\ndef f(): ...\n", [(5, "duplicate-stub")]),
    "two stubs in branches": (
        "if X:\n    @jiti\n    def f(): ...\nelse:\n    @jiti\n    def f(): ...\n",
        [(7, "duplicate-stub")],
    ),
    "two classes": ("class A:\n    @jiti\n    def f(self): ...\n" * 2, [(7, "duplicate-stub")]),
    "two members": ("@jiti\nclass A:\n    def f(self): ...\n    def f(self): ...\n", [(5, "duplicate-stub")]),
    "registered twice": (
        "@g.register\n@jiti\ndef _(x: int): ...\n@g.register\n@jiti\ndef _(x: str): ...\n",
        [(7, "duplicate-stub")],
    ),
    "after a definition": ("def f(): return 1\n@jiti\ndef f(): ...\n", [(4, "duplicate-definition")]),
    "before a definition": ("@jiti\ndef f(): ...\ndef f(): return 1\n", [(3, "duplicate-overridden")]),
    "in a branch before a definition": (
        "if X:\n    @jiti\n    def f(): ...\ndef f(): return 1\n",
        [(4, "duplicate-overridden")],
    ),
    "case": ("@jiti\ndef f(): ...\n@jiti\ndef F(): ...\n", [(5, "case-collision")]),
    "the module": ("import jiti as j\n@j\ndef f(): ...\n", [(4, "mark-module")]),
    "both": ("@jiti\n@jiti.required_for(x)\ndef test_f(): ...\n", [(4, "mark-both")]),
    "twice": ("@jiti\n@jiti\ndef f(): ...\n", [(4, "mark-twice")]),
    "positional": ("@jiti(3)\ndef f(): ...\n", [(2, "mark-arguments")]),
    "unknown argument": ("@jiti(model='x')\ndef f(): ...\n", [(2, "mark-arguments")]),
    "unpacked arguments": ("@jiti(**x)\ndef f(): ...\n", [(2, "mark-arguments")]),
    "called with a function": ("def f(): ...\ng = jiti(f)\n", [(3, "mark-call")]),
    "uses no list": ("@jiti(uses=f)\ndef f(): ...\n", [(2, "uses-form")]),
    "uses a call": ("@jiti(uses=[g()])\ndef f(): ...\n", [(2, "uses-form")]),
    "uses text": ("@jiti(uses=['g'])\ndef f(): ...\n", [(2, "uses-form")]),
    "engine made": ("@jiti(engine=make())\ndef f(): ...\n", [(2, "engine-not-literal")]),
    "engine chosen": ("@jiti(engine=A if B else C)\ndef f(): ...\n", [(2, "engine-not-literal")]),
    "engine value": ("@jiti(engine=Engine(model=NAME))\ndef f(): ...\n", [(2, "engine-value")]),
    "engine positional": ("@jiti(engine=Engine('x'))\ndef f(): ...\n", [(2, "engine-value")]),
    "engine unpacked": ("@jiti(engine=Engine(**X))\ndef f(): ...\n", [(2, "engine-value")]),
    "engine unknown": ("@jiti(engine=Engine(speed=3))\ndef f(): ...\n", [(2, "engine-setting")]),
    "engine out of range": ("@jiti(engine=Engine(quality_threshold=11))\ndef f(): ...\n", [(2, "engine-setting")]),
    "two gates of one name": (
        "@jiti.required_for(x)\ndef test_f(): assert x\n@jiti.required_for(x)\ndef test_f(): assert y\n",
        [(3, "duplicate-gate")],
    ),
    "a gate below its namesake": ("def test_f(): assert x\n@jiti.required_for(x)\ndef test_f(): assert y\n", []),
    "a gate in one of two classes": (
        "class TestF:\n    @jiti.required_for(x)\n    def test_f(s): assert x\nclass TestF:\n    def test_f(s): 2\n",
        [(4, "duplicate-gate")],
    ),
    "a gate in each branch": (
        "if x:\n  @jiti.required_for(x)\n  def test_f(): x()\nelse:\n  @jiti.required_for(x)\n  def test_f(): y()\n",
        [],
    ),
    "gate without target": ("@jiti.required_for\ndef test_f(): assert x\n", [(2, "gate-form")]),
    "gate of nothing": ("@jiti.required_for()\ndef test_f(): assert x\n", [(2, "gate-form")]),
    "gate of a keyword": ("@jiti.required_for(a, strict=True)\ndef test_f(): assert x\n", [(2, "gate-form")]),
    "gate of one name and one call": ("@jiti.required_for(a, b())\ndef test_f(): assert x\n", [(2, "gate-form")]),
    "gate of text": ("@jiti.required_for('a.b')\ndef test_f(): assert x\n", [(2, "gate-form")]),
    "gate of a call": ("@jiti.required_for(a().b)\ndef test_f(): assert x\n", [(2, "gate-form")]),
    "example": ('@jiti\ndef f():\n    """Doc.\n\n    >>> f(\n    1\n    """\n', [(4, "doctest-syntax")]),
}


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case, id=name) for name, case in WRONG.items()])
def test_wrong_stubs_and_gates(text: str, expected: list[tuple[int, str]]) -> None:
    assert codes(text) == expected


def nested(count: int, start: str, repeated: str, end: str = "1") -> bytes:
    return f"{HEAD}{start}{repeated * count}{end}\n".encode()


UNREADABLE = {
    "syntax": (b"import jiti\ndef f(:\n", 2, "file-syntax"),
    "unfinished": (b"import jiti\nx = (\n", 2, "file-syntax"),
    "tabs and blanks": (b"import jiti\nif 1:\n\tx\n        y\n", 4, "file-syntax"),
    "not utf-8": (b"import jiti\n\nx = '\xff'\n", 3, "file-encoding"),
    "wrong cookie": (b"# coding: nonsense\nimport jiti\n", 1, "file-encoding"),
    "cookie of bytes": (b"# coding: rot13\nimport jiti\n", 1, "file-encoding"),
    "cookie is wrong": (b"# coding: ascii\nimport jiti\nx = '\xc3\xa4'\n", 3, "file-encoding"),
    "utf-16": ("import jiti\n".encode("utf-16") + b"jiti", 1, "file-encoding"),
    "nul": (b"import jiti\nx = 1\0\n", 2, "file-nul"),
    "brackets": (nested(5000, "x = ", "(", ")" * 5000), 2, "file-too-deep"),
    "lambdas": (nested(5000, "x = ", "lambda: "), 1, "file-too-deep"),
    "powers": (nested(5000, "x = ", "1 ** "), 1, "file-too-deep"),
    "blocks": (
        "".join(f"{' ' * n}if jiti:\n" for n in range(5000)).encode() + b" " * 5000 + b"x\n",
        101,
        "file-too-deep",
    ),
}


@pytest.mark.parametrize(("data", "line", "code"), [pytest.param(*case, id=name) for name, case in UNREADABLE.items()])
def test_unreadable_files(data: bytes, line: int, code: str) -> None:
    module = discover("a.py", data)
    assert [found.code for found in module.findings] == [code]
    if code != "file-syntax":  # parsers differ in the line they blame
        assert module.findings[0].line == line
    assert not module.readable
    assert module.stubs == ()


DEEP = {
    "signs": nested(5000, "x = ", "-"),
    "attributes": nested(5000, "x = a", ".b", ""),
    "calls": nested(5000, "x = f", "()", ""),
    "sums": nested(5000, "x = ", "1 + "),
    "conditions": nested(5000, "x = ", "1 if a else "),
    "elif": nested(5000, "if a:\n    pass\n", "elif b:\n    pass\n", ""),
    "many elif": nested(900, "if a:\n    pass\n", "elif b:\n    pass\n", ""),
    "many sums": nested(2500, "@jiti\ndef f(x=", "1 + ", "1): ..."),
    "many attributes": nested(2500, "@jiti(uses=[a", ".b", "])\ndef f(): ..."),
    "decorators": nested(5000, "", "@a\n", "@jiti\ndef f(): ..."),
    "aliases": (
        HEAD + "a0 = jiti\n" + "".join(f"a{n} = a{n - 1}\n" for n in range(1, 5000)) + "@a4999\ndef f(): ...\n"
    ).encode(),
    "branches": nested(90, "", "if a:\n  pass\n", ""),
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in DEEP.items()])
def test_deep_nesting_is_read_or_told(data: bytes) -> None:
    codes = {found.code for found in discover("a.py", data).findings}
    assert codes <= {"file-too-deep"}
    found = Index(_One(data), store_of=root_store)
    assert {each.code for each in found.findings()} <= {"file-too-deep", "uses-unbound"}
    found.specs()


class _One:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, file: str) -> bytes | None:
        return self.data if file == "a.py" else None

    def exists(self, file: str) -> bool:
        return file == "a.py"

    def candidates(self) -> tuple[str, ...]:
        return ("a.py",)


NEWER = {
    "type parameters of a function": ("def f[T](x: T): ...\n", (3, 12), "type parameters"),
    "type parameters of a class": ("class A[T]: ...\n", (3, 12), "type parameters"),
    "type statement": ("type X = int\n", (3, 12), "the type statement"),
    "nested quotes": ("x = f'{a['b']}'\n", (3, 12), "f-strings"),
    "backslash in f-string": ("x = f'{\"\\n\".join(a)}'\n", (3, 12), "f-strings"),
    "default of a type parameter": ("def f[T = int](x: T): ...\n", (3, 13), "defaults of type parameters"),
    "default of a parameter": ("def f[T](x: T = 1): ...\n", (3, 12), "type parameters"),
    "bare except": ("try:\n    pass\nexcept A, B:\n    pass\n", (3, 14), "except without parentheses"),
    "template": ("x = t'{a}'\n", (3, 14), "template strings"),
}


@pytest.mark.parametrize(("text", "version", "feature"), [pytest.param(*case, id=name) for name, case in NEWER.items()])
def test_newer_python(text: str, version: tuple[int, int], feature: str) -> None:
    findings = discover("a.py", f"import jiti\n{text}".encode()).findings
    if sys.version_info[:2] >= version:
        assert findings == ()
        return
    (found,) = findings
    assert found.code == "file-newer-python"
    assert feature in found.message
    assert f"`language_version: python{version[0]}.{version[1]}`" in found.remedy


def test_many_lines() -> None:
    text = HEAD + "x = [1, 2, 3]\n" * 50_000 + "@jiti\ndef f(): ...\n"
    module = discover("a.py", text.encode())
    assert [(stub.unit, stub.line) for stub in module.stubs] == [("f", 50_003)]


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("b.py")
    (tmp_path / "b.py").symlink_to("a.py")
    found = Index(WorkTree(str(tmp_path)), store_of=root_store, only=("a.py",)).findings()
    assert [(each.file, each.code) for each in found] == [("a.py", "file-unreadable")]


def test_what_the_tree_cannot_read() -> None:
    class Failing(_One):
        def read(self, file: str) -> bytes | None:
            raise OSError(40, "Too many levels of symbolic links")

    (found,) = Index(Failing(b""), store_of=root_store).findings()
    assert (found.code, "symbolic links" in found.message) == ("file-unreadable", True)


def test_unreadable_files_that_are_none_of_our_business() -> None:
    found = index(
        {
            "app.py": "from jiti import jiti\nfrom broken import x\n@jiti(uses=[x])\ndef f(): ...\n",
            "broken.py": "def (\n",
        }
    )
    assert found.findings() == ()
    assert [spec.key for spec in found.specs()] == ["app.f"]


def test_keys_that_differ_by_case() -> None:
    found = index(
        {
            "app/Text.py": "from jiti import jiti\n@jiti\ndef f(): ...\n",
            "app/text.py": "from jiti import jiti\n@jiti\ndef f(): ...\n",
        }
    ).findings()
    assert [(each.file, each.code) for each in found] == [("app/text.py", "case-collision")]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_message_says_what_and_what_next(code: str) -> None:
    message, remedy = CATALOGUE[code]
    assert message.endswith((".", "`.", ")."))
    assert remedy.endswith(".")
    assert message[0].isupper() or message[0] in "`{"


def test_findings_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from jiti import jiti\n@jiti\ndef f(): return 1\n")
    found = Index(WorkTree(str(tmp_path)), store_of=root_store).findings()
    assert [str(each).partition(" ")[0] for each in found] == ["a.py:3:"]
