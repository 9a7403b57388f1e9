"""The pull request's text: what it says, and what it refuses to let act."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.forge import state
from jiti_bot.forge.body import MARKER, Page, is_title, remember, render, title, with_costs
from jiti_bot.forge.model import Publication, Section
from jiti_bot.forge.picture import MAX_EDGES, picture
from jiti_bot.forge.pieces import money, without_docstring
from jiti_bot.forge.sanitise import block, code, inline, plain
from jiti_bot.forge.state import Remembered, Wish
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
    assert "Cost: $0.02." in text
    assert "## What was not done" in text
    assert "```text\nassert 1 == 2\n```" in text


@pytest.mark.parametrize(
    ("usd", "told"),
    [(0.0, "-"), (None, "unknown"), (0.0001, "<$0.01"), (0.0049, "<$0.01"), (0.0952, "$0.10"), (12.5, "$12.50")],
)
def test_money(usd: float | None, told: str) -> None:
    assert money(usd) == told


def test_what_costs_nothing_has_no_column_for_it() -> None:
    assert "| attempts |\n" in render([section("a.f", Outcome.CURRENT, usd=0.0)])
    assert "| attempts | cost |\n" in render([section("a.f", Outcome.CURRENT, usd=0.0), section("a.g")])
    assert "| unknown |\n" in render([section("a.f", usd=None)])


@pytest.mark.parametrize(
    ("one", "line"),
    [
        pytest.param(section("a.f"), "<code>a.f</code>: 1 gate, 2 attempts", id="plain"),
        pytest.param(replace(section("a.f"), gates=()), "⚠️ <code>a.f</code>: no gate, 2 attempts", id="no-gate"),
        pytest.param(
            section("a.f", flags=("test_f passes with nothing <b>", "reads the clock")),
            "⚠️ <code>a.f</code>: 1 gate, 2 attempts; test_f passes with nothing &lt;b&gt; (and 1 more)",
            id="flags",
        ),
        pytest.param(
            section("a.f", Outcome.REVALIDATED, attempts=0), "<code>a.f</code>: 1 gate, proved again", id="proved-again"
        ),
        pytest.param(
            section("a.f", Outcome.RESTORED, attempts=0, reason="as in <main>"),
            "<code>a.f</code>: 1 gate, restored from &lt;main&gt;",
            id="restored",
        ),
        pytest.param(
            section("a.f", Outcome.RESTORED, attempts=0, reason="moved from a.g"),
            "<code>a.f</code>: 1 gate, restored: moved from a.g",
            id="moved",
        ),
        pytest.param(
            section("a.f", Outcome.FAILED, checks=(("ty", False), ("ruff", True), ("gates", False))),
            "❌ <code>a.f</code>: not done, refused by ty, gates",
            id="failed",
        ),
    ],
)
def test_a_line_stands_for_a_stub_with_what_matters_in_it(one: Section, line: str) -> None:
    for others, shape in ((1, "<details open>"), (4, "<details>")):
        every = [one, *(replace(one, result=replace(one.result, key=f"a.x{n}")) for n in range(1, others))]
        assert f"\n{shape}<summary>{line}</summary>\n\nAsked in `app.py:3`:\n\n```python\ndef f()" in render(every)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(
            section("a.f", Outcome.FAILED, reason="no accepted answer within 9 turns", checks=(("ty", False),)),
            "**Why:** no accepted answer within 9 turns. Refused by ty. Spent: 2 attempts, $0.01.\n\n"
            "**Next:** say more in the docstring and push, or comment `/jiti regenerate a.f` with a hint, "
            "or `/jiti retry`.",
            id="tried",
        ),
        pytest.param(
            section("a.f", Outcome.FAILED, reason="it did not pass", code="tried", attempts=0, usd=0.0),
            "**Why:** it did not pass.\n\n**Next:** say more in the docstring",
            id="tried-by-an-earlier-run",
        ),
        pytest.param(
            section("a.f", Outcome.FAILED, reason="$1.00 is spent", code="budget"),
            "**Next:** raise `max_usd` or `max_turns`, say more",
            id="budget",
        ),
        pytest.param(
            section("a.f", Outcome.FAILED, reason="needs app.text.slug, which has no implementation", attempts=0),
            "**Why:** needs `app.text.slug`, which has no implementation. Spent: $0.01.\n\n"
            "**Next:** it is written as soon as what it needs is there.",
            id="needs-another",
        ),
        pytest.param(
            section("a.f", Outcome.FAILED, reason="its gates cannot be run", attempts=0),
            "**Next:** mend what is said here and push",
            id="never-tried",
        ),
        pytest.param(section("a.f", Outcome.SKIPPED), "**Next:** the next run goes on with it", id="skipped"),
        pytest.param(section("a.f", Outcome.CONFLICT), "**Next:** mend the edit so that it passes", id="conflict"),
    ],
)
def test_a_failure_says_why_and_what_to_do(one: Section, told: str) -> None:
    assert told in render([one], page=PAGE)


def test_how_to_ask_names_a_stub_of_this_pull_request() -> None:
    test = replace(section("tests.test_f"), is_test=True)
    text = render([test, section("a.g", Outcome.FAILED), section("a.f")], page=PAGE)
    assert "`/jiti regenerate a.f make it easier to read`" in text
    assert "KEY" not in text


def test_picture_only_when_something_is_used() -> None:
    assert "mermaid" not in render([section("a.f")])
    used = section("a.f")
    user = Section(section("a.g").result, "", "", "app.py:9", uses=("a.f", "a.g"))
    assert "```mermaid\nflowchart LR\n" in render([used, user])
    assert picture([used, user]).count("-->") == 1


def test_picture_tells_what_is_not_done_and_what_was_there_before() -> None:
    user = replace(section("a.b.g"), uses=("a.b.f", "a.c.h"))
    text = picture([section("a.b.f", Outcome.FAILED), user])
    assert text.splitlines() == [
        "An arrow goes from a stub to one that it uses. Red: not done. Dashed: not part of this pull request.",
        "",
        "```mermaid",
        "flowchart LR",
        '  n0["b.g"]',
        '  n1["b.f"]',
        '  n2["c.h"]',
        "  n0 --> n1",
        "  n0 --> n2",
        "  classDef failed stroke:#cf222e,stroke-width:2px",
        "  class n1 failed",
        "  classDef there stroke-dasharray:4",
        "  class n2 there",
        "```",
    ]


def test_picture_holds_no_words_of_mermaid_from_a_key_and_no_more_than_can_be_read() -> None:
    odd = 'a"]\n```\n%%{init: {}}%%\nclick n0 href "javascript:1"'
    lines = picture([section("a.f"), replace(section(odd), uses=("a.f",))]).splitlines()
    assert lines[4:] == [f'  n0["{lines[4][6:-2]}"]', '  n1["a.f"]', "  n0 --> n1", "```"]
    assert not set(lines[4][6:-2]) & set('"[]{}%`<>;')
    many = tuple(f"a.x{number}" for number in range(MAX_EDGES + 1))
    assert picture([replace(section("a.f"), uses=many)]) == ""


@pytest.mark.parametrize(
    ("one", "spec", "kept", "told"),
    [
        pytest.param(section("a.f", Outcome.GENERATED, usd=0.2), "new", 0.2, 0.2, id="written-anew"),
        pytest.param(section("a.f", Outcome.REVALIDATED, usd=0.0), "new", 0.5, 0.5, id="proved-again"),
        pytest.param(section("a.f", Outcome.REVALIDATED, usd=0.25), "new", 0.75, 0.75, id="kept-by-the-model"),
        pytest.param(section("a.f", Outcome.RESTORED, usd=0.0), "old", 0.5, 0.5, id="stands"),
        pytest.param(section("a.f", Outcome.FAILED, usd=0.0), "new", None, 0.0, id="failed"),
        pytest.param(section("a.f", Outcome.SKIPPED, usd=0.0, code="tried"), "old", 0.5, 0.5, id="failed-before"),
    ],
)
def test_what_was_paid_for_a_body_stays_told(one: Section, spec: str, kept: float | None, told: float) -> None:
    before = Remembered(specs={"a.f": state.short("old")}, usd={"a.f": 0.5})
    now = remember(Publication("main", "b" * 40, (), (one,), {"a.f": spec}), before)
    assert now.usd.get("a.f") == kept
    assert [part.result.usd for part in with_costs([one], now)] == [told]


PAGE = Page(
    "acme/demo", "https://github.com", "a" * 40, "main", "b" * 40, "https://github.com/acme/demo/actions/runs/1"
)


def test_links_lead_to_the_commit_and_to_the_stub() -> None:
    text = render([section("a.f")], page=PAGE)
    assert f"https://github.com/acme/demo/blob/{'a' * 40}/.jiti/a.f.py" in text
    assert f"https://github.com/acme/demo/blob/{'b' * 40}/app.py#L3" in text
    assert "[this run](https://github.com/acme/demo/actions/runs/1)" in text


@pytest.mark.parametrize("run", ["", "javascript:alert(1)", "https://a b", "https://a)![x](http://b"])
def test_no_link_to_an_odd_run(run: str) -> None:
    assert "this run" not in render([section("a.f")], page=replace(PAGE, run_url=run))


def test_flags_stand_above_the_table() -> None:
    text = render([section("a.f", flags=("test_f passes with no implementation at all",))])
    assert "> [!WARNING]" in text.partition("| stub |")[0]
    assert "`test_f` passes with no implementation at all" in text.partition("| stub |")[0]


def test_no_gate_is_said() -> None:
    assert "**No gate stands behind it.**" in render([replace(section("a.f"), gates=())])
    assert "written from the interface alone" in render([replace(section("a.f"), gates=(), is_test=True)])


def test_docstring_is_not_told_twice() -> None:
    code = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    assert without_docstring(code) == 'def f():\n    """..."""\n    return 1'
    for odd in ("", "x = (", 'def f():\n    """A\n    b."""', 'def f(): """a\n\nb"""; return 1', "\x00"):
        assert without_docstring(odd) in {odd, odd.rstrip("\n")}


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("Implement 2 stubs", True),
        ("Implement app.text.f", True),
        (title([section("app." + "x" * 300).result]), True),
        ("Implement 2 stubs, with care", False),
        ("Slugs", False),
        ("", False),
    ],
)
def test_is_title(text: str, *, ours: bool) -> None:
    assert is_title(text) == ours


def test_300_stubs_fit_with_their_memory() -> None:
    results = [
        section(f"app.module_{n}.function_{n}", Outcome.FAILED if n % 7 == 0 else Outcome.GENERATED) for n in range(300)
    ]
    sections = [
        replace(one, asked="def f():\n" * 500, came="x = 1\n" * 500, result=replace(one.result, reason="no\n" * 900))
        for one in results
    ]
    specs = {one.result.key: state.short("d") for one in sections}
    memory = Remembered(specs=specs, every=state.whole(specs), wishes={"a": Wish(("t", 1), "h" * state.MAX_HINT)})
    text = render(sections, page=PAGE, memory=memory)
    assert len(text) <= 65_536
    assert state.read(text) == memory
    assert text.count("\n| ") >= 300
    assert "/jiti regenerate app.module_1.function_1" in text


def test_the_worst_text_fits_with_all_wishes_to_come() -> None:
    long = "\\\U00020000" * 200
    sections = [section(f"{long[:290]}{n}", flags=(long,) * 3, checks=((long, False),) * 12) for n in range(300)]
    specs = {f"key_{n}" * 20: "0123456789ab" for n in range(170)}
    memory = Remembered(specs=specs, every=state.whole(specs))
    text = render(sections, page=replace(PAGE, kept=(long,) * 50), memory=memory)
    wishes = {f"w{n}": Wish(("2026-11-22T10:00:00Z", n), "ü" * state.MAX_HINT) for n in range(9)}
    full = state.put(text, replace(memory, wishes=wishes))
    assert len(full) + sum(ord(char) > 0xFFFF for char in full) <= 65_536


@settings(max_examples=25, deadline=None)
@given(
    count=st.sampled_from([0, 1, 3, 40, 300]),
    size=st.sampled_from([0, 50, 5_000, 100_000]),
    filling=st.sampled_from(["x", "é", "😀", "`", "~~~\n", "@a\n", "|", "\\", "<"]),
    broken=st.integers(1, 5),
    hint=st.text(max_size=state.MAX_HINT),
)
def test_any_size_fits(count: int, size: int, filling: str, broken: int, hint: str) -> None:
    words = filling * size
    one = section("app.f")
    sections = []
    for number in range(count):
        outcome = Outcome.FAILED if number % broken == 0 else Outcome.GENERATED
        key = f"app.{filling * min(size, 40)}{number}"
        result = replace(one.result, key=key, outcome=outcome, reason=words, flags=(words[:400],), path=words[:300])
        sections.append(Section(result, words, words, f"{words[:100]}:3", (words[:200],) * 30, (key,)))
    specs = {part.result.key: state.short("d") for part in sections}
    memory = Remembered(specs=specs, every=state.whole(specs), wishes={"a": Wish(("t", 1), hint)})
    text = render(sections, page=PAGE, memory=memory)
    assert len(text) + sum(ord(char) > 0xFFFF for char in text) <= 65_536
    assert text.startswith(MARKER)
    assert state.read(text).wishes == memory.wishes
    assert len(re.findall("jiti-bot:state", text)) == 1
