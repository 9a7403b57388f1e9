"""Reformatting never changes a digest; each meaningful change changes exactly the parts it should."""

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.source.digest import body_digest
from jiti_bot.source.model import Digests
from tests.source.formatters import Formatter, formatters, unparsed
from tests.source.programs import EDITS, FILES, programs
from tests.source.trees import specs

FORMATTERS = formatters()
FREE, METHOD = "host.free", "host.P.m"
each_formatter = pytest.mark.parametrize(
    "reformat", [pytest.param(formatter, id=name) for name, formatter in FORMATTERS.items()]
)


def digests(files: Mapping[str, str]) -> dict[str, Digests]:
    return {key: spec.digests for key, spec in specs({name: text.encode() for name, text in files.items()}).items()}


def edited(names: Iterable[str]) -> dict[str, str]:
    files = dict(FILES)
    for name in names:
        file, old, new, _free, _method = EDITS[name]
        assert old in files[file]
        files[file] = files[file].replace(old, new)
    return files


@each_formatter
def test_formatting_is_no_change(reformat: Formatter) -> None:
    before = digests(FILES)
    assert set(before) == {FREE, METHOD}
    assert digests({name: reformat(text) for name, text in FILES.items()}) == before


@each_formatter
@settings(max_examples=60, deadline=None)
@given(text=programs())
def test_formatting_any_program_is_no_change(reformat: Formatter, text: str) -> None:
    before = digests({"a.py": text})
    assert set(before) == {"a.free", "a.P.m"}
    assert digests({"a.py": reformat(text)}) == before
    assert body_digest(reformat(text).removeprefix("\ufeff")) == body_digest(text)


@settings(max_examples=100, deadline=None)
@given(text=programs())
def test_rewriting_from_the_tree_changes_comments_only(text: str) -> None:
    before, after = digests({"a.py": text}), digests({"a.py": unparsed(text)})
    for key, parts in before.items():
        assert set(parts.changed(after[key])) <= {"hints"}


@pytest.mark.parametrize("name", list(EDITS))
def test_each_edit_changes_exactly_its_parts(name: str) -> None:
    before, after = digests(FILES), digests(edited([name]))
    assert (set(before[FREE].changed(after[FREE])), set(before[METHOD].changed(after[METHOD]))) == EDITS[name][3:]


@settings(max_examples=150, deadline=None)
@given(names=st.sets(st.sampled_from(sorted(EDITS)), max_size=6), reformat=st.sampled_from(list(FORMATTERS.values())))
def test_edits_add_up_whatever_the_layout(names: set[str], reformat: Formatter) -> None:
    if {"parameter's name", "annotation"} <= names:  # both edit one place
        names = names - {"annotation"}
    after = digests({name: reformat(text) for name, text in edited(sorted(names)).items()})
    before = digests(FILES)
    assert set(before[FREE].changed(after[FREE])) == set().union(*(EDITS[name][3] for name in names))
    assert set(before[METHOD].changed(after[METHOD])) == set().union(*(EDITS[name][4] for name in names))
