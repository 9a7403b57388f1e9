"""What the agent is told, and with which tools."""

from dataclasses import replace

import pytest

from jiti_bot.agent import prompts, tools
from jiti_bot.agent.brief import MAX_HOST, Brief
from jiti_bot.agent.excerpt import excerpt
from jiti_bot.agent.outcome import Done
from jiti_bot.loopback import Reply, ToolUse
from jiti_bot.source.model import EngineRef, Gate, GateKind, Kind, Use
from jiti_bot.validation.model import Base
from tests.agent.kit import DOCTEST, FILES, HOST, KEY, SPEC, STUB, brief, room, script

HUMAN = Gate("test_slug", GateKind.HUMAN, "tests/test_text.py", 5, (KEY,), "2" * 16)
WRITTEN = Gate("test_edges", GateKind.TEST, "tests/test_text.py", 9, (KEY,), "3" * 16)
TESTS = """from app.text import slugify


@jiti.required_for(slugify)
def test_slug():
    assert slugify("A b") == "a-b"
"""


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "tests/test_text.py", TESTS)


def test_the_first_words_name_the_stub() -> None:
    assert brief().first.startswith(f"Implement `{KEY}`, in `src/app/text.py` from line 7.")


def test_a_stub_with_examples_alone() -> None:
    first = brief().first

    assert HOST.rstrip() in first
    assert "- the examples in the docstring" in first
    assert "committed" not in first


CHANGES = {
    "gates by people and by models": (
        {"spec": replace(SPEC, gates=(HUMAN, WRITTEN))},
        ["- `test_slug` in `tests/test_text.py` line 5, by a person", "line 9, a jiti-test", TESTS.rstrip()],
    ),
    "examples that cannot run": (
        {"spec": replace(SPEC, gates=(replace(DOCTEST, runs=False),))},
        ["- not run, but meant: docstring examples"],
    ),
    "no gates": ({"spec": replace(SPEC, gates=())}, ["None: hold to the docstring"]),
    "a generated test": ({"generated": {".jiti/tests/x.py": "def test_y(): ..."}}, ["def test_y(): ..."]),
    "uses": ({"spec": replace(SPEC, uses=(Use("lib.tool", None), Use("Box", None)))}, ["built on `lib.tool`, `Box`"]),
    "a hint of a person": ({"hint": " Use translate. "}, ["# What a person asked for\n\nUse translate."]),
    "a method": (
        {"spec": replace(SPEC, stub=replace(STUB, unit="Parser.slugify", kind=Kind.METHOD))},
        ["It stands in the class `Parser`"],
    ),
    "a coroutine": ({"spec": replace(SPEC, stub=replace(STUB, is_async=True))}, ["It is an async function"]),
    "a generator": ({"spec": replace(SPEC, stub=replace(STUB, is_generator=True))}, ["It is a generator,"]),
    "an engine": ({"spec": replace(SPEC, stub=replace(STUB, engine=EngineRef((), "x.py", 1)))}, [KEY]),
}


@pytest.mark.parametrize(("changes", "said"), CHANGES.values(), ids=CHANGES.keys())
def test_what_is_told_about(changes: dict, said: list[str]) -> None:
    first = brief(**changes).first

    for words in said:
        assert words in first


def test_a_regeneration_starts_from_what_is_committed() -> None:
    told = brief(committed="def slugify(text):\n    return text\n", changed=("docstring", "gates"))

    assert "```python\ndef slugify(text):\n    return text\n```" in told.first
    assert "Since then changed: docstring, gates." in told.first
    assert "call `keep` instead" in told.first
    assert "keep" in told.tools


def test_a_test_is_written_from_the_interface_alone() -> None:
    test = replace(STUB, unit="test_edges", kind=Kind.TEST, file="tests/test_text.py", header="def test_edges():")
    told = brief(spec=replace(SPEC, key="tests.test_text.test_edges", stub=test, gates=()), targets=(STUB,))

    assert told.tools == ("read_file", "search", "submit_test")
    assert told.first.startswith("Write the test `tests.test_text.test_edges`")
    assert "def slugify(text: str) -> str:" in told.first
    assert "before the code that it tests exists" in told.system[0]
    assert "# How the code reads" not in told.system[1]


def test_guides_of_the_project_take_the_place_of_ours() -> None:
    system = brief(style="Tabs.", test_guide="None.", python="3.13").system[1]

    assert (
        system
        == "# The project\n\nIt runs on Python 3.13 and newer: nothing newer than that may be used.\n\nTabs.\n\nNone."
    )


def test_what_stubs_share_is_the_same_for_all() -> None:
    assert brief().system == brief(spec=replace(SPEC, key="app.other"), hint="x", committed="y").system


