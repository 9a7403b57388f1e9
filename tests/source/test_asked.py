"""What ``uses=`` may name: whatever is there when the decorator runs, and nothing else."""

import pytest

from tests.source.trees import index

FILES = {
    "app/__init__.py": "from app.tools import helper\n",
    "app/tools.py": "def helper(): ...\nclass Box:\n    size: int = 1\n    def get(self): ...\nclass Sub(Box): ...\n",
    "app/lazy.py": "def __getattr__(name): return 1\n",
    "app/stars.py": "from elsewhere import *\n",
}
HEAD = "from jiti import jiti\nimport math\nimport app\nfrom app import lazy, stars, tools\n"


def found(text: str) -> list[tuple[int, str]]:
    """Line and code of each finding in app/a.py."""
    findings = index({**FILES, "app/a.py": HEAD + text}).findings()
    return [(each.line, each.code) for each in findings if each.file == "app/a.py"]


THERE = {
    "nothing": "@jiti\ndef f(): ...\n",
    "a function": "@jiti(uses=[tools.helper])\ndef f(): ...\n",
    "re-exported": "@jiti(uses=[app.helper])\ndef f(): ...\n",
    "a class and its members": "@jiti(uses=[tools.Box, tools.Box.get, tools.Box.size])\ndef f(): ...\n",
    "inherited": "@jiti(uses=[tools.Sub.get])\ndef f(): ...\n",
    "perhaps inherited": "@jiti(uses=[tools.Sub.other])\ndef f(): ...\n",
    "of every class": "@jiti(uses=[tools.Box.__init__])\ndef f(): ...\n",
    "a builtin": "@jiti(uses=[sorted, str.lower])\ndef f(): ...\n",
    "of the standard library": "@jiti(uses=[math.fsum, math.unheard])\ndef f(): ...\n",
    "made at run time": "@jiti(uses=[lazy.anything, stars.anything])\ndef f(): ...\n",
    "a submodule": "@jiti(uses=[app.tools.helper])\ndef f(): ...\n",
    "defined above": "def g(): ...\n@jiti(uses=[g])\ndef f(): ...\n",
    "perhaps defined above": "if X:\n    def g(): ...\n@jiti(uses=[g])\ndef f(): ...\ndef g(): ...\n",
    "a method from above in its class": "class A:\n    def g(self): ...\n    @jiti(uses=[g])\n    def f(self): ...\n",
    "a stub": "@jiti\ndef g(): ...\n@jiti(uses=[g])\ndef f(): ...\n",
    "a namesake": "from app.tools import helper as f\n@jiti(uses=[f])\ndef g(): ...\n",
}
NOT_THERE = {
    "unbound": ("@jiti(uses=[nowhere])\ndef f(): ...\n", [(5, "uses-unbound")]),
    "not in its module": ("@jiti(uses=[tools.halper])\ndef f(): ...\n", [(5, "uses-absent")]),
    "not in its class": ("@jiti(uses=[tools.Box.set])\ndef f(): ...\n", [(5, "uses-absent")]),
    "defined below": ("@jiti(uses=[g])\ndef f(): ...\ndef g(): ...\n", [(5, "uses-later")]),
    "imported below": ("@jiti(uses=[re.sub])\ndef f(): ...\nimport re\n", [(5, "uses-later")]),
    "itself": ("@jiti(uses=[f])\ndef f(): ...\n", [(5, "uses-itself")]),
    "itself by way of its module": (
        "import app.a\n@jiti(uses=[app.a.f])\ndef f(): ...\n",
        [(6, "uses-itself")],
    ),
    "its own class": (
        "class A:\n    @jiti(uses=[A.g])\n    def f(self): ...\n    def g(self): ...\n",
        [(6, "uses-later")],
    ),
}


@pytest.mark.parametrize("text", THERE.values(), ids=THERE)
def test_what_is_there(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("text", "expected"), NOT_THERE.values(), ids=NOT_THERE)
def test_what_is_not_there(text: str, expected: list[tuple[int, str]]) -> None:
    assert found(text) == expected


def test_a_circle_of_three() -> None:
    files = {
        f"{name}.py": f"from jiti import jiti\nimport {other}\n@jiti(uses=[{other}.f])\ndef f(): ...\n"
        for name, other in (("a", "b"), ("b", "c"), ("c", "a"))
    }
    files["d.py"] = "from jiti import jiti\nimport a\n@jiti(uses=[a.f])\ndef f(): ...\n"
    findings = index(files).findings()
    assert [(each.file, each.code) for each in findings] == [(f"{name}.py", "uses-cycle") for name in "abc"]
    assert "a.py::f -> b.py::f -> c.py::f -> a.py::f" in findings[0].message


def test_problems_stand_with_their_spec() -> None:
    files = {"a.py": "from jiti import jiti\n@jiti(uses=[x])\ndef f(): ...\n@jiti\ndef g(): ...\n"}
    problems = {spec.stub.unit: [each.code for each in spec.problems] for spec in index(files).specs()}
    assert problems == {"f": ["uses-unbound"], "g": []}


ENGINES = {
    "assigned twice": ("E = Engine()\nE = Engine()\n", "E", "bound more than once (a.py:2, a.py:3)"),
    "in two branches": ("if X:\n    E = Engine()\nelse:\n    E = Engine()\n", "E", "bound more than once"),
    "another value": ("E = make()\n", "E", "a.py:2 gives it another value"),
    "a function": ("def E(): ...\n", "E", "a.py:2 defines it as something else"),
    "from outside": ("from elsewhere import E\n", "E", "`elsewhere.E` is not among the project's files"),
    "nothing": ("", "E", "nothing by that name is found"),
}


@pytest.mark.parametrize(("text", "name", "reason"), ENGINES.values(), ids=ENGINES)
def test_why_an_engine_cannot_be_read(text: str, name: str, reason: str) -> None:
    files = {"a.py": f"from jiti import jiti, Engine\n{text}@jiti(engine={name})\ndef f(): ...\n"}
    (problem,) = index(files).findings()
    assert problem.code == "engine-unresolved"
    assert reason in problem.message


SETTINGS = {
    "a near name": ("modell='m'", "there is no setting 'modell' (did you mean 'model'?)"),
    "another's setting": ("jobs=3", "there is no setting 'jobs' (the settings are: client, "),
    "a wrong type": ("max_turns='3'", "max_turns must be a whole number from 1 to 1000, not '3'"),
    "a path outside": ("style='../x.md'", "style must be a path relative to the project's root, not '../x.md'"),
}


@pytest.mark.parametrize(("setting", "said"), SETTINGS.values(), ids=SETTINGS)
def test_the_rules_are_those_of_all_settings(setting: str, said: str) -> None:
    files = {"a.py": f"from jiti import jiti, Engine\n@jiti(engine=Engine({setting}))\ndef f(): ...\n"}
    (problem,) = index(files).findings()
    assert (problem.line, problem.code) == (2, "engine-setting")
    assert said in problem.message


def test_none_is_not_set() -> None:
    files = {"a.py": "from jiti import jiti, Engine\n@jiti(engine=Engine(model=None, max_turns=3))\ndef f(): ...\n"}
    (spec,) = index(files).specs()
    assert spec.problems == ()
    assert spec.stub.engine is not None
    assert spec.stub.engine.values == (("max_turns", 3),)
