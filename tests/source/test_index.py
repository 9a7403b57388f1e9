"""Gates find their stubs through imports, in any layout; uses and engines are followed; keys are unique."""

import pytest

from jiti_bot.errors import TargetError
from jiti_bot.source.model import GateKind
from tests.source.trees import MemoryTree, gated, index, root_store, specs

STUB = "from jiti import jiti\n@jiti\ndef f(x: int) -> int:\n    '''Doc.'''\n    ...\n"
CLASS = "from jiti import jiti\nclass P:\n    @jiti\n    def a(self): ...\n    @jiti\n    def b(self): ...\n"


def gate(imports: str, target: str) -> str:
    return f"{imports}\nfrom jiti import jiti\n@jiti.required_for({target})\ndef test_f(): assert {target}\n"


LAYOUTS = {
    "flat": ({"money.py": STUB, "test_money.py": gate("from money import f", "f")}, "money.f"),
    "flat, module attribute": ({"money.py": STUB, "test_money.py": gate("import money", "money.f")}, "money.f"),
    "flat, renamed": ({"money.py": STUB, "test_money.py": gate("import money as m", "m.f")}, "money.f"),
    "tests folder": ({"money.py": STUB, "tests/test_money.py": gate("from money import f", "f")}, "money.f"),
    "same file": ({"money.py": STUB + gate("", "f")}, "money.f"),
    "package": (
        {"app/__init__.py": "", "app/money.py": STUB, "tests/t.py": gate("from app.money import f as g", "g")},
        "app.money.f",
    ),
    "package, dotted": (
        {"app/__init__.py": "", "app/money.py": STUB, "tests/t.py": gate("import app.money", "app.money.f")},
        "app.money.f",
    ),
    "src": (
        {"src/app/__init__.py": "", "src/app/money.py": STUB, "tests/t.py": gate("from app import money", "money.f")},
        "app.money.f",
    ),
    "namespace": ({"src/ns/app/money.py": STUB, "t.py": gate("from ns.app.money import f", "f")}, "ns.app.money.f"),
    "namespace, dotted": (
        {"src/ns/app/money.py": STUB, "tests/t.py": gate("import ns.app.money as m", "m.f")},
        "ns.app.money.f",
    ),
    "namespace, attribute": ({"ns/money.py": STUB, "t.py": gate("import ns.money", "ns.money.f")}, "ns.money.f"),
    "in __init__": ({"app/__init__.py": STUB, "tests/t.py": gate("import app", "app.f")}, "app.f"),
    "re-exported": (
        {
            "app/__init__.py": "from .money import f as public\n",
            "app/money.py": STUB,
            "tests/t.py": gate("from app import public", "public"),
        },
        "app.money.f",
    ),
    "re-exported by a star": (
        {"app/__init__.py": "from .money import *\n", "app/money.py": STUB, "tests/t.py": gate("import app", "app.f")},
        "app.money.f",
    ),
    "re-exported twice": (
        {
            "app/__init__.py": "from app.api import f\n",
            "app/api.py": "from . import money\nf = money.f\n",
            "app/money.py": STUB,
            "tests/t.py": gate("from app import f", "f"),
        },
        "app.money.f",
    ),
    "function named as its module": (
        {"app/__init__.py": "from .f import f\n", "app/f.py": STUB, "tests/t.py": gate("from app import f", "f")},
        "app.f.f",
    ),
    "relative": (
        {"app/__init__.py": "", "app/money.py": STUB, "app/tests/__init__.py": "", "app/tests/t.py": gate(
            "from ..money import f", "f"
        )},
        "app.money.f",
    ),
    "relative module": (
        {"app/__init__.py": "", "app/money.py": STUB, "app/t.py": gate("from . import money", "money.f")},
        "app.money.f",
    ),
    "monorepo": (
        {
            "packages/pay/src/pay/__init__.py": "",
            "packages/pay/src/pay/money.py": STUB,
            "packages/pay/tests/t.py": gate("from pay.money import f", "f"),
        },
        "packages.pay.src.pay.money.f",
    ),
    "a root that nobody told": (
        {
            "lib/python/app/__init__.py": "from .money import f\n",
            "lib/python/app/money.py": STUB,
            "tests/t.py": gate("from app import f", "f"),
        },
        "lib.python.app.money.f",
    ),
    "helper beside the test": (
        {"tests/money.py": STUB, "tests/t.py": gate("from money import f", "f")},
        "tests.money.f",
    ),
    "star": ({"money.py": STUB, "t.py": gate("from money import *", "f")}, "money.f"),
    "in try": (
        {
            "money.py": STUB,
            "t.py": gate("try:\n    from fast import f\nexcept ImportError:\n    from money import f", "f"),
        },
        "money.f",
    ),
    "wrapped": (
        {
            "money.py": STUB + "from functools import lru_cache\ng = lru_cache(f)\n",
            "t.py": gate("from money import g", "g"),
        },
        "money.f",
    ),
    "name of a standard module": (
        {"src/app/__init__.py": "", "src/app/json.py": STUB, "tests/t.py": gate("from app.json import f", "f")},
        "app.json.f",
    ),
    "import in the test class": (
        {
            "money.py": STUB,
            "t.py": "from jiti import jiti\nclass TestF:\n    from money import f\n    @jiti.required_for(f)\n"
            "    def test_f(self): assert f\n",
        },
        "money.f",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "key"), [pytest.param(*case, id=name) for name, case in LAYOUTS.items()])
