"""A committed class: its header knows each of its methods, so each has a state of its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.source.discover import discover
from jiti_bot.source.model import Spec, Stub
from jiti_bot.store.entry import Entry, read
from jiti_bot.store.header import HeaderError, Part, render, split
from jiti_bot.store.state import Condition, State
from jiti_bot.store.survey import state_of
from jiti_bot.store.write import compose, parts_of
from jiti_bot.trees import WorkTree
from tests.store import made

STUB = '''\
from jiti import jiti


@jiti
class P:
    """Doc."""

    def a(self) -> int:
        """A."""
        ...

    def b(self) -> int:
        """B."""
        ...
'''
CODE = '''\
def _one() -> int:
    return 1


class P:
    def a(self) -> int:
        """A."""
        return _one()

    def b(self) -> int:
        """B."""
        return 2
'''


def spec(text: str = STUB) -> Spec:
    stub = discover("src/app/text.py", text.encode()).stubs[0]
    return replace(made.spec("P"), stub=stub, digests=stub.digests)


def entry(root: Path, text: str) -> Entry:
    made.put(root, text, "P")
    found = read(WorkTree(str(root)), spec())
    assert isinstance(found, Entry)
    return found


def stored(code: str = CODE, before: Entry | None = None, stub: Stub | None = None) -> str:
    parts = parts_of(stub or spec().stub, code, before)
    return compose("app.text.P", spec().digests, code, model="m", evidence="ruff", parts=parts)


ADDED = '\n    def c(self) -> int:\n        """C."""\n        ...\n'
REMOVED = '\n    def b(self) -> int:\n        """B."""\n        ...\n'
IN_A, IN_B, IN_HELPER = ("_one()\n", "_one() + 0\n"), ("return 2", "return 3"), ("return 1", "return 4")
AT_FIRST, STALE, EDITED, CONFLICT = ("", ""), Condition.STALE, Condition.EDITED, Condition.CONFLICT
STATES = {
    "nothing": (STUB, AT_FIRST, Condition.CURRENT, None),
    "an edit": (STUB, IN_A, EDITED, None),
    "a docstring": (STUB.replace("B.", "B!"), AT_FIRST, STALE, ("b",)),
    "one more": (STUB + ADDED, AT_FIRST, STALE, ("c",)),
    "one gone": (STUB.replace(REMOVED, ""), AT_FIRST, STALE, ()),
    "the class's docstring": (STUB.replace("Doc.", "Other."), AT_FIRST, STALE, None),
    "a docstring beside an edit": (STUB.replace("B.", "B!"), IN_A, EDITED, ("b",)),
    "a docstring of what was edited": (STUB.replace("B.", "B!"), IN_B, CONFLICT, None),
    "one more beside an edited helper": (STUB + ADDED, IN_HELPER, EDITED, ("c",)),
    "one gone that was edited": (STUB.replace(REMOVED, ""), IN_B, CONFLICT, None),
    "the class's docstring and an edit": (STUB.replace("Doc.", "Other."), IN_A, CONFLICT, None),
}


@pytest.mark.parametrize(("asked", "edit", "condition", "methods"), STATES.values(), ids=STATES)
def test_each_method_has_its_own_state(
    tmp_path: Path, asked: str, edit: tuple[str, str], condition: Condition, methods: tuple[str, ...] | None
) -> None:
    state = state_of(spec(asked), entry(tmp_path, stored().replace(*edit)))
    assert (state.condition, state.methods) == (condition, methods)


def test_an_edit_stays_known_when_another_method_is_written_anew(tmp_path: Path) -> None:
    edited = entry(tmp_path, stored().replace(*IN_A))
    anew = edited.code.replace("return 2", "return 5")
    assert entry(tmp_path, stored(anew, edited)).edited == ("a",)
    assert not entry(tmp_path, stored(anew.replace("_one() + 0", "_one()"), edited)).is_edited


def test_helpers_are_added_to_edited_ones(tmp_path: Path) -> None:
    edited = entry(tmp_path, stored().replace(*IN_HELPER))
    more = "def _two() -> int:\n    return 2\n\n\n" + edited.code
    assert entry(tmp_path, stored(more, edited)).edited == ("",)


def test_a_class_that_was_stored_without_its_methods_is_taken_as_a_whole(tmp_path: Path) -> None:
    old = compose("app.text.P", spec().digests, CODE, model="m", evidence="ruff")
    assert state_of(spec(), entry(tmp_path, old)) == State(Condition.CURRENT)
    state = state_of(spec(STUB + ADDED), entry(tmp_path, old.replace(*IN_A)))
    assert (state.condition, state.methods) == (Condition.CONFLICT, None)


def test_the_seal_covers_the_lines_of_methods() -> None:
    text = stored()
    found = split(text)
    assert not isinstance(found, HeaderError)
    assert render(found[0]) + found[1].lstrip("\n") == text
    assert [part.name for part in found[0].parts] == ["", "a", "b"]
    line = next(line for line in text.split("\n") if line.startswith("# method b: "))
    for changed in (text.replace(f"{line}\n", ""), text.replace(line, line.replace("b: ", "c: "))):
        assert split(changed) == HeaderError("store-seal", 1)
    broken = split(text.replace("# model: m", "# model:"))
    assert isinstance(broken, HeaderError)
    assert broken.line == 1 + text.split("\n").index("# model: m")


def test_no_other_unit_has_parts() -> None:
    assert parts_of(made.stub(), made.CODE) == ()
    assert Part("v.setter", "0" * 16, "1" * 16) in _again(Part("", "0" * 16, "-"), Part("v.setter", "0" * 16, "1" * 16))


def _again(*parts: Part) -> tuple[Part, ...]:
    text = compose("app.text.P", made.DIGESTS, CODE, model="m", evidence="ruff", parts=parts)
    found = split(text)
    assert not isinstance(found, HeaderError)
    return found[0].parts
