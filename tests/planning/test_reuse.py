"""Which stub takes over what another left behind, and what a stub would ask for under another name."""

import pytest

from jiti_bot.planning.reuse import moves
from jiti_bot.source.model import Spec
from jiti_bot.source.renamed import known_as, renamed_code, renamed_tests
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.state import Condition, State
from jiti_bot.store.survey import Stray
from jiti_bot.store.write import compose
from tests.source.trees import specs

HEAD = "from jiti import jiti\n\n\n"


def one(file: str, text: str) -> Spec:
    (found,) = specs({file: HEAD + text}).values()
    return found


def stray(spec: Spec, code: str) -> Stray:
    text = compose(spec.key, spec.digests, code, model="m", evidence="e")
    entry = parse_entry(spec.path, text.encode())
    assert isinstance(entry, Entry)
    return Stray(spec.path, entry, State(Condition.ORPHAN))


def stub(name: str, doc: str = '"""Do it."""', parameters: str = "x: int") -> str:
    return f"@jiti\ndef {name}({parameters}) -> int:\n    {doc}\n    ...\n"


METHOD = '''class {owner}:
    @jiti
    def {name}(self) -> int:
        """Do it."""
        ...
'''
CLASS = '''@jiti
class {owner}:
    """All of a {owner}."""

    def go(self) -> int:
        """Do it with {owner}()."""
        ...
'''
SAME = {
    "the name only": (stub("old"), stub("new"), True),
    "nothing": (stub("old"), stub("old"), True),
    "and an example": (stub("old", '"""As old(1)."""'), stub("new", '"""As new(1)."""'), True),
    "and a default": (stub("old"), stub("new", parameters="x: int = 1"), False),
    "and the docstring": (stub("old"), stub("new", '"""Do more."""'), False),
    "and what it is": (
        "@jiti\nasync def old(x: int) -> int:\n    ...\n",
        "@jiti\ndef new(x: int) -> int:\n    ...\n",
        False,
    ),
    "a method": (METHOD.format(owner="A", name="old"), METHOD.format(owner="A", name="new"), True),
    "a class around": (METHOD.format(owner="Old", name="go"), METHOD.format(owner="New", name="go"), True),
    "a function to a method": (stub("go"), METHOD.format(owner="A", name="go"), False),
    "a class": (CLASS.format(owner="Old"), CLASS.format(owner="New"), True),
}


@pytest.mark.parametrize(("before", "after", "same"), SAME.values(), ids=SAME)
def test_what_a_stub_asks_for_under_another_name(before: str, after: str, same: bool) -> None:
    was, now = one("app.py", before), one("app.py", after)
    assert known_as(now.stub, was.stub.unit, was.digests) is same


CODES = {
    "its own calls": ("return {}(x)", True),
    "not an attribute": ("return x.{}", False),
    "not a local name": ("{0} = x\n    return {0}", False),
    "beside other letters": ("return len('é') + {}(x)  # as it was", True),
}


@pytest.mark.parametrize(("body", "follows"), CODES.values(), ids=CODES)
def test_code_follows_its_name(body: str, follows: bool) -> None:
    before, after = (f"def {name}(x: int) -> int:\n    {{}}\n" for name in ("old", "new"))
    found = renamed_code(one("app.py", stub("new", '""')).stub, "old", before.format(body.format("old")))
    assert found == after.format(body.format("new" if follows else "old"))


def test_a_method_calls_itself_by_its_new_name() -> None:
    now = one("app.py", METHOD.format(owner="New", name="go")).stub
    before = 'class Old:\n    def run(self) -> int:\n        """Do it."""\n        return self.run() + Old.run(self)\n'
    after = 'class New:\n    def go(self) -> int:\n        """Do it."""\n        return self.go() + New.go(self)\n'
    assert renamed_code(now, "Old.run", before) == after


def test_tests_follow_their_module_and_name() -> None:
    now = one("src/app/new.py", stub("new")).stub
    before = "import app.old\nfrom app.old import old\n\n\ndef test_old():\n    assert old(1) == app.old.LIMIT\n"
    after = "import app.new\nfrom app.new import new\n\n\ndef test_old():\n    assert new(1) == app.new.LIMIT\n"
    assert renamed_tests(now, "old", "src/app/old.py", before) == after


class TestMoves:
    def test_the_same_name_elsewhere_comes_before_another_name(self) -> None:
        was, beside = one("a.py", stub("f")), one("b.py", stub("g"))
        found = moves([one("b.py", stub("f"))], [stray(beside, "def g(x): ...\n"), stray(was, "def f(x): ...\n")])
        assert {key: stray.path for key, stray in found.taken.items()} == {"b.f": was.path}

    def test_two_with_other_code_are_left_to_a_model(self) -> None:
        one_, two = one("a.py", stub("f")), one("c.py", stub("f"))
        found = moves([one("b.py", stub("f"))], [stray(one_, "def f(x): ...\n"), stray(two, "def f(x): return 1\n")])
        assert found.taken == {}
        assert found.open == {"b.f": f"{one_.path} and {two.path} fit it equally well, so none was taken over"}

    def test_two_with_the_same_code_are_as_good_as_one(self) -> None:
        one_, two = one("a.py", stub("f")), one("c.py", stub("f"))
        found = moves([one("b.py", stub("f"))], [stray(one_, "def f(x): ...\n"), stray(two, "def f(x): ...\n")])
        assert found.taken["b.f"].path == one_.path

    def test_each_is_taken_once(self) -> None:
        left = stray(one("a.py", stub("f")), "def f(x): ...\n")
        found = moves([one("b.py", stub("f")), one("c.py", stub("f"))], [left])
        assert list(found.taken) == ["b.f"]

    def test_without_a_docstring_another_name_is_another_stub(self) -> None:
        bare = "@jiti\ndef {}(x: int) -> int:\n    ...\n"
        left = stray(one("a.py", bare.format("f")), "def f(x): ...\n")
        assert moves([one("a.py", bare.format("g"))], [left]).taken == {}
        assert moves([one("b.py", bare.format("f"))], [left]).taken != {}