def test_gates_find_their_stubs(files: dict[str, str], key: str) -> None:
    found = index(files)
    assert found.findings() == ()
    assert {name: len(gates) for name, gates in gated(files).items()} == {key: 1}


def test_pythonpath_of_pytest() -> None:
    files = {
        "lib/deep/money.py": STUB,
        "lib/other/names.py": "from money import f\n",
        "tests/t.py": gate("from names import f", "f"),
    }
    assert [each.code for each in index(files).findings()] == ["gate-unresolved"]
    found = index(files, pythonpath=("./lib/deep", "lib/other/"))
    assert found.findings() == ()
    assert [spec.gates[0].name for spec in found.specs()] == ["test_f"]


TARGETS = {
    "method": ("P.a", ["p.P.a"]),
    "class": ("P", ["p.P.a", "p.P.b"]),
    "inherited method": ("Child.a", ["p.P.a"]),
    "inheriting class": ("Child", ["p.P.a", "p.P.b"]),
    "property with its setter": ("Q.v", ["p.Q.v", "p.Q.v.setter"]),
    "member of a class stub": ("C.m", ["p.C"]),
    "class stub": ("C", ["p.C"]),
    "nested class": ("Outer.Inner", ["p.Outer.Inner.z"]),
    "outer class": ("Outer", ["p.Outer.Inner.z"]),
    "alias of a method": ("short", ["p.P.a"]),
}
TARGET_FILE = (
    CLASS
    + """
class Child(P): pass
class Q:
    @property
    @jiti
    def v(self): ...
    @v.setter
    @jiti
    def v(self, value): ...
@jiti
class C:
    def m(self): ...
class Outer:
    class Inner:
        @jiti
        def z(self): ...
short = P.a
"""
)


@pytest.mark.parametrize(("target", "keys"), [pytest.param(*case, id=name) for name, case in TARGETS.items()])
def test_targets(target: str, keys: list[str]) -> None:
    files = {"p.py": TARGET_FILE, "test_p.py": gate(f"from p import {target.partition('.')[0]}", target)}
    assert index(files).findings() == ()
    assert list(gated(files)) == keys


