"""The pull request's text: what it says, and what it refuses to let act."""

import pytest

from jiti_bot.forge.body import Section, render, title
from jiti_bot.forge.sanitise import block, code, inline, plain
from jiti_bot.planning.result import Outcome, Result


def section(key: str, outcome: Outcome = Outcome.GENERATED, **over: object) -> Section:
    facts: dict[str, object] = {"attempts": 2, "usd": 0.0123, "checks": (("ruff", True), ("gates", True)), **over}
    result = Result(key, outcome, f".jiti/{key}.py", **facts)  # ty: ignore[invalid-argument-type] a table of fields
    return Section(result, 'def f() -> int:\n    """One."""', "def f() -> int:\n    return 1", "app.py:3", ("test_f",))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain words", "plain words", id="no-op"),
        pytest.param("ask @everyone", "ask @\u200beveryone", id="mention"),
        pytest.param("fixes #1", "fixes #\u200b1", id="closing-keyword"),
        pytest.param("a --> b", "a --\\> b", id="end-of-comment"),
        pytest.param("<img src=x>", "\\<img src=x\\>", id="html"),
        pytest.param("![x](http://a)", "\\!\\[x\\]\\(http:\u200b//a\\)", id="image"),
        pytest.param("a\x1b[31mred\u202eder", "a\\[31mredder", id="terminal-and-bidi"),
        pytest.param("two\r\nlines", "two lines", id="lines"),
    ],
)
def test_inline(text: str, shown: str) -> None:
    assert inline(text) == shown


def test_a_fence_inside_cannot_end_the_block() -> None:
    assert block("a\n```\nb").splitlines()[0] == "````"


def test_a_long_block_says_that_it_was_cut() -> None:
    assert "cut: 1,000,000 characters" in block("x\n" * 500_000)


@pytest.mark.parametrize(("text", "span"), [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``")])
def test_code(text: str, span: str) -> None:
    assert code(text) == span


def test_plain_keeps_tabs_and_lines() -> None:
    assert plain("a\tb\r\nc\x00") == "a\tb\nc"


def test_title() -> None:
    assert title([section("a.f").result]) == "Implement a.f"
    assert title([section("a.f").result, section("a.g").result]) == "Implement 2 stubs"


def test_body_counts_and_tells_both_what_came_and_what_did_not() -> None:
    text = render([section("a.f"), section("a.g", Outcome.FAILED, reason="gates:\nassert 1 == 2")])
    assert "**1 of 2** stubs" in text
    assert "Cost: $0.0246." in text
    assert "## What was not done" in text
    assert "gates:\n\n```text\nassert 1 == 2\n```" in text


def test_picture_only_when_something_is_used() -> None:
    assert "mermaid" not in render([section("a.f")])
    used = section("a.f")
    user = Section(section("a.g").result, "", "", "app.py:9", uses=("a.f", "elsewhere"))
    assert "  n1 --> n0" in render([used, user])
