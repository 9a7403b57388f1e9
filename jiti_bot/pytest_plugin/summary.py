"""The words at the end of a run: which stubs it has proved, and what the others lack."""

from collections.abc import Iterator

import pytest

from jiti_bot.errors import JitiError
from jiti_bot.pytest_plugin.project import GateId, Known
from jiti_bot.pytest_plugin.tally import NOT_EXAMPLES, Run, Status, Verdict, judge_all, plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.pytest_plugin.session import JitiSession

_COLOURS = {
    Status.PROVED: {"green": True},
    Status.PARTLY: {"yellow": True},
    Status.UNREACHED: {"yellow": True},
    Status.FAILED: {"red": True},
    Status.MISSING: {"red": True},
    Status.UNGATED: {"yellow": True},
}
_LISTED = 12  # stubs of one status, unless -v asks for all
_ALIKE = 2  # of which there is nothing else to say


def write(session: "JitiSession", terminal: pytest.TerminalReporter) -> None:
    """Write the section, if there is anything to say."""
    try:
        verdicts = verdicts_of(session)
    except JitiError as error:
        terminal.write_line(f"jiti: which stubs are proved cannot be told: {error}", yellow=True)
        return
    except Exception as error:  # noqa: BLE001 - a summary must not fail a run that went well
        reason = f"{type(error).__name__}: {error}"
        terminal.write_line(f"jiti: which stubs are proved cannot be told, a bug in jiti-bot: {reason}", yellow=True)
        return
    if verdicts:
        _section(terminal, verdicts, session.config.option.verbose)


def verdicts_of(session: "JitiSession") -> list[Verdict]:
    """The verdicts on the stubs that the run is about: whose gates it selected, or that were asked for by name."""
    project = session.project
    items: dict[GateId, set[str]] = {}
    extra: dict[str, set[GateId]] = {}
    about: set[str] = set()
    for node, founds in session.items.items():
        for found in founds:
            gate, keys = project.aimed(found)
            items.setdefault(gate, set()).add(node)
            about |= keys if node in session.selected else set()
            for key in keys:
                extra.setdefault(key, set()).add(gate)
    broken = {inside for file in session.broken if (inside := project.relative(file))}
    known = {key: _with(one, extra.get(key, set())) for key, one in project.known.items()}
    about |= {key for key, one in known.items() if any(gate[0] in broken for gate in one.gates)}
    if session.targets:
        about = {spec.key for spec in session.targets}
    option = session.config.option
    run = Run(items, session.progress, broken, doctests=bool(getattr(option, "doctestmodules", False)))
    return list(judge_all(known, [key for key in about if key in known], run))


def _with(known: Known, gates: set[GateId]) -> Known:
    return Known(known.key, known.place, known.missing, known.gates | gates, known.examples)


def _section(terminal: pytest.TerminalReporter, verdicts: list[Verdict], verbose: int) -> None:
    proved = sum(verdict.status is Status.PROVED for verdict in verdicts)
    whole = proved == len(verdicts)
    count = plural(proved, "stub") if whole else f"{proved} of {plural(len(verdicts), 'stub')}"
    title = f"jiti: {count} proved"
    bad = any(verdict.status in {Status.FAILED, Status.MISSING} for verdict in verdicts)
    colour = {"red": True} if bad else {"green": True} if whole else {"yellow": True}
    if verbose < 0 and whole:
        terminal.write_line(title, **colour)
        return
    terminal.write_sep("=", title, **colour)
    shown = [verdict for verdict in verdicts if verbose >= 0 or verdict.status is not Status.PROVED]
    lines = list(_lines(shown, verbose))
    width = max((len(line.key) for line in lines if line.detail), default=0)
    for line in lines:
        terminal.write(f"{line.status.value:<8} ", **_COLOURS[line.status])
        terminal.write_line(f"{line.key:<{width}}  {line.detail}" if line.detail else line.key)


def _lines(verdicts: list[Verdict], verbose: int) -> Iterator[Verdict]:
    """A line for each stub, one for many of a kind."""
    for status in Status:
        some = [verdict for verdict in verdicts if verdict.status is status]
        alike = [verdict for verdict in some if verdict.but_examples or status is Status.UNREACHED]
        if verbose <= 0 and len(alike) > _ALIKE:
            some = [verdict for verdict in some if verdict not in alike]
            why = f"all gates but {NOT_EXAMPLES[4:]}" if alike[0].but_examples else "their gates did not come to run"
            yield Verdict(plural(len(alike), "stub"), status, why)
        shown = some if verbose > 0 else some[:_LISTED]
        yield from shown
        if len(some) > len(shown):
            yield Verdict(f"and {len(some) - len(shown)} more (-v names them)", status, "")