LOST = {
    "plain function": ("from money import g", "g", "gate-not-stub", "money.py:6"),
    "plain value": ("from money import N", "N", "gate-not-stub", "money.py:8"),
    "module": ("import money", "money", "gate-not-stub", "the module money.py"),
    "class without stubs": ("class A: pass", "A", "gate-not-stub", "t.py:1"),
    "jiti itself": ("import jiti as j", "j.jiti", "gate-not-stub", "jiti itself"),
    "misspelled": ("from money import fx", "fx", "gate-unresolved", "not found where `fx` comes from"),
    "misspelled attribute": ("import money", "money.fx", "gate-unresolved", "not found where `money` comes from"),
    "unbound": ("", "f", "gate-unresolved", "not bound"),
    "outside": ("from elsewhere import f", "f", "gate-unresolved", "`elsewhere.f` is not among"),
    "broken": ("from broken import f", "f", "gate-unresolved", "broken.py cannot be read"),
    "circle": ("from ring import f", "f", "gate-unresolved", "not found"),
    "above the project": ("from .... import f", "f", "gate-unresolved", "not found"),
}


@pytest.mark.parametrize(
    ("imports", "target", "code", "reason"), [pytest.param(*case, id=name) for name, case in LOST.items()]
)
def test_targets_that_are_no_stubs(imports: str, target: str, code: str, reason: str) -> None:
    files = {
        "money.py": f"{STUB}def g(): return 1\n\nN = 3\n",
        "broken.py": "def (",
        "ring.py": "from ring2 import *\nfrom ring import *\n",
        "ring2.py": "from ring import *\nfrom ring2 import *\n",
        "t.py": gate(imports, target),
    }
    (found,) = index(files).findings()
    assert (found.file, found.code) == ("t.py", code)
    assert reason in found.message


def test_jiti_through_a_module_of_the_project() -> None:
    files = {
        "app/__init__.py": "",
        "app/compat.py": "try:\n    from jiti import jiti as stub, Engine\nexcept ImportError:\n    stub = None\n",
        "app/money.py": "from app.compat import stub  # jiti\n@stub\ndef f(): ...\n",
        "app/other.py": "from . import compat  # jiti\n@compat.stub(engine=compat.Engine(max_turns=3))\ndef g(): ...\n",
    }
    assert sorted(specs(files)) == ["app.money.f", "app.other.g"]
    assert specs(files)["app.other.g"].stub.engine is not None


def test_a_module_of_the_project_named_jiti_is_another() -> None:
    files = {"jiti.py": "def jiti(f): return f\n", "app.py": "from jiti import jiti\n@jiti\ndef f(): return 1\n"}
    assert index(files).findings() == ()
    assert specs(files) == {}
    files["jiti.py"] = "from jiti_bot import jiti\n"
    assert [found.code for found in index(files).findings()] == ["stub-real-body"]


def test_engines_are_followed() -> None:
    files = {
        "app/__init__.py": "",
        "app/engines.py": "import jiti\nFAST = jiti.Engine(model='m')\nTWICE = jiti.Engine()\nTWICE = jiti.Engine()\n"
        "MADE = make()\n",
        "app/a.py": "from jiti import jiti\nfrom app.engines import FAST as E\n@jiti(engine=E)\ndef f(): ...\n",
        "app/b.py": "from jiti import jiti\nfrom app import engines\n@jiti(engine=engines.FAST)\ndef f(): ...\n",
    }
    for spec in index(files).specs():
        assert spec.stub.engine is not None
        assert (spec.stub.engine.values, spec.stub.engine.file, spec.stub.engine.line) == (
            (("model", "m"),),
            "app/engines.py",
            2,
        )
    for name in ("TWICE", "MADE", "MISSING"):
        files["app/a.py"] = (
            f"from jiti import jiti\nfrom app.engines import {name}\n@jiti(engine={name})\ndef f(): ...\n"
        )
        assert [(found.line, found.code) for found in index(files).findings()] == [(3, "engine-unresolved")]


