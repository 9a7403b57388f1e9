"""Whatever text comes from a repository, a model or a test's output: it shows and does not act.

The oracle is a CommonMark parser with tables: what of a text becomes anything but words and code, and what in those
words GitHub would act on.
"""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from jiti_bot.forge.body import render
from jiti_bot.forge.model import Section
from jiti_bot.forge.sanitise import block, cell, code, html, inline, one_line, plain, sentence
from jiti_bot.planning.result import Outcome, Result

_MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
_ACTS = (
    re.compile(r"@[\w-]"),
    re.compile(r"#\d"),
    re.compile(r"\bGH-\d", re.IGNORECASE),
    re.compile(r"[a-z]://", re.IGNORECASE),
    re.compile(r"\bwww\.", re.IGNORECASE),
    re.compile(r"\b(?:mailto|xmpp):\w", re.IGNORECASE),
)
CLOSES = re.compile(
    r"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)[:\s]+(?:https?://\S*/(?:issues|pull)/|[\w./-]*#|gh-)\d", re.IGNORECASE
)
_FOLDED = re.compile(r"<details(?: open)?><summary>(?:⚠️ |❌ )?<code>([^<>]*)</code>([^<>]*)</summary>\n")
PIECES = [
    *("@everyone", "@acme/team", "fixes #1", "Closes: acme/demo#7", "resolves GH-3", "&#64;everyone", "&lt;img&gt;"),
    *("<img src=x>", "<!--", "-->", "</details>", "<script>alert(1)</script>", "<b>", "![x](http://a/b.png)"),
    *(
        "[x](javascript:1)",
        "[x]: http://a",
        "http://a.b/c",
        "www.a.b",
        "mailto:a@b.c",
        "https://github.com/a/b/issues/1",
    ),
    *("`", "``", "```", "~~~", "\n", "\r\n", "\u2028", "\x1b[31m", "\u202e", "\u200f", "\x00", "\ud800", "\U000e0041"),
    *(
        "|",
        "\\",
        "# ",
        "- ",
        "1. ",
        "> ",
        "    ",
        "\t",
        "***",
        "___",
        "---",
        "===",
        "$$",
        "$x$",
        "[!WARNING]",
        "::error::x",
    ),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8).map("".join)


def shown(markdown: str) -> tuple[set[str], str]:
    """The kinds of tokens in a text, and its words outside of code."""
    kinds: set[str] = set()
    words: list[str] = []
    for token in _MARKDOWN.parse(markdown):
        kinds.add(token.type)
        words.append("\n")
        for child in token.children or []:
            kinds.add(child.type)
            words.append(child.content if child.type in {"text", "text_special"} else " ")
    return kinds, "".join(words)


def assert_quiet(words: str) -> None:
    for acts in _ACTS:
        assert not acts.search(words), (acts.pattern, words)


@settings(deadline=None)
@given(texts)
@example("&#64;everyone")
@example("1. a")
@example("fixes #1")
def test_inline_only_shows(text: str) -> None:
    kinds, words = shown(inline(text))
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
    assert_quiet(words)


@settings(deadline=None)
@given(texts | st.lists(st.sampled_from(["ab_c", "ab.c", "`", "#", "@", "\\", ".", "-", " ", "1"])).map("".join))
@example("`ab_c``cd_e`")
def test_a_sentence_shows_names_as_code(text: str) -> None:
    kinds, words = shown(sentence(text))
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special", "code_inline"}
    assert_quiet(words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("needs an answer, e.g. 1.5 and/or 2.", "needs an answer, e.g. 1.5 and/or 2.", id="no-op"),
        pytest.param("needs a.text.slug, which", "needs `a.text.slug`, which", id="key"),
        pytest.param("tests/test_a.py:3: test_b fails.", "`tests/test_a.py:3`: `test_b` fails.", id="file-and-test"),
        pytest.param("ask @an_ox", "ask @\u200b`an_ox`", id="mention"),
    ],
)
def test_sentence(text: str, told: str) -> None:
    assert sentence(text) == told


@settings(deadline=None)
@given(texts)
def test_html_only_shows(text: str) -> None:
    [token] = _MARKDOWN.parse(f"<details><summary>{html(text)}</summary>\n")
    assert token.type == "html_block"
    assert re.fullmatch(r"<details><summary>[^<>]*</summary>\n", token.content)
    assert_quiet(html(text))


