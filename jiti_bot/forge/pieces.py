"""The pieces of a pull request's text: table, one stub, one failure. Pure: values in, Markdown out."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jiti_bot.errors import BudgetError
from jiti_bot.forge.model import Section
from jiti_bot.forge.sanitise import block, cell, code, html, html_code, inline, sentence
from jiti_bot.planning.result import TRIED, Outcome, Result

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
_MAX_GATES = 20
_CENT = 0.005
_GLANCE = 120  # characters of a flag that are seen without a click
_AS_IN = "as in "  # a revision or branch: so a restored body's reason begins
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
    and stubs that need no click to be seen.
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
    return "-" if not usd else f"${usd:.2f}" if usd >= _CENT else "<$0.01"


def table(sections: Sequence[Section], page: Page | None, measure: Measure) -> str:
    """One row for each stub; failures first, for they need somebody, tests that the model wrote last."""
    heads = [("stub", "---"), ("result", "---"), ("gates", "---:"), ("attempts", "---:"), ("cost", "---:")]
    heads = heads if any(section.result.usd != 0 for section in sections) else heads[:-1]
    rows = [f"| {' | '.join(name for name, _ in heads)} |", f"|{'|'.join(line for _, line in heads)}|"]
    ordered = sorted(sections, key=lambda section: (section.result.good, section.is_test))
    for section in ordered[: measure.rows]:
        result = section.result
        key = _linked(code(result.key), page.file(result.path) if page and measure.links and result.good else "")
        gates = str(len(section.gates)) if section.gates else "-" if section.is_test else "none"
        attempts = str(result.attempts) if result.attempts else "-"
        cells = [key, _result(result), gates, attempts, money(result.usd)][: len(heads)]
        rows.append(f"| {' | '.join(cell(one) for one in cells)} |")
    left = len(ordered) - measure.rows
    return "\n".join(rows) + (f"\n\n… and {left} more." if left > 0 else "")


def _result(result: Result) -> str:
    """How it ended, and for a failure which checks it did not pass."""
    if result.good:
        flags = f", ⚠️\u00a0{len(result.flags)}" if result.flags else ""
        return f"✅\u00a0{inline(_word(result), _GLANCE)}{flags}"
    failed = ", ".join(inline(name, 30) for name, ok in result.checks[:12] if not ok)
    return f"❌\u00a0{WORDS[result.outcome]}{f' ({failed})' if failed else ''}"


def _word(result: Result) -> str:
    """How it ended, and for a body that was found where that was. Plain text, not to be trusted."""
    if result.outcome is not Outcome.RESTORED or not result.reason:
        return WORDS[result.outcome]
    found = result.reason.partition("\n")[0]
    return f"restored from {found.removeprefix(_AS_IN)}" if found.startswith(_AS_IN) else f"restored: {found}"


def stub(section: Section, page: Page | None, measure: Measure) -> str:
    """What was asked for one stub and what came, below a line that says what matters of it."""
    result = section.result
    came = _linked(code(result.path), page.file(result.path) if page and measure.links else "")
    lines = [_asked(section, page, measure)]
    if measure.came and section.came:
        whole = len(section.came) <= 3 * measure.came
        shown = without_docstring(section.came) if whole else section.came
        lines += [f"Committed as {came}:", block(shown, "python", limit=measure.came)]
    else:
        lines.append(f"Committed as {came}.")
    lines += [_evidence(section, measure), *(f"⚠️ {sentence(flag)}" for flag in result.flags)]
    return _folded(_summary(section), lines, opened=measure.opened)


def _folded(summary: str, lines: Iterable[str], *, opened: bool) -> str:
    start = "<details open>" if opened else "<details>"
    inner = "\n\n".join(filter(None, lines))
    return f"{start}<summary>{summary}</summary>\n\n{inner}\n\n</details>"


def _summary(section: Section) -> str:
    """The line that stands for a stub until somebody opens it. What a reviewer should not miss is in it."""
    result, count = section.result, len(section.gates)
    gates = f"{count} {'gate' if count == 1 else 'gates'}" if count else "no gate"
    facts = ["a test from the interface alone" if section.is_test else gates, *_attempts(result)]
    if result.outcome is not Outcome.GENERATED:
        facts.append(html(_word(result), _GLANCE))
    told = f"{html_code(result.key)}: {', '.join(facts)}"
    if result.flags:
        more = f" (and {len(result.flags) - 1} more)" if len(result.flags) > 1 else ""
        return f"⚠️ {told}; {html(result.flags[0], _GLANCE)}{more}"
    return told if section.gates or section.is_test else f"⚠️ {told}"


def _asked(section: Section, page: Page | None, measure: Measure) -> str:
    if not section.place:
        return ""
    place = _linked(code(section.place), page.stub(section.place) if page and measure.links else "")
    if not measure.asked or not section.asked:
        return f"Asked in {place}."
    return f"Asked in {place}:\n\n{block(section.asked, 'python', limit=measure.asked)}"


def _attempts(result: Result) -> list[str]:
    return [f"{result.attempts} {'attempt' if result.attempts == 1 else 'attempts'}"] if result.attempts else []


def _evidence(section: Section, measure: Measure) -> str:
    """What stands for it: checks, gates by name, attempts, model, cost."""
    result = section.result
    passed = [name for name, ok in result.checks if ok]
    told = [inline(name, 30) for name in passed if name not in {"doctests", "gates", "tests"}]
    if section.gates:
        told.append(_names(section.gates) if measure.gates else f"{len(section.gates)} gates")
    if "tests" in passed and not section.is_test:
        told.append("tests of the model's own")
    effort = _attempts(result)
    effort += [code(result.model, 60)] if result.model else []
    effort += [money(result.usd)] if result.usd else []
    parts = [f"**Passes** {', '.join(told)}." if told else ""]
    if section.is_test:
        parts.append("It was written from the interface alone, and is a gate from now on.")
    elif not section.gates:
        parts.append("**No gate stands behind it.**")
    parts.append(f"Its tests notice {section.strength}." if section.strength else "")
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
    """Why one stub has no body: what was asked, what refused it, its last report, and what to do now."""
    result = section.result
    refused = [name for name, ok in result.checks[:12] if not ok]
    by = f" Refused by {', '.join(inline(name, 30) for name in refused)}." if refused else ""
    named = ", refused by ".join(filter(None, (WORDS[result.outcome], html(", ".join(refused), 60))))
    effort = ", ".join([*_attempts(result), *([money(result.usd)] if result.usd else [])])
    spent = f" Spent: {effort}." if effort else ""
    reason, _, report = (result.reason.strip() or "no reason was given").partition("\n")
    lines = [
        _asked(section, page, measure),
        f"**Why:** {sentence(reason, 500).rstrip('.')}.{by}{spent}",
        block(report, "text", limit=measure.report) if report.strip() and measure.report else "",
        *(f"⚠️ {sentence(flag)}" for flag in result.flags),
        f"**Next:** {_next(section)}" if page else "",
    ]
    return _folded(f"❌ {html_code(result.key)}: {named}", lines, opened=measure.opened)


def _next(section: Section) -> str:
    """What somebody can do about a stub that has no body."""
    result = section.result
    again = code(f"/jiti regenerate {result.key}", 400)
    if result.outcome is Outcome.CONFLICT:
        return f"mend the edit so that it passes, or comment {again} to have the body written anew."
    if result.outcome is Outcome.SKIPPED:
        return "the next run goes on with it, and `/jiti retry` starts one now."
    if result.reason.startswith("needs "):
        return "it is written as soon as what it needs is there."
    if not result.attempts and result.code not in {TRIED, BudgetError.code}:
        return "mend what is said here and push, or comment `/jiti retry`."
    money = "raise `max_usd` or `max_turns`, " if result.code == BudgetError.code else ""
    return f"{money}say more in the docstring and push, or comment {again} with a hint, or `/jiti retry`."


def notes(sections: Iterable[Section], page: Page | None, measure: Measure) -> str:
    """What a reviewer should look at first: flags of every stub, and files that were left to a person."""
    lines = [f"- {code(section.result.key)}: {sentence(flag)}" for section in sections for flag in section.result.flags]
    if page:
        lines += [f"- {code(path)} was changed by a person meanwhile, and left as it is." for path in page.kept]
    more = len(lines) - measure.notes
    if more > 0:
        lines = [*lines[: measure.notes], f"- and {more} more, each with its stub"]
    return "\n".join(["> [!WARNING]", "> Look at these first:", ">", *(f"> {line}" for line in lines)]) if lines else ""


def _linked(markdown: str, address: str) -> str:
    return f"[{markdown}]({address})" if address else markdown
