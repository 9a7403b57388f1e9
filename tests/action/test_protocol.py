"""What the action says to the runner: nothing that others wrote can become a command."""

from pathlib import Path

import pytest

from action import protocol


@pytest.mark.parametrize(
    ("text", "data", "property_"),
    [
        pytest.param("plain", "plain", "plain", id="plain"),
        pytest.param("", "", "", id="empty"),
        pytest.param("100%", "100%25", "100%25", id="percent"),
        pytest.param("a\r\nb", "a%0D%0Ab", "a%0D%0Ab", id="line-ends"),
        pytest.param("%0A", "%250A", "%250A", id="already-escaped"),
        pytest.param("a:b,c", "a:b,c", "a%3Ab%2Cc", id="separators"),
        pytest.param("x\n::error::owned", "x%0A::error::owned", "x%0A%3A%3Aerror%3A%3Aowned", id="command-inside"),
    ],
)
def test_escaping(text: str, data: str, property_: str) -> None:
    assert protocol.escape_data(text) == data
    assert protocol.escape_property(text) == property_


def test_a_note_stands_on_its_line() -> None:
    note = {"level": "error", "file": "src/a,b.py", "line": 3, "title": "jiti: x", "message": "50%\nof it"}
    assert protocol.note(note) == "::error file=src/a%2Cb.py,line=3,title=jiti%3A x::50%25%0Aof it\n"


def test_a_note_without_a_place() -> None:
    note = {"level": "notice", "file": "", "line": 0, "title": "t", "message": "m"}
    assert protocol.note(note) == "::notice title=t::m\n"


def test_each_line_of_a_secret_is_hidden() -> None:
    assert protocol.masks("") == ""
    assert protocol.masks("one") == "::add-mask::one\n" * 2
    assert protocol.masks("one\ntwo").splitlines()[1:] == ["::add-mask::one", "::add-mask::two"]


def test_quoting_ends_with_a_word_that_nobody_can_guess() -> None:
    tokens = set()
    for _ in range(3):
        said: list[str] = []
        with protocol.quoting(said.append):
            said.append("::error::owned")
        token = said[0].removeprefix("::stop-commands::").strip()
        assert said[-1] == f"\n::{token}::\n"
        assert len(token) == 48
        tokens.add(token)
    assert len(tokens) == 3


def test_quoting_ends_after_an_error() -> None:
    said: list[str] = []
    with pytest.raises(KeyError), protocol.quoting(said.append, "T"):
        raise KeyError
    assert said[-1] == "\n::T::\n"


def parsed(text: str) -> dict[str, str]:
    """Outputs as the runner reads them."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        while (line := next(lines)) != delimiter:
            value.append(line)
        found[name] = "\n".join(value)
    return found


def test_outputs_may_hold_anything(tmp_path: Path) -> None:
    file = tmp_path / "output"
    values = {"a": "1", "b": "x\ny=2\nEOF\nb<<EOF", "c": "", "d": "::error::no"}
    for name, value in values.items():
        protocol.set_output(file, name, value)
    assert parsed(file.read_text()) == values


@pytest.mark.parametrize("name", ["", "a\nb", "a=b", "a<<b"])
def test_names_of_outputs_may_not(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name of an output"):
        protocol.set_output(tmp_path / "output", name, "x")
    assert not (tmp_path / "output").exists()


def test_a_summary_never_grows_too_long(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    protocol.add_summary(file, "# One\n")
    protocol.add_summary(file, "zeile ä\n" * 200_000)
    assert file.stat().st_size <= protocol.MAX_SUMMARY
    assert file.read_text("utf-8").endswith("zeile ä\n\n(cut: the rest does not fit)\n")
    before = file.read_bytes()
    protocol.add_summary(file, "more\n" * 100)
    assert file.read_bytes() == before
