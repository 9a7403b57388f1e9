"""The pull request's text, written for the person who has to decide. Pure: values in, Markdown out."""

from collections.abc import Mapping, Sequence

from jiti_bot.forge.model import Section
from jiti_bot.forge.sanitise import block, code, inline
from jiti_bot.planning.result import Outcome, Result, summarise

MARKER = "<!-- jiti-bot:pull-request -->"
_MARKS = {True: "✅", False: "❌"}
_WORDS = {
    Outcome.GENERATED: "written and proved",
    Outcome.REVALIDATED: "proved again",
    Outcome.RESTORED: "restored and proved",
    Outcome.FAILED: "not done",
    Outcome.CONFLICT: "in conflict with a hand edit",
    Outcome.SKIPPED: "skipped",
    Outcome.CURRENT: "already current",
}


def title(results: Sequence[Result]) -> str:
    """The pull request's title."""
    done = [result.key for result in results if result.good]
    if len(done) == 1:
        return f"Implement {done[0]}"
    return f"Implement {len(done)} stubs"


def render(sections: Sequence[Section]) -> str:
    """The pull request's body."""
    results = tuple(section.result for section in sections)
    parts = [MARKER, _headline(results), _table(sections)]
    picture = _picture(sections)
    if picture:
        parts.append(picture)
    parts += [_section(section) for section in sections if section.result.good]
    failed = [section for section in sections if not section.result.good]
    if failed:
        parts += ["## What was not done", *(_failure(section) for section in failed)]
    parts.append(_ways())
    return "\n\n".join(parts) + "\n"


def _money(usd: float | None) -> str:
    return "unknown" if usd is None else f"${usd:.4f}" if usd < 1 else f"${usd:.2f}"


def _headline(results: Sequence[Result]) -> str:
    good = sum(result.good for result in results)
    total = summarise(tuple(results))
    usd = total["usd"]
    cost = _money(usd if isinstance(usd, float | int) else None)
    sentence = f"**{good} of {len(results)}** stubs have a body that passes every check it was given"
    models = sorted({result.model for result in results if result.model})
    by = f", written by {', '.join(code(model) for model in models)}" if models else ""
    return f"{sentence}{by}. Cost: {cost}."


def _table(sections: Sequence[Section]) -> str:
    rows = ["| stub | result | checks | attempts | cost |", "|---|---|---|---:|---:|"]
    for section in sections:
        result = section.result
        checks = " ".join(f"{_MARKS[ok]} {inline(name)}" for name, ok in result.checks) or "-"
        rows.append(
            f"| {code(result.key)} | {_WORDS[result.outcome]} | {checks} | {result.attempts} | {_money(result.usd)} |"
        )
    return "\n".join(rows)


def _picture(sections: Sequence[Section]) -> str:
    """Which stub uses which, as a mermaid flowchart; nothing when none does."""
    names: Mapping[str, str] = {section.result.key: f"n{index}" for index, section in enumerate(sections)}
    edges = [
        f"  {names[section.result.key]} --> {names[used]}"
        for section in sections
        for used in section.uses
        if used in names
    ]
    if not edges:
        return ""
    shown = {name for edge in edges for name in edge.split(" --> ") for name in [name.strip()]}
    nodes = [f'  {name}["{_label(key)}"]' for key, name in names.items() if name in shown]
    return "\n".join(["```mermaid", "flowchart LR", *nodes, *edges, "```"])


def _label(key: str) -> str:
    return "".join(char for char in key if char.isalnum() or char in "._:/- ")


def _section(section: Section) -> str:
    result = section.result
    lines = [f"### {code(result.key)}", f"Asked in {code(section.place)}:", block(section.asked, "python")]
    lines += [
        "<details><summary>What came</summary>",
        block(section.came, "python", limit=8_000),
        f"Committed as {code(result.path)}.",
        "</details>",
    ]
    if section.gates:
        lines.append("Gates: " + ", ".join(code(name) for name in section.gates) + ".")
    lines += [f"⚠️ {inline(flag)}" for flag in result.flags]
    return "\n\n".join(lines)


def _failure(section: Section) -> str:
    reason = section.result.reason
    lines = [f"### {code(section.result.key)}: {_WORDS[section.result.outcome]}"]
    lines.append(block(reason, "text") if "\n" in reason else inline(reason or "no reason was given"))
    return "\n\n".join(lines)


def _ways() -> str:
    return (
        "---\n"
        "**Want something else?** Edit a body here: an edit is kept, never overwritten. Or make the stub's docstring "
        "or its tests say more, push, and the body is written again.\n\n"
        "A pass is evidence, not proof of intent: please read the code as you would a colleague's."
    )