def test_uses_are_resolved() -> None:
    files = {
        "app/__init__.py": "from .tools import helper\nLIMIT = 3\n",
        "app/tools.py": "def helper(x: int) -> int:\n    return x\nclass Box:\n    def get(self): ...\n",
        "app/a.py": "import re\nimport app\nfrom jiti import jiti\nfrom app import helper, LIMIT\n"
        "from app.tools import Box\n"
        "@jiti(uses=[helper, Box, Box.get, re.compile, app.tools.helper, LIMIT, len, nowhere])\ndef f(): ...\n",
    }
    found = index(files)
    assert [(each.line, each.code) for each in found.findings()] == [(6, "uses-unbound")]
    assert [(use.spelled, use.target) for use in found.specs()[0].uses] == [
        ("helper", "app/tools.py::helper"),
        ("Box", "app/tools.py::Box"),
        ("Box.get", "app/tools.py::Box.get"),
        ("re.compile", None),
        ("app.tools.helper", "app/tools.py::helper"),
        ("LIMIT", "app/__init__.py::LIMIT"),
        ("len", None),
        ("nowhere", None),
    ]


def test_keys_and_paths() -> None:
    files = {
        "src/app/text.py": STUB,
        "app/text.py": STUB,
        "app/__init__.py": STUB,
        "lib/core.py": STUB,
        "tests/test_core.py": "from jiti import jiti\nfrom lib.core import f\n"
        "@jiti.required_for(f)\ndef test_x(): ...\n",
    }
    assert {spec.key: spec.path for spec in index(files).specs()} == {
        "app.f": ".jiti/app/__init__/f.py",
        "app/text.py::f": ".jiti/app/text/f.py",
        "lib.core.f": ".jiti/lib/core/f.py",
        "src/app/text.py::f": ".jiti/src/app/text/f.py",
        "tests.test_core.test_x": ".jiti/tests/tests/test_core/test_x.py",
    }


def test_store_inside_a_package() -> None:
    tree = MemoryTree({"src/app/text.py": STUB, "src/app/sub/more.py": STUB})
    from jiti_bot.source.index import Index

    found = Index(tree, store_of=lambda _file: "src/app/.jiti")
    assert {spec.key: (spec.store, spec.path) for spec in found.specs()} == {
        "sub.more.f": ("src/app/.jiti", "src/app/.jiti/sub/more/f.py"),
        "text.f": ("src/app/.jiti", "src/app/.jiti/text/f.py"),
    }


DOCTESTED = "from jiti import jiti\n@jiti\ndef f(x):\n    '''Doc.\n\n    >>> f(1)\n    1\n    '''\n"


@pytest.mark.parametrize(("setting", "runs"), [("gate", [True]), ("show", [False]), ("off", [])])
def test_doctests_setting(setting: str, runs: list[bool]) -> None:
    (spec,) = index({"a.py": DOCTESTED}, doctests=setting).specs()
    assert [(gate.kind, gate.name, gate.targets, gate.runs) for gate in spec.gates] == [
        (GateKind.DOCTEST, "f", ("a.f",), each) for each in runs
    ]
    assert spec.digests.gates == "-"  # examples are the docstring's


def test_class_stub_gets_its_members_examples() -> None:
    text = DOCTESTED.replace("def f(x):", "class A:\n  def f(self):").replace("    '", "      '")
    (spec,) = index({"a.py": text.replace("\n    ", "\n      ")}).specs()
    assert [(gate.name, gate.targets) for gate in spec.gates] == [("A.f", ("a.A",))]


def test_jiti_tests_know_their_targets() -> None:
    files = {
        "money.py": STUB,
        "test_money.py": "from jiti import jiti\nfrom money import f\n"
        "@jiti.required_for(f)\ndef test_f():\n    '''D.'''\n",
    }
    found = specs(files)
    test = found["test_money.test_f"]
    assert (test.gates, [(use.spelled, use.target) for use in test.uses]) == ((), [("f", "money.py::f")])
    assert [(gate.kind, gate.targets) for gate in found["money.f"].gates] == [(GateKind.TEST, ("money.f",))]
    before = test.digests
    files["money.py"] = STUB.replace("int) ->", "str) ->")
    assert before.changed(specs(files)["test_money.test_f"].digests) == ("uses",)


