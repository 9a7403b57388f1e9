"""The pieces of a pull request's text: table, picture, one stub, one failure. Pure: values in, Markdown out."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jiti_bot.forge.model import Section
from jiti_bot.forge.sanitise import block, cell, code, inline
from jiti_bot.planning.result import Outcome, Result

WORDS = {
    Outcome.GENERATED: "written",
    Outcome.REVALIDATED: "proved again",
    Outcome.RESTORED: "proved again",
    Outcome.FAILED: "not done",
    Outcome.CONFLICT: "in conflict with a hand edit",
    Outcome.SKIPPED: "skipped",
    Outcome.CURRENT: "proved before",
}
_DOCUMENTED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MAX_EDGES = 150  # GitHub draws no more than 500, and nobody reads so many
_MAX_GATES = 20
EXAMPLES = "docstring examples"  # the gate that has no name
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
    """How much is told.

    Characters of each block (0: none), how many rows and notes, and whether there are links, names of gates, a picture,
    and bodies that need no click to be seen.
    """

    asked: int
    came: int
    report: int
    rows: int = 100_000
    notes: int = 25
    links: bool = True
    gates: bool = True
    picture: bool = True
    opened: bool = False


def money(usd: float | None) -> str:
    """Dollars as people read them."""
    if usd is None:
        return "unknown"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}" if usd else "-"


def table(sections: Sequence[Section], page: Page | None, measure: Measure) -> str:
    """One row for each stub; failures first, for they need somebody, tests that the model wrote last."""
    rows = ["| stub | result | gates | attempts | cost |", "|---|---|---:|---:|---:|"]
    ordered = sorted(sections, key=lambda section: (section.result.good, section.is_test))
    for section in ordered[: measure.rows]:
        result = section.result
        key = _linked(code(result.key), page.file(result.path) if page and measure.links and result.good else "")
        gates = str(len(section.gates)) if section.gates else "-" if section.is_test else "none"
        attempts = str(result.attempts) if result.attempts else "-"
        cells = [key, _result(result), gates, attempts, money(result.usd)]
        rows.append(f"| {' | '.join(cell(one) for one in cells)} |")
    left = len(ordered) - measure.rows
    return "\n".join(rows) + (f"\n\n… and {left} more." if left > 0 else "")


def _result(result: Result) -> str:
    """How it ended, and for a failure which checks it did not pass."""
    if result.good:
        flags = f", ⚠️\u00a0{len(result.flags)}" if result.flags else ""
        return f"✅\u00a0{WORDS[result.outcome]}{flags}"
    failed = ", ".join(inline(name, 30) for name, ok in result.checks[:12] if not ok)
    return f"❌\u00a0{WORDS[result.outcome]}{f' ({failed})' if failed else ''}"


def picture(sections: Sequence[Section]) -> str:
    """Which stub uses which, as a mermaid flowchart; nothing when none does, or when nobody could read it."""
    sections = [section for section in sections if not section.is_test]
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
        whole = len(section.came) <= 3 * measure.came
        shown = block(without_docstring(section.came) if whole else section.came, "python", limit=measure.came)
        opened = " open" if measure.opened else ""
        lines.append(f"<details{opened}><summary>What came</summary>\n\n{shown}\n\nCommitted as {came}.\n\n</details>")
    else:
        lines.append(f"Committed as {came}.")
    lines.append(_evidence(section, measure))
    lines += [f"⚠️ {inline(flag)}" for flag in result.flags]
    return "\n\n".join(lines)


def _evidence(section: Section, measure: Measure) -> str:
    """What stands for it: checks, gates by name, attempts, model, cost."""
    result = section.result
    passed = [name for name, ok in result.checks if ok]
    told = [inline(name, 30) for name in passed if name not in {"doctests", "gates", "tests"}]
    if section.gates:
        told.append(_names(section.gates) if measure.gates else f"{len(section.gates)} gates")
    if "tests" in passed and not section.is_test:
        told.append("tests of the model's own")
    effort = [f"{result.attempts} {'attempt' if result.attempts == 1 else 'attempts'}"] if result.attempts else []
    effort += [code(result.model, 60)] if result.model else []
    effort += [money(result.usd)] if result.usd else []
    parts = [f"**Passes** {', '.join(told)}." if told else ""]
    if section.is_test:
        parts.append("It was written from the interface alone, and is a gate from now on.")
    elif not section.gates:
        parts.append("**No gate stands behind it.**")
    parts.append(f"{', '.join(effort)}." if effort else "")
    return " ".join(filter(None, parts))


def without_docstring(code: str) -> str:
    """Committed code with its docstring, which is the one that was asked for, shortened to dots."""
    try:
        nodes = [
            node for node in ast.walk(ast.parse(code)) if isinstance(node, _DOCUMENTED) and ast.get_docstring(node)
        ]
    except (SyntaxError, ValueError, RecursionError):
        return code
    lines = code.splitlines()
    for node in sorted(nodes, key=lambda node: node.lineno, reverse=True):
        docstring = node.body[0]
        first, last = docstring.lineno - 1, docstring.end_lineno or docstring.lineno
        alone = lines[first][: docstring.col_offset].strip() == "" and len(node.body) > 1
        if alone and last > first + 1 and node.body[1].lineno > last:
            lines[first:last] = [f'{lines[first][: docstring.col_offset]}"""..."""']
    return "\n".join(lines)


def _names(gates: Sequence[str]) -> str:
    listed = ", ".join(f"its {name}" if name == EXAMPLES else code(name, 120) for name in gates[:_MAX_GATES])
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


def notes(sections: Iterable[Section], page: Page | None, measure: Measure) -> str:
    """What a reviewer should look at first: flags of every stub, and files that were left to a person."""
    lines = [f"- {code(section.result.key)}: {inline(flag)}" for section in sections for flag in section.result.flags]
    if page:
        lines += [f"- {code(path)} was changed by a person meanwhile, and left as it is." for path in page.kept]
    more = len(lines) - measure.notes
    if more > 0:
        lines = [*lines[: measure.notes], f"- and {more} more, each with its stub"]
    return "\n".join(["> [!WARNING]", "> Look at these first:", ">", *(f"> {line}" for line in lines)]) if lines else ""


def _linked(markdown: str, address: str) -> str:
    return f"[{markdown}]({address})" if address else markdown
