"""What the reviewer is told of gates: those that nothing can fail, those that cannot run. Pure but for a reader."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from jiti_bot.errors import RepositoryError
from jiti_bot.source.model import GateKind, Kind, Spec
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import report, trivial
from jiti_bot.validation.evidence import Expected
from jiti_bot.validation.jobs import Cause, Outcome, Ran, Result, Stopped, TestResult, covers, unproved
from jiti_bot.validation.model import Check, Flag

# Of use to a person only where the stub could not be implemented.
UNREACHED = "unreached-gate"
_LONG = 10  # lines of a traceback: nobody should have to read to its end


def still_green(wanted: Expected, results: Sequence[Result]) -> tuple[str, ...]:
    """The gates that passed with every trivial body so far."""
    return tuple(node for node in wanted.ids if all(not unproved(result, (node,)) for result in results))


def red(wanted: Expected, results: Sequence[Result], places: Mapping[str, str]) -> tuple[Flag, ...]:
    """Flags for gates that no trivial body fails, and for gates that could not be run at all.

    ``places`` are the gates' lines, ``tests/test_text.py:7``, by id.
    """
    vacuous = [
        Flag("vacuous-gate", f"{_named(node, places)} passes with no implementation at all")
        for node in still_green(wanted, results)
    ]
    first = results[0]
    if isinstance(first, Stopped):
        return (_endless(first, places),)
    return (*vacuous, *_broken(wanted, results[-1], places), *_unreached(wanted, first, places))


def ungated(spec: Spec, checks: Sequence[Check]) -> tuple[Flag, ...]:
    """A flag for what nothing but the static checks has judged."""
    if any(check.name in {"doctests", "gates"} for check in checks) or spec.stub.kind is Kind.TEST:
        return ()
    return (Flag("no-gates", "no gate and no example judges it: read it with care"),)


def _endless(result: Stopped, places: Mapping[str, str]) -> Flag:
    """The gates were ended although nothing is implemented: a fixture that hangs, a module that exits."""
    node = next((one for one in places if covers(one, result.running)), "") if result.running else ""
    named = _named(node, places) if node else result.place or "its gates"
    verb = "do" if named == "its gates" else "does"
    remedy = ", or raise `execution_timeout`" if result.cause is Cause.TIMEOUT else ""
    said = f"\n{report.shorten(report.readable(result.output), 600)}" if result.output.strip() and not node else ""
    why = result.reason.removesuffix(f": {result.place} was running")
    words = f"{named} {verb} not come to an end, whatever the body is: {why}. Mend it{remedy}.{said}"
    return Flag("broken-gate", words)


def _unreached(wanted: Expected, result: Ran, places: Mapping[str, str]) -> Iterator[Flag]:
    """Gates that fail without a sign of the body that raises: the stub was perhaps not even called."""
    for node in wanted.ids:
        for test in result.tests:
            shows = trivial.RED in test.detail or trivial.RED in test.output or test.missing
            if covers(node, test.id) and test.outcome is Outcome.FAILED and not shows:
                words = f"{_named(node, places)} fails before it calls the stub, or hides what that raises."
                yield Flag(UNREACHED, f"{words} Gates run by themselves, without the tests around them.")
                break


def _named(node: str, places: Mapping[str, str]) -> str:
    """A gate by its line and name, as an editor and a reader want it."""
    return f"{places[node]}: {node.partition('::')[2]}" if node in places else node


def _broken(wanted: Expected, result: Result, places: Mapping[str, str]) -> Iterator[Flag]:
    """Gates that are in error before the stub matters: an import that fails, a fixture that is missing."""
    for node in wanted.ids:
        seen = [test for test in result.tests if covers(node, test.id)]
        errors = [test.detail for test in seen if test.outcome is Outcome.ERROR and not test.missing]
        errors = [one for one in errors if trivial.RED not in one]  # it is the body's, which is called while importing
        skipped = [test for test in seen if test.outcome in {Outcome.SKIPPED, Outcome.XFAILED} and not test.is_aside]
        if seen and all(test.is_aside for test in seen):
            skipped = seen
        # A module that is skipped as a whole has no tests that could be.
        whole = [test for test in result.tests if test.id == node.partition("::")[0] and not seen]
        why = ""
        if errors:
            why = f"cannot be set up. Mend it:\n{_cause_first(report.readable(errors[0]))}"
        elif skipped or whole:
            why = _skipped((skipped or whole)[0])
        elif not seen and not isinstance(result, Stopped) and not any(trivial.RED in one for one in result.problems):
            reason = report.readable(next(iter(result.problems), "its file holds no such test"))
            why = f"is not collected by pytest. Mend its file:\n{_cause_first(reason)}"
        if why:
            yield Flag("broken-gate", f"{_named(node, places)} {why}")


def _cause_first(text: str) -> str:
    """A traceback with its last line, which says what happened, above all that led to it."""
    lines = text.rstrip().splitlines()
    if len(lines) < _LONG:
        return text
    return "\n".join([lines[-1].removeprefix("E").strip(), *lines])


def _skipped(test: TestResult) -> str:
    how = "is skipped" if test.outcome is Outcome.SKIPPED else "is expected to fail"
    reason = f" ({test.detail.splitlines()[0]})" if test.detail else ""
    return (
        f"{how}{reason}, so nothing can pass it. Take the mark off, or `@jiti.required_for` for as long as it stands."
    )


def gate_texts(spec: Spec, read: Callable[[str], str]) -> Iterator[str]:
    """The source of each gate: its decorators and body, or the docstring that holds its examples."""
    if spec.stub.docstring and any(gate.kind is GateKind.DOCTEST for gate in spec.gates):
        yield "\n".join(_examples(spec.stub.docstring))
    for gate in spec.gates:
        if gate.kind is GateKind.DOCTEST:
            continue
        try:
            text = read(gate.file)
            node = _find(syntax_tree(text).body, gate.name.split("."))
        except (RepositoryError, SyntaxError, ValueError):
            continue  # a gate that cannot be read fails later, with its own words
        if node is not None:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def _examples(docstring: str) -> Iterator[str]:
    """Docstring examples as statements: ``call == answer`` for one line each."""
    lines = [line.strip() for line in docstring.splitlines()]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith(">>> "):
            continue
        code = line[4:]
        answer = following if following and not following.startswith((">>>", "...")) else "None"
        if _parses(f"({code}) == {answer}"):
            yield f"{code} == {answer}"
        elif _parses(code):
            yield code


def _parses(text: str) -> bool:
    try:
        syntax_tree(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _find(body: Sequence[ast.stmt], name: Sequence[str]) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    for node in body:
        if isinstance(node, ast.ClassDef) and len(name) > 1 and node.name == name[0]:
            return _find(node.body, name[1:])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and list(name) == [node.name]:
            return node
    return None