@pytest.mark.parametrize(
    "text",
    ["fixes #1", "Closes: acme/demo#7", "resolved GH-3", "_fix\n#12", "close https://github.com/acme/demo/issues/1"],
)
def test_code_closes_no_issue_as_a_commit_message(text: str) -> None:
    assert CLOSES.search(text)
    for made in (block(f"x = 1  # {text}"), code(text)):
        assert not CLOSES.search(made)
        assert "".join(made.split()).replace("\u200b", "").count("".join(text.split())) == 1


@pytest.mark.parametrize("text", ["@cache", "prefix = 1", "a #1", "closes 1 of 3", "fix = x[1]", "close(#)"])
def test_other_code_is_as_it_was(text: str) -> None:
    assert code(text) == f"`{text}`"


@settings(deadline=None)
@given(texts)
def test_inline_in_a_sentence_and_in_a_table(text: str) -> None:
    kinds, words = shown(
        f"Before {inline(text)} after.\n\n| a | b |\n|---|---|\n| {cell(inline(text))} | {cell(code(text))} |\n"
    )
    assert not {
        kind for kind in kinds if kind.startswith(("html", "image", "link", "heading", "list", "block", "fence"))
    }
    assert (
        sum(
            kind == "td_open"
            for kind in [
                token.type
                for token in _MARKDOWN.parse(f"| a | b |\n|---|---|\n| {cell(inline(text))} | {cell(code(text))} |\n")
            ]
        )
        == 2
    )
    assert_quiet(words)


@settings(deadline=None)
@given(texts)
def test_code_is_one_span(text: str) -> None:
    [token] = [token for token in _MARKDOWN.parse(f"x {code(text)} y") if token.type == "inline"]
    assert [child.type for child in token.children or []] == ["text", "code_inline", "text"]


@settings(deadline=None)
@given(texts, st.integers(1, 60))
def test_block_is_one_fence(text: str, limit: int) -> None:
    tokens = _MARKDOWN.parse(f"before\n\n{block(text, 'python', limit)}\n\nafter")
    assert [token.type for token in tokens].count("fence") == 1
    assert [token.type for token in tokens].count("paragraph_open") == 2


@settings(deadline=None)
@given(texts)
def test_nothing_hidden_is_left(text: str) -> None:
    for made in (plain(text), block(text).replace("\u200b", ""), code(text).replace("\u200b", "")):
        assert not [
            char for char in made if char not in "\n\t" and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}
        ]


@settings(deadline=None)
@given(texts)
def test_one_line_for_titles(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert len(line.replace("\u200b", "")) <= 300
    assert_quiet(line)


@settings(deadline=None)
@given(texts)
def test_no_op(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert block(text) == block(plain(text))


@settings(deadline=None)
@given(texts, texts, texts, texts)
@example("fixes #1", "fixes #1", "fixes #1", "resolves GH-3")
def test_whole_text_only_shows(asked: str, reason: str, flag: str, name: str) -> None:
    bad = Result(name, Outcome.FAILED, name, reason=reason, checks=((name, False),), model=name)
    good = Result(f"{name}!", Outcome.GENERATED, name, flags=(flag,), checks=((name, True),), model=name)
    sections = [Section(bad, asked, "", name), Section(good, asked, asked, name, (name, flag), (name,))]
    tokens = _MARKDOWN.parse(render(sections))
    found = [token.content for token in tokens if token.type == "html_block"]
    folded = [match for one in found if (match := _FOLDED.fullmatch(one))]
    assert len(folded) == 2
    assert len(found) == 5
    assert set(found) - {match[0] for match in folded} == {"</details>\n", "<!-- jiti-bot:pull-request -->\n"}
    for match in folded:
        assert_quiet(match[1] + match[2])
    kinds = {child.type for token in tokens for child in token.children or []}
    assert not kinds & {"html_inline", "image", "link_open"}
    assert_quiet(shown(render(sections))[1])
    assert not CLOSES.search(render(sections))


def test_a_long_text_costs_little() -> None:
    assert len(inline("@x" * 500_000)) < 1_000
    assert len(code("`" * 1_000_000)) < 1_000
    assert "1,000,000 characters" in block("x" * 1_000_000)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_empty(text: str) -> None:
    assert inline(text) == ""
    assert shown(f"x {code(text)} y")[0] >= {"code_inline"}
