from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from jiti_bot.source.digest import INTERFACE
from jiti_bot.source.model import PARTS, Digests
from jiti_bot.store.entry import Broken, Entry, read
from jiti_bot.store.state import Condition, State, judge
from jiti_bot.store.survey import survey
from jiti_bot.store.write import compose
from jiti_bot.trees import WorkTree
from tests.store import made

EVERY_SET_OF_PARTS = [parts for size in range(len(PARTS) + 1) for parts in combinations(PARTS, size)]


def changed(parts: Iterable[str]) -> Digests:
    return replace(made.DIGESTS, **dict.fromkeys(parts, "ffffffffffffffff"))


@pytest.fixture
def generated(tmp_path: Path) -> Entry:
    return entry(tmp_path, made.text())


@pytest.fixture
def edited(tmp_path: Path) -> Entry:
    return entry(tmp_path, made.text().replace("text.lower()", "text.upper()"))


def entry(root: Path, content: str) -> Entry:
    made.put(root, content)
    found = read(WorkTree(str(root)), made.spec())
    assert isinstance(found, Entry)
    return found


@pytest.mark.parametrize("parts", EVERY_SET_OF_PARTS, ids="+".join)
def test_untouched_code_is_current_until_a_part_changes(generated: Entry, parts: tuple[str, ...]) -> None:
    state = judge(changed(parts), generated)
    assert state.condition is (Condition.STALE if parts else Condition.CURRENT)
    assert state.stale_parts == parts
    assert state.is_pending is bool(parts)
    assert not state.needs_person


@pytest.mark.parametrize("parts", EVERY_SET_OF_PARTS, ids="+".join)
def test_edited_code_is_kept_until_its_interface_changes(edited: Entry, parts: tuple[str, ...]) -> None:
    state = judge(changed(parts), edited)
    in_conflict = bool(set(parts) & set(INTERFACE))
    assert state.condition is (Condition.CONFLICT if in_conflict else Condition.EDITED)
    assert state.stale_parts == parts
    assert state.is_pending is (bool(parts) and not in_conflict)
    assert state.needs_person is in_conflict


def test_a_part_that_appears_or_vanishes_is_a_change(tmp_path: Path) -> None:
    found = entry(tmp_path, made.text(uses="-"))
    assert judge(made.DIGESTS, found) == State(Condition.STALE, ("uses",), "changed since: uses")
    assert judge(replace(made.DIGESTS, uses="-"), found).condition is Condition.CURRENT


def test_nothing_committed_is_missing() -> None:
    state = judge(made.DIGESTS, None)
    assert (state.condition, state.is_pending) == (Condition.MISSING, True)


def test_committed_code_without_a_stub_is_an_orphan(generated: Entry, edited: Entry) -> None:
    for found in (generated, edited):
        state = judge(None, found)
        assert (state.condition, state.is_pending, state.needs_person) == (Condition.ORPHAN, False, True)


@pytest.mark.parametrize("asked", [made.DIGESTS, None], ids=["stub", "no stub"])
def test_a_broken_file_is_malformed_whatever_is_asked(tmp_path: Path, asked: Digests | None) -> None:
    made.put(tmp_path, "def slugify(): ...\n")
    found = read(WorkTree(str(tmp_path)), made.spec())
    assert isinstance(found, Broken)
    state = judge(asked, found)
    assert (state.condition, state.reason) == (Condition.MALFORMED, found.finding.message)
    assert state.needs_person


def test_neither_stub_nor_file_is_no_question() -> None:
    with pytest.raises(ValueError, match="neither"):
        judge(None, None)


EDITS = {
    "nothing": (made.CODE, False),
    "blank lines": (made.CODE.replace('"""\n', '"""\n\n'), False),
    "quotes": (made.CODE.replace('"""Make a slug."""', "'Make a slug.'"), False),
    "parentheses": (made.CODE.replace("text.lower()", "(text.lower())"), False),
    "line ends": (made.CODE.replace("\n", "\r\n"), False),
    "blanks at the end": (made.CODE.replace("lower()\n", "lower()   \n\n\n"), False),
    "a comment's blank": (made.CODE.replace("# one", "#one"), False),
    "a comment": (made.CODE.replace("one word", "each word"), True),
    "a new comment": (made.CODE + "# the end\n", True),
    "a comment removed": (made.CODE.replace("    # one word after the other\n", ""), True),
    "a statement": (made.CODE.replace("lower", "upper"), True),
    "a docstring": (made.CODE.replace("Make", "Build"), True),
    "a name": (made.CODE.replace("text", "word"), True),
    "a helper": ("_LIMIT = 3\n\n\n" + made.CODE, True),
}


@pytest.mark.parametrize(("code", "is_edit"), EDITS.values(), ids=EDITS)
def test_only_syntax_and_comments_make_an_edit(tmp_path: Path, code: str, is_edit: bool) -> None:
    found = entry(tmp_path, made.text().replace(made.CODE, code))
    assert found.is_edited is is_edit


USED = ("src/app/text.py::title", "src/app/words.py::split")


def test_code_is_validated_again_when_what_it_uses_changed(generated: Entry, edited: Entry) -> None:
    words = f"dependencies ({', '.join(USED)})"
    stale = judge(made.DIGESTS, generated, dependencies=USED)
    assert stale == State(Condition.STALE, ("dependencies",), f"changed since: {words}", dependencies=USED)
    by_hand = judge(made.DIGESTS, edited, dependencies=USED)
    assert (by_hand.condition, by_hand.changes) == (Condition.EDITED, (words,))
    assert stale.is_pending
    assert by_hand.is_pending


def test_what_code_uses_decides_no_conflict(edited: Entry) -> None:
    state = judge(changed(["docstring"]), edited, dependencies=USED[:1])
    assert state.condition is Condition.CONFLICT
    assert state.stale_parts == ("docstring", "dependencies")


NOW = {
    "the same": ("5555555555555555", ()),
    "another": ("6666666666666666", USED[:1]),
    "no stub any more": ("", ()),
    "gone": (None, USED[:1]),
}


@pytest.mark.parametrize(("digest", "changes"), NOW.values(), ids=NOW)
def test_a_dependency_is_compared_with_its_stub_of_today(
    tmp_path: Path, digest: str | None, changes: tuple[str, ...]
) -> None:
    used = ((USED[0], "5555555555555555"),)
    text = compose("app.text.slugify", made.DIGESTS, made.CODE, model="m", evidence="-", dependencies=used)
    made.put(tmp_path, text)
    (standing,) = survey(WorkTree(str(tmp_path)), [made.spec()], lambda _name: digest)
    assert standing.state.dependencies == changes
    assert standing.state.condition is (Condition.STALE if changes else Condition.CURRENT)