def test_a_long_module_is_told_in_part() -> None:
    long = HOST + "".join(f"\n\ndef f{n}(x):\n    return {'x' * 50}\n" for n in range(600))
    FILES["src/app/long.py"] = long
    first = brief(spec=replace(SPEC, stub=replace(STUB, file="src/app/long.py"))).first

    assert "`src/app/long.py`, in part; `read_file` shows the rest" in first
    assert len(first) < MAX_HOST + 2000
    assert "def f3(x):\n    ..." in first


MANY = tuple(Gate(f"test_{n}", GateKind.HUMAN, f"tests/test_{n}.py", 5, (KEY,), "2" * 16) for n in range(500))
HUGE = f"def _other(x):\n    return {'x' * 1000}\n\n\n" * 2000
LARGE: dict[str, tuple[dict, list[str]]] = {
    "a host of two megabytes": (
        {"spec": replace(SPEC, stub=replace(STUB, file="src/app/huge.py"))},
        ["`src/app/huge.py`, in part; `read_file` shows the rest", "def slugify(text: str)", "# ... and so on"],
    ),
    "five hundred gates, each in a file of its own": (
        {"spec": replace(SPEC, gates=MANY)},
        [
            "- `test_59`",
            "- and 440 more; `search` finds them",
            "Not shown: `tests/test_",
            "more; `read_file` shows them.",
        ],
    ),
    "five hundred gates in one large file": (
        {"spec": replace(SPEC, gates=tuple(replace(one, file="tests/test_all.py") for one in MANY))},
        ["`tests/test_all.py`, in part; `read_file` shows the rest", "def test_0():", "# ... and so on"],
    ),
    "a generated test without end": (
        {
            "generated": {".jiti/tests/x.py": "def test_edges():\n" + "    y()\n" * 100_000},
            "spec": replace(SPEC, gates=(WRITTEN,)),
        },
        ["`.jiti/tests/x.py`, written by a model from the interface alone, in part", "    y()\n", "# ... and so on"],
    ),
    "a committed body of half a megabyte": (
        {"committed": "def slugify(text):\n" + "    text()\n" * 50_000},
        ["characters more: `read_file` shows them", "Make the smallest change"],
    ),
    "much that it is built on": (
        {"spec": replace(SPEC, uses=tuple(Use(f"u.f{n}", f"u.py::f{n}") for n in range(500)))},
        ["# What it is built on\n\n`u.f0` in `u.py`:", "def f0(x):"],
    ),
}


@pytest.mark.parametrize(("changes", "said"), LARGE.values(), ids=LARGE)
def test_what_is_large_is_told_in_part_and_that_it_is(changes: dict, said: list[str]) -> None:
    FILES["src/app/huge.py"] = HUGE + HOST + HUGE
    FILES["tests/test_all.py"] = "".join(f"def test_{n}():\n    assert {'x' * 500}\n\n\n" for n in range(500))
    FILES["u.py"] = "".join(f'def f{n}(x):\n    """Does {"much " * 50}."""\n    return {n}\n' for n in range(500))
    FILES.update((gate.file, f"def {gate.name}():\n    assert {'x' * 500}\n" * 3) for gate in MANY)

    first = brief(**changes).first

    assert len(first) < 100_000
    for words in said:
        assert words in first


def test_backticks_in_a_module_do_not_end_it() -> None:
    FILES["src/app/ticks.py"] = '"""```\ncode\n```"""\n'
    first = brief(spec=replace(SPEC, stub=replace(STUB, file="src/app/ticks.py"))).first

    assert "````python\n" in first


EXCERPTS = {
    "what fits is whole": ("x = 1\n", 100, "x = 1\n", True),
    "other functions lose their bodies": (
        "import a\n\n\n@d\ndef f(x):\n    return 1\n\n\ndef g(\n    y,\n):\n    return 2\n",
        60,
        "import a\n@d\ndef f(x):\n    return 1\ndef g(\n    y,\n):\n    ...",
        False,
    ),
    "a large class is its head, what is wanted in it, and the heads of the others": (
        f"class C(B):\n    x = 1\n\n    def g(self):\n        {'x' * 99}\n\n    def f(self):\n        return 1\n",
        120,
        "class C(B):\n    x = 1\n    def g(self):\n        ...\n    def f(self):\n        return 1",
        False,
    ),
    "what is nearest is shown, what is far is not": (
        "".join(f"def {name}(x):\n    return {name}\n" for name in "abcdefghi"),
        84,
        "def e(x):\n    ...\ndef f(x):\n    return f\ndef g(x):\n    ...\n# ... and so on",
        False,
    ),
    "what does not parse is cut": ("def (\n" * 50, 20, "def (\ndef (\ndef (\n# ... and so on", False),
}


@pytest.mark.parametrize(("text", "most", "shown", "whole"), EXCERPTS.values(), ids=EXCERPTS.keys())
def test_excerpts(text: str, most: int, shown: str, whole: bool) -> None:
    assert excerpt(text, ("f", "C.f"), most) == (shown, whole)