def test_gates_of_the_whole_project() -> None:
    files = {"money.py": STUB + DOCTESTED.replace("def f", "def g"), "test_money.py": gate("from money import f", "f")}
    assert [(each.name, each.targets) for each in index(files).gates()] == [
        ("g", ("money.g",)),
        ("test_f", ("money.f",)),
    ]


def test_partial_mode_reads_what_it_needs() -> None:
    files = {
        "app/__init__.py": "",
        "app/money.py": STUB,
        "app/other.py": STUB.replace("def f(", "def other("),
        "app/wrong.py": "from jiti import jiti\n@jiti\ndef f(): return 1\n",
        "tests/test_money.py": gate("from app.money import f", "f"),
    }
    tree = MemoryTree(files)
    from jiti_bot.source.index import Index

    found = Index(tree, store_of=root_store, only=("tests/test_money.py",))
    assert found.findings() == ()
    assert found.specs(gates=False) == ()
    assert set(tree.reads) == {"tests/test_money.py", "app/__init__.py", "app/money.py"}
    partial = Index(tree, store_of=root_store, only=("app/money.py",))
    (without,) = partial.specs(gates=False)
    (complete,) = partial.specs()
    assert (without.gates, without.digests.gates) == ((), "-")
    assert [gate.name for gate in complete.gates] == ["test_f"]
    assert without.digests.changed(complete.digests) == ("gates",)
    assert complete == next(spec for spec in index(files).specs() if spec.key == "app.money.f")


WORDS = {
    "key": ("app.text.P.a", ["app.text.P.a"]),
    "module": ("app.text", ["app.text.f", "app.text.P.a", "app.text.P.b"]),
    "class": ("app.text.P", ["app.text.P.a", "app.text.P.b"]),
    "package": ("app", ["app.text.f", "app.text.P.a", "app.text.P.b"]),
    "file": ("src/app/text.py", ["app.text.f", "app.text.P.a", "app.text.P.b"]),
    "file with dot": ("./src/app/text.py", ["app.text.f", "app.text.P.a", "app.text.P.b"]),
    "file with backslashes": ("src\\app\\text.py", ["app.text.f", "app.text.P.a", "app.text.P.b"]),
    "folder": ("src/app/", ["app.text.f", "app.text.P.a", "app.text.P.b"]),
    "unit of a file": ("src/app/text.py::P.a", ["app.text.P.a"]),
    "class of a file": ("src/app/text.py::P", ["app.text.P.a", "app.text.P.b"]),
    "committed file": (".jiti/src/app/text/P.a.py", ["app.text.P.a"]),
}


@pytest.mark.parametrize(("word", "keys"), [pytest.param(*case, id=name) for name, case in WORDS.items()])
def test_find(word: str, keys: list[str]) -> None:
    found = index({"src/app/text.py": STUB + CLASS, "other.py": STUB})
    assert [spec.key for spec in found.find(word)] == keys


@pytest.mark.parametrize(
    ("word", "hint"),
    [("app.text.g", "app.text.f"), ("f", "app.text.f"), ("P.a", "app.text.P.a"), ("", "status"), ("zzz", "status")],
)
def test_find_nothing(word: str, hint: str) -> None:
    with pytest.raises(TargetError) as caught:
        index({"src/app/text.py": STUB + CLASS}).find(word)
    assert hint in caught.value.remedy


def test_find_in_an_empty_project() -> None:
    with pytest.raises(TargetError, match="No stubs were found"):
        index({"a.py": "x = 1\n"}).find("a")


def test_find_by_dotted_name_that_two_share() -> None:
    found = index({"src/app.py": STUB, "app.py": STUB})
    assert [spec.key for spec in found.find("app.f")] == ["app.py::f", "src/app.py::f"]
