from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.source.model import Digests
from jiti_bot.store.header import Header, HeaderError, Part, render, split

DIGESTS = Digests("0123456789abcdef", docstring="fedcba9876543210", gates="00000000000000aa")
HEADER = Header("app.text.slugify", DIGESTS, "1111111111111111", "claude-sonnet-5-5", "ruff ty gates=3")
TEXT = render(HEADER)

EXPECTED = """\
# jiti 1 app.text.slugify
# signature: 0123456789abcdef
# docstring: fedcba9876543210
# hints: -
# decorators: -
# context: -
# gates: 00000000000000aa
# uses: -
# body: 1111111111111111
# model: claude-sonnet-5-5
# evidence: ruff ty gates=3
"""


def test_header_is_written_one_part_to_a_line() -> None:
    assert TEXT.startswith(EXPECTED)
    assert TEXT.removeprefix(EXPECTED).startswith("# seal: ")
    assert TEXT.endswith("\n\n")


@pytest.mark.parametrize("code", ["", "x = 1\n", "\n\ndef f() -> None: ...\n", "# a comment\n"])
def test_what_is_written_is_read_back(code: str) -> None:
    found = split(TEXT + code)
    assert found == (HEADER, f"\n{code}")


@given(
    key=st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
    model=st.text(st.characters(codec="utf-8")),
    evidence=st.text(st.characters(codec="utf-8")),
)
def test_no_value_can_break_the_header(key: str, model: str, evidence: str) -> None:
    found = split(render(Header(key, DIGESTS, "-", model, evidence)) + "x = 1\n")
    assert not isinstance(found, HeaderError)
    assert found[0].key == " ".join(key.split())
    assert found[1] == "\nx = 1\n"


BROKEN = {
    "empty file": ("", "store-header", 1),
    "no header": ("def f(): ...\n", "store-header", 1),
    "no key": (TEXT.replace(" app.text.slugify", ""), "store-header", 1),
    "no number": (TEXT.replace("jiti 1", "jiti one"), "store-header", 1),
    "newer format": (TEXT.replace("jiti 1", "jiti 2"), "store-version", 1),
    "cut off": (TEXT[:100], "store-header", 5),
    "line removed": (TEXT.replace("# hints: -\n", ""), "store-header", 4),
    "line added": (TEXT.replace("# hints: -\n", "# hints: -\n# more: -\n"), "store-header", 5),
    "lines swapped": (TEXT.replace("# context: -\n# gates", "# gates: -\n# context"), "store-header", 6),
    "digest too short": (TEXT.replace("0123456789abcdef", "0123"), "store-header", 2),
    "digest no hex": (TEXT.replace("0123456789abcdef", "0123456789abcdeX"), "store-header", 2),
    "digest changed": (TEXT.replace("0123456789abcdef", "0123456789abcdee"), "store-seal", 1),
    "key changed": (TEXT.replace("slugify", "other"), "store-seal", 1),
    "evidence changed": (TEXT.replace("gates=3", "gates=9"), "store-seal", 1),
    "text before": ("# Copyright\n" + TEXT, "store-header", 1),
}


@pytest.mark.parametrize(("text", "code", "line"), BROKEN.values(), ids=BROKEN)
def test_broken_header_is_named_with_its_line(text: str, code: str, line: int) -> None:
    found = split(text)
    assert isinstance(found, HeaderError)
    assert (found.code, found.line) == (code, line)


PART = Part("", "2222222222222222", "-")
METHOD = Part("parse", "3333333333333333", "4444444444444444")
USED = (("src/app/text.py::Page.head", "5555555555555555"), ("a: b.py::f", "6666666666666666"))


@pytest.mark.parametrize("parts", [(), (PART,), (PART, METHOD)], ids=["no class", "a class", "with a method"])
@pytest.mark.parametrize("used", [(), USED[:1], USED], ids=["uses nothing", "uses one", "uses two"])
def test_lines_that_only_some_have(parts: tuple[Part, ...], used: tuple[tuple[str, str], ...]) -> None:
    header = replace(HEADER, parts=parts, dependencies=used)
    assert split(render(header) + "x = 1\n") == (header, "\nx = 1\n")


def test_a_dependency_cannot_be_taken_away_unseen() -> None:
    text = render(replace(HEADER, dependencies=USED))
    found = split(text.replace("# dependency a: b.py::f: 6666666666666666\n", ""))
    assert isinstance(found, HeaderError)
    assert found.code == "store-seal"