@pytest.mark.parametrize("told", [brief(), brief(committed="x")], ids=["new", "again"])
def test_tools_have_strict_schemas_and_words_for_every_field(told: Brief) -> None:
    for tool in told.definitions():
        schema = tool["input_schema"]
        assert tool["strict"] is True
        assert tool["description"]
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
        assert all(field["description"] for field in schema["properties"].values())


def test_no_place_in_a_prompt_is_left_open() -> None:
    told = str(brief(committed="{{key}}", hint="h"))

    assert told.count("{{") == 1  # what was put in is not filled again


def test_every_prompt_is_used_and_no_tool_is_without_words() -> None:
    assert set(prompts.tools()) == {tool["name"] for tool in tools.definitions(tuple(prompts.tools()))}


METHOD = replace(STUB, kind=Kind.METHOD, docstring_source="", owner_headers=("class Parser:",))
MEMBERS = (
    replace(METHOD, unit="Parser.read", header="def read(self):"),
    replace(METHOD, unit="Parser.write", header="def write(self):"),
)
CLASS = replace(
    SPEC,
    stub=replace(STUB, unit="Parser", kind=Kind.CLASS, header="class Parser:", members=MEMBERS, docstring_source=""),
)


def test_the_methods_of_a_class_are_submitted_together() -> None:
    told = brief(spec=CLASS)
    submit = next(tool for tool in told.definitions() if tool["name"] == "submit")

    assert "`submit` takes `bodies`" in told.first
    assert list(submit["input_schema"]["properties"]) == ["bodies", "helpers", "tests", "quality"]
    assert list(submit["input_schema"]["properties"]["bodies"]["properties"]) == ["Parser.read", "Parser.write"]


def test_a_class_without_one_of_its_methods_is_sent_back() -> None:
    half = Reply((ToolUse("submit", {"bodies": {"Parser.read": "pass"}, "helpers": "", "tests": "", "quality": 9}),))
    bodies = dict.fromkeys(("Parser.read", "Parser.write"), "pass")
    whole = Reply((ToolUse("submit", {"bodies": bodies, "quality": 9}),))
    with room(script(start=half, otherwise=whole)) as here:
        outcome = here.work(brief(spec=CLASS))

    assert isinstance(outcome, Done)
    assert "a text for each of: Parser.read, Parser.write" in here.results()[0]["content"]
    assert here.bench.judged[0].bodies == {"Parser.read": "pass", "Parser.write": "pass"}


BASE = Base(
    "class Parser:\n    def read(self): ...\n", kept=frozenset({"Parser.read"}), locked=frozenset({"Parser.read"})
)
PARTS = {
    "one is new": (
        replace(BASE, missing=frozenset({"Parser.write"})),
        "To be written: `Parser.write`. Leave out `Parser.read`",
        ["Parser.read", "Parser.write"],
        ["Parser.write"],
        False,
    ),
    "one was reworded": (
        BASE,
        "To be written: `Parser.write`.",
        ["Parser.read", "Parser.write"],
        ["Parser.write"],
        True,
    ),
    "a person wrote the other": (
        replace(BASE, edited=frozenset({"Parser.read"})),
        "Leave out `Parser.read`",
        ["Parser.write"],
        ["Parser.write"],
        True,
    ),
    "all may stay": (
        Base(BASE.code, kept=frozenset({"Parser.read", "Parser.write"})),
        "To be written: whatever has to change, and nothing else. Leave out every method that can stay.",
        ["Parser.read", "Parser.write"],
        [],
        True,
    ),
}


@pytest.mark.parametrize(("base", "words", "members", "required", "keep"), PARTS.values(), ids=PARTS)
def test_a_class_of_which_some_is_committed(
    base: Base, words: str, members: list[str], required: list[str], *, keep: bool
) -> None:
    told = brief(spec=CLASS, committed=base.code, base=base, changed=("docstring",))
    submit = next(tool for tool in told.definitions() if tool["name"] == "submit")
    bodies = submit["input_schema"]["properties"]["bodies"]
    assert words in told.first
    assert (list(bodies["properties"]), bodies["required"]) == (members, required)
    assert ("keep" in told.tools) is keep


def test_gates_that_fail_without_it_open_a_committed_method() -> None:
    wrong = Reply((ToolUse("submit", {"bodies": {"Parser.write": "'>>> 1\\n2'"}, "quality": 9}),))
    both = {"Parser.write": "return 1", "Parser.read": "return 2"}
    base = replace(BASE, missing=frozenset({"Parser.write"}))
    with room(script(start=wrong, otherwise=Reply((ToolUse("submit", {"bodies": both, "quality": 9}),)))) as here:
        outcome = here.work(brief(spec=CLASS, committed=base.code, base=base))

    assert isinstance(outcome, Done)
    assert "hand in a new body for that one too" in here.results()[0]["content"]
    assert [one.base for one in here.bench.judged] == [base, base.opened()]
    assert here.bench.judged[1].bodies == both
