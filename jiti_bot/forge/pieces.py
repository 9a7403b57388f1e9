"""The pieces of a pull request's text: table, picture, one stub, one failure. Pure: values in, Markdown out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jiti_bot.forge.model import Section
from jiti_bot.forge.sanitise import block, cell, code, inline
from jiti_bot.planning.result import Outcome, Result

WORDS = {
    Outcome.GENERATED: "written and proved",
    Outcome.REVALIDATED: "proved again",
    Outcome.RESTORED: "proved again",
    Outcome.FAILED: "not done",
    Outcome.CONFLICT: "in conflict with a hand edit",
    Outcome.SKIPPED: "skipped",
    Outcome.CURRENT: "proved before",
}
MAX_EDGES = 150  # GitHub draws no more than 500, and nobody reads so many
_MAX_GATES = 20
_SHA = re.compile(r"[0-9a-f]{7,64}")
_ADDRESS = re.compile(r"https?://[^\s()<>\"'`\\|]{1,1000}")


@dataclass(frozen=True, slots=True)
class Page:
    """What the text is about on GitHub, for its links.

    ``at`` is the commit that holds the files, ``base_sha`` the one that they were judged on; ``kept`` are paths that a
    person changed while the bot worked.
    """

    repository: str
    site: str
    at: str
    base: str
    base_sha: str
    run_url: str = ""
    kept: tuple[str, ...] = ()

    def file(self, path: str) -> str:
        """The address of a file as it was published; '' where nothing was."""
        if not path or not _SHA.fullmatch(self.at):
            return ""
        return f"{self.site}/{self.repository}/blob/{self.at}/{quote(path)}"

    def stub(self, place: str) -> str:
        """The address of a stub (``file:line``) as it was judged."""
        path, _, line = place.rpartition(":")
        if not path or not line.isdecimal() or not _SHA.fullmatch(self.base_sha):
            return ""
        return f"{self.site}/{self.repository}/blob/{self.base_sha}/{quote(path)}#L{line}"

    @property
    def run(self) -> str:
        """The address of the run, '' where it is none."""
        return self.run_url if _ADDRESS.fullmatch(self.run_url) else ""


@dataclass(frozen=True, slots=True)
class Measure:
    """How much is told: characters of each block (0: none), how many rows and failures, and whether there are links."""

    asked: int
    came: int
    report: int
    rows: int = 100_000
    links: bool = True
    gates: bool = True
    picture: bool = True


def money(usd: float | None) -> str:
    """Dollars as people read them."""
    if usd is None:
        return "unknown"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}" if usd else "-"


def table(sections: Sequence[Section], page: Page | None, measure: Measure) -> str:
    """One row for each stub; failures first, for they need somebody."""
    rows = ["| stub | result | checks | attempts | cost |", "|---|---|---|---:|---:|"]
    ordered = sorted(sections, key=lambda section: section.result.good)
    for section in ordered[: measure.rows]:
        result = section.result
        key = _linked(code(result.key), page.file(result.path) if page and measure.links and result.good else "")
        if any(result.flags):
            key += f" ⚠️{len(result.flags)}"
        mark = "" if result.good else "❌ "
        attempts = str(result.attempts) if result.attempts else "-"
        cells = [key, f"{mark}{WORDS[result.outcome]}", _checks(result), attempts, money(result.usd)]
        rows.append(f"| {' | '.join(cell(one) for one in cells)} |")
    left = len(ordered) - measure.rows
    return "\n".join(rows) + (f"\n\n… and {left} more." if left > 0 else "")


def _checks(result: Result) -> str:
    """The names of what passed and of what did not."""
    passed = [inline(name, 30) for name, ok in result.checks[:12] if ok]
    failed = [inline(name, 30) for name, ok in result.checks[:12] if not ok]
    told = [f"✅ {' '.join(passed)}"] if passed else []
    return " ".join([*told, *(f"❌ {name}" for name in failed)]) or "-"


def picture(sections: Sequence[Section]) -> str:
    """Which stub uses which, as a mermaid flowchart; nothing when none does, or when nobody could read it."""
    names = {section.result.key: f"n{index}" for index, section in enumerate(sections)}
    edges = [
        (names[section.result.key], names[used])
        for section in sections
        for used in dict.fromkeys(section.uses)
        if used in names
    ]
    if not edges or len(edges) > MAX_EDGES:
        return ""
    shown = {name for edge in edges for name in edge}
    short = _short_names([key for key, name in names.items() if name in shown])
    nodes = [f'  {names[key]}["{_label(short[key])}"]' for key in short]
    failed = [names[section.result.key] for section in sections if not section.result.good]
    failed = [name for name in failed if name in shown]
    colours = ["  classDef failed stroke:#cf222e,stroke-dasharray:4", f"  class {','.join(failed)} failed"]
    lines = [*nodes, *(f"  {user} --> {used}" for user, used in edges), *(colours if failed else [])]
    return "\n".join(
        ["An arrow goes from a stub to one that it uses.", "", "```mermaid", "flowchart LR", *lines, "```"]
    )


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """Keys without the packages that all of them share."""
    parts = [key.split(".") for key in keys]
    shared = 0
    while all(len(names) > shared + 2 for names in parts) and len({names[shared] for names in parts}) == 1:
        shared += 1
    return {key: ".".join(names[shared:]) for key, names in zip(keys, parts, strict=True)}


def _label(key: str) -> str:
    return "".join(char for char in key if char.isalnum() or char in "._:/- ")[:80] or "stub"


def stub(section: Section, page: Page | None, measure: Measure) -> str:
    """What was asked for one stub and what came."""
    result = section.result
    lines = [f"### {code(result.key)}"]
    if measure.asked:
        place = _linked(code(section.place), page.stub(section.place) if page and measure.links else "")
        lines += [f"Asked in {place}:", block(section.asked, "python", limit=measure.asked)]
    came = _linked(code(result.path), page.file(result.path) if page and measure.links else "")
    if measure.came and section.came:
        shown = block(section.came, "python", limit=measure.came)
        lines.append(f"<details><summary>What came</summary>\n\n{shown}\n\nCommitted as {came}.\n\n</details>")
    else:
        lines.append(f"Committed as {came}.")
    lines.append(_evidence(section, measure))
    lines += [f"⚠️ {inline(flag)}" for flag in result.flags]
    return "\n\n".join(lines)


def _evidence(section: Section, measure: Measure) -> str:
    """What stands for it: checks, gates by name, attempts, model, cost."""
    result = section.result
    facts = []
    if result.attempts:
        facts.append(f"{result.attempts} {'attempt' if result.attempts == 1 else 'attempts'}")
    if result.model:
        facts.append(code(result.model, 60))
    if result.usd:
        facts.append(money(result.usd))
    passed = ", ".join(inline(name, 30) for name, ok in result.checks if ok)
    told = [f"**Evidence:** {passed or 'its checks'} passed"]
    if section.gates and measure.gates:
        told.append(f"gates {_names(section.gates)}")
    elif section.gates:
        told.append(f"{len(section.gates)} gates")
    else:
        told.append("**no gate stands behind it**")
    return "; ".join([*told, *([", ".join(facts)] if facts else [])]) + "."


def _names(gates: Sequence[str]) -> str:
    listed = ", ".join(code(name, 120) for name in gates[:_MAX_GATES])
    more = len(gates) - _MAX_GATES
    return f"{listed} and {more} more" if more > 0 else listed


def failure(section: Section, page: Page | None, measure: Measure) -> str:
    """Why one stub has no body, with the last report."""
    result = section.result
    place = _linked(code(section.place), page.stub(section.place) if page and measure.links else "")
    lines = [f"### {code(result.key)}: {WORDS[result.outcome]}"]
    if section.place:
        lines.append(f"Asked in {place}.")
    reason = result.reason.strip() or "no reason was given"
    first, _, rest = reason.partition("\n")
    lines.append(inline(first, 500))
    if rest.strip() and measure.report:
        lines.append(block(rest, "text", limit=measure.report))
    return "\n\n".join(lines)


def notes(sections: Iterable[Section], page: Page | None) -> str:
    """What a reviewer should look at first: flags of every stub, and files that were left to a person."""
    lines = [f"- {code(section.result.key)}: {inline(flag)}" for section in sections for flag in section.result.flags]
    if page:
        lines += [f"- {code(path)} was changed by a person meanwhile, and left as it is." for path in page.kept]
    more = len(lines) - 25
    if more > 0:
        lines = [*lines[:25], f"- and {more} more, each with its stub"]
    return "\n".join(["> [!WARNING]", "> Look at these first:", ">", *(f"> {line}" for line in lines)]) if lines else ""


def _linked(markdown: str, address: str) -> str:
    return f"[{markdown}]({address})" if address else markdown
